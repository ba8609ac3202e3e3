"""Native code: programs and shared libraries, what they need and where they load."""

from slimmer.formats.native import ARM64, X86_64

ARCHES = (X86_64, ARM64)  # the processors that Lambda has
FOREIGN_MODES = ("drop", "keep")  # what becomes of native files that Lambda cannot load
