"""What belongs to the user ships at every tier but the aggressive one, whatever it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.model.rules import Action, Tier
from slimmer.rules.packs import load_packs
from tests.support.evidence import names_alone
from tests.support.trees import MemorySource

# What is the user's own is so whatever evidence there is: here a name is enough to drop, but
# for what a development tool wrote into a folder of its own.
PACKS = names_alone(load_packs(), but=lambda component: component.own)

APP = b'{application,%s,[{applications,[kernel]},{runtime_dependencies,["erts-13"]}]}.\n'
OWN_APP = b"{application,shop,[{applications,[kernel]}]}.\n"

# What installers lay at roots that are also the user's, and of each a part that is waste.
INSTALLED = {
    "python": {
        "numpy-2.0.dist-info/METADATA": b"Name: numpy\nVersion: 2.0\n",
        "numpy-2.0.dist-info/RECORD": b"numpy/__init__.py,,\nnumpy/tests/test_x.py,,\n",
        "numpy/__init__.py": b"",
        "numpy/tests/test_x.py": b"",
    },
    "layer": {
        "python/six-1.0.dist-info/METADATA": b"Name: six\nVersion: 1.0\n",
        "python/six-1.0.dist-info/RECORD": b"six.py,,\nsix.pyi,,\n",
        "python/six.py": b"",
        "python/six.pyi": b"",
    },
    "node": {
        "node_modules/qs/package.json": b'{"name": "qs", "version": "1.0.0", "bugs": "x"}',
        "node_modules/qs/index.js": b"",
        "node_modules/qs/test/parse.js": b"",
    },
    "release": {
        "releases/1.0.0/shop.rel": b'{release,{"shop","1.0.0"},{erts,"13.1.5"},[]}.\n',
        "releases/1.0.0/start.boot": b"boot",
        "releases/start_erl.data": b"13.1.5 1.0.0",
        "erts-13.1.5/bin/beam.smp": b"beam",
        "erts-13.1.5/bin/dialyzer": b"dialyzer",
        "lib/kernel-8.5/ebin/kernel.app": APP % b"kernel",
        "lib/kernel-8.5/src/code.erl": b"",
        "lib/elixir-1.14.0/ebin/elixir.app": APP % b"elixir",
        "lib/shop-1.0.0/ebin/shop.app": OWN_APP,
    },
    "otp": {
        "lib/erlang/releases/25/OTP_VERSION": b"25.2\n",
        "lib/erlang/erts-13.1.5/bin/beam.smp": b"beam",
        "lib/erlang/lib/stdlib-4.2/ebin/stdlib.app": APP % b"stdlib",
        "lib/erlang/doc/index.html": b"<html>",
        "lib/elixir/lib/elixir/ebin/elixir.app": APP % b"elixir",
    },
    "java": {
        "release": b'JAVA_VERSION="17.0.1"\n',
        "lib/jvm.cfg": b"-server KNOWN\n",
        "lib/server/libjvm.so": b"jvm",
        "lib/server/libjvm.diz": b"symbols",
        "lib/server/classes.jsa": b"classes",
        "lib/server/classes_coh.jsa": b"classes",
        "lib/server/classes_nocoops.jsa": b"classes",
        "lib/server/classes_nocoops_coh.jsa": b"classes",
        "bin/java": b"java",
    },
    "debian": {
        "share/doc/libc6/copyright": b"(c)\n",
        "share/doc/libc6/changelog.Debian.gz": b"gz",
        "share/man/man1/ldd.1.gz": b"gz",
    },
}
WASTE = {
    *("numpy/tests/test_x.py", "python/six.pyi", "node_modules/qs/test/parse.js"),
    *("erts-13.1.5/bin/dialyzer", "lib/kernel-8.5/src/code.erl", "lib/erlang/doc/index.html"),
    *("lib/server/libjvm.diz", "share/doc/libc6/changelog.Debian.gz"),
    *(f"lib/server/classes_{kind}.jsa" for kind in ("coh", "nocoops", "nocoops_coh")),
    "share/man/man1/ldd.1.gz",
}

# Where users have files: at the roots, in folders of their own, between those of installers.
PLACES = (
    *("", "app/", "app/templates/", "python/", "python/app/", "lib/", "numpy/", "share/doc/shop/"),
    *("node_modules/shop/", "node_modules/@acme/shop/", "lib/shop-1.0.0/priv/", "lib/erlang/shop/"),
    *("share/", "site/node_modules/shop/", "public/"),
)
# What nobody can mean as content, by its name alone, and where only package managers write; and
# the settings of slim itself, which it reads at the top.
NO_CONTENT = re.compile(
    r"(?:^|/)(?:\.DS_Store|__MACOSX)(?:/|$)|(?:^|/)node_modules/\.|^(?:\.slimignore|slim(?:\.\w+)?\.toml)"
)


def names_for(pattern: str) -> Iterator[str]:
    """Yield paths that a pattern matches, relative to a root of its pack."""
    for deep in ("", "deep/"):
        path = re.sub(r"\[[^]!]([^]]*)\]", lambda m: m[0][1], pattern.replace("**/", deep))
        path = path.replace("[!@.]", "x").replace("[!@]", "x").replace("*", "x").replace("?", "x")
        path = path.lstrip("/")
        yield f"{path}notes.txt" if path.endswith("/") else path
        if "." not in path.rpartition("/")[2]:
            yield f"{path.rstrip('/')}/notes.txt"


NAMES = sorted(
    {
        name
        for pack in PACKS
        for component in pack.components
        for rule in component.rules
        if rule.action is Action.DROP and ".jar/" not in rule.pattern
        for name in names_for(rule.pattern)
    }
)


def is_free(path: str, taken: set[str]) -> bool:
    """Return whether a file can be put there beside these."""
    parts = path.split("/")
    around = {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    return not around & taken and not any(other.startswith(f"{path}/") for other in taken)


def dropped(files: dict[str, bytes], tier: Tier) -> set[str]:
    question = Question(MemorySource(files), PACKS, Settings(tier=tier))
    return {path for path, verdict in decide_tree(question).verdicts.items() if verdict.dropped}


@pytest.mark.parametrize("place", PLACES)
def test_no_name_of_any_pack_is_dropped_at_any_place(place: str) -> None:
    files = {path: data for kind in INSTALLED.values() for path, data in kind.items()}
    own = set()
    for name in NAMES:
        path = place + name
        if not NO_CONTENT.search(path) and is_free(path, set(files)):
            files[path] = b"The user's.\n"
            own.add(path)
    assert len(own) > len(NAMES) / 2
    assert dropped(files, Tier.DEFAULT) & own == set()


@given(
    st.sets(st.sampled_from(sorted(INSTALLED)), min_size=1),
    st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(NAMES)), min_size=1, max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_no_tier_but_aggressive_drops_what_no_installer_wrote(
    kinds: set[str], named: list[tuple[str, str]]
) -> None:
    installed = {path: data for kind in kinds for path, data in INSTALLED[kind].items()}
    files, own = dict(installed), set()
    for place, name in named:
        path = place + name
        if not NO_CONTENT.search(path) and is_free(path, set(files)):
            files[path] = b"The user's.\n"
            own.add(path)
    assert dropped(files, Tier.SAFE) & own == set()
    gone = dropped(files, Tier.DEFAULT)
    assert gone & own == set()
    assert {path for path in installed if path in WASTE} <= gone  # or the law were easy
