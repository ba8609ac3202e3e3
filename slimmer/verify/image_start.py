"""What an image starts, and why it cannot be."""

from __future__ import annotations

import platform

from slimmer.formats.executable import why_not
from slimmer.text import printable
from slimmer.verify.image_root import ImageRoot
from slimmer.verify.model import NotStartable

_NONE = "the image has no Entrypoint and no Cmd, so there is nothing to start; name one in it"


def image_command(root: ImageRoot, handler: str) -> list[str]:
    """Return the words that start an image; a handler stands in the place of its Cmd.

    Raises NotStartable, and says why it cannot be started.
    """
    config = root.source.config
    command = [*config.entrypoint, *([handler] if handler else config.command)]
    if not command:
        raise NotStartable(_NONE)
    if not root.is_folder(root.working_folder):
        raise NotStartable(
            f"the image starts in {printable(root.working_folder)}, which is not there; make it, "
            "or name another WORKDIR"
        )
    check_program(root, command[0], "the entry point")
    return command


def check_program(root: ImageRoot, name: str, what: str) -> None:
    """Raise NotStartable where a program of an image cannot be started."""
    shown = f"{what} {printable(name)}" if not what.endswith(printable(name)) else what
    found = root.program(name)
    if found is None:
        raise NotStartable(f"{shown} is not there; put it into the image, or name another")
    reason = why_not(found.head, mode=found.mode, machine=platform.machine(), exists=root.exists)
    if reason:
        raise NotStartable(f"{shown} {reason}")
