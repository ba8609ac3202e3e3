"""What Lambda starts in a tree: the files of entries, and the entries that templates name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from slimmer.formats import FormatError
from slimmer.inputs.templates import SERVERLESS, Template
from slimmer.model.findings import Finding, finding
from slimmer.model.tree import Kind, Tree
from slimmer.paths import join
from slimmer.text import and_more, printable

if TYPE_CHECKING:
    from slimmer.formats.templates import Function

#: Sources that run only if another one, or an entry, names them; the endings of modules.
IMPORTED = (".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".jsx")


class Entries(NamedTuple):
    """What templates say that is started, and what there is to say of it."""

    names: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def entry_file(tree: Tree, name: str, prefix: str, *, layers: bool = True) -> str:
    """Return the file that an entry names, as Lambda writes it; empty without one.

    ``layers`` says whether it may lie where a layer has Python's modules.
    """
    stem = name.rpartition(".")[0]
    places = [name, *(f"{stem}{end}" for end in IMPORTED)]
    places += [f"{stem.replace('.', '/')}{end}" for end in (".py", "/__init__.py")]
    folders = ("", "python") if layers else ("",)
    for place in places:
        for path in (*(join(f, place) for f in folders), place.removeprefix(join(prefix, ""))):
            entry = tree.by_path.get(path)
            if entry is not None and entry.kind is Kind.FILE and stem:
                return path
    return ""


def entries_of(templates: Iterable[Template], tree: Tree, prefix: str) -> Entries:
    """Return the handlers that the first template names which has functions of this tree.

    There are none where a handler is only known to a deploy, or is no module of the tree: then
    all of the user's own files count, as they do without a template.
    """
    findings = []
    for template in templates:
        from slimmer.formats.templates import functions  # noqa: PLC0415 - where there is one

        try:
            found = functions(template.data, is_serverless=template.name in SERVERLESS)
        except FormatError as error:
            message = f"{template.name}: {error}; what it starts is not known"
            findings.append(finding("entry-template", printable(message)))
            continue
        here = [each for each in found if each.folder in (None, template.tree)]
        names = _names(here, tree, prefix)
        if names:
            findings.append(_told(template.name, names))
            return Entries(names, tuple(findings))
        if here:
            break
    return Entries((), tuple(findings))


def _names(functions_: Iterable[Function], tree: Tree, prefix: str) -> tuple[str, ...]:
    """Return all that these functions start; nothing where one of them is not known."""
    names: dict[str, None] = {}
    for each in functions_:
        if each.handler is None or each.folder is None:
            return ()
        if not entry_file(tree, each.handler, prefix):
            return ()
        names[each.handler] = None
        names.update((w, None) for w in sorted(each.words) if entry_file(tree, w, prefix))
    return tuple(names)


def _told(template: str, names: tuple[str, ...]) -> Finding:
    return finding(
        "entry-template",
        f"{template} says that Lambda starts {and_more(names)}; what these reach counts as used, "
        "unless --entry says what is started",
    )
