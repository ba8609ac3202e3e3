"""Python: imports, distributions' metadata and bytecode."""
