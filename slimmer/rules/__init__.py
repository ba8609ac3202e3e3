"""The rule engine: packs of components, their patterns, and the verdicts that follow."""
