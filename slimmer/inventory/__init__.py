"""What is in an artifact that anyone made, and what differs between two."""
