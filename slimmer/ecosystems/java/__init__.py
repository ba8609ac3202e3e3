"""Java: class versions, and jars shaded into another."""
