"""What Ruby's tools are dropped for, and who takes them back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slimmer.ecosystems.context import Deployment
from slimmer.formats.ruby import requires as formats
from tests.support.decide import decide, kept
from tests.support.natives import Zip

HOME = "lib/ruby/gems/3.3.0"
RBS = f"{HOME}/gems/rbs-3.4.0/lib/rbs/parser.rb"
MINITEST = f"{HOME}/gems/minitest-5.20.0/lib/minitest.rb"
RDOC = "lib/ruby/3.3.0/rdoc/rdoc.rb"
EXT = f"{HOME}/gems/x-1.0/ext/x/x.rb"


def spec(name: str, more: str = "") -> bytes:
    return f'Gem::Specification.new do |s|\n  s.name = "{name}".freeze\n{more}end\n'.encode()


TREE = {
    "lib/ruby/3.3.0/x86_64-linux/rbconfig.rb": b"module RbConfig\nend\n",
    "lib/ruby/3.3.0/rubygems/rdoc.rb": b'require "rdoc"\n',
    "lib/ruby/3.3.0/rdoc.rb": b"",
    RDOC: b"",
    f"{HOME}/specifications/default/rdoc-6.6.3.gemspec": spec("rdoc"),
    f"{HOME}/specifications/rbs-3.4.0.gemspec": spec("rbs"),
    f"{HOME}/extensions/x86_64-linux/3.3.0/rbs-3.4.0/rbs_extension.so": b"\x7fELF",
    RBS: b"",
    f"{HOME}/gems/rbs-3.4.0/README.md": b"# RBS\n",
    f"{HOME}/specifications/minitest-5.20.0.gemspec": spec("minitest"),
    MINITEST: b"",
    f"{HOME}/specifications/x-1.0.gemspec": spec("x"),
    f"{HOME}/gems/x-1.0/lib/x.rb": b"# see ../ext\nmodule X; end\n",
    f"{HOME}/gems/x-1.0/Rakefile": b'require "minitest"\n',
    EXT: b"create_makefile\n",
}


def test_tools_are_dropped_where_only_rubys_own_commands_ask_for_them() -> None:
    assert not kept(decide(TREE, guards=("ruby",))) & {
        RBS,
        MINITEST,
        RDOC,
        EXT,
        f"{HOME}/specifications/rbs-3.4.0.gemspec",
    }


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('require "rbs/parser"', {RBS}),
        ("  require('minitest') if ENV['X']", {MINITEST}),
        ("gem 'minitest', '~> 5'", {MINITEST}),
        ("autoload :RDoc, 'rdoc'", {RDOC, "lib/ruby/3.3.0/rdoc.rb"}),
        ('require "rbs/#{name}"', {RBS}),
        ('system("bundle exec minitest")', {MINITEST}),
        ("# require 'rbs'", set()),
        ("require name", set()),
    ],
)
def test_what_own_code_requires_comes_back(text: str, paths: set[str]) -> None:
    found = kept(decide({**TREE, "app.rb": text.encode()}, guards=("ruby",)))
    assert found & {RBS, MINITEST, RDOC, "lib/ruby/3.3.0/rdoc.rb"} == paths


def test_a_gem_comes_back_with_what_was_compiled_of_it_and_without_its_readme() -> None:
    found = kept(decide({**TREE, "app.rb": b"require 'rbs/parser'"}, guards=("ruby",)))
    assert f"{HOME}/specifications/rbs-3.4.0.gemspec" in found
    assert f"{HOME}/extensions/x86_64-linux/3.3.0/rbs-3.4.0/rbs_extension.so" in found
    assert f"{HOME}/gems/rbs-3.4.0/README.md" not in found


def test_what_a_kept_gem_depends_on_comes_back() -> None:
    needs = spec("y", '  s.add_runtime_dependency(%q<minitest>.freeze, [">= 5.1"])\n')
    unused = spec("z", '  s.add_development_dependency(%q<rbs>.freeze, [">= 0"])\n')
    more = {
        f"{HOME}/specifications/y-1.gemspec": needs,
        f"{HOME}/specifications/z-1.gemspec": unused,
    }
    found = kept(decide({**TREE, **more}, guards=("ruby",)))
    assert MINITEST in found
    assert RBS not in found


@pytest.mark.parametrize(
    ("start", "stays"), [("require 'bundler/setup'", True), ("require 'json'", False)]
)
def test_a_lock_keeps_its_gems_where_bundler_is_started(start: str, stays: bool) -> None:
    lock = "GEM\n  remote: x\n  specs:\n    minitest (5.20.0)\n      rbs (>= 3)\n"
    files = {**TREE, "app.rb": start.encode(), "Gemfile.lock": lock.encode()}
    found = kept(decide(files, guards=("ruby",)))
    assert (MINITEST in found) == stays
    assert RBS not in found


def test_what_a_gem_reaches_beside_its_code_comes_back() -> None:
    reaches = {f"{HOME}/gems/x-1.0/lib/x.rb": b"File.expand_path('../ext/x', __dir__)\n"}
    assert EXT in kept(decide({**TREE, **reaches}, guards=("ruby",)))


def test_what_a_function_beside_the_layer_requires_comes_back() -> None:
    function = Zip("function.zip", {"app.rb": b"require 'rbs/parser'\n"})
    found = decide(TREE, guards=("ruby",), deployment=Deployment(siblings=(function,)))
    assert RBS in kept(found)
    assert any("function.zip: app.rb:1 needs rbs/parser" in r.chain for r in found.rescues)


@given(st.binary())
def test_any_bytes_are_read(data: bytes) -> None:
    assert all(each.line > 0 for each in formats.requires(data))
    formats.spec_name(data), formats.spec_dependencies(data), formats.locked(data)
    formats.folders_above(data), formats.programs(data, is_ruby=False)
