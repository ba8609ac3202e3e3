"""The formats of what `slim diff` found."""
