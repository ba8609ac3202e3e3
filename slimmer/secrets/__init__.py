"""Secrets: their kinds, where they are looked for, what is published."""
