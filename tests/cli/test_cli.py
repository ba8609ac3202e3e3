"""The commands as a user meets them: what they print, where, and the code they end with."""

import base64
import hashlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from slimmer.cli import COMMANDS
from slimmer.toml import data_folder
from tests.support.command import Outcome, on_a_terminal, picture, slim

OUR_CAP = 262_144_000  # bytes, unzipped, which Lambda must stay below


def app(name: str, *needs: str) -> str:
    applications = ", ".join(("kernel", "stdlib", *needs))
    otp = "" if name == "shop" else ', {runtime_dependencies, ["erts-1"]}'
    return f'{{application, {name}, [{{vsn, "1"}}, {{applications, [{applications}]}}{otp}]}}.\n'


TREE: Mapping[str, bytes] = {
    "LICENSE": b"Do as you like.\n",
    "lib/kernel-1/doc/index.html": b"<p>Read me</p>\n" * 20,
    "erts-1/bin/beam.smp": b"\x7fELF" + bytes(range(256)) * 40,
    "erts-1/bin/dialyzer": b"\x7fELF" + bytes(100),
    "lib/kernel-1/ebin/kernel.app": b"{application, kernel, []}.\n",
    "lib/kernel-1/src/code.erl": b"-module(code).\n",
    "lib/stdlib-1/ebin/stdlib.app": b"{application, stdlib, []}.\n",
    "lib/sasl-1/ebin/sasl.app": app("sasl").encode(),
    "lib/os_mon-1/ebin/os_mon.app": app("os_mon", "sasl").encode(),
    "lib/wx-1/ebin/wx.app": app("wx").encode(),
    "lib/wx-1/priv/wxe_driver.so": b"\x7fELF" + bytes(500),
    "lib/mnesia-1/ebin/mnesia.app": app("mnesia").encode(),
    "lib/mnesia-1/doc/mnesia.html": b"<p>Read me</p>\n",
    "lib/shop-1/ebin/shop.app": app("shop", "mnesia").encode(),
    "lib/shop-1/priv/libshop.so": b"\x7fELF" + b"shop" * 200,
    "lib/shop-1/priv/libshop.so.1.2": b"\x7fELF" + b"shop" * 200,
    "lib/shop-1/priv/notes.txt": b"Kept, and no rule speaks of it.\n",
}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Give a folder with a small OTP and an application of ours in ``runtime``."""
    for path, content in TREE.items():
        file = tmp_path / "runtime" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path


def members(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        return opened.namelist()


def built(work: Path, *args: str) -> Outcome:
    outcome = slim("build", "runtime", *args, cwd=work)
    assert (outcome.code, outcome.err) == (0, ""), outcome.text
    return outcome


def report_of(work: Path, *args: str) -> dict[str, Any]:
    slim("build", "runtime", "--json", "report.json", *args, cwd=work)
    report: dict[str, Any] = json.loads((work / "report.json").read_text("utf-8"))
    return report


def row(text: str, title: str, start: str) -> list[str]:
    """Return the cells of the row that starts so, in the table whose header starts so."""
    tables = [part for part in text.split("\n\n") if part.startswith(title + " ")]
    rows = [line for part in tables for line in part.splitlines() if line.startswith(start + " ")]
    assert len(rows) == 1, text
    return re.split(r" {2,}", rows[0])


# Help


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_every_help_names_the_exit_codes(tmp_path: Path, command: tuple[str, ...]) -> None:
    outcome = slim(*command, "--help", cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("Usage: ")
    codes = re.findall(r"\d+", outcome.out.partition("Exit codes:")[2])
    assert codes == ["0", "1", "2", "3", "5", "130"]
    one = " ".join(outcome.out.partition("; 1 ")[2].partition("; 2 ")[0].split())
    assert one == "a finding fails (over a cap, cannot load on the target, a secret)"


def test_the_version_is_that_of_the_package(tmp_path: Path) -> None:
    outcome = slim("--version", cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.split()[-1] == version("layerslim")


def test_the_version_waits_for_no_import(tmp_path: Path) -> None:
    text = "import sys; from slimmer.__main__ import main; main(); print('click' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", text, "--version"], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout.split() == [b"slim,", b"version", version("layerslim").encode(), b"False"]


def test_the_command_alone_says_readably_how_to_go_on(tmp_path: Path) -> None:
    outcome = slim(cwd=tmp_path)
    assert outcome.code == 2
    assert "--help" in outcome.text
    assert max(len(line) for line in outcome.text.splitlines()) <= 120


# slim rules


def test_the_packs_are_found_from_anywhere(tmp_path: Path) -> None:
    outcome = slim("rules", cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    for pack in ("common", "erlang", "elixir"):
        assert f"(rules/{pack}.toml)" in outcome.out
    assert re.search(
        r"^\* +erlang/gui +default +installed +public +package +wx needs a display",
        outcome.out,
        re.MULTILINE,
    )
    directory = r"^ +erlang/directory +aggressive +any +public +package"
    assert re.search(directory, outcome.out, re.MULTILINE)


def counted(outcome: Outcome, component: str) -> int:
    """Return how many files of the tree a component would drop, as ``slim rules`` says."""
    found = re.search(rf"^[* ] +{component} +\w+ +([\d,]+) ", outcome.out, re.MULTILINE)
    assert found, outcome.out
    return int(found[1].replace(",", ""))


def test_the_rules_for_a_tree_count_what_each_would_drop(work: Path) -> None:
    before = picture(work)
    outcome = slim("rules", "runtime", cwd=work)
    assert (outcome.code, outcome.err) == (0, "")
    assert counted(outcome, "erlang/gui") == 2
    assert counted(outcome, "erlang/docs") == 2
    assert counted(outcome, "erlang/database") == 2
    assert counted(outcome, "erlang/telecom") == 0
    assert re.search(r"^erlang: .*rooted at the tree itself$", outcome.out, re.MULTILINE)
    assert re.search(r"^elixir: .*not in this tree$", outcome.out, re.MULTILINE)
    assert picture(work) == before


def test_the_rules_show_what_the_settings_switch(work: Path) -> None:
    outcome = slim("rules", "--keep", "erlang/gui", "--drop", "erlang/directory", cwd=work)
    assert re.search(r"^ +erlang/gui ", outcome.out, re.MULTILINE)
    assert re.search(r"^\* +erlang/directory ", outcome.out, re.MULTILINE)


# slim explain


def explained(work: Path, *args: str) -> list[str]:
    outcome = slim("explain", "runtime", *args, cwd=work)
    assert (outcome.code, outcome.err) == (0, ""), outcome.text
    return outcome.out.splitlines()


def header_that(line: str) -> str:
    """Return the header in the rule file at the place that a line of ``explain`` names."""
    place = re.search(r"\(rules/(\w+\.toml):(\d+)\)$", line)
    assert place, line
    return (data_folder() / place[1]).read_text("utf-8").splitlines()[int(place[2]) - 1]


def test_explain_shows_why_a_path_is_dropped(work: Path) -> None:
    verdict, rule, why, found, owner = explained(work, "lib/wx-1/priv/wxe_driver.so")
    assert found.strip() == "evidence: package (ebin/wx.app)"
    assert owner.strip() == "installed by erlang/wx"
    assert verdict.split() == ["drop", "lib/wx-1/priv/wxe_driver.so"]
    assert rule.strip().startswith("erlang/gui: lib/wx-*/ ")
    assert header_that(rule) == "[component.gui]"
    assert why.strip() == "wx needs a display, and a function has none."


def test_explain_shows_why_a_path_is_kept(work: Path) -> None:
    verdict, rule, why, owner = explained(work, "LICENSE")
    assert owner.strip() == "your own: no installer wrote it"
    assert verdict.split() == ["keep", "LICENSE"]
    assert rule.strip().startswith("common/always: ")
    assert header_that(rule) == "[always]"
    assert why.strip() == "Licences and notices must travel with what they cover."


def test_explain_shows_that_no_rule_speaks_of_a_path(work: Path) -> None:
    verdict, why, owner = explained(work, "lib/shop-1/priv/notes.txt")
    assert owner.strip() == "your own: no installer wrote it"
    assert verdict.split() == ["keep", "lib/shop-1/priv/notes.txt"]
    assert why.strip() == "no rule drops it"


def test_explain_shows_where_a_link_leads(work: Path) -> None:
    verdict, to, why, _ = explained(work, "lib/shop-1/priv/libshop.so")
    assert verdict.split() == ["link", "lib/shop-1/priv/libshop.so"]
    assert to.strip() == "to lib/shop-1/priv/libshop.so.1.2, which has the same bytes"
    assert why.strip() == "a shared library; --no-dedupe keeps both"


def test_explain_shows_who_asked_for_what_was_rescued(work: Path) -> None:
    verdict, rule, why, owner = explained(work, "lib/mnesia-1/ebin/mnesia.app")
    assert owner.strip() == "installed by erlang/mnesia"
    assert verdict.split() == ["keep", "lib/mnesia-1/ebin/mnesia.app"]
    assert rule.strip().startswith("guard/otp: lib/mnesia-1 ")
    assert header_that(rule) == "[component.database]"
    assert why.strip() == "shop needs mnesia"


def test_explain_shows_the_users_own_word_and_where_it_stands(work: Path) -> None:
    (work / "slim.toml").write_text('tier = "safe"\ndrop = ["*.txt"]\n')
    notes = "lib/shop-1/priv/notes.txt"
    assert explained(work, notes)[1].strip() == "user/drop: *.txt  (slim.toml:2)"
    assert explained(work, notes, "--keep", notes)[1].strip() == f"user/keep: {notes}  (--keep)"


def test_explain_takes_several_paths_as_the_shell_completes_them(work: Path) -> None:
    lines = explained(
        work, "runtime/LICENSE", str(work / "runtime" / "lib/kernel-1/doc"), "lib/wx-1/"
    )
    verdicts = [line.split() for line in lines if not line.startswith(" ")]
    assert verdicts == [["keep", "LICENSE"], ["drop", "lib/kernel-1/doc"], ["drop", "lib/wx-1"]]


def test_explain_and_build_agree_on_every_path(work: Path) -> None:
    entries = report_of(work)["entries"]
    assert {entry["path"] for entry in entries} == set(TREE)
    lines = explained(work, *sorted(TREE))
    said = {line.split()[1]: line.split()[0] for line in lines if not line.startswith(" ")}
    assert said == {entry["path"]: entry["step"] for entry in entries}


# slim build: what goes in, and what is said


def test_a_build_says_what_it_dropped_kept_and_made(work: Path) -> None:
    before = picture(work / "runtime")
    out = built(work).out
    archive = work / "runtime.zip"
    sha256 = hashlib.sha256(archive.read_bytes())
    assert members(archive) == [
        "LICENSE",
        "erts-1/bin/beam.smp",
        "lib/kernel-1/ebin/kernel.app",
        "lib/mnesia-1/ebin/mnesia.app",
        "lib/os_mon-1/ebin/os_mon.app",
        "lib/sasl-1/ebin/sasl.app",
        "lib/shop-1/ebin/shop.app",
        "lib/shop-1/priv/libshop.so",
        "lib/shop-1/priv/libshop.so.1.2",
        "lib/shop-1/priv/notes.txt",
        "lib/stdlib-1/ebin/stdlib.app",
    ]
    assert row(out, "dropped", "erlang/gui")[1:] == [
        "2",
        "607 B",
        "wx needs a display, and a function has none.",
    ]
    assert row(out, "rescued", "lib/mnesia-1")[-2:] == ["erlang/database", "shop needs mnesia"]
    assert f"wrote runtime.zip  {archive.stat().st_size:,} B  by libdeflate" in out
    assert re.search(rf"^sha256 +{sha256.hexdigest()}$", out, re.MULTILINE)
    code = base64.b64encode(sha256.digest()).decode()
    assert re.search(rf"^CodeSha256 +{re.escape(code)}$", out, re.MULTILINE)
    assert re.search(r"^unzipped .* < 262,144,000 B ", out, re.MULTILINE)
    assert picture(work / "runtime") == before


def test_a_build_says_first_what_of_the_users_own_it_dropped(work: Path) -> None:
    page = work / "runtime" / "shop" / "tests" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>Mine</p>\n")
    (page.parent / "test_shop.py").write_text("")
    kept = built(work).out
    assert kept.count("of your own") == 1
    assert (
        "note: common/tests: 1 file (12 B) of your own kept; "
        "if nothing reads them, --drop '/shop/tests/page.html'\n"
    ) in kept
    assert "shop/tests/page.html" in members(work / "runtime.zip")
    out = built(work, "--tier", "aggressive", "--markdown", "page.md").out
    assert out.startswith(
        "note: 1 file (12 B) of your own, which no installer wrote, dropped: own/common-tests 1; "
    )
    assert row(out, "dropped", "own/common-tests")[1:3] == ["1", "12 B"]
    assert "shop/tests/page.html" not in members(work / "runtime.zip")
    assert "1 file (12 B) of your own" in (work / "page.md").read_text("utf-8").split("|")[0]
    again = built(work, "--drop", "/shop/tests/").out
    assert "of your own" not in again
    assert row(again, "dropped", "user/drop")[1] == "2"


def test_the_zip_has_the_trees_name_and_lands_where_one_stands(work: Path) -> None:
    (work / "runtime").rename(work / "layer.v2")
    here = work / "here"
    here.mkdir()
    assert slim("build", "../layer.v2/", cwd=here).code == 0
    assert [path.name for path in here.iterdir()] == ["layer.v2.zip"]


def test_an_older_zip_is_replaced(work: Path) -> None:
    (work / "out.zip").write_bytes(b"old")
    built(work, "-o", "out.zip")
    assert "LICENSE" in members(work / "out.zip")
    assert sorted(path.name for path in work.iterdir()) == ["out.zip", "runtime"]


def test_a_prefix_puts_the_tree_below_a_folder(work: Path) -> None:
    built(work, "-o", "plain.zip")
    built(work, "-o", "below.zip", "--prefix", "opt/otp/")
    assert members(work / "below.zip") == [
        f"opt/otp/{name}" for name in members(work / "plain.zip")
    ]


def test_json_to_a_pipe_is_json_alone_and_the_table_goes_to_stderr(work: Path) -> None:
    outcome = slim("build", "runtime", "--json", "-", cwd=work)
    report = json.loads(outcome.out)
    archive = (work / "runtime.zip").read_bytes()
    assert report["version"] == 1
    assert report["written"] is True
    assert report["artifacts"][0]["zip_bytes"] == len(archive)
    assert report["artifacts"][0]["sha256"] == hashlib.sha256(archive).hexdigest()
    assert report["artifacts"][0]["sha256"] in outcome.err
    assert row(outcome.err, "dropped", "erlang/gui")


def test_json_in_a_file_is_the_same_each_time(work: Path) -> None:
    table = built(work, "--json", "one.json").out
    assert table == built(work, "--json", "two.json").out
    assert (work / "one.json").read_bytes() == (work / "two.json").read_bytes()
    report = json.loads((work / "one.json").read_text("utf-8"))
    assert report["total"]["files"] == len(TREE)
    assert report["total"]["size_bytes"] == sum(map(len, TREE.values()))
    parts = [report[part] for part in ("kept", "dropped", "linked")]
    assert sum(part["files"] for part in parts) == report["total"]["files"]
    assert sum(part["size_bytes"] for part in parts) == report["total"]["size_bytes"]


def test_a_dry_run_writes_nothing_and_tells_the_same_digest(work: Path) -> None:
    before = picture(work)
    dry = built(work, "--dry-run").out
    assert picture(work) == before
    real = built(work).out
    assert "not written: runtime.zip" in dry
    assert dry.replace("not written:", "wrote") == real


def test_a_dry_run_fails_as_the_build_would(work: Path) -> None:
    before = picture(work)
    assert slim("build", "runtime", "--dry-run", "--max", "100B", cwd=work).code == 1
    assert picture(work) == before


# Colours and terminals


@pytest.mark.parametrize("args", [("build", "runtime"), ("explain", "runtime", "LICENSE"), ("x",)])
def test_colours_are_for_terminals_only(work: Path, args: tuple[str, ...]) -> None:
    assert "\x1b[" in on_a_terminal(work, *args)
    assert "\x1b" not in slim(*args, cwd=work).text


def test_a_progress_bar_is_for_terminals_only(work: Path) -> None:
    (work / "runtime" / "big").write_bytes(bytes(3_000_000))
    assert "\rpacking " in on_a_terminal(work, "build", "runtime")
    outcome = built(work)
    assert "packing" not in outcome.text
    assert "\r" not in outcome.text


def test_a_terminal_of_another_encoding_gets_its_report(work: Path) -> None:
    latin = {"PYTHONIOENCODING": "latin-1"}
    outcome = slim("build", "runtime", cwd=work, env=latin)
    assert (outcome.code, outcome.err) == (0, ""), outcome.text


# Settings


def dropped(work: Path, *args: str) -> set[str]:
    return {component["name"] for component in report_of(work, *args)["components"]}


def test_settings_hold_and_options_overrule_them(work: Path) -> None:
    (work / "slim.toml").write_text(
        'tier = "safe"\nmax = "100B"\nprefix = "below"\ndedupe = false\nlevel = 1\n'
        'keep = ["erlang/docs"]\ndrop = ["*.txt", "erlang/gui"]\n'
    )
    report = report_of(work)
    assert (report["tier"], report["prefix"], report["ok"]) == ("safe", "below", False)
    assert report["linked"]["files"] == 0
    assert report["artifacts"][0]["compressor"].endswith("level 1")
    assert {c["name"] for c in report["components"]} == {"erlang/gui", "user/drop"}
    options = ("--tier", "default", "--max", "1MB", "--prefix", "up", "--level", "2")
    report = report_of(work, *options, "--drop", "erlang/docs", "--keep", "*.txt")
    assert (report["tier"], report["prefix"], report["ok"]) == ("default", "up", True)
    assert report["artifacts"][0]["compressor"].endswith("level 2")
    names = {c["name"] for c in report["components"]}
    assert names >= {"erlang/docs", "erlang/sources", "erlang/gui"}
    assert "user/drop" not in names


def test_settings_may_stand_in_pyproject_and_slim_toml_goes_before(work: Path) -> None:
    (work / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.slim]\ntier = "safe"\n')
    assert report_of(work)["tier"] == "safe"
    (work / "slim.toml").write_text('tier = "aggressive"\n')
    assert report_of(work)["tier"] == "aggressive"
    (work / "other.toml").write_text('tier = "default"\n')
    assert report_of(work, "--config", "other.toml")["tier"] == "default"


def test_a_project_declares_components_of_its_own(work: Path) -> None:
    (work / "slim.toml").write_text(
        '[component.notes]\ntitle = "Notes"\nwhy = "They are for us."\ndrop = ["*.txt"]\n'
    )
    out = built(work).out
    assert row(out, "dropped", "project/notes") == [
        "project/notes",
        "1",
        "32 B",
        "They are for us.",
    ]
    assert "lib/shop-1/priv/notes.txt" not in members(work / "runtime.zip")
    assert "project/notes" not in dropped(work, "--keep", "project/notes")
    assert "project/notes" not in dropped(work, "--tier", "safe")
    assert "project/notes" in dropped(work, "--tier", "safe", "--drop", "project/notes")
    listed = slim("rules", cwd=work).out
    line = r"^\* +project/notes +default +any +- +- +They are for us"
    assert re.search(line, listed, re.MULTILINE)


def test_a_component_is_named_past_its_tier_in_either_direction(work: Path) -> None:
    assert dropped(work, "--tier", "safe") == set()
    assert dropped(work, "--tier", "safe", "--drop", "erlang/gui") == {"erlang/gui"}
    assert "erlang/tracing" not in dropped(work)
    assert "erlang/tracing" in dropped(work, "--tier", "aggressive")
    aggressive = dropped(work, "--tier", "aggressive", "--keep", "erlang/tracing")
    assert "erlang/tracing" not in aggressive


def test_a_guard_takes_back_what_the_user_drops_unless_it_is_told_not_to(work: Path) -> None:
    sasl = "lib/sasl-1/ebin/sasl.app"
    out = built(work, "--drop", "lib/sasl-*/").out
    assert row(out, "rescued", "lib/sasl-1")[-1] == "os_mon needs sasl"
    assert sasl in members(work / "runtime.zip")
    built(work, "--drop", "lib/sasl-*/", "--no-guard", "otp")
    assert sasl not in members(work / "runtime.zip")


def test_identical_files_stay_files_when_asked(work: Path) -> None:
    built(work)
    with zipfile.ZipFile(work / "runtime.zip") as archive:
        assert archive.read("lib/shop-1/priv/libshop.so") == b"libshop.so.1.2"
    built(work, "--no-dedupe")
    with zipfile.ZipFile(work / "runtime.zip") as archive:
        assert archive.read("lib/shop-1/priv/libshop.so") == TREE["lib/shop-1/priv/libshop.so"]


@pytest.mark.parametrize(
    ("said", "options", "linked"),
    [
        ("", (), []),
        ("", ("--dedupe", "media"), ["lib/shop-1/priv/b.png"]),
        ('dedupe = "media"', (), ["lib/shop-1/priv/b.png"]),
        ("dedupe = true", (), []),
        ("dedupe = false", ("--dedupe", "media"), ["lib/shop-1/priv/b.png"]),
        ('dedupe = "media"', ("--no-dedupe",), []),
        ("", ("--dedupe", "media", "--no-dedupe"), []),
    ],
)
def test_identical_media_become_links_only_when_asked(
    work: Path, said: str, options: tuple[str, ...], linked: list[str]
) -> None:
    for name in ("a.png", "b.png"):
        (work / "runtime/lib/shop-1/priv" / name).write_bytes(b"\x89PNG" + bytes(500))
    (work / "slim.toml").write_text(said + "\n", "utf-8")
    built(work, *options)
    with zipfile.ZipFile(work / "runtime.zip") as archive:
        media = [i for i in archive.infolist() if i.filename.endswith(".png")]
    assert [i.filename for i in media if i.external_attr >> 28 == 0o12] == linked


def test_explain_shows_that_media_were_linked_as_asked(work: Path) -> None:
    for name in ("a.png", "b.png"):
        (work / "runtime/lib/shop-1/priv" / name).write_bytes(b"\x89PNG" + bytes(500))
    lines = explained(work, "lib/shop-1/priv/b.png", "--dedupe", "media")
    assert lines[0].split() == ["link", "lib/shop-1/priv/b.png"]
    assert "common: media" in lines[2]
    assert explained(work, "lib/shop-1/priv/b.png")[0].split()[0] == "keep"


# Caps


def over(work: Path, *args: str) -> Outcome:
    before = picture(work)
    outcome = slim("build", "runtime", *args, cwd=work)
    assert (outcome.code, outcome.err) == (1, ""), outcome.text
    assert picture(work) == before
    return outcome


def zip_of(path: Path, unzipped_bytes: int, method: int = zipfile.ZIP_DEFLATED) -> str:
    with (
        zipfile.ZipFile(path, "w", method, compresslevel=1) as archive,
        archive.open("zeros", "w") as member,
    ):
        for start in range(0, unzipped_bytes, 1 << 20):
            member.write(bytes(min(1 << 20, unzipped_bytes - start)))
    return path.name


def test_over_the_cap_the_report_names_what_is_largest_and_what_would_help(work: Path) -> None:
    (work / "runtime.zip").write_bytes(b"old")
    lines = over(work, "--max", "1kB", "--tier", "safe").out.splitlines()
    kept = lines.index(next(line for line in lines if line.startswith("kept ")))
    assert lines[kept + 1].startswith("erts-1 ")
    assert any(line.startswith("fail: over the cap: zipped ") for line in lines)
    saves = [line for line in lines if "would save a further" in line]
    assert [line.split()[1] for line in saves] == ["default", "aggressive"]
    assert any(line.startswith("not written: runtime.zip") for line in lines)


def test_the_cap_holds_to_the_byte(work: Path) -> None:
    built(work)
    size = (work / "runtime.zip").stat().st_size
    built(work, "--max", f"{size}")
    over(work, "--max", f"{size - 1}")


def test_a_zip_beside_counts_towards_the_cap(work: Path) -> None:
    other = zip_of(work / "function.zip", 500_000, zipfile.ZIP_STORED)
    built(work, "--max", "500kB")
    out = over(work, "--max", "500kB", "--with", other).out
    assert "with 1 beside it" in out
    built(work, "--max", "510kB", "--with", other)
    over(work, "--max", "510kB", "--with", other, "--with", other)


def test_unzipped_all_together_must_be_smaller_than_lambdas_limit(work: Path) -> None:
    built(work)
    with zipfile.ZipFile(work / "runtime.zip") as archive:
        ours = sum(info.file_size for info in archive.infolist())
    fits = zip_of(work / "fits.zip", OUR_CAP - ours - 1)
    built(work, "--with", fits)
    more = zip_of(work / "more.zip", 1)
    out = over(work, "--with", fits, "--with", more).out
    assert "fail: over the cap: unzipped with 2 beside it 262,144,000 B" in out


def test_at_most_five_layers_go_beside_one_function(work: Path) -> None:
    layers = [("--with", zip_of(work / f"layer{number}.zip", 10)) for number in range(6)]
    five = [word for pair in layers[:5] for word in pair]
    built(work, *five)
    assert "fail: over the cap: layers" in over(work, *five, *layers[5]).out


def test_a_zip_too_large_for_a_direct_upload_is_a_note_and_no_failure(work: Path) -> None:
    other = zip_of(work / "function.zip", 52_428_800, zipfile.ZIP_STORED)
    notes = [line for line in built(work, "--with", other).out.splitlines() if "S3" in line]
    assert len(notes) == 1
    assert notes[0].startswith("note: function.zip: ")


def test_a_bare_name_that_matches_nothing_offers_a_component(work: Path) -> None:
    outcome = built(work, "--drop", "observer")
    assert "'observer' matches nothing in this tree; did you mean 'erlang/observer'?" in outcome.out


def test_the_command_line_beats_the_file_also_where_patterns_overlap(work: Path) -> None:
    (work / "slim.toml").write_text('keep = ["*.md"]\n')
    (work / "runtime" / "a.md").write_text("x")
    built(work, "--drop", "a.md")
    assert "a.md" not in members(work / "runtime.zip")


def test_help_imports_nothing_that_builds() -> None:
    look = """
import atexit, sys
from slimmer.cli import cli
rooms = ("build", "decide", "ecosystems", "inputs", "outputs", "verify", "check")
found = lambda: [room for room in rooms if f"slimmer.{room}" in sys.modules]
atexit.register(lambda: print(*found(), file=sys.stderr))
cli.main(["--help"])
"""
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert (done.stdout[:6], done.stderr) == ("Usage:", "\n")
