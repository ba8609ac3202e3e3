"""A decision is the same with what former builds found in files, whatever changed since."""

import hashlib
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from slimmer.cache.cache import Cache
from slimmer.cache.readings import NO_READINGS, Readings
from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.question import Question
from slimmer.model.rules import Selector
from tests.support.decide import PACKS
from tests.support.trees import MemorySource

FIXED = {
    "python/lib-1.dist-info/METADATA": b"",
    "python/lib/__init__.py": b"",
    "python/lib/tests/__init__.py": b"",
    "python/lib/tests/helper.py": b"",
    "python/lib/tests/test_lib.py": b"",
    "python/lib/tests/data.json": b"{}",
    "python/lib/docs/page.txt": b"text",
    "python/other-1.dist-info/METADATA": b"",
    "python/other/__init__.py": b"",
    "python/other/part.py": b"",
}
SOURCES = ("python/lib/user.py", "python/lib/second.py", "python/other/part.py")
TEXTS = st.sampled_from(
    [
        b"",
        b"import lib.tests.helper\n",
        b"from .tests import helper\n",
        b"from lib import tests, second\n",
        b"import other.part\n",
        b"import importlib.metadata as m\nm.version('other')\n",
        b"import os\nopen(os.path.join(os.path.dirname(__file__), 'tests', 'data.json'))\n",
        b"import pathlib\n(pathlib.Path(__file__).parent / 'docs' / 'page.txt').read_text()\n",
        b"def f(:\n    import lib.tests.helper\n",
    ]
)
CHANGES = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(SOURCES), TEXTS),
        st.sampled_from(["", "/python/other/", "/python/lib/docs/"]),
    ),
    min_size=2,
    max_size=4,
)


class InMemory:
    """Entries of a cache in memory."""

    title, is_near = "memory", True

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.entries.get(name)

    def put(self, name: str, data: bytes) -> None:
        self.entries[name] = data

    def settle(self, added_bytes: int) -> None:
        pass


class Counting(MemorySource):
    """Files in memory that count how often each is read."""

    def __init__(self, files: Mapping[str, bytes]):
        super().__init__(files)
        self.reads: list[str] = []

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return super().read(path)


def decided(source: MemorySource, drop: str, place: InMemory | None = None) -> Decision:
    cache = Cache(place)
    readings = Readings(cache, lambda path: hashlib.sha256(source.files[path]).hexdigest())
    said = Settings(drop=tuple(Selector(word, "--drop") for word in drop.split()))
    question = Question(source, tuple(PACKS), said, readings=readings if place else NO_READINGS)
    decision = decide_tree(question)
    readings.close()
    cache.close()
    return decision


def told(decision: Decision) -> tuple[object, ...]:
    return decision.verdicts, decision.rescues, decision.findings


@settings(max_examples=15, deadline=None)
@given(CHANGES)
def test_nothing_that_was_found_before_changes_a_decision(
    changes: list[tuple[dict[str, bytes], str]],
) -> None:
    place = InMemory()
    files = dict(FIXED)
    for texts, drop in changes:
        files |= texts
        plain = told(decided(MemorySource(files), drop))
        assert told(decided(MemorySource(files), drop, place)) == plain  # as found so far
        assert told(decided(MemorySource(files), drop, place)) == plain  # as found just now


def test_a_source_that_nobody_changed_is_not_read_again() -> None:
    place = InMemory()
    assert not decided(MemorySource(FIXED), "").verdicts["python/lib/tests/helper.py"].kept
    files = FIXED | dict.fromkeys(SOURCES, b"from lib.tests import helper\n")
    decided(MemorySource(files), "", place)
    files[SOURCES[1]] = b"import lib.tests.helper as h\n"
    source = Counting(files)
    decision = decided(source, "", place)
    assert SOURCES[1] in source.reads
    assert SOURCES[0] not in source.reads
    assert decision.verdicts["python/lib/tests/helper.py"].kept
