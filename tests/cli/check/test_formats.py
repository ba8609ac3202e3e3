"""What is printed, what a comment holds, and the README's own example."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.cli.check.gate import GROWTH, PYTHON, ROOT, check, updated
from tests.support.command import SLIM, environment
from tests.support.zips import pack


def test_names_break_out_of_no_face(work: Path) -> None:
    updated(work)
    names = ["a|b`c", "<img src=x>", "line\nbreak", "\x1b[31mred", "@someone", "caf\u00e9"]
    pack(work / "layer.zip", {**PYTHON, **{f"python/{name}": b"x" for name in names}})
    outcome = check(work, *GROWTH, "0", "--markdown", "out.md")
    assert outcome.code == 1
    assert "\x1b" not in outcome.out
    text = (work / "out.md").read_text("utf-8")
    assert "`python/<img src=x>`" in text
    assert text.count("<img") == text.count("`python/<img src=x>`")
    assert "\x1b" not in text
    assert "\nbreak" not in text
    for line in text.splitlines():
        if line.startswith("| added"):
            assert line.count("|") == 5


def test_quiet_prints_what_failed_and_warnings_only(work: Path) -> None:
    assert check(work, "layer.zip", "--quiet").out == ""
    outcome = check(work, "layer.zip", "--quiet", "--max", "100B")
    assert outcome.code == 1
    assert outcome.out.startswith("fail: over the cap: zipped (--max) ")
    assert outcome.out.count("\n") == 1


def test_verbose_cuts_no_table(work: Path) -> None:
    updated(work)
    pack(work / "layer.zip", {**PYTHON, **{f"python/m{n}.py": b"x" for n in range(40)}})
    short, whole = (check(work, *GROWTH, "0", *args).out for args in ((), ("--verbose",)))
    assert "and 28 more (see --verbose)" in short
    assert all(f"\npython/m{n}.py " in whole for n in range(40))
    assert "more (see" not in whole


def test_markdown_says_what_failed_and_fits_a_comment(work: Path) -> None:
    updated(work)
    many = {f"python/{'n' * 150}{n}/{'m' * 90}.py": b"x" for n in range(900)}
    pack(work / "layer.zip", {**PYTHON, **many})
    assert check(work, *GROWTH, "0", "--markdown", "out.md").code == 1
    text = (work / "out.md").read_text("utf-8")
    assert text.startswith("### slim check: failed, `layer.zip`")
    assert "- **fail**: grown too much: zipped since size.json" in text
    assert len(text.encode()) <= 65_536
    assert "`--json` has everything" in text


def test_the_gate_section_works_word_for_word(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Gate\n")[2]
    script = section.partition("```\n")[2].partition("```")[0]
    *_, last = script.splitlines()
    assert last.startswith("slim check ")
    work, tools = tmp_path / "repository", tmp_path / "bin"
    work.mkdir()
    tools.mkdir()
    (tools / "slim").write_text(f'#!/bin/sh\nexec {" ".join(SLIM)} "$@"\n')
    (tools / "slim").chmod(0o755)
    env = environment({"PATH": f"{tools}:{os.environ['PATH']}"})

    def follow(lines: str) -> subprocess.CompletedProcess[str]:
        argv = ["sh", "-eux", "-c", lines]
        return subprocess.run(argv, cwd=work, env=env, capture_output=True, text=True, check=False)

    assert follow("git init --quiet .").returncode == 0
    done = follow(script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("passed, 0 B zipped and 0 B unzipped since size.json\n")
    assert follow("git diff --cached --name-only").stdout == "size.json\n"
    compare_with_baseline = follow(
        f"echo 'more = 1' > layer/python/more.py; {script.splitlines()[1]}; {last}"
    )
    assert compare_with_baseline.returncode == 1
    assert "\npython/more.py  added " in compare_with_baseline.stdout
