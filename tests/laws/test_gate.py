"""What holds for every gate: sums add up, baselines come back, and growth is told exactly."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from slimmer.check import baseline
from slimmer.check.baseline import Baseline, parse_baseline, record, render_baseline
from slimmer.check.gate import FUNCTION, LAYER, CheckedZip, Gate, check_zips
from slimmer.check.growth import Allowance, compare_with_baseline
from slimmer.config.budgets import Limits
from slimmer.formats import FormatError
from slimmer.inventory.inventory import Inventory, Item
from slimmer.model.codes import Severity, codes_of
from slimmer.model.tree import Kind
from slimmer.targets import load_targets

CODES = codes_of("check")
LAMBDA = load_targets()["lambda"]
sizes = st.integers(0, 3000)
components = st.sampled_from(["python/a", "python/b", "other/root"])
kinds = st.sampled_from([Kind.FILE, Kind.FILE, Kind.LINK])
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4) | st.sampled_from(
    ['"', "\\", "\udc80", "a/b-1.0/c", "a/b-2.0/c"]
)


@st.composite
def inventories(draw: st.DrawFn, name: str = "layer.zip") -> Inventory:
    """Return a zip of a few files and an empty folder."""
    paths = sorted(draw(st.sets(names, max_size=8)))
    items = [
        Item(path, draw(kinds), draw(components), draw(sizes), draw(sizes), draw(st.integers(0, 9)))
        for path in paths
    ]
    items.append(Item("\U0010ffff", Kind.DIRECTORY, draw(components), 0, 0, None))
    packed = sum(item.compressed_bytes or 0 for item in items)
    return Inventory(name, tuple(items), packed + draw(st.integers(22, 500)))


allowances = st.builds(Allowance, st.just("x"), st.fractions(0, 2), st.integers(0, 3000))
bounds = st.integers(1, 10)


def bounded(most: int, role: str, inventory: Inventory) -> baseline.Recorded:
    """Return what a baseline holds that lists so many files at most."""
    before, baseline.MOST_FILES = baseline.MOST_FILES, most
    try:
        return record(role, inventory)
    finally:
        baseline.MOST_FILES = before


@given(inventories(), inventories("function.zip"), bounds)
def test_a_baseline_comes_back_as_it_was_written(
    layer: Inventory, function: Inventory, most: int
) -> None:
    written = Baseline((bounded(most, LAYER, layer), bounded(most, FUNCTION, function)))
    text = render_baseline(written)
    assert parse_baseline(text) == written
    assert render_baseline(parse_baseline(text)) == text
    text.encode()


@given(inventories(), bounds)
def test_a_zip_did_not_grow_since_itself(zip_: Inventory, most: int) -> None:
    since = Baseline((bounded(most, LAYER, zip_),))
    growth = compare_with_baseline("size.json", since, [(LAYER, zip_)], Allowance("0"))
    assert growth.findings == []
    assert (growth.components, growth.differences) == ((), ())


@given(inventories(), inventories(), bounds, allowances)
def test_growth_adds_up_and_fails_only_past_what_is_allowed(
    old: Inventory, new: Inventory, most: int, allowed: Allowance
) -> None:
    since = Baseline((bounded(most, LAYER, old),))
    growth = compare_with_baseline("size.json", since, [(LAYER, new)], allowed)
    assert growth.zipped_bytes == (new.zip_bytes or 0) - (old.zip_bytes or 0)
    assert growth.unzipped_bytes == new.size.unzipped_bytes - old.size.unzipped_bytes
    assert growth.unzipped_bytes == sum(row.unzipped_bytes for row in growth.components)
    packed = sum(row.compressed_bytes for row in growth.components)
    assert packed == new.size.compressed_bytes - old.size.compressed_bytes
    assert packed + growth.headers_bytes == growth.zipped_bytes
    over = [
        now > before + int(before * allowed.share) + allowed.size_bytes
        for before, now in (
            (old.zip_bytes or 0, new.zip_bytes or 0),
            (old.size.unzipped_bytes, new.size.unzipped_bytes),
        )
    ]
    assert len(growth.findings) == sum(over)


@given(inventories(), inventories(), bounds)
def test_what_changed_by_file_adds_up_to_what_changed_unzipped(
    old: Inventory, new: Inventory, most: int
) -> None:
    since = Baseline((bounded(most, LAYER, old),))
    growth = compare_with_baseline("size.json", since, [(LAYER, new)], None)
    assert sum(d.unzipped_bytes for d in growth.differences) == growth.unzipped_bytes


@given(inventories(), inventories("function.zip"), st.fractions(Fraction(1, 100), 1))
def test_the_components_of_a_judgement_add_up_to_the_zips(
    layer: Inventory, function: Inventory, warn_at: Fraction
) -> None:
    zips = [CheckedZip(LAYER, layer, 1), CheckedZip(FUNCTION, function, 1)]
    result = check_zips(zips, Gate(LAMBDA, Limits(4000, 4000), warn_at))
    parts = result.components.values()
    assert sum(part.unzipped_bytes for part in parts) == result.size.unzipped_bytes
    assert sum(part.files for part in parts) == result.size.files
    headers = sum(checked.headers_bytes for checked in zips)
    assert sum(part.compressed_bytes for part in parts) + headers == result.zip_bytes
    codes = [finding.code for finding in result.findings]
    assert ("over-max" in codes) == (result.zip_bytes > 4000)
    assert ("near-max" in codes) == (4000 * warn_at <= result.zip_bytes <= 4000)
    assert set(codes) <= set(CODES)


@given(inventories(), st.sets(st.sampled_from(sorted(CODES))))
def test_choosing_what_fails_changes_no_finding_but_its_weight(
    layer: Inventory, codes: set[str]
) -> None:
    zips = [CheckedZip(LAYER, layer, 1)]
    plain = check_zips(zips, Gate(LAMBDA, Limits(1000, 1000)))
    chosen = check_zips(zips, Gate(LAMBDA, Limits(1000, 1000), fail_on=frozenset(codes)))
    assert sorted(f.message for f in plain.findings) == sorted(f.message for f in chosen.findings)
    assert chosen.over == bool({finding.code for finding in plain.findings} & codes)
    failing = {f.code for f in chosen.findings if f.severity is Severity.FAIL}
    assert failing == {finding.code for finding in plain.findings} & codes


@given(st.text() | st.text('{}[]":,0123456789versionartifacts -', max_size=60))
def test_any_text_is_a_baseline_or_refused(text: str) -> None:
    try:
        parse_baseline(text)
    except FormatError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either way is right
