"""The modules of languages that a distribution's packages place, as the user's own code names them.

The interpreters of Debian and Alpine look in folders of their own: Node.js in
``/usr/share/nodejs`` (Debian JavaScript Policy), Perl in ``/usr/share/perl5`` (Debian Perl Policy,
2.3), Ruby in ``/usr/lib/ruby/vendor_ruby``, PHP in ``/usr/share/php``, Lua in ``/usr/share/lua``,
Tcl in ``/usr/share/tcltk``, R in ``/usr/lib/R/site-library``, Python in
``/usr/lib/python3/dist-packages``, where distributions are units themselves and this is the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from slimmer.model.tree import Tree
from slimmer.paths import name_of, parents

_ARCH = r"usr/(?:lib(?:/[^/]+)?|share)"
#: Where each language looks; the group is what code calls a module by, slashes and all.
_PLACES = {
    "node": re.compile(rf"\A{_ARCH}/nodejs/((?:@[^/]+/)?[^/]+?)(?:/.*|\.(?:js|cjs|mjs|json|node))"),
    "perl": re.compile(
        rf"\A{_ARCH}/perl5?/(?:vendor_perl/|site_perl/|core_perl/)?(?:[\d.]+/)?(.+)\.(?:pm|pl)"
    ),
    "ruby": re.compile(
        rf"\A{_ARCH}/ruby/vendor_ruby/(?:[\d.]+/)?(.+)\.(?:rb|so)"
        r"|\Ausr/(?:share/rubygems-integration|lib/ruby/gems|lib/[^/]+/rubygems-integration)"
        r"/[^/]+/gems/[^/]+/lib/(.+)\.(?:rb|so)"
    ),
    "python": re.compile(
        r"\Ausr/lib/python3(?:\.\d+)?/(?:dist|site)-packages/(\w+)(?:/.*|\.py|\.[^/]*\.?so)"
    ),
    "php": re.compile(r"\Ausr/share/php\d*/(.+)\.(?:php|inc)"),
    "lua": re.compile(rf"\A{_ARCH}/lua/5\.\d/(.+)\.(?:lua|so)"),
    "tcl": re.compile(r"\Ausr/(?:share|lib)/tcltk/(?:[^/]+/)?([A-Za-z]+)[\d.]*/.*"),
    "r": re.compile(r"\Ausr/lib/R/(?:site-)?library/([^/]+)/.*"),
}
#: Whose sources have which end, or are started by what; others may hand a line to any language.
_ENDS = {
    **dict.fromkeys(("js", "cjs", "mjs", "ts", "cts", "mts", "jsx", "tsx", "json"), "node"),
    **dict.fromkeys(("py", "pyw", "ipynb"), "python"),
    **dict.fromkeys(("pl", "pm", "cgi", "psgi", "t"), "perl"),
    **dict.fromkeys(("rb", "ru", "rake", "gemspec", "erb"), "ruby"),
    **dict.fromkeys(("php", "phtml", "inc"), "php"),
    **dict.fromkeys(("r", "R", "Rmd"), "r"),
    "lua": "lua",
    "tcl": "tcl",
}
_STARTED = re.compile(
    rb"#![^\n]{0,120}?\b(node|python|perl|ruby|php|lua|tcl|R)(?:js|sh|script)?[\d.]*\b"
)
#: Of other languages, which have no such folders.
_OTHERS = ("ex", "exs", "erl", "beam", "java", "class", "jar", "go", "rs", "c", "h", "css")
_WORD = re.compile(rb"[@\w][\w.+@:/-]{0,200}")
_ASKED = re.compile(
    rb"(?:\b(?:require|import|from|library|use|package\s{1,9}require)\b\s*+\(?+\s*+"
    rb"|\s-(?:M|m|r|-require|-import)[ =]?)[\"'`]?([@\w][\w.+@:/-]{0,200})"
)
_QUOTED = re.compile(rb"[\"'`]([@\w][\w.+@:/-]{0,200})[\"'`]")


class Modules:
    """Knows the modules that packages place; ``placed`` has the package of each file."""

    def __init__(self, tree: Tree, placed: Mapping[str, str]) -> None:
        self._tree = tree
        self._placed = placed

    def asked_by(self, path: str, data: bytes) -> Iterator[str]:
        """Yield the packages whose modules a file of the user's own may ask for."""
        end = name_of(path).rpartition(".")[2]
        if end in _OTHERS or not self._by_name:
            return
        language = _ENDS.get(end) or _started_by(data)
        if language == "node":
            words = {*_QUOTED.findall(data)}
        else:
            words = {*(_WORD.findall(data) if language else _ASKED.findall(data))}
        for word in words:
            for known, name in _called(word.decode("utf-8", "replace")):
                packages = self._by_name.get((known, name), ())
                is_other = language not in ("", known)
                if packages and not is_other and not (known == "node" and self._has(path, name)):
                    yield from packages

    def _has(self, path: str, name: str) -> bool:
        """Return whether Node.js finds a package of this name before it looks in these folders."""
        folders = (*parents(path), "")
        places = (f"{folder}/node_modules/{name}".lstrip("/") for folder in folders)
        return any(place in self._tree.by_path for place in places)

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], set[str]]:
        """The packages with a module, by its language and name; a namespace is of several."""
        found: dict[tuple[str, str], set[str]] = {}
        for path, package in self._placed.items():
            for language, pattern in _PLACES.items():
                if match := pattern.fullmatch(path):
                    name = next(filter(None, match.groups()))
                    found.setdefault((language, name), set()).add(package)
        return found


def _started_by(data: bytes) -> str:
    """Return the language whose interpreter starts a script; empty for any other."""
    found = _STARTED.match(data)
    return found[1].decode("ascii").lower() if found else ""


def _called(word: str) -> Iterator[tuple[str, str]]:
    """Yield the modules that a word may name, each by the language that writes it so."""
    word = word.rstrip(".:/-")
    parts = word.split("/")
    yield "node", "/".join(parts[: 2 if word.startswith("@") else 1])
    yield "python", word.partition(".")[0]
    perl = word.replace("::", "/").removesuffix(".pm").removesuffix(".pl")
    yield "perl", perl
    if perl.startswith("M"):  # perl -MModule
        yield "perl", perl[1:]
    yield "ruby", word.removesuffix(".rb")
    yield "php", word.removesuffix(".php").removesuffix(".inc")
    yield "lua", word.removesuffix(".lua").replace(".", "/")
    yield "tcl", word
    yield "r", word.partition("::")[0]
