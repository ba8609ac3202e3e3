"""Erlang's files: modules (.beam), terms, .app and .boot files."""
