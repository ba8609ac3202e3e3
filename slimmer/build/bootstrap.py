"""Whether a custom runtime's ``bootstrap`` can be started at all.

Lambda starts the file of that name at the root with ``execve``; see the page "Building a
custom runtime" of the AWS Lambda Developer Guide.
"""

from __future__ import annotations

from slimmer.model.findings import Finding, finding

NAME = "bootstrap"


def bootstrap_findings(data: bytes) -> list[Finding]:
    """Return a warning for each reason why ``bootstrap`` with these bytes cannot start.

    Its exec bit needs no check: what has a ``#!`` or is ELF gets mode 0755 in the zip.
    """
    if data.startswith(b"\x7fELF"):
        return []
    if not data.startswith(b"#!"):
        return [
            _warning(
                "has no '#!' and is no ELF program, so it cannot start; begin it with #!/bin/sh"
            )
        ]
    if data.partition(b"\n")[0].endswith(b"\r"):
        return [
            _warning(
                "has CRLF line ends, so its interpreter is not found; convert it with "
                "sed -i 's/\\r$//' bootstrap"
            )
        ]
    return []


def _warning(what: str) -> Finding:
    return finding("bootstrap", f"{NAME} {what}")
