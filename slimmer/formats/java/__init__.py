"""Java: class files, and the names in them."""
