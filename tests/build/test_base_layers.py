"""What a layer below places already is not shipped again, and nothing else is left out."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

from tests.support.command import slim
from tests.support.trees import write_tree

MODULE = b"import this\n" * 100


def base_of(path: Path, members: dict[str, tuple[bytes, int]]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, (data, mode) in members.items():
            info = zipfile.ZipInfo(name)
            info.create_system, info.external_attr = 3, (stat.S_IFREG | mode) << 16
            archive.writestr(info, data)
    return path


def shipped(tmp_path: Path, *base_layers: Path, prefix: str = "") -> set[str]:
    write_tree(tmp_path / "tree", {"a.py": MODULE, "b.py": MODULE + b"#", "c.py": MODULE})
    options = [word for layer in base_layers for word in ("--base", str(layer))]
    options += ["--prefix", prefix] if prefix else []
    outcome = slim("build", "tree", *options, cwd=tmp_path)
    assert outcome.code == 0, outcome.err
    with zipfile.ZipFile(tmp_path / "tree.zip") as archive:
        return set(archive.namelist())


def test_the_same_bytes_at_the_same_path_are_left_out(tmp_path: Path) -> None:
    layer = base_of(tmp_path / "base.zip", {"a.py": (MODULE, 0o644), "d.py": (MODULE, 0o644)})
    assert shipped(tmp_path, layer) == {"b.py", "c.py"}


def test_other_bytes_another_mode_or_another_place_are_shipped(tmp_path: Path) -> None:
    members = {"a.py": (MODULE[1:], 0o644), "b.py": (MODULE, 0o644), "c.py": (MODULE, 0o755)}
    layer = base_of(tmp_path / "base.zip", members)
    assert shipped(tmp_path, layer) == {"a.py", "b.py", "c.py"}
    layer = base_of(tmp_path / "base.zip", {"a.py": (MODULE, 0o644)})
    assert shipped(tmp_path, layer, prefix="python") == {
        "python/a.py",
        "python/b.py",
        "python/c.py",
    }


def test_under_a_prefix_it_is_the_place_in_the_layer_that_counts(tmp_path: Path) -> None:
    layer = base_of(tmp_path / "base.zip", {"python/a.py": (MODULE, 0o644)})
    assert shipped(tmp_path, layer, prefix="python") == {"python/b.py", "python/c.py"}


def test_what_two_bases_place_differently_is_shipped(tmp_path: Path) -> None:
    one = base_of(tmp_path / "one.zip", {"a.py": (MODULE, 0o644)})
    two = base_of(tmp_path / "two.zip", {"a.py": (b"other", 0o644)})
    assert "a.py" in shipped(tmp_path, one, two)


def test_a_layer_built_by_slim_is_known_by_what_it_ships(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {"a.py": MODULE, "b.py": MODULE + b"#", "c.py": MODULE})
    write_tree(tmp_path / "below", {"a.py": MODULE})
    assert slim("build", "below", cwd=tmp_path).code == 0
    assert shipped(tmp_path, tmp_path / "below.zip") == {"b.py", "c.py"}


def test_the_report_says_which_layer_places_it_and_the_caps_count_it(tmp_path: Path) -> None:
    layer = base_of(tmp_path / "base.zip", {"a.py": (MODULE, 0o644)})
    write_tree(tmp_path / "tree", {"a.py": MODULE, "b.py": b"1"})
    outcome = slim("build", "tree", "--base", str(layer), cwd=tmp_path)
    assert "base.zip places it already, byte for byte." in outcome.out
    assert f"{len(MODULE) + 1:,} B" in outcome.out  # unzipped: the base's file and ours


def test_a_base_that_is_broken_is_named(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", {"a.py": MODULE})
    layer = base_of(tmp_path / "base.zip", {"a.py": (MODULE, 0o644)})
    data = bytearray(layer.read_bytes())
    data[40] ^= 1
    layer.write_bytes(data)
    outcome = slim("build", "tree", "--base", str(layer), cwd=tmp_path)
    assert outcome.code == 3
    assert "base.zip: cannot be read as a zip ('a.py' does not match" in outcome.err
    assert not (tmp_path / "tree.zip").exists()
