"""Python: imports, distributions' metadata and bytecode."""

COMPILE = "compile"
#: What becomes of bytecode.
PYC_MODES = ("keep", "drop", COMPILE)
