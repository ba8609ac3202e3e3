"""JavaScript sources, package.json and version ranges, read without running them."""
