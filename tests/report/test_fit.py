"""Reports on a terminal fit its width, and lose nothing that tells rows apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.model.findings import finding
from slimmer.report.fit import WIDTH, cut_middle, lines_wrapped
from slimmer.report.terminal import findings_lines, prose, table

WHY = "Only an installer reads what it wrote down for itself, and nothing asks for it later."
PATH = "python/lib/python3.13/site-packages/pandas/core/indexes/accessors.cpython-313.pyc"


@pytest.fixture(autouse=True)
def width() -> Iterator[None]:
    token = WIDTH.set(60)
    yield
    WIDTH.reset(token)


def test_prose_wraps_between_words_and_names_are_cut_inside() -> None:
    lines = table(("file", "size", "why"), [(PATH, "1,024 B", WHY)], frozenset({0, 2}))
    assert max(map(len, lines[1:])) <= 60
    assert lines[1].startswith("pytho")
    assert "313.pyc  1,024 B" in lines[1]
    words = " ".join(line[-30:].strip() for line in lines[1:])
    assert all(word in words for word in ("installer", "later."))


@given(st.text("ab/.", max_size=90), st.integers(2, 90))
def test_a_cut_name_keeps_its_start_and_its_end(name: str, most: int) -> None:
    cut = cut_middle(name, most)
    assert len(cut) == min(len(name), most)
    if cut != name:
        start, end = cut.split("…")
        assert name.startswith(start)
        assert name.endswith(end)


def test_a_pipe_has_no_width() -> None:
    WIDTH.set(0)
    assert WHY in table(("file", "why"), [(PATH, WHY)], frozenset({0, 1}))[1]


def test_a_sentence_is_whole_where_it_wraps_and_cut_in_a_pipe() -> None:
    assert prose(WHY, 20) == WHY
    WIDTH.set(0)
    assert prose(WHY, 20) == "Only an installer r…"


def test_each_line_of_a_text_wraps_between_words_and_one_that_fits_stays() -> None:
    styled = f"\x1b[1mwrote\x1b[0m {WHY}"
    table_row = "a      1,024 B   words  in   columns"
    shown = lines_wrapped(f"{styled}\n{table_row}\n  {WHY}\n")
    plain = shown.replace("\x1b[1m", "").replace("\x1b[0m", "").split("\n")
    assert max(map(len, plain)) <= 60
    assert " ".join(" ".join(plain).split()) == f"wrote {WHY} {' '.join(table_row.split())} {WHY}"
    assert plain[2] == table_row
    assert all(line.startswith("  ") for line in plain[3:5])
    WIDTH.set(0)
    assert lines_wrapped(styled) == styled


@given(st.integers(30, 80))
def test_no_line_breaks_between_a_number_and_its_unit(columns: int) -> None:
    said = (
        "over the cap: zipped (--max) 3,424,595 B; --max allows 3.4\xa0x; 424.6 kB too much in 5 s"
    )
    token = WIDTH.set(columns)
    lines = lines_wrapped(said).split("\n")
    WIDTH.reset(token)
    assert " ".join(line.strip() for line in lines) == said
    assert [line for line in lines if line.lstrip().startswith(("B;", "kB", "s"))] == []


def test_many_warnings_of_a_code_fold_and_failures_never_do() -> None:
    WIDTH.set(0)
    warnings = [finding("secret-unsearched", f"file {n}") for n in range(9)]
    failures = [finding("over-max", f"zip {n}") for n in range(9)]
    lines = findings_lines([*failures, *warnings])
    assert len([line for line in lines if ": zip " in line]) == 9
    assert len([line for line in lines if ": file " in line]) == 4
    assert lines[-1] == "  and 5 more secret-unsearched (see --verbose)"
    assert len(findings_lines([*failures, *warnings], all_rows=True)) == 18
