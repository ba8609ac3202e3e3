"""Whether a custom runtime's ``bootstrap`` can be started at all.

Lambda starts the file of that name at the root with ``execve``; see the page "Building a
custom runtime" of the AWS Lambda Developer Guide.
"""

from __future__ import annotations

from slimmer.formats.executable import why_not
from slimmer.model.findings import Finding, finding

NAME = "bootstrap"


def bootstrap_findings(data: bytes) -> list[Finding]:
    """Return a warning where ``bootstrap`` with these bytes cannot start.

    Its exec bit needs no check: what has a ``#!`` or is ELF gets mode 0755 in the zip. Where it
    will run, and what is there then, is not known.
    """
    reason = why_not(data)
    return [finding("bootstrap", f"{NAME} {reason}")] if reason else []
