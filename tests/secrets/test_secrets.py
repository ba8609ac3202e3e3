"""Secrets: the rules' own examples, what is published, and what a user is told."""

from __future__ import annotations

import base64
import bz2
import contextlib
import gzip
import hashlib
import io
import json
import lzma
import sqlite3
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from slimmer.errors import UsageError
from slimmer.formats.zip.reader import read_zip
from slimmer.model.codes import Severity
from slimmer.secrets.files import MAX_RECORD_BYTES
from slimmer.secrets.findings import secret_findings
from slimmer.secrets.kinds import Example, SecretKind, load_secret_rules, parse_secret_rules
from slimmer.secrets.matcher import Search
from slimmer.secrets.scanner import PIECE_BYTES, Found, Secret, find_secrets, zip_secrets
from tests.support.command import slim
from tests.support.planted import planted
from tests.support.trees import MemorySource, write_tree
from tests.support.zips import zipped

RULES = load_secret_rules()
EXAMPLES = [(kind, example) for kind in RULES.kinds for example in kind.examples]
KEY = planted("<pem PRIVATE KEY>")


def found(files: Mapping[str, bytes]) -> Found:
    source = MemorySource(files)
    return find_secrets(RULES, source, [(path, path) for path in files])


def kinds(files: Mapping[str, bytes]) -> dict[str, tuple[str, ...]]:
    return dict(found(files).secrets)


def in_zip(data: bytes) -> Found:
    return zip_secrets(RULES, data, read_zip(data))


@pytest.mark.parametrize(("kind", "example"), EXAMPLES, ids=lambda v: getattr(v, "name", ""))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_kind_finds_and_passes_what_its_examples_say(
    kind: SecretKind, example: Example, seed: int
) -> None:
    here = kinds({example.path: planted(example.text, seed)})
    if example.found:
        assert kind.name in here[example.path], example.place
    else:
        assert here == {}, example.place


@pytest.mark.parametrize("kind", RULES.kinds, ids=lambda kind: kind.name)
def test_every_kind_has_an_example_of_both_sorts_and_tells_why(kind: SecretKind) -> None:
    assert {example.found for example in kind.examples} == {True, False}
    assert kind.why.endswith(".")


def test_the_rules_without_their_examples_are_the_same_rules() -> None:
    bare = load_secret_rules(examples=False)
    assert bare == replace(RULES, kinds=tuple(replace(kind, examples=()) for kind in RULES.kinds))
    assert [kind.table.place() for kind in bare.kinds] == [k.table.place() for k in RULES.kinds]


@pytest.mark.parametrize("kind", RULES.kinds, ids=lambda kind: kind.name)
def test_no_secret_stands_in_the_rules_themselves(kind: SecretKind) -> None:
    for example in kind.examples:
        if kind.literals:
            assert kinds({"a.txt": example.text.encode()}) == {}


@pytest.mark.parametrize("wide", ["utf-16", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"])
def test_a_secret_is_found_in_any_encoding_of_text(wide: str) -> None:
    text = planted("token = 'ghp_<checked 36>'").decode()
    assert kinds({"a.ini": text.encode(wide)}) == {"a.ini": ("github-token",)}


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfDB_PASSWORD=here",
        b"\0DB_PASSWORD=here",
        b"DB_PASSWORD=here\0",
        "DB_PASSWORD=here".encode("utf-16"),
        "DB_PASSWORD=here".encode("utf-16-le"),
        "DB_PASSWORD=here".encode("utf-16-be"),
        "DB_PASSWORD=here".encode("utf-32"),
        "DB_PASSWORD=here".encode("utf-32-le"),
        b"# one\rDB_PASSWORD=here\r",
    ],
)
def test_an_env_file_is_found_however_an_editor_wrote_it(data: bytes) -> None:
    assert kinds({"app/.env": data}) == {"app/.env": ("env-file",)}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_large_text_of_several_bytes_a_character_is_searched(encoding: str) -> None:
    text = "x = 1\n" * (PIECE_BYTES // 10) + KEY.decode() + "\n" + "x = 1\n" * 1000
    assert kinds({"a.txt": text.encode(encoding)}) == {"a.txt": ("private-key",)}


def test_a_zero_in_a_text_hides_nothing() -> None:
    assert kinds({"a.txt": b"x = 1\n\0" + KEY}) == {"a.txt": ("private-key",)}


def test_a_text_that_begins_with_many_marks_is_searched() -> None:
    text = "\ufeff" * 4000 + KEY.decode()
    for data in (text.encode("utf-16"), text.encode("utf-16") + b"\n\0" * 40_000, text.encode()):
        assert kinds({"a.txt": data}) == {"a.txt": ("private-key",)}


def test_a_file_with_several_secrets_is_told_once_with_every_kind() -> None:
    text = planted("glpat-<alnum 19>7 and npm_<checked 36> and npm_<checked 36>")
    assert kinds({"a.txt": text}) == {"a.txt": ("gitlab-token", "npm-token")}


def test_every_secret_of_a_large_bundle_is_found_wherever_it_stands() -> None:
    text = planted("ghp_<checked 36>")
    bundle = b"function f(){return ghp_,npm_}\n" * 100_000
    assert kinds({"bundle.js": bundle + text + b"\n" + bundle}) == {"bundle.js": ("github-token",)}


# --- private keys in their forms


def keystore(*tags: int) -> bytes:
    """Return a JKS with such entries, as OpenJDK's JavaKeyStore.java writes it."""
    cert = b"\0\x05X.509" + struct.pack(">L", 300) + bytes(300)
    entries = b""
    for tag in tags:
        entries += struct.pack(">LH2sQ", tag, 2, b"me", 0)
        entries += cert if tag == 2 else struct.pack(">L", 100) + bytes(100) + struct.pack(">L", 0)
    return b"\xfe\xed\xfe\xed" + struct.pack(">2L", 2, len(tags)) + entries + bytes(20)


@pytest.mark.parametrize(
    ("data", "is_secret"),
    [
        (keystore(1), True),
        (keystore(2, 2, 1), True),
        (keystore(2, 2, 2), False),
        (keystore(), False),
        (keystore(2, 1)[:100], False),
        (b"\xfe\xed\xfe\xed" + b"\xff" * 40, False),
        (planted("<der>"), True),
        (base64.b64decode(b"".join(KEY.splitlines()[1:-1])), True),
        (planted("<der>") + b"more", False),
        (planted("<der certificate>"), False),
        (b"\x30\x84\xff\xff\xff\xff" + bytes(60), False),
        (bytes([0x30, 0x82, 0x01, 0x00, 0x02, 0x01, 0x03, 0x30]) + bytes(300), False),
    ],
)
def test_a_binary_file_is_a_secret_if_it_is_or_holds_a_private_key(
    data: bytes, is_secret: bool
) -> None:
    assert kinds({"conf/store": data}) == ({"conf/store": ("key-file",)} if is_secret else {})


def wrapped(data: bytes, width: int = 64) -> list[str]:
    text = base64.b64encode(data).decode()
    return [text[i : i + width] for i in range(0, len(text), width)]


LINES = [
    "-----BEGIN RSA PRIVATE KEY-----",
    *wrapped(planted("<der>")),
    "-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES),
        "\r\n".join(LINES),
        "\\n".join(LINES),
        " ".join(LINES),
        "\n".join(f'    "{line}\\n" +' for line in LINES),
        "\n".join(f"'{line}'," for line in LINES),
        "\n".join(f"# {line}" for line in LINES),
        "key: |\n" + "\n".join(f"  {line}" for line in LINES),
        "\n".join(
            [LINES[0], "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00FF", "", *LINES[1:]]
        ),
    ],
)
def test_a_private_key_is_found_however_it_is_written_down(text: str) -> None:
    assert kinds({"src/a": text.encode()}) == {"src/a": ("private-key",)}


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES[:-1]),
        "\n".join([LINES[0], LINES[-1]]),
        "\n".join([LINES[0], *wrapped(bytes(600)), LINES[-1]]),
        "\n".join([LINES[0], *wrapped(b"no key at all" * 40), LINES[-1]]),
        "\n".join(LINES).replace("PRIVATE", "PUBLIC"),
        "\n".join([LINES[0], "(paste your key here)", LINES[-1]]),
    ],
)
def test_what_only_looks_like_a_private_key_is_none(text: str) -> None:
    assert kinds({"src/a": text.encode()}) == {}


def test_a_key_that_anybody_knows_is_none() -> None:
    key = base64.b64decode(b"".join(KEY.splitlines()[1:-1]))
    public = replace(RULES, public_keys=frozenset([hashlib.sha256(key).hexdigest()]))
    text = KEY + b"\n" + planted("<pem RSA PRIVATE KEY>", 7)
    assert [list(Search(rules).kinds_in(KEY)) for rules in (RULES, public)] == [["private-key"], []]
    assert list(Search(public).kinds_in(text)) == ["private-key"]


# --- what is published


def wheel(files: Mapping[str, bytes], *more: str) -> dict[str, bytes]:
    """Return the files of an installed wheel, with the RECORD of them."""
    rows = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip('=')},1"
        for path, data in files.items()
    ]
    info = {"shop-1.0.dist-info/METADATA": b"Name: shop\n"}
    info |= {f"shop-1.0.dist-info/{name}": b"{}" for name in more}
    info["shop-1.0.dist-info/RECORD"] = "\n".join(rows).encode()
    return {f"python/{path}": data for path, data in {**files, **info}.items()}


def package(**said: object) -> bytes:
    said = {"name": "shop", "version": "1.0.0", "repository": "x/shop", **said}
    return json.dumps(said).encode()


NODE = "nodejs/node_modules/shop"
LOCK = {"packages": {"node_modules/shop": {"version": "1.0.0", "resolved": "file:../shop"}}}


@pytest.mark.parametrize(
    "files",
    [
        wheel({"shop/key.pem": KEY}),
        {"shop-1.dist-info/METADATA": b"", "shop/key.pem": KEY},
        {
            "Shop_X-1.dist-info/METADATA": b"",
            "Shop_X-1.dist-info/top_level.txt": b"sx\n",
            "sx/k": KEY,
        },
        {f"{NODE}/package.json": package(), f"{NODE}/test/key.pem": KEY, f"{NODE}/.env": b"A=b"},
        {"node_modules/@me/x/package.json": package(), "node_modules/@me/x/key.pem": KEY},
        {
            f"{NODE}/package.json": package(),
            f"{NODE}/test/node_modules/y/package.json": b"{}",
            f"{NODE}/test/node_modules/y/key.pem": KEY,
        },
        {
            "my_shop-1.0/PKG-INFO": b"Metadata-Version: 2.1\nName: My.Shop\nVersion: 1.0\n",
            "my_shop-1.0/test/key.pem": KEY,
        },
        {"lib/erlang/releases/27/OTP_VERSION": b"", "lib/erlang/lib/ssl-1/examples/key.pem": KEY},
        {"lib/python3.12/os.py": b"", "lib/python3.12/test/keycert.pem": KEY},
    ],
)
def test_a_test_key_of_a_published_package_is_no_secret(files: Mapping[str, bytes]) -> None:
    assert kinds(files) == {}
    named = [path for path, _ in found(files).published]
    assert named == [path for path, data in files.items() if data == KEY or path.endswith(".env")]


def test_keys_of_published_packages_are_one_note() -> None:
    names = [f"shop/k{n}.pem" for n in range(5)]
    (said,) = secret_findings(RULES, [("", found(wheel(dict.fromkeys(names, KEY))))], ())
    assert (said.code, said.severity) == ("secret-published", Severity.NOTE)
    assert said.message == (
        "5 files of published packages would be secrets if nobody could download them: "
        "python/shop/k0.pem, python/shop/k1.pem, python/shop/k2.pem, 2 more"
    )


@pytest.mark.parametrize(
    "files",
    [
        {"tests/key.pem": KEY},
        {**wheel({"shop/a.py": b""}), "python/key.pem": KEY},
        {**wheel({"shop/key.pem": KEY}), "python/shop/key.pem": planted("<pem PRIVATE KEY>", 2)},
        wheel({"shop/key.pem": KEY}, "direct_url.json"),
        {"shop-1.dist-info/METADATA": b"", "app/key.pem": KEY},
        {f"{NODE}/package.json": package(private=True), f"{NODE}/key.pem": KEY},
        {f"{NODE}/package.json": b"[", f"{NODE}/key.pem": KEY},
        {
            f"{NODE}/package.json": package(),
            f"{NODE}/key.pem": KEY,
            "nodejs/node_modules/.package-lock.json": json.dumps(LOCK).encode(),
        },
        {"node_modules/key.pem": KEY},
        {"shop-1.0/PKG-INFO": b"Name: shop\nVersion: 1.1\n", "shop-1.0/key.pem": KEY},
        {"PKG-INFO": b"Name: shop\nVersion: 1.1\n", "key.pem": KEY},
        {"releases/0.1.0/start.boot": b"", "lib/shop-1/examples/key.pem": KEY},
        {"lib/erlang/releases/27/OTP_VERSION": b"", "lib/erlang/lib/shop-1/priv/key.pem": KEY},
    ],
)
def test_a_key_of_the_users_own_is_a_secret(files: Mapping[str, bytes]) -> None:
    assert [k for secret in found(files).secrets for k in secret.kinds] == ["private-key"]


def test_a_token_that_opens_an_account_is_a_secret_in_a_published_package_too() -> None:
    text = planted("npm_<checked 36>")
    assert kinds(wheel({"shop/a.py": text})) == {"python/shop/a.py": ("npm-token",)}


def test_what_is_in_an_archive_that_is_published_is_published() -> None:
    jar = {"shop/x.jar": zipped({"k.pem": KEY}), "shop/x.gz": gzip.compress(KEY)}
    assert kinds(wheel(jar)) == {}
    assert len(kinds({**wheel({"shop/a.py": b""}), "mine.jar": zipped({"k.pem": KEY})})) == 1


def test_a_name_that_is_an_ending_is_none() -> None:
    assert kinds({"a": KEY, "so": KEY, "x.so": KEY}) == {
        "a": ("private-key",),
        "so": ("private-key",),
    }


# --- zips


@pytest.mark.parametrize("end", ["jar", "zip", "war", "whl", "ez"])
def test_secrets_are_found_in_archives_and_in_those_inside_them(end: str) -> None:
    deeper = zipped({"k.pem": KEY, "deepest.jar": zipped({"k.pem": KEY})})
    inner = zipped({"conf/.env": b"A=b", "x/Y.class": KEY, "lib/deep.jar": deeper})
    assert kinds({f"app.{end}": inner}) == {
        f"app.{end}/conf/.env": ("env-file",),
        f"app.{end}/lib/deep.jar/k.pem": ("private-key",),
        f"app.{end}/lib/deep.jar/deepest.jar/k.pem": ("private-key",),
    }


def tar_of(files: Mapping[str, bytes], how: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=how) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


LONG = "a-long-folder/" * 20


@pytest.mark.parametrize("how", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tars_are_searched_however_they_are_packed(how: str) -> None:
    files = {"conf/.env": b"A=b", f"{LONG}k.pem": KEY, "x.jar": zipped({"k.pem": KEY})}
    assert kinds({"backup": tar_of(files, how)}) == {
        "backup/conf/.env": ("env-file",),
        f"backup/{LONG}k.pem": ("private-key",),
        "backup/x.jar/k.pem": ("private-key",),
    }


def test_a_packed_file_is_known_by_its_name_without_the_ending() -> None:
    packed = {"a/.env.gz": gzip.compress(b"A=b"), "k.pem.xz": lzma.compress(KEY)}
    packed["dump.sql.bz2"] = bz2.compress(b"select 1;\n" * 1000 + KEY)
    assert kinds(packed) == {
        "a/.env.gz/.env": ("env-file",),
        "k.pem.xz/k.pem": ("private-key",),
        "dump.sql.bz2/dump.sql": ("private-key",),
    }
    twice = gzip.compress(b"# nothing\n") + gzip.compress(KEY)
    assert kinds({"log.gz": twice}) == {"log.gz/log": ("private-key",)}


def test_archives_are_searched_sixteen_deep_and_what_is_deeper_is_named() -> None:
    data = zipped({"k.pem": KEY})
    for _ in range(15):
        data = zipped({"a.zip": data})
    assert len(kinds({"a.zip": data})) == 1
    here = found({"a.zip": zipped({"a.zip": data})})
    assert here.secrets == ()
    assert [u.reason for u in here.unsearched] == ["it lies too deep"]


@pytest.mark.parametrize(
    "start", [b"#!/usr/bin/env python3\n", b"#!/usr/bin/env escript\n%% -*- erlang -*-\n%%! +S1\n"]
)
def test_a_zip_behind_a_script_is_searched_whatever_its_name(start: bytes) -> None:
    data = start + zipped({"app/k.pem": KEY})
    assert kinds({"bin/tool": data}) == {"bin/tool/app/k.pem": ("private-key",)}
    assert kinds({"bin/run": start + KEY}) == {"bin/run": ("private-key",)}


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_a_database_is_searched_as_text(tmp_path: Path, encoding: str) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute(f"pragma encoding = '{encoding}'")
        database.execute("create table t (a int, k text)")
        database.execute("insert into t values (1, ?)", (KEY.decode(),))
        database.commit()
    assert kinds({"x.db": (tmp_path / "x.db").read_bytes()}) == {"x.db": ("private-key",)}


@pytest.mark.parametrize("name", ["a.zip", "A.JAR", "tool.pex"])
def test_a_zip_that_is_named_so_is_searched_whatever_it_begins_with(name: str) -> None:
    assert kinds({name: b"GIF89a\0" + zipped({"a.txt": KEY})}) == {
        f"{name}/a.txt": ("private-key",)
    }
    assert kinds({name: KEY}) == {name: ("private-key",)}


@pytest.mark.parametrize(
    ("name", "magic", "packer"),
    [
        ("a.tar.zst", b"\x28\xb5\x2f\xfd", "zstandard"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        ("a.tar.Z", b"\x1f\x9d\x90", "compress"),
        ("a.deb", b"!<arch>\ndebian-binary   1", "dpkg"),
        ("a.lzma", b"]\0\0\x80\0", "LZMA"),
        ("a.rar", b"Rar!\x1a\x07\x01", "RAR"),
        ("index.html.br", b"\x0b\x02\x80", "Brotli"),
    ],
)
def test_what_cannot_be_unpacked_is_named_unless_it_is_published(
    name: str, magic: bytes, packer: str
) -> None:
    here = found({name: magic + bytes(99)})
    assert [(u.path, u.reason) for u in here.unsearched] == [(name, f"it is packed by {packer}")]
    assert found(wheel({f"shop/{name}": magic + bytes(99)})) == Found()


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_packed_file_that_is_broken_is_named(cut: int) -> None:
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        data = pack(KEY)
        broken = data[: len(data) // 2] + bytes([data[len(data) // 2] ^ cut]) + b"x"
        here = found({"k.gz": broken})
        assert [u.path for u in here.unsearched] == ["k.gz"]


def test_an_archive_is_known_by_its_bytes_whatever_its_name() -> None:
    assert kinds({"letter.docx": zipped({"k.pem": KEY})}) == {"letter.docx/k.pem": ("private-key",)}
    assert kinds({"notes.zip": KEY}) == {"notes.zip": ("private-key",)}
    script = b"#!/bin/sh\nexec java -jar $0\n"
    assert kinds({"app.jar": script + zipped({"k.pem": KEY})}) == {
        "app.jar/k.pem": ("private-key",)
    }
    assert kinds({"app.jar": KEY}) == {"app.jar": ("private-key",)}


def test_a_secret_that_a_second_member_of_its_name_hides_is_found() -> None:
    data = zipped([("a/k.pem", KEY), ("a/k.pem", b"nothing"), ("a/k.pem", b"at all")])
    assert in_zip(data) == Found((Secret("a/k.pem", ("private-key",)),))


def test_a_link_in_a_zip_is_known_by_its_own_name() -> None:
    link = zipfile.ZipInfo("app/.env")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    data = zipped([("conf/production", b"A=b"), (link, b"../conf/production")])
    assert in_zip(data) == Found((Secret("app/.env", ("env-file",)),))
    loop = zipped([(link, b"../app/.env"), ("a.txt", b"x")])
    assert in_zip(loop) == Found()
    via = zipfile.ZipInfo("now")
    via.create_system, via.external_attr = 3, 0o120777 << 16
    through_another = zipped(
        [("conf/production", b"A=b"), (link, b"../now/production"), (via, b"conf")]
    )
    assert in_zip(through_another) == Found((Secret("app/.env", ("env-file",)),))


@pytest.mark.parametrize("at_bytes", [0, PIECE_BYTES - 40, PIECE_BYTES - 2000, 3 * PIECE_BYTES])
def test_a_large_text_is_searched_from_its_beginning_to_its_end(at_bytes: int) -> None:
    text = b"0,1,2,3\n" * (3 * PIECE_BYTES // 8 + 100)
    text = text[:at_bytes] + b"\n" + KEY + b"\n" + text[at_bytes:]
    assert kinds({"dump.csv": text}) == {"dump.csv": ("private-key",)}
    assert in_zip(zipped({"dump.csv": text})) == Found((Secret("dump.csv", ("private-key",)),))


def test_what_is_too_large_to_be_searched_is_named() -> None:
    env = b"# nothing\n" * 110_000
    assert [u.path for u in found({".env": env}).unsearched] == [".env"]


def test_a_zip_that_unpacks_to_too_much_is_left_and_named() -> None:
    files = {"a.txt": KEY, "lib.jar": zipped({"b.txt": bytes(9), "c.txt": b" " * 5000}), "d": KEY}
    here = zip_secrets(RULES, data := zipped(files), read_zip(data), len(KEY) + 5000)
    assert [s.path for s in here.secrets] == ["a.txt"]
    assert [u.path for u in here.unsearched] == ["lib.jar/c.txt", "d"]


def test_what_says_that_a_key_is_published_counts_as_unpacked_too() -> None:
    data = zipped(files := wheel({"shop/key.pem": KEY}))
    record = len(files["python/shop-1.0.dist-info/RECORD"])
    whole = sum(map(len, files.values())) + record
    assert zip_secrets(RULES, data, read_zip(data), whole).secrets == ()
    here = zip_secrets(RULES, data, read_zip(data), len(KEY) + record - 1)
    assert [s.path for s in here.secrets] == ["python/shop/key.pem"]


def test_a_record_without_digests_says_by_path_what_is_published() -> None:
    files = {
        "shop-1.0.dist-info/METADATA": b"Name: shop\n",
        "shop-1.0.dist-info/RECORD": b"other/key.pem,,\nshop-1.0.dist-info/RECORD,,\n",
        "other/key.pem": KEY,
        "shop/key.pem": KEY,
    }
    found = find_secrets(RULES, MemorySource(files), [(path, path) for path in files])
    assert [s.path for s in found.secrets] == ["shop/key.pem"]


def test_a_record_larger_than_any_is_not_read() -> None:
    class Source(MemorySource):
        def read(self, path: str) -> bytes:
            assert not path.endswith("RECORD")
            return super().read(path)

    files = wheel({"shop/key.pem": KEY})
    files["python/shop-1.0.dist-info/RECORD"] += b"\n" * MAX_RECORD_BYTES
    source, path = Source(files), "python/shop/key.pem"
    here = find_secrets(RULES, source, [(path, path)])
    assert [s.path for s in here.secrets] == [path]


def test_a_zip_is_searched_as_a_tree_is() -> None:
    data = zipped({"a/.env": b"A=b", "lib/x.jar": zipped({"k.pem": KEY}), "b.py": b"x = 1\n"})
    here = zip_secrets(RULES, data, read_zip(data))
    assert [s.path for s in here.secrets] == ["a/.env", "lib/x.jar/k.pem"]
    assert here.unsearched == ()


def test_an_archive_that_cannot_be_read_is_named() -> None:
    broken = zipped({"a.txt": b"x" * 1000})[:-30]
    here = found({"app.jar": broken})
    assert [u.path for u in here.unsearched] == ["app.jar"]


def test_a_member_that_cannot_be_read_is_named_and_the_others_are_searched() -> None:
    data = bytearray(zipped({"a.txt": b"x" * 50, "key.pem": KEY}))
    data[14:18] = b"\1\2\3\4"  # the first member's checksum, in its own header
    at = data.find(b"PK\x01\x02")
    data[at + 16 : at + 20] = b"\1\2\3\4"
    here = found({"app.jar": bytes(data)})
    assert [u.path for u in here.unsearched] == ["app.jar/a.txt"]
    assert [s.path for s in here.secrets] == ["app.jar/key.pem"]


# --- the rules' format


GOOD = """
documented = ["example"]
suffixes = ["so"]
[kind.x]
title = "an x"
why = "Because."
literals = ["x_"]
content = 'x_[a-z]{8}'
"""


def compiled(text: str) -> list[object]:
    return [kind.content for kind in parse_secret_rules(text, "rules/secrets.toml").kinds]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD.replace("title", "titel"), 5, "did you mean 'title'?"),
        (GOOD.replace("{8}", "+"), 8, "'+' has no bound"),
        (GOOD.replace("{8}", "{8,}"), 8, "'{8,}' has no bound"),
        (GOOD.replace("[a-z]{8}", "(?:a{1,9}){1,9}"), 8, "repeat no groups"),
        (GOOD.replace("[a-z]{8}", "("), 8, "not a regular expression"),
        (GOOD.replace('literals = ["x_"]', ""), 4, "either names or literals"),
        (GOOD.replace("content = 'x_[a-z]{8}'", ""), 4, "either content or form"),
        (GOOD + 'check = "chekcsum"\n', 9, "did you mean 'checksum'?"),
        (GOOD.replace("literals", "names") + 'near = "x"\nnear_bytes = 1\n', 9, "needs literals"),
        (GOOD.replace('"x_"', '"\\u0000"'), 7, "is no text to look for"),
        (GOOD + 'form = "x"\n', 9, "form cannot be 'x'"),
        (
            GOOD + '[kind.y]\ntitle = "y"\nwhy = "y"\nliterals = ["x_"]\ncontent = "x_"\n',
            12,
            "'x' too",
        ),
        (GOOD.replace("[kind.x]", "[kind.X]"), 4, "must be lower case"),
    ],
)
def test_a_broken_rule_is_told_with_file_line_and_mend(text: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        compiled(text)
    assert str(caught.value).startswith(f"rules/secrets.toml:{line}: ")
    assert words in str(caught.value)


def test_signs_in_classes_and_escapes_are_no_quantifiers() -> None:
    text = GOOD.replace("[a-z]{8}", "[*+]{1,3}\\+")
    assert len(parse_secret_rules(text, "x.toml").kinds) == 1


# --- slim build


def test_a_secret_fails_the_build_and_no_character_of_it_is_shown(tmp_path: Path) -> None:
    secret = planted("<alnum 30>").decode()
    write_tree(tmp_path / "app", {"main.py": "x = 1\n", "conf/.env": f"DB_PASSWORD={secret}\n"})
    (tmp_path / "app.zip").write_bytes(b"the old one")
    done = slim("build", "app", "--json", "report.json", cwd=tmp_path)
    assert done.code == 1
    assert "fail: conf/.env holds settings for one environment (.env); take it out" in done.out
    assert "--allow-secret /conf/.env" in done.out
    assert (tmp_path / "app.zip").read_bytes() == b"the old one"
    report = (tmp_path / "report.json").read_text("utf-8")
    [finding] = [f for f in json.loads(report)["findings"] if f["code"] == "secret"]
    assert finding["severity"] == "fail"
    for start in range(len(secret) - 4):
        assert secret[start : start + 5] not in done.text + report


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_a_secret_fails_at_every_tier_and_in_a_dry_run(tmp_path: Path, tier: str) -> None:
    write_tree(tmp_path / "app", {"main.py": "x = 1\n", "key.pem": KEY})
    done = slim("build", "app", "--dry-run", "--tier", tier, cwd=tmp_path)
    assert done.code == 1
    assert "key.pem holds a private key" in done.out


def test_what_does_not_ship_is_no_secret(tmp_path: Path) -> None:
    write_tree(tmp_path / "app", {"main.py": "x = 1\n", "key.pem": KEY})
    assert slim("build", "app", "--drop", "key.pem", cwd=tmp_path).code == 0


def test_only_what_allow_secret_matches_may_ship(tmp_path: Path) -> None:
    write_tree(tmp_path / "app", {"a/key.pem": KEY, "b/key [1].pem": KEY})
    one = slim("build", "app", "--allow-secret", "/a/", cwd=tmp_path)
    assert one.code == 1
    assert "note: a/key.pem ships with a private key: --allow-secret allows '/a/'" in one.out
    [pattern] = [
        line.rpartition("--allow-secret ")[2].strip("'")
        for line in one.out.splitlines()
        if line.startswith("fail: ")
    ]
    both = slim("build", "app", "--allow-secret", "/a/", "--allow-secret", pattern, cwd=tmp_path)
    assert both.code == 0, both.text
    assert (tmp_path / "app.zip").exists()


def test_a_keep_is_no_way_past(tmp_path: Path) -> None:
    write_tree(tmp_path / "app", {"main.py": "x = 1\n", "key.pem": KEY})
    assert slim("build", "app", "--keep", "key.pem", "--keep-bytes", "*", cwd=tmp_path).code == 1


def test_slim_toml_may_allow_and_what_allows_nothing_is_a_warning(tmp_path: Path) -> None:
    files = {"app/main.py": b"x = 1\n", "app/key.pem": KEY}
    write_tree(tmp_path, {**files, "slim.toml": 'allow-secret = ["*.pem", "*.key"]\n'})
    done = slim("build", "app", cwd=tmp_path)
    assert done.code == 0, done.text
    assert "warn: slim.toml:1: '*.key' matches no secret; fix or remove it" in done.out


def test_a_pattern_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    write_tree(tmp_path / "app", {"main.py": "x = 1\n"})
    done = slim("build", "app", "--allow-secret", "!x", cwd=tmp_path)
    assert done.code == 2
    assert done.err.startswith("slim: --allow-secret: ")
    assert len(done.err.splitlines()) == 1


def test_a_link_is_known_by_its_own_name(tmp_path: Path) -> None:
    write_tree(tmp_path / "app", {"main.py": "x = 1\n", "conf/production": "A=b\n"})
    (tmp_path / "app" / ".env").symlink_to("conf/production")
    done = slim("build", "app", cwd=tmp_path)
    assert done.code == 1
    assert "fail: .env holds" in done.out
