"""Takes an artifact to what its events use, by runs that are watched, and proves what is left."""
