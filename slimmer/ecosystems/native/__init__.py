"""Native code: programs and shared libraries, what they need and where they load."""

from slimmer.formats.native import ARM64, X86_64

#: The processors that a function can have.
ARCHES = (X86_64, ARM64)
#: What becomes of native files that Lambda cannot load.
FOREIGN_MODES = ("drop", "keep")
