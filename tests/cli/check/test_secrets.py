"""Secrets in zips fail, whatever is to fail."""

from __future__ import annotations

from pathlib import Path

from tests.cli.check.gate import check, failing, report
from tests.support.planted import planted
from tests.support.zips import pack


def with_a_key(work: Path) -> bytes:
    """Put a private key into function.zip, and return it."""
    key = planted("<pem RSA PRIVATE KEY>")
    pack(work / "function.zip", {"app.py": b"import os\n", "conf/server.key": key})
    return key


def test_a_secret_fails_whatever_is_to_fail_and_is_not_shown(work: Path) -> None:
    key = with_a_key(work).decode()
    (work / "size.json").write_text("old")
    args = ("layer.zip", "--function", "function.zip", "--fail-on", "none")
    files = ("--json", "out.json", "--markdown", "out.md")
    outcome = check(work, *args, *files, "--baseline", "size.json", "--update-baseline")
    assert outcome.code == 1
    assert "fail: function.zip: conf/server.key holds a private key" in outcome.out
    assert "--allow-secret /conf/server.key" in outcome.out
    assert (work / "size.json").read_text() == "old"
    shown = outcome.text + (work / "out.json").read_text() + (work / "out.md").read_text()
    secret = [line for line in key.splitlines() if not line.startswith("-----")]
    assert secret
    assert not [line for line in secret if line[:12] in shown]
    assert failing(report(work, *args)) == ["secret"]


def test_an_allowed_secret_passes_and_is_noted(work: Path) -> None:
    with_a_key(work)
    args = ("layer.zip", "--function", "function.zip")
    document = report(work, *args, "--allow-secret", "/conf/server.key")
    assert [(f["code"], f["severity"]) for f in document["findings"]] == [
        ("secret-allowed", "note")
    ]
    (work / "slim.toml").write_text('allow-secret = ["*.key"]\n')
    assert report(work, *args)["ok"]
    found = report(work, "layer.zip")["findings"]
    assert [(f["code"], f["severity"]) for f in found] == [("matches-nothing", "warn")]
    assert failing(report(work, "layer.zip", "--fail-on", "matches-nothing")) == ["matches-nothing"]


def test_an_allowed_pattern_that_is_none_is_one_line_and_2(work: Path) -> None:
    outcome = check(work, "layer.zip", "--allow-secret", "!x")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("slim: --allow-secret: ")
