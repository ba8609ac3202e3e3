"""Whether an artifact is a function or a layer, as what lies at its root says.

Lambda unpacks a function into /var/task, where the handler's module lies at the root, and layers
into /opt, where languages look into folders of their own. Source: "Packaging your layer content".
"""

from __future__ import annotations

from slimmer.decide.entries import entry_file
from slimmer.inputs.base import Source
from slimmer.model.tree import Kind

_OF_LAYERS = ("python", "nodejs", "java", "ruby", "opt")
_BOOTSTRAP = "bootstrap"
_JAR = "META-INF/MANIFEST.MF"


def function_mark(source: Source, handler: str, prefix: str = "", *, managed: bool) -> str:
    """Return the file that makes an artifact a function; empty for a layer, and where none does.

    ``handler`` is what Lambda would call, empty where nobody says; ``managed`` says that a managed
    runtime runs it, which has no bootstrap. ``prefix`` is the folder that the tree goes into.
    """
    tree = source.tree
    if prefix:
        return ""
    if handler:
        return entry_file(tree, handler, "", layers=False) or _class_of(source, handler)
    entry = tree.by_path.get(_BOOTSTRAP)
    if managed or entry is None or entry.kind is not Kind.FILE:
        return ""
    has_layer = any(folder in tree.by_path for folder in _OF_LAYERS)
    is_program = source.read_part(_BOOTSTRAP, 0, 4) == b"\x7fELF"  # a script may be a runtime's
    return _BOOTSTRAP if is_program and not has_layer else ""


def _class_of(source: Source, handler: str) -> str:
    """Return the class, or the jar at the root, that holds the handler of a Java function."""
    name = f"{handler.partition('::')[0].replace('.', '/')}.class"
    return next((p for p in (name, _JAR) if p in source.tree.by_path), "")
