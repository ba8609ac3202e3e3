"""A JRE's archives of shared classes: those that no function's JVM maps go, unless a flag asks."""

from __future__ import annotations

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.model.rules import Tier
from slimmer.model.started import Started
from tests.support.decide import PACKS, decide, dropped
from tests.support.natives import LINUX, Zip
from tests.support.trees import MemorySource

SERVER = "jre/lib/server"
OTHERS = {f"{SERVER}/classes{kind}.jsa" for kind in ("_coh", "_nocoops", "_nocoops_coh")}
JRE = {
    "jre/release": b'JAVA_VERSION="25.0.2"\n',
    "jre/lib/jvm.cfg": b"-server KNOWN\n",
    f"{SERVER}/libjvm.so": LINUX,
    f"{SERVER}/classes.jsa": b"1",
    **dict.fromkeys(sorted(OTHERS), b"1"),
}
START = b"#!/bin/sh\nexec jre/bin/java %s -jar app.jar\n"


def gone(files: dict[str, bytes], *beside: Zip, tier: Tier = Tier.DEFAULT) -> set[str]:
    """Return the archives that go."""
    found = decide({**JRE, **files}, deployment=Deployment(siblings=beside), tier=tier)
    return {path for path in dropped(found) if path.endswith(".jsa")}


@pytest.mark.parametrize("flag", [b"", b"-XX:+UseSerialGC -Xmx2g", b"-XX:+UseZGCX", b"-Xmx4096m"])
def test_those_go_that_the_defaults_do_not_map(flag: bytes) -> None:
    assert gone({"bootstrap": START % flag}) == OTHERS


@pytest.mark.parametrize(
    ("flag", "kept"),
    [
        (b"-XX:+UseZGC", {"_nocoops"}),
        (b"-XX:-UseCompressedOops", {"_nocoops"}),
        (b"-Xmx32g", {"_nocoops"}),
        (b"-XX:MaxHeapSize=40000000000", {"_nocoops"}),
        (b"-XX:+UseCompactObjectHeaders", {"_coh"}),
        (b"-XX:+UseZGC -XX:+UseCompactObjectHeaders", {"_coh", "_nocoops", "_nocoops_coh"}),
    ],
)
@pytest.mark.parametrize("place", ["bootstrap", "conf/jvm.options", "java.args", "jre/lib/jvm.cfg"])
def test_a_flag_in_the_tree_keeps_what_it_asks_for(flag: bytes, kept: set[str], place: str) -> None:
    text = START % flag if place == "bootstrap" else b"# of the JVM\n" + flag
    assert OTHERS - gone({place: text}) == {f"{SERVER}/classes{kind}.jsa" for kind in kept}


def test_a_flag_in_a_function_beside_the_layer_counts() -> None:
    function = Zip("fn.zip", {"bootstrap": START % b"-XX:+UseZGC"})
    assert OTHERS - gone({}, function) == {f"{SERVER}/classes_nocoops.jsa"}


def test_a_variable_of_an_image_counts() -> None:
    started = Started(environment=("JAVA_TOOL_OPTIONS=-XX:+UseCompactObjectHeaders",))
    question = Question(MemorySource(JRE), PACKS, Settings(), started=started)
    found = {path for path in dropped(decide_tree(question)) if path.endswith(".jsa")}
    assert OTHERS - found == {f"{SERVER}/classes_coh.jsa"}


@pytest.mark.parametrize("release", [b'JAVA_VERSION="27"\n', b"JAVA_VERSION=x\n"])
def test_all_stay_of_a_java_whose_defaults_are_not_known(release: bytes) -> None:
    assert gone({"jre/release": release}) == set()


def test_the_tier_that_drops_them_all_still_does() -> None:
    every = {*OTHERS, f"{SERVER}/classes.jsa"}
    assert gone({"bootstrap": START % b"-XX:+UseZGC"}, tier=Tier.AGGRESSIVE) == every
