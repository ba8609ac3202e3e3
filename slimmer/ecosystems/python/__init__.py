"""Python: imports, distributions' metadata and bytecode."""

COMPILE = "compile"
PYC_MODES = ("keep", "drop", COMPILE)  # what becomes of bytecode
