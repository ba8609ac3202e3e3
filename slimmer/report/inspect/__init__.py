"""The formats of what `slim inspect` found."""
