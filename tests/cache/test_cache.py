"""The cache changes no byte, whatever state it is in, and never stands in a build's way."""

import errno
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.cache.cache import Cache
from slimmer.cache.entries import bundled, name_of, opened, sealed, unbundled
from slimmer.cache.folder import FolderPlace
from tests.support.command import SLIM, environment, slim, without_privileges
from tests.support.elves import library

PAST_S = time.time() - 3600


def tree(folder: Path, count: int = 12) -> Path:
    """A tree whose files were last changed long ago, as far as a file's owner can say so."""
    for number in range(count):
        file = folder / f"lib/part{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"VALUE = {number}\n" + "# the same line again and again\n" * 4000)
    (folder / "lib/libx.so").write_bytes(library().build())
    return folder


def build(
    work: Path, *options: str, tree: str = "tree", output: str = "a.zip"
) -> tuple[bytes, str]:
    done = slim("build", tree, "-o", output, *options, cwd=work)
    assert done.code == 0, done.text
    return (work / output).read_bytes(), done.out


@pytest.fixture
def work(tmp_path: Path) -> Path:
    tree(tmp_path / "tree")
    return tmp_path


CACHE = ("--cache", "cache")


def entries(work: Path) -> list[Path]:
    return sorted(path for path in (work / "cache").glob("??/*"))


def test_a_build_with_the_cache_has_the_same_bytes(work: Path) -> None:
    plain, _ = build(work, "--no-cache")
    cold, _ = build(work, *CACHE)
    assert entries(work)
    warm, said = build(work, *CACHE)
    assert plain == cold == warm
    assert "cache-unused" not in said


def test_a_build_takes_from_the_cache_what_is_there(work: Path) -> None:
    """What a forger seals is found in the zip: so what is found there is used."""
    first, _ = build(work, *CACHE)
    for path in entries(work):
        name = path.parent.name + path.name
        payload = opened(name, path.read_bytes())
        assert payload is not None
        try:
            small, beside = unbundled(payload)
        except (ValueError, UnicodeDecodeError):
            continue
        forged = {n: d.replace(b", 33188, ", b", 33261, ") for n, d in small.items()}
        forged = {n: d.replace(b"[33188, ", b"[33261, ") for n, d in forged.items()}
        path.write_bytes(sealed(name, bundled(forged, beside)))
    assert build(work, *CACHE)[0] != first
    assert build(work, "--no-cache")[0] == first


@pytest.mark.parametrize("how", ["flipped", "cut", "empty", "swapped"])
def test_what_is_damaged_is_never_used_and_made_again(work: Path, how: str) -> None:
    first, _ = build(work, *CACHE)
    paths = entries(work)
    whole = {path: path.read_bytes() for path in paths}
    for path, data in whole.items():
        other = whole[paths[paths.index(path) - 1]]
        middle = len(data) // 2
        path.write_bytes(
            {
                "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
                "cut": data[:middle],
                "empty": b"",
                "swapped": other,
            }[how]
        )
    again, said = build(work, *CACHE)
    assert again == first
    assert "cache-unused" not in said
    for path in paths:
        assert opened(path.parent.name + path.name, path.read_bytes()) is not None


def test_one_file_changed_is_packed_anew(work: Path) -> None:
    build(work, *CACHE)
    (work / "tree/lib/part3.py").write_text("VALUE = 'other'\n" + "# and other lines\n" * 3000)
    assert build(work, *CACHE)[0] == build(work, "--no-cache")[0]


def test_a_change_that_keeps_size_and_time_is_seen(work: Path) -> None:
    file = work / "tree/lib/part3.py"
    os.utime(file, (PAST_S, PAST_S))
    first, _ = build(work, *CACHE)
    file.write_bytes(file.read_bytes().replace(b"VALUE = 3", b"VALUE = 4"))
    os.utime(file, (PAST_S, PAST_S))
    changed, _ = build(work, *CACHE)
    assert changed != first
    assert changed == build(work, "--no-cache")[0]


def test_a_level_has_results_of_its_own(work: Path) -> None:
    build(work, *CACHE, "--level", "1")
    assert build(work, *CACHE, "--level", "9")[0] == build(work, "--no-cache", "--level", "9")[0]


def test_a_secret_is_found_whatever_is_remembered(work: Path) -> None:
    build(work, *CACHE)
    (work / "tree/lib/part3.py").write_text("KEY = 'AKIA" + "QWERTZUIOPASDF23'\n" + "#\n" * 9000)
    for _ in range(2):
        found = slim("build", "tree", "-o", "b.zip", *CACHE, cwd=work)
        plain = slim("build", "tree", "-o", "b.zip", "--no-cache", cwd=work)
        assert found.code == plain.code
        assert found.err == plain.err


def test_a_folder_that_is_none_is_told_once_and_the_build_goes_on(work: Path) -> None:
    plain, _ = build(work, "--no-cache")
    (work / "cache").write_bytes(b"a file")
    made, said = build(work, *CACHE)
    assert made == plain
    assert said.count("the cache is not used") == 1


def test_a_folder_that_cannot_be_written_is_told_once(work: Path) -> None:
    plain, _ = build(work, "--no-cache")
    (work / "cache").mkdir(mode=0o500)
    done = slim("build", "tree", "-o", "a.zip", *CACHE, cwd=work, through=without_privileges())
    assert done.code == 0, done.text
    assert (work / "a.zip").read_bytes() == plain
    assert done.out.count("the cache is not used") == 1


def test_a_folder_in_the_tree_is_not_used(work: Path) -> None:
    plain, _ = build(work, "--no-cache")
    made, said = build(work, "--cache", "tree/cache")
    assert made == plain
    assert not (work / "tree/cache").exists()
    assert "lies in the tree" in said


def test_opposites_are_refused(work: Path) -> None:
    done = slim("build", "tree", *CACHE, "--no-cache", cwd=work)
    assert done.code == 2
    assert "opposites" in done.err


def test_builds_side_by_side_share_a_cache(work: Path) -> None:
    plain, _ = build(work, "--no-cache")
    argv = [*SLIM, "build", "tree", *CACHE]
    running = [
        subprocess.Popen(
            [*argv, "-o", f"{number}.zip"],
            cwd=work,
            env=environment({}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(4)
    ]
    assert [process.wait() for process in running] == [0] * 4
    assert {(work / f"{number}.zip").read_bytes() for number in range(4)} == {plain}
    for path in entries(work):
        assert opened(path.parent.name + path.name, path.read_bytes()) is not None


def test_the_command_shows_bounds_and_clears(work: Path) -> None:
    build(work, *CACHE)
    shown = slim("cache", *CACHE, cwd=work)
    assert f"{len(entries(work))} result" in shown.out
    assert "of at most 2.0 GB" in shown.out
    assert "of at most 5.0 MB" in slim("cache", *CACHE, "--bound", "5MB", cwd=work).out
    assert "of at most 5.0 MB" in slim("cache", *CACHE, cwd=work).out
    cleared = slim("cache", *CACHE, "--clear", cwd=work)
    assert cleared.out.startswith("removed ")
    assert ": 0 results, 0 B of" in cleared.out
    assert entries(work) == []


def test_what_was_used_last_stays_within_the_bound(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "cache")
    names = [name_of("x", number) for number in range(10)]
    for age, name in enumerate(names):
        place.put(name, bytes(1000))
        path = tmp_path / "cache" / name[:2] / name[2:]
        os.utime(path, (PAST_S - age, PAST_S - age))
    place.set_bound(5000)
    place.put(name_of("x", "new"), bytes(1000))
    place.settle(1000)
    kept = [name for name in names if place.get(name) is not None]
    assert place.used()[1] <= 5000
    assert kept == names[: len(kept)]
    assert place.get(name_of("x", "new")) is not None


def test_clearing_touches_nothing_else(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path)
    place.put(name_of("x"), b"1")
    (tmp_path / "ab").mkdir(exist_ok=True)
    (tmp_path / "ab" / "my notes").write_text("mine")
    (tmp_path / "thesis.txt").write_text("mine")
    place.clear()
    assert (tmp_path / "ab" / "my notes").is_file()
    assert (tmp_path / "thesis.txt").is_file()


class _Full:
    """A place on a disk that is full."""

    title, is_near = "full", True

    def __init__(self) -> None:
        self.asked = 0

    def get(self, _name: str) -> bytes | None:
        return None

    def put(self, _name: str, _data: bytes) -> None:
        self.asked += 1
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def settle(self, _added_bytes: int) -> None:
        raise AssertionError("nothing was added")


def test_a_full_disk_is_asked_once() -> None:
    full = _Full()
    cache = Cache(full)
    for number in range(3):
        cache.put(bytes(100_000), "x", number)
    cache.close()
    assert full.asked == 1
    assert cache.trouble == "full: no space left on device"


@given(st.dictionaries(st.text("0123456789abcdef", min_size=64, max_size=64), st.binary()))
def test_a_bundle_gives_back_what_it_was_given(small: dict[str, bytes]) -> None:
    beside = {name[::-1] for name in small}
    assert unbundled(bundled(small, beside)) == (small, beside)


@given(st.binary(), st.data())
def test_no_other_bytes_open(payload: bytes, data: st.DataObject) -> None:
    name = name_of("x")
    entry = sealed(name, payload)
    assert opened(name, entry) == payload
    at = data.draw(st.integers(0, len(entry) - 1))
    other = data.draw(st.integers(1, 255))
    assert opened(name, entry[:at] + bytes([entry[at] ^ other]) + entry[at + 1 :]) is None
    assert opened(name, entry[:at]) is None
    assert opened(name_of("y"), entry) is None


def test_nothing_of_another_version_of_the_code_is_used(work: Path) -> None:
    """Names say the code, so another slim finds nothing of this one's."""
    build(work, *CACHE)
    package = Path(sys.modules["slimmer"].__file__ or "").parent
    copy = work / "other"
    shutil.copytree(package, copy / "slimmer", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(package.parent / "rules", copy / "rules")
    with (copy / "slimmer/transforms.py").open("a") as file:
        file.write("# another version\n")
    script = (
        "from slimmer.cache.code import code_digest; import slimmer; "
        "print(slimmer.__file__, code_digest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[1]
        for folder in (copy, package.parent)
    }
    assert len(digests) == 2


def test_the_report_names_the_finding(work: Path) -> None:
    (work / "cache").write_bytes(b"a file")
    build(work, *CACHE, "--json", "r.json")
    report = json.loads((work / "r.json").read_bytes())
    assert [f["severity"] for f in report["findings"] if f["code"] == "cache-unused"] == ["note"]
