"""What holds for every split: all ships once, units are whole, and little moves when one grows."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from slimmer.build.job import Job
from slimmer.build.pipeline import build
from slimmer.build.split import MOST_LAYERS, Sizes, by_preference, part
from slimmer.config.settings import Settings
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.model.artifact import Layer
from slimmer.model.tree_links import resolve
from slimmer.outputs.split import write_layers
from slimmer.outputs.zip import MemberContent
from slimmer.rules.packs import load_packs
from slimmer.targets import load_targets
from tests.laws.test_zip import archives, zip_of
from tests.support.trees import MemorySource

MOST = Sizes(1_000, 1_000)
groups = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4),
    st.builds(Sizes, st.integers(0, 1_200), st.integers(0, 1_200)),
    max_size=20,
)
counts = st.integers(1, MOST_LAYERS)


def together(sizes: Mapping[str, Sizes], names: frozenset[str]) -> Sizes:
    found = Sizes()
    for name in names:
        found = found.plus(sizes[name])
    return found


@given(groups, counts, st.randoms(use_true_random=False))
def test_each_group_lies_in_one_layer_whatever_the_order(
    sizes: dict[str, Sizes], count: int, rng: random.Random
) -> None:
    found = part(sizes, MOST, count)
    shuffled = list(sizes.items())
    rng.shuffle(shuffled)
    assert len(found) <= count
    assert sorted(name for layer in found for name in layer) == sorted(sizes)
    assert part(dict(shuffled), MOST, count) == found


@given(groups, counts)
def test_one_layer_is_enough_where_all_fits(sizes: dict[str, Sizes], count: int) -> None:
    assume(sizes and together(sizes, frozenset(sizes)).within(MOST))
    assert part(sizes, MOST, count) == [frozenset(sizes)]


@given(groups, counts)
def test_a_layer_is_over_only_where_no_room_is_left_for_a_group(
    sizes: dict[str, Sizes], count: int
) -> None:
    assume(all(size.within(MOST) for size in sizes.values()))
    found = part(sizes, MOST, count)
    if len(found) < count:
        assert all(together(sizes, layer).within(MOST) for layer in found)


@given(groups, counts, st.data())
def test_a_group_that_grows_within_its_layer_and_class_moves_nothing(
    sizes: dict[str, Sizes], count: int, data: st.DataObject
) -> None:
    assume(sizes)
    before = part(sizes, MOST, count)
    assume(any(by_preference(sizes, MOST, layers) for layers in range(1, count + 1)))
    name = data.draw(st.sampled_from(sorted(sizes)))
    more = Sizes(data.draw(st.integers(0, 300)), data.draw(st.integers(0, 300)))
    grown = {**sizes, name: sizes[name].plus(more)}
    classes = [each[name].zip_bytes.bit_length() // 2 for each in (sizes, grown)]
    assume(classes[0] == classes[1])
    layer = next(layer for layer in before if name in layer)
    assume(together(grown, layer).within(MOST))
    assert part(grown, MOST, count) == before


@given(archives, st.data())
def test_a_layer_is_what_a_zip_of_its_members_alone_is(
    members: dict[str, MemberContent], data: st.DataObject
) -> None:
    whole, artifact = zip_of(members.items())
    chosen = {name: data.draw(st.integers(1, 3)) for name in members}
    layers = [
        Layer(f"a-{n}.zip", frozenset(k for k, v in chosen.items() if v == n), (), 0, 0)
        for n in (1, 2, 3)
    ]
    sinks = {layer.name: io.BytesIO() for layer in layers}
    made = write_layers(whole.getvalue(), artifact, layers, sinks)
    for layer, one in zip(layers, made, strict=True):
        alone, theirs = zip_of((n, c) for n, c in members.items() if n in layer.members)
        assert sinks[layer.name].getvalue() == alone.getvalue()
        assert (one.sha256, one.zip_bytes) == (theirs.sha256, theirs.zip_bytes)


gems = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d", "e", "f"]), st.integers(1, 900), min_size=1
)
targets = st.sampled_from(["gems/a-1/lib", "gems/b-1/lib/x.rb", "lib/y.so", "own/z", "gone"])


@settings(max_examples=25)
@given(gems, st.dictionaries(st.sampled_from(["l", "lib/m", "own/n"]), targets), counts)
def test_units_are_whole_and_links_lie_with_what_they_lead_to(
    sizes: dict[str, int], links: dict[str, str], count: int
) -> None:
    noise = random.Random(0)  # noqa: S311 - what does not compress
    files = {"lib/y.so": b"y", "own/z": noise.randbytes(500)}
    for name, size in sizes.items():
        files[f"specifications/{name}-1.gemspec"] = f'  s.name = "{name}"\n'.encode()
        files[f"gems/{name}-1/lib/x.rb"] = noise.randbytes(size)
        files[f"gems/{name}-1/data/x.txt"] = noise.randbytes(size // 2)
    inside = {path: "../" * path.count("/") + to for path, to in links.items()}
    source = MemorySource(files, inside)
    target = load_targets()["provided.al2023"]._replace(direct_upload_bytes=2_500)
    question = Question(source, load_packs(), Settings(level=1), Deployment(target))
    report = build(Job(question, layers=count), io.BytesIO())
    if count == 1:
        assert report.layers == ()
        return
    place = {name: layer.name for layer in report.layers for name in layer.members}
    assert sum(len(layer.members) for layer in report.layers) == len(place)
    assert place.keys() == {member.name for member in report.members.values()}
    for name in sizes:
        assert len({place[p] for p in place if f"/{name}-1/" in p or f"/{name}-1.gem" in p}) == 1
    for path in links.keys() & place.keys():
        end = resolve(source.tree, path).end
        below = {place[p] for p in place if end and f"{p}/".startswith(f"{end}/")}
        assert below <= {place[path]}
