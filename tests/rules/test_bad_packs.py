"""Packs are data, and data can be broken: the line is named."""

import pytest

from slimmer.errors import UsageError
from slimmer.rules.packs import parse_pack
from tests.cli.bad_input.cases import Broken

HEAD = 'title = "Pack"\ndetect = ["."]\n'
GOOD = (
    HEAD
    + '\n[component.docs]\ntitle = "Docs"\nwhy = "Nobody reads them."\ndrop = ["doc/"]\n'
    + 'evidence = ["documents"]\n'
    + '\n[[component.docs.example]]\ndrops = "doc/x"\n'
)

PACKS = [
    Broken("no TOML", HEAD + "[component.docs\n", (":3: ", "not valid TOML")),
    Broken("a value cut off", HEAD + "groups = [", (":3: ", "not valid TOML")),
    Broken("no title", 'detect = ["."]\n', (":1: ", "title")),
    Broken("no detect", 'title = "Pack"\n', (":1: ", "detect")),
    Broken("a detect for nothing", 'title = "P"\ndetect = []\n', (":2: ", "detect")),
    Broken(
        "a detect that ends wild", 'title = "P"\ndetect = ["x/*"]\n', (":2: ", "'x/*'", "plain")
    ),
    Broken("a misspelt key", HEAD + 'gruops = ["x/"]\n', (":3: ", "'gruops'", "'groups'")),
    Broken(
        "a misspelt key in a component",
        GOOD.replace("drop =", "kepe = []\ndrop ="),
        (":7: ", "'kepe'", "[component.docs]", "did you mean 'keep'"),
    ),
    Broken(
        "a misspelt key in the place of one that must be there",
        GOOD.replace("why", "wyh"),
        (":6: ", "'wyh'", "did you mean 'why'"),
    ),
    Broken(
        "a misspelt drop",
        GOOD.replace("drop =", "dorp ="),
        (":7: ", "'dorp'", "did you mean 'drop'"),
    ),
    Broken(
        "an unknown tier",
        GOOD.replace("why", 'tier = "saef"\nwhy'),
        (":6: ", "tier", "'saef'", "did you mean 'safe'"),
    ),
    Broken("no why", GOOD.replace("why", "# why"), (":4: ", "why is missing", "component.docs")),
    Broken("an empty why", GOOD.replace("Nobody reads them.", ""), (":6: ", "why")),
    Broken("a why of two lines", GOOD.replace("reads", "\\nreads"), (":6: ", "why", "one line")),
    Broken("a drop of nothing", GOOD.replace('["doc/"]', "[]"), (":4: ", "drops nothing", "drop")),
    Broken(
        "a drop that is a word", GOOD.replace('["doc/"]', '"doc/"'), (":7: ", "array of strings")
    ),
    Broken(
        "a negated pattern", GOOD.replace('"doc/"', '"!doc/"'), (":7: ", "put 'doc/' under keep")
    ),
    Broken("a pattern of nothing", GOOD.replace('"doc/"', '"#doc"'), (":7: ", "'#doc'", "pattern")),
    Broken("a broken range", GOOD.replace('"doc/"', '"[z-a]"'), (":7: ", "'[z-a]'", "pattern")),
    Broken("a linkable folder", HEAD + 'linkable = ["lib/"]\n', (":3: ", "'lib/'", "files")),
    Broken("a folder of media", HEAD + 'media = ["img/"]\n', (":3: ", "'img/'", "files")),
    Broken("a name in capitals", GOOD.replace("component.docs]", "component.Docs]"), ("'Docs'",)),
    Broken(
        "a component that is a word", HEAD + 'component = "x"\n', (":3: ", "component", "table")
    ),
    Broken("an example of another kind", GOOD.replace('"doc/x"', "1"), (":11: ", "drops")),
    Broken(
        "a second example of another kind",
        GOOD + "\n[[component.docs.example]]\ndrops = 1\n",
        (":14: ", "drops"),
    ),
    Broken("a misspelt example", GOOD.replace("drops", "drop_"), (":11: ", "'drop_'")),
    Broken(
        "an inline component",
        HEAD + '\ncomponent.x = {title = "X", why = 3, drop = ["x"]}\n',
        (":4: ", "why"),
    ),
    Broken(
        "a component in dotted keys",
        HEAD + 'component.x.title = "X"\ncomponent.x.why = 3\ncomponent.x.drop = ["x"]\n',
        (":4: ", "why"),
    ),
]


@pytest.mark.parametrize("broken", [pytest.param(b, id=b.name) for b in PACKS])
def test_a_broken_pack_is_named_with_file_line_and_what_was_expected(broken: Broken) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pack("pack", broken.text, "rules/pack.toml")
    message = str(caught.value)
    assert message.startswith("rules/pack.toml:")
    assert "\n" not in message
    assert [word for word in broken.words if word not in message] == [], message


def test_the_pack_that_the_broken_ones_are_made_from_is_good() -> None:
    assert [c.name for c in parse_pack("pack", GOOD, "rules/pack.toml").components] == ["pack/docs"]


@pytest.mark.parametrize("name", ["user", "guard", "Erlang", "my pack"])
def test_a_pack_whose_name_is_taken_or_odd_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"^rules/x\.toml: a pack"):
        parse_pack(name, GOOD, "rules/x.toml")
