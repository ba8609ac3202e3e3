"""Zip files: the reader of those that anyone made, and the repacker."""
