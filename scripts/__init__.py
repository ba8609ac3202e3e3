"""What the project's own development runs."""
