"""What slim knows of Ruby: its installation, gems, and what kept code requires."""
