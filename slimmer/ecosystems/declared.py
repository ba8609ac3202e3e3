"""Packages that packs drop as a whole: why they come back, and what is said of the declared."""

from __future__ import annotations

from slimmer.model.findings import Finding, finding
from slimmer.sizes import size_text
from slimmer.text import printable


def declared_dropped(
    name: str, size_bytes: int, component: str, manifest: str, path: str
) -> Finding:
    """Return the finding: ``component`` drops what ``manifest`` declares, at ``path``."""
    return finding(
        "declared-dropped",
        f"{printable(name)} ({size_text(size_bytes)}) is dropped by {component}: "
        f"{printable(manifest)} declares it, but none of your own files names it and nothing that "
        f"is kept asks for it; keep it with --keep '/{printable(path)}/'",
    )


def declared_kept(name: str, size_bytes: int, manifest: str, path: str) -> Finding:
    """Return the finding: what a pack drops is kept at ``path``, as ``manifest`` declares it."""
    return finding(
        "declared-kept",
        f"{printable(name)} ({size_text(size_bytes)}) is kept, since {printable(manifest)} "
        "declares it and something may ask for it; if nothing runs it, "
        f"--drop '/{printable(path)}/'",
    )


class Reasons:
    """Why packages come back: something needs them, or they are only wanted."""

    def __init__(self) -> None:
        self._needed = set[str]()
        self._wanted = set[str]()

    def decides(self, package: str, *, needed: bool, wanted: bool) -> bool:
        """Return whether a package comes back, and remember why."""
        if needed:
            self._needed.add(package)
        elif wanted:
            self._wanted.add(package)
        return needed or wanted

    def is_only_wanted(self, package: str) -> bool:
        """Return whether the user can drop a package, as nothing is known to need it."""
        return package in self._wanted and package not in self._needed
