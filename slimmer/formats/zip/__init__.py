"""Zip files: the reader of those that anyone made, and the repacker."""

ARCHIVES = (".jar", ".war", ".zip", ".ez", ".whl")  # endings of files that are zips
