"""A Mix release: smaller, and it boots in embedded mode, where no module may be missing."""

import json
import posixpath
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real import beam, sandbox
from tests.real.command import Build, build, unpack
from tests.real.need import only_of_otp
from trees.mix import mix_release
from trees.otp import otp_layer

pytestmark = pytest.mark.real

BELOW_ZIP_BYTES = 6_300_000
FAST = ("--level", "1")
EVENT = b'{"name":"caf\xc3\xa9","list":[1,2.5,null]}'

# one line for each group of modules that a boot file loads: the folders to look in, the modules
SHOW = """
{{ok, Boot}} = file:read_file("/var/task/{boot}"),
{{script, _, Steps}} = binary_to_term(Boot),
lists:foldl(
  fun({{path, Folders}}, _) -> Folders;
     ({{primLoad, Modules}}, Folders) ->
       Names = [atom_to_list(Module) || Module <- Modules],
       io:format("~ts ~ts~n", [lists:join(",", Folders), lists:join(",", Names)]),
       Folders;
     (_, Folders) -> Folders
  end, [], Steps),
halt().
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return build(mix_release(), tmp_path_factory.mktemp("mix"), *FAST)


@pytest.fixture(scope="module")
def unpacked(built: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("unpacked")
    yield unpack(built.zip, folder / "release")
    shutil.rmtree(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "out"
    shutil.rmtree(tmp_path / "out")


def boot_files() -> list[str]:
    release = mix_release()
    return sorted(path.relative_to(release).as_posix() for path in release.glob("**/*.boot"))


def named_in(boot: str) -> set[str]:
    """Give the modules that a boot file loads, each as the file that the release has for it."""
    release = mix_release()
    show = SHOW.format(boot=boot)
    outcome = beam.evaluate(otp_layer(), show, function=release)
    assert outcome.status == 0, outcome.output
    found = set()
    for line in outcome.output.splitlines():
        folders, modules = (part.split(",") for part in line.split())
        places = [in_release(folder) for folder in folders]
        for module in modules:
            files = [f"{place}/{module}.beam" for place in places]
            found.add(next(file for file in files if (release / file).is_file()))
    return found


def in_release(folder: str) -> str:
    path = folder.replace("$ROOT/", "").replace("$RELEASE_LIB/", "lib/")
    return posixpath.normpath(path)


def rescue_of(report: dict[str, Any], path: str) -> dict[str, Any]:
    rescues = [rescue for rescue in report["rescues"] if rescue["path"].startswith(path)]
    assert len(rescues) == 1, report["rescues"]
    return dict(rescues[0])


def assert_answers(release: Path) -> None:
    outcome = sandbox.invoke(release, [EVENT])
    assert [answer.kind for answer in outcome.answers] == ["response"], outcome.output
    answer = json.loads(outcome.answers[0].body)
    assert answer["event"] == json.loads(EVENT)
    assert answer["root_dir"] == "/opt"
    assert "tlsv1.3" in answer["tls"].split()


def test_the_zip_is_small(folder: Path) -> None:
    only_of_otp("25")
    built = build(mix_release(), folder)
    assert built.status == 0, built.said
    assert built.zip.stat().st_size < BELOW_ZIP_BYTES
    assert built.report["artifacts"][0]["zip_bytes"] == built.zip.stat().st_size


def test_it_boots_and_answers(unpacked: Path) -> None:
    assert_answers(unpacked)


def test_every_module_that_a_boot_file_names_is_kept(unpacked: Path) -> None:
    assert [Path(boot).name for boot in boot_files()] == ["start.boot", "start_clean.boot"]
    for boot in boot_files():
        named = named_in(boot)
        assert "lib/kernel-" in min(file for file in named if "/application.beam" in file)
        assert {file for file in named if not (unpacked / file).is_file()} == set()
        assert (unpacked / boot).read_bytes() == (mix_release() / boot).read_bytes()


def test_start_boot_names_every_application_of_the_release() -> None:
    named = named_in("releases/1.0.0/start.boot")
    folders = {file.split("/")[1] for file in named if file.startswith("lib/")}
    assert folders == {path.name for path in (mix_release() / "lib").iterdir()}


def test_the_shell_that_the_boot_file_names_is_rescued(built: Build) -> None:
    rescue = rescue_of(built.report, "lib/iex-")
    assert rescue["component"] == "elixir/iex"
    assert rescue["chain"].startswith("releases/1.0.0/start.boot needs iex")
    assert rescue["chain"] in built.output


@pytest.mark.parametrize(
    ("drop", "path", "chain"),
    [
        pytest.param("lib/ssl-*/", "lib/ssl-", "mix_app needs ssl", id="named by an app"),
        pytest.param("lib/sasl-*/", "lib/sasl-", "start.boot needs sasl", id="named by boot only"),
        pytest.param("elixir/iex", "lib/iex-", "start.boot needs iex", id="a component"),
        pytest.param(
            "lib/ssl-*/ebin/ssl_cipher.beam",
            "lib/ssl-",
            "start.boot needs ssl_cipher",
            id="one module",
        ),
        pytest.param(
            "releases/*/consolidated/",
            "releases/1.0.0/consolidated",
            "start.boot needs consolidated",
            id="consolidated protocols",
        ),
    ],
)
def test_what_is_needed_to_boot_is_rescued(
    built: Build, folder: Path, drop: str, path: str, chain: str
) -> None:
    again = build(mix_release(), folder, *FAST, "--drop", drop)
    assert again.status == 0, again.said
    rescue = rescue_of(again.report, path)
    assert chain in rescue["chain"]
    assert rescue["chain"] in again.output
    assert again.zip.read_bytes() == built.zip.read_bytes()


def test_with_everything_dropped_that_can_be_it_still_boots(folder: Path) -> None:
    drops = [f"--drop=lib/{app}-*/" for app in ("asn1", "iex", "inets", "sasl", "ssl")]
    built = build(mix_release(), folder, *FAST, "--tier", "aggressive", *drops)
    assert built.status == 0, built.said
    assert_answers(unpack(built.zip, folder / "release"))


def test_without_the_guard_it_does_not_boot(folder: Path) -> None:
    built = build(mix_release(), folder, *FAST, "--no-guard", "otp")
    assert built.status == 0, built.said
    outcome = sandbox.invoke(unpack(built.zip, folder / "release"), [EVENT])
    assert outcome.answers == ()
    assert "load_failed" in outcome.output
