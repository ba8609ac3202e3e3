"""Makes what a runtime can load instead of compiling, and proves that it is loaded."""
