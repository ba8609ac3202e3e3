"""The steps of a plan: one for each entry, in path order, and nothing left to decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from slimmer.errors import InputError
from slimmer.formats.zip.names import is_unsafe
from slimmer.model.findings import Finding, finding
from slimmer.model.plan import Drop, Keep, Link, Plan, Step
from slimmer.model.rules import Action, Verdict
from slimmer.model.tree import Entry, Kind, Tree
from slimmer.rules.patterns import compile_pattern
from slimmer.text import printable
from slimmer.transforms import PYC

_CHECKSUMS = ("hmac", "md5", "sha1", "sha256", "sha512", "asc")


def make_plan(
    tree: Tree,
    verdicts: Mapping[str, Verdict],
    links: Mapping[str, str],
    treatment: Callable[[Entry], tuple[str, ...]] = lambda _: (),
    times_s: Mapping[str, int] = MappingProxyType({}),
    *,
    as_image: bool = False,
) -> Plan:
    """Return one step for each entry.

    ``links`` says which kept files link to which, ``treatment`` which transforms may be
    used on a kept file, ``times_s`` which files do not have the time of all others. Raises
    InputError for what is kept and cannot go into a zip: sockets, devices and fifos, and names
    that are not UTF-8. An image takes them (``as_image``).
    """
    check = _check_nothing if as_image else _check_zip
    steps = (_step(e, verdicts[e.path], links, treatment, check) for e in tree.entries)
    return Plan(tuple(_timed(step, times_s) for step in steps))


def treatment_for(
    tree: Tree,
    names: tuple[str, ...],
    keep_bytes: Iterable[str],
    valid_bytecode: frozenset[str],
    as_they_are: frozenset[str] = frozenset(),
) -> Callable[[Entry], tuple[str, ...]]:
    """Return what says which of the transforms ``names`` may be used on an entry.

    None may on what ``keep_bytes`` matches or ``as_they_are`` holds, nor on a file whose checksum
    lies beside it. Bytecode that is not valid must not be made so.
    """
    without_pyc = tuple(name for name in names if name != PYC)
    matches = [compile_pattern(pattern).match for pattern in keep_bytes]

    def treatment(entry: Entry) -> tuple[str, ...]:
        if entry.kind is not Kind.FILE or any(match(entry.path) for match in matches):
            return ()
        if entry.path in as_they_are or checksum_beside(tree, entry.path):
            return ()
        return names if entry.path in valid_bytecode else without_pyc

    return treatment


def checksum_beside(tree: Tree, path: str) -> str:
    """Return the file beside this one that states its checksum, or "".

    Such are libgcrypt's and OpenSSL's ``.name.hmac``, NSS's ``name.chk``, and what Maven
    and others write beside a jar (``name.jar.sha1``).
    """
    folder, slash, name = path.rpartition("/")
    stem = name.partition(".")[0]
    beside = (f".{name}.hmac", f"{stem}.chk", *(f"{name}.{end}" for end in _CHECKSUMS))
    paths = (f"{folder}{slash}{other}" for other in beside)
    return next((other for other in paths if other in tree.by_path), "")


def _step(
    entry: Entry,
    verdict: Verdict,
    links: Mapping[str, str],
    treatment: Callable[[Entry], tuple[str, ...]],
    check: Callable[[Entry], None],
) -> Step:
    if verdict.action is Action.DROP and verdict.rule is not None:
        return Drop(entry, verdict.rule)
    check(entry)
    if entry.path in links:
        return Link(entry, links[entry.path])
    return Keep(entry, verdict.rule, treatment(entry))


def _timed(step: Step, times_s: Mapping[str, int]) -> Step:
    if isinstance(step, Keep) and step.entry.path in times_s:
        return step._replace(time_s=times_s[step.entry.path])
    return step


def _check_nothing(_entry: Entry) -> None:
    pass


def _check_zip(entry: Entry) -> None:
    if entry.kind is Kind.SPECIAL:
        raise InputError(
            f"{printable(entry.path)}: a socket, device or fifo cannot go into a zip; "
            "remove it, or drop it with --drop"
        )
    _check_name(entry)


def _check_name(entry: Entry) -> None:
    for what, text in (("name", entry.path), ("target", entry.target)):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise InputError(
                f"{printable(entry.path)}: its {what} {printable(text)} is not UTF-8, and a zip "
                "could not give it back; rename it, or drop it with --drop"
            ) from None
    reason = is_unsafe(entry.path)
    if reason:
        raise InputError(
            f"{printable(entry.path)}: {reason}, which must not be unpacked; rename it, or drop "
            "it with --drop"
        )


def name_findings(plan: Plan) -> Iterator[Finding]:
    """Yield a warning for each pair of names in the zip, folders too, that differ only in case."""
    seen: dict[str, str] = {}
    told: set[str] = set()
    for step in plan.shipped:
        path = step.entry.path
        while path not in told and path and seen.get(folded := path.casefold()) != path:
            if twin := seen.get(folded):
                told.add(path)
                yield _collision(twin, path)
                break
            seen[folded] = path
            path = path.rpartition("/")[0]


def _collision(twin: str, path: str) -> Finding:
    return finding(
        "case-collision",
        f"{printable(twin)} and {printable(path)} differ only in case: unpacked on macOS or "
        "Windows one overwrites the other; rename one of them",
    )
