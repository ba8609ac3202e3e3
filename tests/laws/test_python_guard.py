"""The cheap look at a source's words hides nothing that the closer look would find."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.model.rules import Selector
from tests.support.trees import MemorySource

NAMES = ("a", "b", "c", "tests")
names = st.sampled_from(NAMES)
dotted = st.lists(names, min_size=1, max_size=3).map(".".join)
relative = st.builds(
    lambda dots, module: "." * dots + module, st.integers(1, 3), dotted | st.just("")
)
statements = st.one_of(
    st.builds("import {}".format, dotted),
    st.builds("from {} import {}".format, dotted | relative, names),
    st.builds("from {} import *".format, dotted | relative),
    st.builds("__all__ = ['{}']".format, names),
    st.builds("importlib.import_module('{}')".format, dotted | relative),
    st.builds("importlib.import_module('.{}', '{}')".format, names, dotted),
    st.builds("metadata.entry_points(group='{}')".format, names),
    st.builds("metadata.version('{}')".format, names),
    st.builds("try: import {}\nexcept ImportError: pass".format, dotted),
)
sources = st.lists(statements, max_size=3).map("\n".join)
files = st.lists(st.sampled_from((*NAMES, "python")), max_size=3).map("/".join)
modules = st.builds("{}/{}.py".format, files, st.sampled_from((*NAMES, "__init__"))).map(
    lambda path: path.lstrip("/")
)
infos = st.builds("{}/{}-1.dist-info".format, files, names).map(lambda path: path.lstrip("/"))
words = st.builds("{}{}".format, st.sampled_from(("/", "**/")), st.sampled_from((*NAMES, "python")))
drops = words | st.sampled_from(("a.py", "tests.py", "*.dist-info/", "a/b/", "a/tests/", "b/c.py"))


@given(
    st.dictionaries(modules, sources, min_size=2, max_size=12),
    st.dictionaries(infos, names, max_size=2),
    st.lists(drops, min_size=1, max_size=3),
)
def test_the_cheap_look_changes_no_verdict(
    sources: dict[str, str], infos: dict[str, str], drops: list[str]
) -> None:
    tree = {f"{info}/METADATA": b"" for info in infos}
    for info, name in infos.items():
        tree[f"{info}/entry_points.txt"] = f"[{name}]\nx = {name}.a:f".encode()
    every = f"if TYPE_CHECKING:\n import {', '.join((*NAMES, 'python', 'metadata', 'attach_stub'))}"
    settings = Settings(drop=tuple(Selector(word, "--drop") for word in drops), guards=("python",))
    found = []
    for said in ("", every):
        extra = {path: f"{code}\n{said}".encode() for path, code in sources.items()}
        decision = decide_tree(Question(MemorySource({**tree, **extra}), (), settings))
        findings = [f for f in decision.findings if f.code != "not-reached"]  # all names count
        found.append((decision.verdicts, findings))
    assert found[0] == found[1]
