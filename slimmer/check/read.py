"""Reading the zips that the gate looks at."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Sequence
from pathlib import Path

from slimmer.check.gate import FUNCTION, LAYER, CheckedZip
from slimmer.check.measure import measured
from slimmer.check.zip_lint import broken_findings, leading_out_findings, zip_findings
from slimmer.decide.compiled import Looked, find_compiled
from slimmer.ecosystems.python.stale import stale_in
from slimmer.errors import InputError
from slimmer.formats import FormatError
from slimmer.formats.zip.headers import Data
from slimmer.formats.zip.reader import Zip
from slimmer.formats.zip.unpack import content, head, link_targets
from slimmer.inputs.zip_file import MAX_FILE_BYTES, look_into
from slimmer.inputs.zip_tree import ZipTree, open_zip
from slimmer.inventory.inventory import Inventory, inventory_of_zip
from slimmer.model.findings import Finding
from slimmer.model.rules import Selector
from slimmer.model.tree import Kind
from slimmer.rules.packs import Pack
from slimmer.secrets.findings import secret_findings
from slimmer.secrets.kinds import SecretRules, load_secret_rules
from slimmer.secrets.scanner import Found
from slimmer.targets import Target
from slimmer.text import printable

_HEAD_BYTES = 32  # of bytecode, whose header is shorter
_PLACES = {LAYER: "/opt", FUNCTION: "/var/task"}


def read_zips(
    zips: Sequence[tuple[str, Path]], packs: Sequence[Pack], allowed: Sequence[Selector]
) -> tuple[list[CheckedZip], list[Finding]]:
    """Return what is known of each zip, and what is said of the secrets in them.

    Each of ``zips`` is a role and a path. Raises InputError for what cannot be read as a zip.
    """
    rules = load_secret_rules(examples=False)
    checked, found = [], []
    for role, path in zips:
        one, secrets = look_at(role, path, packs, rules)
        checked.append(one)
        found.append((path.name, secrets))
    return checked, secret_findings(rules, found, allowed)


def look_at(
    role: str, path: Path, packs: Sequence[Pack], rules: SecretRules
) -> tuple[CheckedZip, Found]:
    """Return what is known of one zip, and the secrets in it. Raises as ``read_zips`` does."""
    look = functools.partial(_look, role, path, packs, rules)
    _, _, found = look_into(path, look)
    return found


def _look(
    role: str, path: Path, packs: Sequence[Pack], rules: SecretRules, data: Data, archive: Zip
) -> tuple[CheckedZip, Found]:
    """Return as ``look_at`` does; what needs no secrets is found while others look for these."""

    def rest() -> tuple[Inventory, list[Finding], list[Finding]]:
        inventory = inventory_of_zip(path.name, len(data), archive, packs)
        links = leading_out_findings(path.name, link_targets(data, archive), _PLACES[role])
        findings = [*zip_findings(path.name, archive), *links]
        return inventory, findings, _compiled_findings(path, data, archive)

    measures, (inventory, findings, compiled) = measured(rules, data, archive, rest)
    broken = list(broken_findings(path.name, measures.broken))
    findings += broken or compiled
    checked = CheckedZip(role, inventory, len(archive.members), tuple(findings))
    return checked, measures.secrets


def _compiled_findings(path: Path, data: Data, archive: Zip) -> list[Finding]:
    """Return what a runtime would not use of a zip; nothing for one that cannot be unpacked."""
    source = ZipTree(path, archive, len(data))
    with contextlib.suppress(InputError, FormatError):
        files = [entry for entry in source.tree.entries if entry.kind is Kind.FILE]
        sizes = {entry.path: entry.size_bytes for entry in files}
        looked = Looked(
            sizes,
            source.mtime_ns,
            lambda inside: content(data, source.members[inside], MAX_FILE_BYTES),
        )

        def start(inside: str) -> bytes:
            return head(data, source.members[inside], _HEAD_BYTES)

        found = [*find_compiled(looked).findings, *stale_in(sizes, source.mtime_ns, start)]
        return [each._replace(message=f"{printable(path.name)}: {each.message}") for each in found]
    return []


def missing_needs(layers: Sequence[Path], function: Path | None, target: Target) -> list[Finding]:
    """Return what one of these zips needs, and neither another nor the target has.

    A layer by itself is not judged, nor read. What cannot be read is told, not raised.
    """
    if function is None and len(layers) < 2:
        return []
    from slimmer.check.needs import need_findings  # noqa: PLC0415 - knows all languages

    above = tuple(open_zip(path) for path in layers)
    return need_findings(above, open_zip(function) if function else None, target)
