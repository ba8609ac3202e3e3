"""Modules that a distribution's packages place stay where the user's own code asks for them."""

from __future__ import annotations

import pytest

from slimmer.model.started import Started
from tests.ecosystems.distribution.test_javascript import BASE, OTHER, STARTED, leaf, placed
from tests.ecosystems.distribution.test_uses import reached

NODE, SCOPED = "usr/share/nodejs/thing/index.js", "usr/share/nodejs/@scope/thing/lib/x.js"
NATIVE = "usr/lib/x86_64-linux-gnu/nodejs/thing/build/thing.node"
PERL_OF_ALPINE = "usr/share/perl5/vendor_perl/Some/Thing.pm"
PYTHON_OF_ALPINE = "usr/lib/python3.12/site-packages/thing/x.py"
PERL = "usr/share/perl5/Some/Thing.pm"
RUBY = "usr/lib/ruby/vendor_ruby/thing/core.rb"
GEM = "usr/share/rubygems-integration/all/gems/thing-1.0/lib/thing/core.rb"
PYTHON = "usr/lib/python3/dist-packages/thing.cpython-311-x86_64-linux-gnu.so"
PHP, LUA = "usr/share/php/Some/Thing.php", "usr/share/lua/5.4/some/thing.lua"
TCL, R = "usr/share/tcltk/tcllib1.21/thing/x.tcl", "usr/lib/R/site-library/thing/R/thing.rdb"


@pytest.mark.parametrize(
    ("module", "path", "code"),
    [
        (NODE, "app/a.js", "const x = require('thing')"),
        (NODE, "app/a.mjs", 'import x from "thing/lib/y.js"'),
        (NODE, "app/start", "#!/usr/bin/env node\nload(`thing`)"),
        (NODE, "app/run.sh", "node -e \"require('thing')\""),
        (NODE, "app/run.sh", "node --require thing app.js"),
        (NATIVE, "app/a.cjs", "require('thing')"),
        (SCOPED, "app/a.ts", "import '@scope/thing/deep'"),
        (PYTHON, "app/a.py", "import thing.x"),
        (PYTHON, "app/a", "#!/usr/bin/env python3\nfrom thing import x"),
        (PYTHON, "app/run.sh", "python3 -m thing"),
        (PYTHON_OF_ALPINE, "app/a.py", "import thing.x"),
        (PERL_OF_ALPINE, "app/a.pl", "use Some::Thing;"),
        (PERL, "app/a.pl", "use Some::Thing qw(x);"),
        (PERL, "app/a", "#!/usr/bin/perl -w\nrequire 'Some/Thing.pm';"),
        (PERL, "app/run.sh", "perl -MSome::Thing -e 1"),
        (RUBY, "app/a.rb", "require 'thing/core'"),
        (GEM, "app/run.sh", "ruby -e \"require 'thing/core'\""),
        (PHP, "app/a.php", "<?php require_once 'Some/Thing.php';"),
        (LUA, "app/a.lua", "local t = require('some.thing')"),
        (TCL, "app/a.tcl", "package require thing"),
        (R, "app/a.R", "library(thing)"),
        (R, "app/b.r", "thing::run()"),
    ],
)
def test_what_own_code_asks_for_stays_with_its_package(module: str, path: str, code: str) -> None:
    files = {**BASE, "app/main.js": b"\n", **placed("plain", module), module: b"-"}
    assert module not in reached(files, STARTED)
    stays = reached({**files, path: code.encode() + b"\n"}, Started((f"/{path}",)))
    assert stays >= {module, "usr/bin/helper"}  # and what the package depends on
    assert OTHER not in stays


@pytest.mark.parametrize(
    ("module", "path", "code"),
    [
        (NODE, "app/a.py", "import thing"),
        (NODE, "app/a.js", "thing.do(x) // a thing"),
        (NODE, "app/run.sh", "do some thing"),
        (PERL, "app/a.js", "'Some::Thing'"),
        (RUBY, "app/run.sh", "cat thing/core"),
    ],
)
def test_a_word_of_another_language_or_text_asks_for_none(
    module: str, path: str, code: str
) -> None:
    files = {**BASE, "app/main.js": b"\n", **placed("plain", module), module: b"-"}
    stays = reached({**files, path: code.encode() + b"\n"}, Started((f"/{path}",)))
    assert module not in stays


def test_a_package_of_npm_that_lies_nearer_is_the_one_that_is_asked_for() -> None:
    module = "usr/share/nodejs/leaf/index.js"
    files = {**BASE, **placed("plain", module), module: b"-", "app/main.js": b"require('leaf')\n"}
    assert module in reached(files, STARTED)
    assert module not in reached({**files, **leaf()}, STARTED)


def test_all_packages_of_a_namespace_stay() -> None:
    folder = "usr/lib/python3/dist-packages/space"
    one, two = f"{folder}/one.py", f"{folder}/two.py"
    files = {**BASE, "app/main.js": b"\n", "app/a.py": b"import space.two\n", one: b"", two: b""}
    files |= {**placed("plain", one), **placed("other", two)}
    assert {one, two} <= reached(files, Started(("/app/a.py",)))
