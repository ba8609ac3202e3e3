"""Where files come from: a folder, a zip, the zips beside."""
