"""Holds `slim verify` against AWS's own emulator and clients, one shape of a function at a time."""
