"""Folders of which a used source picks a file, and says nothing where it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from slimmer.ecosystems.context import NOWHERE, Context
from slimmer.ecosystems.native.binaries import Binaries
from slimmer.ecosystems.node.silent import find_silent
from slimmer.inputs.folder import scan
from slimmer.model.rules import Action, Rule, Verdict
from tests.support.trees import write_tree

GOING = Verdict(Action.DROP, Rule("shrink/tried", Action.DROP, "", "", "slim shrink"))
HOME = "node_modules/words"
LOCALES = frozenset(f"{HOME}/locale/{name}.js" for name in ("de", "fr"))


@pytest.mark.parametrize(
    ("code", "stays"),
    [
        ("try { require('./locale/' + name) } catch (e) { known[name] = null }", LOCALES),
        ("try { load = require; aRequire(`./locale/${name}`) } catch (e) {}", LOCALES),
        ("module.exports = (name) => require('./locale/' + name)", frozenset()),
        ("try { require('./locale/fr') } catch (e) {}", frozenset()),
        ("// try { require('./locale/' + name) } catch (e) {}", frozenset()),
        ("try { require('./' + name) } catch (e) {}", frozenset()),
    ],
)
def test_what_a_handler_would_miss_stays(tmp_path: Path, code: str, stays: frozenset[str]) -> None:
    files = dict.fromkeys([*LOCALES, f"{HOME}/other.js"], b"exports.x = 1\n")
    main = f"{HOME}/index.js"
    write_tree(tmp_path, {main: code.encode(), f"{HOME}/package.json": b"{}", **files})
    folder = scan(tmp_path)
    context = Context(folder.tree, folder.read, Binaries(folder.tree, folder.read_part), NOWHERE)

    found = frozenset(find_silent(context, frozenset([main]), dict.fromkeys(files, GOING)))

    assert found == stays
