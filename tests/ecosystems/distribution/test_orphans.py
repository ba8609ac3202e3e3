"""Packages that were there only for dropped ones go whole, and come back where one is needed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.model.started import Started
from slimmer.rules.packs import load_packs
from tests.support.decide import decide, dropped, kept
from tests.support.trees import MemorySource

ORPHAN = "usr/lib/libdraw.so.1"


def stanza(name: str, depends: str = "", more: str = "") -> str:
    return f"Package: {name}\nStatus: install ok installed\n{more}Depends: {depends}\n\n"


def image(
    files: Mapping[str, bytes] | None = None, automatic: str = "libdraw drawdata"
) -> dict[str, bytes]:
    """Return a root file system: an editor that a person installed, and what it needs."""
    status = stanza("editor", "libdraw") + stanza("libdraw", "drawdata") + stanza("drawdata")
    packages = {
        "editor": ["/usr/bin/editor", "/usr/share/doc/editor/copyright"],
        "libdraw": [f"/{ORPHAN}", "/usr/share/doc/libdraw/copyright"],
        "drawdata": ["/usr/share/draw/colours"],
    }
    lists = {
        f"var/lib/dpkg/info/{name}.list": "".join(f"{path}\n" for path in paths).encode()
        for name, paths in packages.items()
    }
    states = "".join(f"Package: {name}\nAuto-Installed: 1\n\n" for name in automatic.split())
    placed = {path[1:]: path.encode() for paths in packages.values() for path in paths}
    return {
        "var/lib/dpkg/status": status.encode(),
        "var/lib/apt/extended_states": states.encode(),
        **lists,
        **placed,
        "app/main.py": b"print(1)\n",
        **(files or {}),
    }


def test_what_was_there_only_for_a_dropped_package_goes_whole_and_says_why() -> None:
    decision = decide(image(), drop="/usr/bin/editor")
    gone = dropped(decision)
    assert gone > {ORPHAN, "usr/share/doc/libdraw/copyright", "usr/share/draw/colours"}
    assert gone > {"usr/share/doc/editor/copyright", "var/lib/dpkg/info/libdraw.list"}
    assert decision.gone_packages == {"editor", "libdraw", "drawdata"}
    rule = decision.verdicts["usr/share/draw/colours"].rule
    assert rule is not None
    assert rule.why == "drawdata: only for libdraw → editor, dropped by user/drop."


@pytest.mark.parametrize(
    ("files", "automatic"),
    [
        ({}, ""),
        ({"app/main.py": b"ctypes.CDLL('libdraw.so.1')\n"}, "libdraw drawdata"),
        ({"app/main.py": b'find_library("draw")\n'}, "libdraw drawdata"),
    ],
    ids=["a person installed it", "opened by its file's name", "opened by its name"],
)
def test_what_a_person_installed_or_a_file_names_stays(
    files: Mapping[str, bytes], automatic: str
) -> None:
    stays = kept(decide(image(files, automatic), drop="/usr/bin/editor"))
    assert stays > {ORPHAN, "usr/share/draw/colours", "var/lib/dpkg/info/libdraw.list"}


def test_nothing_goes_on_a_guess() -> None:
    files = image()
    both = {**files, "lib/apk/db/installed": b"P:musl\n\n"}
    assert kept(decide(both, drop="/usr/bin/editor")) >= {ORPHAN}
    assert kept(decide(files, drop="/usr/bin/editor", keep=f"/{ORPHAN}")) >= {
        ORPHAN,
        "usr/share/draw/colours",
    }
    required = files | {
        "var/lib/dpkg/status": files["var/lib/dpkg/status"].replace(
            b"Package: libdraw\n", b"Package: libdraw\nEssential: yes\n"
        )
    }
    assert kept(decide(required, drop="/usr/bin/editor")) >= {ORPHAN}


def test_apk_says_in_world_what_a_person_installed() -> None:
    installed = (
        b"P:editor\nD:so:libdraw.so.1\nF:usr/bin\nR:editor\n\n"
        b"P:libdraw\np:so:libdraw.so.1=1\nF:usr/lib\nR:libdraw.so.1\n\n"
    )
    files = {
        "lib/apk/db/installed": installed,
        "etc/apk/world": b"editor\n",
        "usr/bin/editor": b"e",
        ORPHAN: b"d",
        "app/main.py": b"",
    }
    assert dropped(decide(files, drop="/usr/bin/editor")) >= {ORPHAN}
    files["etc/apk/world"] = b"editor\nlibdraw\n"
    assert kept(decide(files, drop="/usr/bin/editor")) >= {ORPHAN}


def test_messages_of_the_language_that_the_image_says_stay() -> None:
    german = "usr/share/locale/de/LC_MESSAGES/x.mo"
    french = "usr/share/locale/fr/LC_MESSAGES/x.mo"
    listed = f"/{german}\n/{french}\n".encode()
    files = image({german: b"de", french: b"fr", "var/lib/dpkg/info/libdraw.list": listed})
    started = Started(("/app/main.py",), ("LANG=de_DE.UTF-8",))
    question = Question(MemorySource(files), load_packs(), Settings(), started=started)
    decision = decide_tree(question)
    assert decision.verdicts[german].kept
    assert decision.verdicts[french].dropped
