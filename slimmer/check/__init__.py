"""The gate: caps, budgets, a baseline and the zip itself."""
