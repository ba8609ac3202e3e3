"""What a build remembers for the next one: results by what made them, in a folder or elsewhere."""
