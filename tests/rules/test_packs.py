"""The rule packs that travel with slim: their own examples, and the promise that they are data."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.errors import UsageError
from slimmer.model.rules import Action, Tier, Verdict
from slimmer.rules.engine import Ruleset, find_roots
from slimmer.rules.packs import Component, Pack, load_packs, parse_pack
from slimmer.targets import load_targets
from slimmer.toml import data_folder
from tests.support.evidence import example_tree, verdicts
from tests.support.trees import MemorySource, tree_of

PACKS = load_packs()
COMPONENTS = [(pack, component) for pack in PACKS for component in pack.components]


def alone(pack: Pack, component: Component, path: str) -> Verdict:
    """Return the verdict on a path below a root of the pack, with one component on.

    Beside it lies what the component asks for as evidence.
    """
    ruleset = Ruleset((pack,), frozenset({component.name}))
    return verdicts(ruleset, example_tree(pack, component, path))[path]


@pytest.mark.parametrize(("pack", "component"), COMPONENTS, ids=lambda value: value.name)
def test_a_component_drops_and_keeps_what_its_examples_say(
    pack: Pack, component: Component
) -> None:
    assert component.examples, f"{component.place}: {component.name} has no example"
    for example in component.examples:
        for path in example.drops:
            verdict = alone(pack, component, path)
            assert verdict.action is Action.DROP, f"{example.place}: {path} is kept"
        for path in example.keeps:
            verdict = alone(pack, component, path)
            assert verdict.action is Action.KEEP, f"{example.place}: {path} is dropped"


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_every_pattern_of_a_pack_is_told_by_one_sentence(pack: Pack) -> None:
    for component in pack.components:
        assert component.why.endswith("."), component.place
        assert component.title, component.place


@pytest.mark.parametrize(
    "path",
    [
        "LICENSE",
        "python/x-1.0.dist-info/licenses/LICENSE.txt",
        "share/doc/elixir/copyright",
        "lib/erlang/lib/wx-2.2.1/COPYING",
        "node_modules/x/NOTICE.md",
        "node_modules/x/license",
        "x/THIRD_PARTY_NOTICES.txt",
        "docs/LICENCE.rst",
    ],
)
def test_licences_and_notices_stay_at_every_tier(path: str) -> None:
    source = MemorySource({path: b"x", "lib/erlang/erts-1/bin/beam.smp": b"x"})
    verdicts = decide_tree(Question(source, PACKS, Settings(tier=Tier.AGGRESSIVE))).verdicts
    assert verdicts[path].action is Action.KEEP


def test_a_new_pack_is_one_data_file(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(data_folder(), folder)
    (folder / "cobol.toml").write_text(
        """
        title = "COBOL"
        detect = ["bin/cobcrun"]
        installed = ["/share/"]
        [component.copybooks]
        title = "Copybooks"
        why = "Only the compiler reads them."
        evidence = ["documents"]
        drop = ["*.cpy"]
        """
    )
    installed = {"rt/bin/cobcrun": b"x", "rt/share/a.cpy": b"x"}
    source = MemorySource({**installed, "rt/mine.cpy": b"x", "a.cpy": b"x"})
    verdicts = decide_tree(Question(source, load_packs(folder), Settings())).verdicts
    dropped = {path for path, verdict in verdicts.items() if verdict.action is Action.DROP}
    assert dropped == {"rt/share/a.cpy"}


@pytest.mark.parametrize(
    ("files", "roots"),
    [
        (["erts-13/bin/beam.smp"], ("",)),
        (["lib/erlang/erts-13/bin/beam.smp", "lib/erlang/lib/x/ebin/x.app"], ("lib/erlang",)),
        (["bootstrap", "releases/start_erl.data", "lib/kernel-8.5/ebin/kernel.app"], ("",)),
        (["a/erts-13/bin/beam.smp", "b/erts-14/bin/beam.smp"], ("a", "b")),
        (["lib/kernel/ebin/kernel.beam"], ()),
    ],
)
def test_an_otp_root_is_found_wherever_it_lies(files: list[str], roots: tuple[str, ...]) -> None:
    assert find_roots(tree_of(files), PACKS)["erlang"] == roots


@pytest.mark.parametrize(
    ("path", "dropped"), [("priv/a.md", False), ("priv/x/a.md", False), ("a.md", True)]
)
def test_a_folder_that_a_component_keeps_is_kept_with_all_in_it(path: str, dropped: bool) -> None:
    text = GOOD.replace('["doc/"]', '["*.md"]\nkeep = ["priv/"]').replace(
        '["x"]', '["."]\ninstalled = ["*.md"]'
    )
    source = MemorySource({path: b"x"})
    question = Question(source, (parse_pack("x", text, "x.toml"),), Settings())
    verdict = decide_tree(question).verdicts[path]
    assert (verdict.action is Action.DROP) == dropped


GOOD = """
title = "X"
detect = ["x"]
[component.docs]
title = "Docs"
why = "Because."
drop = ["doc/"]
evidence = ["documents"]
"""


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD.replace("title", "titel", 1), 2, "unknown key 'titel'"),
        (
            GOOD.replace("why", "wyh"),
            6,
            "unknown key 'wyh' in [component.docs]; did you mean 'why'?",
        ),
        (GOOD.replace('why = "Because."', ""), 4, "why is missing in [component.docs]"),
        (
            GOOD + 'dorp = ["x"]\n',
            9,
            "unknown key 'dorp' in [component.docs]; did you mean 'drop'?",
        ),
        (GOOD + 'tier = "defualt"\n', 9, "did you mean 'default'?"),
        (GOOD.replace('["doc/"]', '"doc/"'), 7, "drop must be an array of strings"),
        (GOOD.replace('["doc/"]', '["!doc/"]'), 7, "put 'doc/' under keep"),
        (GOOD.replace('["doc/"]', '["a\\\\"]'), 7, "is not a gitignore pattern"),
        (GOOD.replace('["doc/"]', "[]"), 4, "drops nothing"),
        (GOOD.replace('["documents"]', "[]"), 4, "component 'docs' has no evidence"),
        (GOOD.replace('["documents"]', '["docments"]'), 8, "did you mean 'documents'?"),
        (GOOD.replace('["x"]', '["x*"]'), 3, "must be a plain name"),
        (GOOD.replace("[component.docs]", "[component.Docs]"), 4, "must be lower case"),
        (GOOD.replace('["x"]', "['x'"), 4, "not valid TOML"),
        (GOOD + '[[component.docs.example]]\ndrop = "x"\n', 10, "unknown key 'drop'"),
        (GOOD + 'linkable = ["x/"]\n', 9, "unknown key 'linkable'"),
    ],
)
def test_a_broken_pack_is_told_with_file_line_and_mend(text: str, line: int, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pack("x", text, "rules/x.toml")
    assert str(caught.value).startswith(f"rules/x.toml:{line}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lambdas_limits_are_those_of_its_quota_page() -> None:
    target = load_targets()["lambda"]
    assert target.unzipped_below_bytes == 250 * 1024 * 1024
    assert target.direct_upload_bytes == 50 * 1024 * 1024
    assert target.layers == 5


def test_every_pattern_of_slims_own_packs_is_one() -> None:
    """A build compiles those that a path may match, and no others; here all are."""
    assert [pack.name for pack in load_packs(data_folder())] == [pack.name for pack in PACKS]
