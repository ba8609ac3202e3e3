"""Python sources and bytecode, read without running them."""
