"""The Markdown report, as a CommonMark and GFM parser renders it: tables, folded parts, bounds."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from slimmer.report.gfm import MAX_BYTES, code, details, fitted, middle_out, prose, table
from slimmer.text import printable
from tests.support.command import slim
from tests.support.trees import write_tree

COMMENT = 65_536  # GitHub: "Body is too long (maximum is 65536 characters)"


VOID = {"img", "br", "hr"}  # tags that are never closed


class Page(HTMLParser):
    """What a reader sees of rendered Markdown: cells, headings, items, folds; and its tags."""

    def __init__(self, markdown: str):
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.told: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self.plain = ""
        self._open: list[str] = []
        self.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's
        self.tags.add(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        elif tag in {"h3", "li", "summary", "p"}:
            self.told.append((tag, ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += data
        elif self.told and self.told[-1][0] in self._open:
            self.told[-1] = (self.told[-1][0], self.told[-1][1] + data)
        if "code" not in self._open:
            self.plain += data + "\n"

    def table(self, first: str) -> list[list[str]]:
        """Return the rows of the table whose header's first cell is this."""
        found = [rows for rows in self.tables if rows[0][0] == first]
        assert len(found) == 1
        return found[0]

    def all(self, tag: str) -> list[str]:
        return [text for told, text in self.told if told == tag]


OURS = {"h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary"}
OURS |= {"ul", "li", "strong", "em"}
HOSTILE = [
    "a|b.txt",
    "a\\|b.txt",
    "a\\",
    "`tick`",
    "``",
    " lead",
    "<img src=x onerror=alert(1)>",
    "</details><script>x</script>",
    "line\nbreak | x\r\n# heading",
    "@octocat #1 GH-7 www.example.com https://example.com",
    "*bold* _em_ ~~no~~ [a](b) ![a](b) <!-- c --> &amp; $x$",
    "tab\there\x1b[31m",
    "caf\udce9",
    "\u202egnp.exe",
    "\u65e5\u672c",
    "[^1]: note",
    "- item",
    "1. one",
]
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.sampled_from("ab|`\\<>&@#*_~[]()!$ \n.:/-1é"), max_size=12),
    st.text(max_size=12),
)


def as_seen(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@given(st.lists(texts.filter(bool), min_size=1, max_size=4))
def test_no_name_breaks_out_of_its_cell(names: list[str]) -> None:
    page = Page("\n".join(table(("name", "b"), [(code(name), "1") for name in names])))
    rows = page.table("name")
    assert [[as_seen(cell) for cell in row] for row in rows[1:]] == [
        [as_seen(printable(name)), "1"] for name in names
    ]
    assert page.tags <= OURS
    assert as_seen(page.plain) == as_seen("name b" + " 1" * len(names))


@given(st.lists(texts, min_size=1, max_size=4))
def test_a_sentence_is_text_in_a_cell_and_in_an_item(sentences: list[str]) -> None:
    lines = [*table(("a", "b"), [("1", prose(s)) for s in sentences]), ""]
    lines += [f"- **warn**: {prose(sentence)}" for sentence in sentences]
    page = Page("\n".join(lines))
    expected = [as_seen(printable(" ".join(s.split()))) for s in sentences]

    def seen(text: str) -> str:
        return as_seen(text.replace("\u200b", ""))

    assert [seen(row[1]) for row in page.table("a")[1:]] == expected
    assert [seen(item) for item in page.all("li")] == [f"warn: {e}".strip() for e in expected]
    assert page.tags <= OURS


@given(texts)
def test_nobody_is_notified_and_nothing_is_linked(text: str) -> None:
    for markdown in (prose(text), code(text)):
        page = Page(f"- {markdown}")
        assert not re.search(r"@\w|#\d|\bGH-\d", page.plain, re.IGNORECASE)
        assert not re.search(r"www\.|://", re.sub("`.*`|<code>.*</code>", "", markdown))


@given(st.integers(1, 400), st.integers(0, 300), st.integers(300, 5000))
def test_as_many_rows_are_shown_as_fit_and_never_more(width: int, most: int, bound: int) -> None:
    def render(rows: int) -> str:
        lines = [(str(n), "é" * width) for n in range(rows)]
        return "\n".join(["# x", "", *details("all", table(("a", "b"), lines)), ""])

    text = fitted(render, most, bound)
    assert len(text.encode()) <= bound
    Page(text)  # every tag that it opens is closed
    rows = sum(line.startswith("| ") for line in text.splitlines()) - 2
    if rows >= 1 and text == render(rows):
        assert rows >= most or len(render(rows + 1).encode()) > bound


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    name = "a/" * 300 + "end.txt"
    assert len(middle_out(name)) <= 160
    assert middle_out(name).startswith("a/a/")
    assert middle_out(name).endswith("/end.txt")
    assert middle_out("short") == "short"


# The report

NAME = "lib/a|b `@you` <b>\\x"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    write_tree(
        tmp_path / "tree",
        {
            "lib/kernel-1/doc/index.html": "<p>Read me</p>\n" * 20,
            "lib/kernel-1/ebin/kernel.app": "{application, kernel, []}.\n",
            "lib/mnesia-1/ebin/mnesia.app": "{application, mnesia, []}.\n",
            "lib/shop-1/ebin/shop.app": "{application, shop, [{applications, [mnesia]}]}.\n",
            f"{NAME}/text": "x" * 100,
            f"{NAME}/broken.beam": b"FOR1 no module",
        },
    )
    return tmp_path


def page_of(work: Path, *args: str, code: int = 0) -> Page:
    outcome = slim("build", "tree", "--markdown", "report.md", *args, cwd=work)
    assert outcome.code == code, outcome.text
    return Page((work / "report.md").read_text("utf-8"))


def test_the_page_shows_the_outcome_the_caps_and_what_changed(work: Path) -> None:
    page = page_of(work, "--max", "1MB")
    size = (work / "tree.zip").stat().st_size
    assert re.fullmatch(r"slim: tree\.zip written, [\d.]+ k?B", page.all("h3")[0])
    caps = page.table("cap")
    assert [row[0] for row in caps] == ["cap", "unzipped", "zipped (--max)"]
    assert caps[1][2] == "< 262,144,000 B"
    assert caps[2][1:3] == [f"{size:,} B", "1,000,000 B"]
    delta = page.table("")
    assert [row[:2] for row in delta] == [
        ["", "files"],
        ["before", "6"],
        ["after", "5"],
        ["change", "-1"],
    ]
    assert delta[1][3] == ""
    assert page.tags <= OURS


def test_every_part_is_folded_and_rendered_as_its_table(work: Path) -> None:
    page = page_of(work)
    folds = [fold.partition(":")[0] for fold in page.all("summary")]
    assert folds == ["Dropped", "Kept", "Transformed", "Rescued", "1 warning", "Digests"]
    assert page.table("component")[1][:2] == ["erlang/docs", "1"]
    assert NAME in [row[0] for row in page.table("folder")]
    rescued = page.table("rescued")
    assert rescued[0] == ["rescued", "files", "unzipped", "zipped", "from", "because"]
    assert [rescued[1][0], *rescued[1][4:]] == [
        "lib/mnesia-1",
        "erlang/database",
        "shop needs mnesia",
    ]
    warnings = [item.replace("\u200b", "") for item in page.all("li")]
    assert warnings[0].startswith(f"warn: {printable(NAME)}/broken.beam: beam-strip cannot")


def test_over_the_cap_the_page_says_so_first_and_unfolded(work: Path) -> None:
    page = page_of(work, "--max", "100B", code=1)
    assert page.all("h3") == ["slim: tree.zip not written, over the cap"]
    assert page.all("li")[0].startswith("fail: over the cap: zipped (--max) ")
    assert page.table("cap")[2][3].endswith("%, over")


def test_a_build_that_packs_nothing_has_a_page(work: Path) -> None:
    slim("build", "tree", "-o", "other.zip", cwd=work)
    page = page_of(work, *(6 * ("--with", "other.zip")), code=1)
    assert page.all("h3") == ["slim: not packed, over the cap"]
    assert [row[3] for row in page.table("folder")[1:]] == [""] * (len(page.table("folder")) - 1)


def test_measured_the_page_has_zipped_bytes_also_for_what_was_dropped(work: Path) -> None:
    page = page_of(work, "--measure-dropped")
    assert page.table("component")[0] == ["component", "files", "unzipped", "zipped", "why"]
    assert re.fullmatch(r"[\d.]+ k?B", page.table("component")[1][3])
    before, _after, change = page.table("")[1:]
    assert re.fullmatch(r"[\d.]+ k?B", before[3])
    assert re.fullmatch(r"-[\d.]+ k?B \(-[\d.]+%\)", change[3])


def test_a_dry_run_says_that_nothing_was_written(work: Path) -> None:
    page = page_of(work, "--dry-run")
    assert re.fullmatch(r"slim: tree\.zip not written, [\d.]+ k?B", page.all("h3")[0])
    assert not (work / "tree.zip").exists()


def test_a_page_of_thousands_of_folders_fits_a_comment_and_says_what_is_missing(
    work: Path,
) -> None:
    files: dict[str, bytes | str] = {f"dir-{n:04}-{'é' * 60}/f": "x" for n in range(1500)}
    write_tree(work / "tree", files)
    page = page_of(work)
    text = (work / "report.md").read_text("utf-8")
    assert len(text.encode()) <= COMMENT == MAX_BYTES
    shown = page.table("folder")[1:]
    assert len(shown) > 100
    more = re.fullmatch(r"and ([\d,]+) more", shown[-1][0])
    assert more
    groups = int(more[1].replace(",", "")) + len(shown) - 1
    assert groups == len(files) + 4
    assert page.all("p")[-1].startswith("Shortened to fit GitHub's 65,536 characters")


def test_markdown_to_a_pipe_is_markdown_alone(work: Path) -> None:
    outcome = slim("build", "tree", "--markdown", "-", cwd=work)
    assert outcome.code == 0
    assert Page(outcome.out).all("h3")[0].startswith("slim: tree.zip written")
    assert "wrote tree.zip" in outcome.err
    page_of(work)
    assert (work / "report.md").read_text("utf-8") == outcome.out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--markdown", "-", "--json", "-"), "--json and --markdown cannot share standard output"),
        (("--markdown", "a.md", "--json", "a.md"), "--json and --markdown name the same file"),
        (("--markdown", "tree/a.md"), "--markdown lies inside the tree"),
        (("--markdown", "none/a.md"), "the folder for --markdown does not exist"),
        (("--quiet", "--verbose"), "--quiet and --verbose are opposites"),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is(
    work: Path, args: tuple[str, ...], words: str
) -> None:
    outcome = slim("build", "tree", *args, cwd=work)
    assert (outcome.code, outcome.out) == (2, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1
    assert [path.name for path in work.iterdir()] == ["tree"]
