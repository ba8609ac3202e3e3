"""Helpers that tests share: the command, small artifacts, pictures of folders."""
