"""The formats of what `slim check` found."""
