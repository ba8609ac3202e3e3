"""Native code: programs and shared libraries, what they need and where they load."""

from slimmer.formats.native import ARM64, X86_64

#: The processors that a function can have.
ARCHES = (X86_64, ARM64)
#: What others call them: Docker, npm and Node.js, and the kernel.
ARCH_SYNONYMS = {"amd64": X86_64, "x64": X86_64, "x86-64": X86_64, "aarch64": ARM64}
#: What becomes of native files that Lambda cannot load.
FOREIGN_MODES = ("drop", "keep")
