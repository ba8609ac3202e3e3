"""Whether a custom runtime's ``bootstrap`` can be started at all.

Lambda starts the file of that name at the root with ``execve``; see the page "Building a
custom runtime" of the AWS Lambda Developer Guide.
"""

from __future__ import annotations

from slimmer.formats.elf.origin import origin
from slimmer.formats.executable import why_not
from slimmer.model.findings import Finding, finding

NAME = "bootstrap"


def bootstrap_findings(data: bytes) -> list[Finding]:
    """Return a warning where ``bootstrap`` with these bytes cannot start; else what made it.

    Its exec bit needs no check: what has a ``#!`` or is ELF gets mode 0755 in the zip. Where it
    will run, and what is there then, is not known.
    """
    if reason := why_not(data):
        return [finding("bootstrap", f"{NAME} {reason}")]
    made_by = origin(data)
    if made_by == "UPX":
        said = (
            "is packed by UPX, so it ships as it is; plain it makes the zip smaller, as UPX "
            "compresses less than the zip, and it starts without unpacking itself (upx -d)"
        )
        return [finding("bootstrap-kind", f"{NAME} {said}")]
    return [finding("bootstrap-kind", f"{NAME} is a program of {made_by}")] if made_by else []
