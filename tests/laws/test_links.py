"""What holds for every plan: one step for each entry, links that lead to kept files."""

from __future__ import annotations

import posixpath

from hypothesis import given
from hypothesis import strategies as st

from slimmer.build.planner import plan_of
from slimmer.build.report import count_steps
from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.errors import InputError
from slimmer.model.plan import Drop, Keep, Link
from slimmer.model.rules import Action, Selector
from slimmer.model.tree import Kind
from slimmer.model.tree_links import relative
from slimmer.rules.packs import Pack
from tests.laws.strategies import pack_sets, paths, trees
from tests.support.trees import MemorySource

contents = st.sampled_from([b"a" * 300, b"b" * 300, b"c" * 5, b""])


@st.composite
def sources(draw: st.DrawFn) -> MemorySource:
    tree = draw(trees())
    files = [entry.path for entry in tree.entries if entry.kind is Kind.FILE]
    return MemorySource({path: draw(contents) for path in files})


@given(sources(), pack_sets)
def test_every_entry_has_one_step_and_links_lead_to_kept_files(
    source: MemorySource, packs: tuple[Pack, Pack]
) -> None:
    settings = Settings()
    decision = decide_tree(Question(source, packs, settings))
    steps = plan_of(source, decision, settings).steps
    assert [step.entry for step in steps] == list(source.tree.entries)
    kept = {step.entry.path for step in steps if isinstance(step, Keep)}
    for step in steps:
        if isinstance(step, Link):
            assert step.to in kept
            assert source.read(step.to) == source.read(step.entry.path)


@given(sources(), pack_sets)
def test_every_kept_folder_is_there_after_unpacking(
    source: MemorySource, packs: tuple[Pack, Pack]
) -> None:
    settings = Settings()
    plan = plan_of(source, decide_tree(Question(source, packs, settings)), settings)
    unpacked: set[str] = set()
    for step in plan.shipped:
        path = step.entry.path
        while path:
            unpacked.add(path)
            path = path.rpartition("/")[0]
    assert {s.entry.path for s in plan.steps if not isinstance(s, Drop)} <= unpacked


@given(sources(), pack_sets)
def test_no_two_kept_twins_stay_files(source: MemorySource, packs: tuple[Pack, Pack]) -> None:
    settings = Settings()
    decision = decide_tree(Question(source, packs, settings))
    steps = plan_of(source, decision, settings).steps
    large = [
        source.read(step.entry.path)
        for step in steps
        if isinstance(step, Keep) and step.entry.size_bytes >= 300
    ]
    assert len(large) == len(set(large))


@given(sources(), pack_sets)
def test_the_counts_add_up_to_the_tree(source: MemorySource, packs: tuple[Pack, Pack]) -> None:
    settings = Settings()
    plan = plan_of(source, decide_tree(Question(source, packs, settings)), settings)
    kept, dropped, linked = count_steps(plan)
    assert kept.files + dropped.files + linked.files == len(source.files)
    assert kept.size_bytes + dropped.size_bytes + linked.size_bytes == sum(
        len(data) for data in source.files.values()
    )
    assert dropped.files == sum(
        isinstance(step, Drop) and step.entry.kind is Kind.FILE for step in plan.steps
    )


@given(paths, paths)
def test_a_relative_link_leads_where_it_should(path: str, to: str) -> None:
    assert posixpath.normpath(f"{posixpath.dirname(path)}/{relative(path, to)}".lstrip("/")) == to


def test_a_link_whose_way_leads_through_a_dropped_folder_goes_with_it() -> None:
    links = {"via": "gone/../a.txt", "straight": "a.txt"}
    source = MemorySource({"a.txt": b"x", "gone/b": b"x"}, links)
    verdicts = decide_tree(
        Question(source, (), Settings(drop=(Selector("gone/", "--drop"),)))
    ).verdicts
    assert verdicts["via"].action is Action.DROP
    assert verdicts["straight"].action is Action.KEEP


@st.composite
def linked_sources(draw: st.DrawFn) -> MemorySource:
    """A tree with links to anything in it, links among them; none leaves it."""
    source = draw(sources())
    files = sorted(source.files)
    names = [f"l{number}" for number in range(draw(st.integers(1, 5)))]
    links = {name: draw(st.sampled_from([*files, *names, "nowhere"])) for name in names}
    return MemorySource(source.files, links)


@given(linked_sources(), pack_sets)
def test_a_kept_link_leads_to_something_kept_or_led_nowhere_before(
    source: MemorySource, packs: tuple[Pack, Pack]
) -> None:
    try:
        verdicts = decide_tree(Question(source, packs, Settings())).verdicts
    except InputError:
        return  # a kept link goes in a circle
    kept = {path for path, verdict in verdicts.items() if verdict.action is Action.KEEP}
    links = {entry.path: entry.target for entry in source.tree.links}
    for path in kept & set(links):
        target = links[path]
        while target in links and target in kept:
            target = links[target]
        assert target in kept or target == "nowhere"
