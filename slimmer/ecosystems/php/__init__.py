"""What slim knows of PHP: which of its programs and libraries are named."""
