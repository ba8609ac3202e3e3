"""Proof by running: an artifact is unpacked and run as Lambda would, and its answers are judged.

It lives apart: only ``slim verify`` and ``slim build --verify`` import it.
"""
