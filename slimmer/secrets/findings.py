"""What a user is told of the secrets in what ships: failures, and what he allowed to pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from slimmer.errors import UsageError
from slimmer.model.codes import Severity
from slimmer.model.findings import Finding, finding
from slimmer.model.rules import Selector
from slimmer.model.tree import Kind
from slimmer.model.tree_links import follow
from slimmer.rules.patterns import compile_pattern
from slimmer.secrets.kinds import SecretRules
from slimmer.secrets.scanner import Clean, Found, Secret, Unsearched, find_secrets
from slimmer.sizes import count_text
from slimmer.text import printable

if TYPE_CHECKING:
    from slimmer.inputs.base import Source
    from slimmer.model.plan import Shipped

_TOLD = 10  # files of a zip or tree that were not searched
_SHOWN = 3  # files with keys of published packages
_WILD = re.compile(r"([*?\[\]\\])")


def shipped_secrets(
    rules: SecretRules,
    source: Source,
    steps: Iterable[Shipped],
    allowed: Sequence[Selector],
    clean: Clean | None = None,
) -> list[Finding]:
    """Return what ``secret_findings`` does, of the steps of a plan that ship.

    A link is looked at under its own name, since that is how a program opens it. Files that are
    ``clean`` are not looked at.
    """
    tree, places = source.tree, []
    for step in steps:
        entry = step.entry
        if entry.kind is Kind.FILE:
            places.append((entry.path, entry.path))
        elif entry.kind is Kind.LINK and rules.is_named(entry.path):
            end = tree.by_path.get(follow(tree, entry).end or "")
            if end is not None and end.kind is Kind.FILE:
                places.append((entry.path, end.path))
    found = find_secrets(rules, source, places, clean)
    return secret_findings(rules, [("", found)], allowed)


def secret_findings(
    rules: SecretRules, found: Iterable[tuple[str, Found]], allowed: Sequence[Selector]
) -> list[Finding]:
    """Return a failure for each file with secrets, or a note where a word allows it.

    ``found`` is what was found in each zip, by its name; that of a tree is empty. ``allowed``
    are gitignore patterns; one that allows nothing anywhere is a warning. Raises UsageError
    for what is no pattern.
    """
    matches = [(selector, _compiled(selector).match) for selector in allowed]
    findings, used = [], set()
    for zip_name, here in found:
        around = f"{printable(zip_name)}: " if zip_name else ""
        for secret in here.secrets:
            by = [selector for selector, match in matches if match(secret.path)]
            used.update(by)
            titles = " and ".join(rules.titles[kind] for kind in secret.kinds)
            if by:
                findings.append(_allowed(around, secret, titles, by[0]))
            elif rules.needed.issuperset(secret.kinds):
                findings.append(_needed(around, secret, titles, rules))
            else:
                findings.append(_secret(around, secret, titles))
        findings += _unsearched(around, here.unsearched)
        findings += _public(around, here.published)
    for selector in allowed:
        if selector not in used:
            shown = printable(selector.text)
            text = f"{selector.place}: {shown!r} matches no secret; fix or remove it"
            findings.append(finding("matches-nothing", text))
    return sorted(findings, key=lambda finding: finding.severity is not Severity.FAIL)


def _unsearched(around: str, rows: Sequence[Unsearched]) -> Iterator[Finding]:
    """Yield a warning for each file that was not searched, and one for those past the first."""
    texts = [f"{printable(path)}: not searched for secrets, {why}" for path, why in rows[:_TOLD]]
    if len(rows) > _TOLD:
        texts.append(f"{count_text(len(rows) - _TOLD, 'more file')} not searched for secrets")
    for text in texts:
        yield finding("secret-unsearched", around + text)


def _public(around: str, secrets: Sequence[Secret]) -> Iterator[Finding]:
    """Yield a note of the keys of published packages."""
    paths = [printable(secret.path) for secret in secrets]
    if paths:
        more = [f"{len(paths) - _SHOWN:,} more"] if len(paths) > _SHOWN else []
        text = "a file" if len(paths) == 1 else f"{len(paths):,} files"
        yield finding(
            "secret-published",
            f"{around}{text} of published packages would be secrets if nobody could download "
            f"them: {', '.join(paths[:_SHOWN] + more)}",
        )


def _compiled(selector: Selector) -> re.Pattern[str]:
    try:
        return compile_pattern(selector.text)
    except UsageError as error:
        raise UsageError(f"{selector.place}: {error}") from None


def _secret(around: str, secret: Secret, titles: str) -> Finding:
    import shlex  # noqa: PLC0415 - where there is one, and only there

    pattern = shlex.quote("/" + _WILD.sub(r"\\\1", printable(secret.path)))
    message = (
        f"{around}{printable(secret.path)} holds {titles}; take it out, "
        f"or let it ship with --allow-secret {pattern}"
    )
    return finding("secret", message)


def _needed(around: str, secret: Secret, titles: str, rules: SecretRules) -> Finding:
    whys = " ".join(rules.whys[kind] for kind in secret.kinds)
    return finding("secret-needed", f"{around}{printable(secret.path)} holds {titles}: {whys}")


def _allowed(around: str, secret: Secret, titles: str, selector: Selector) -> Finding:
    message = (
        f"{around}{printable(secret.path)} ships with {titles}: "
        f"{selector.place} allows {printable(selector.text)!r}"
    )
    return finding("secret-allowed", message)
