"""The formats of what `slim verify` found."""
