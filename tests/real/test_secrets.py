"""Secrets in real trees: what is published is none, and what is planted there is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from slimmer.formats.zip.reader import read_zip
from slimmer.inputs.folder import scan
from slimmer.model.tree import Kind
from slimmer.secrets.kinds import SecretKind, load_secret_rules
from slimmer.secrets.scanner import Found, find_secrets, zip_secrets
from tests.real.command import build
from tests.support.planted import planted
from trees import jvm, node, wheels
from trees.mix import mix_release
from trees.otp import otp_layer

pytestmark = pytest.mark.real

RULES = load_secret_rules()
WITH_TEST_KEYS = ("certifi==2026.10.18", "pycryptodome==4.4.0", "tornado==6.6.1")


def keys() -> Path:
    return wheels.layer(*WITH_TEST_KEYS)


TREES: dict[str, tuple[Callable[[], Path], str]] = {
    "otp": (otp_layer, "lib/erlang/lib/ssl-*/examples/certs/etc/server/key.pem"),
    "mix release": (mix_release, ""),
    "java and clojure": (jvm.tree, ""),
    "node and npm": (node.home, ""),
    "express and an sdk": (node.application, ""),
    "wheels": (keys, "python/tornado/test/test.key"),
}


def search(root: Path) -> Found:
    source = scan(root)
    files = [e.path for e in source.tree.entries if e.kind is Kind.FILE]
    return find_secrets(RULES, source, [(path, path) for path in files])


@pytest.mark.parametrize("name", TREES)
def test_nothing_that_anybody_can_download_is_a_secret(name: str) -> None:
    bring, a_test_key = TREES[name]
    root = bring()
    found = search(root)
    assert [s for s in found.secrets if not RULES.needed.issuperset(s.kinds)] == []
    assert found.unsearched == ()
    if a_test_key:
        [key] = root.glob(a_test_key)
        assert b"PRIVATE KEY" in key.read_bytes()


def test_test_keys_are_none_in_a_zip_whose_bookkeeping_was_dropped(tmp_path: Path) -> None:
    made = build(
        keys(), tmp_path, "--tier", "safe", "--drop", "**/*.dist-info/RECORD", "--level", "1"
    )
    assert made.status == 0, made.said
    data = made.zip.read_bytes()
    archive = read_zip(data)
    names = {member.name for member in archive.members}
    assert "python/tornado/test/test.key" in names
    assert not any(name.endswith("/RECORD") for name in names)
    found = zip_secrets(RULES, data, archive)
    assert (found.secrets, found.unsearched) == ((), ())
    assert "python/tornado/test/test.key" in [path for path, _ in found.published]


def test_everything_planted_in_a_release_is_found_and_nothing_of_it_is_shown(
    tmp_path: Path,
) -> None:
    release = tmp_path / "release"
    shutil.copytree(mix_release(), release, symlinks=True)
    hidden: dict[str, bytes] = {}
    for kind in RULES.kinds:
        for number, example in enumerate(e for e in kind.examples if e.found):
            hidden[f"planted/{kind.name}/{number}/{example.path}"] = planted(example.text, number)
    for path, data in hidden.items():
        (release / path).parent.mkdir(parents=True, exist_ok=True)
        (release / path).write_bytes(data)
    faces = ("--markdown", "report.md", "--html", "report.html")
    made = build("release", tmp_path, "--keep", "/planted/", *faces)
    assert made.status == 1, made.said
    assert not made.zip.exists()
    failed = [f["message"] for f in made.report["findings"] if f["severity"] == "fail"]
    noted = {path for path in hidden if title(path).needed}
    assert len(failed) == len(hidden) - len(noted)
    for path in hidden.keys() - noted:
        [message] = [text for text in failed if text.startswith(f"{path} holds ")]
        assert title(path).title in message
    said = made.said + "".join(
        (tmp_path / face).read_text("utf-8") for face in ("report.json", "report.md", "report.html")
    )
    for data in hidden.values():
        for word in data.split():
            if len(word) > 24:  # longer than a name or a word of the text around
                assert word.decode("latin-1") not in said


def title(path: str) -> SecretKind:
    return next(kind for kind in RULES.kinds if kind.name == path.split("/")[1])
