"""The guard of PHP: what the user's own files name of its programs and of PEAR comes back.

A name counts in any file, also in a program: a bootstrap in Go may start ``php-fpm``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from slimmer.ecosystems.context import Context
from slimmer.model.findings import Finding
from slimmer.model.owners import OWN
from slimmer.model.rules import Reference, Verdict
from slimmer.model.tree import Kind

_MAX_BYTES = 64 * 1024 * 1024  # of a file that is looked into
# What names a part of PHP, and the paths that are the part.
_ROWS = (
    (rb"\bphp-fpm", r"sbin/php-fpm[^/]*"),
    (rb"\bphp-cgi", r"(?:bin/php-cgi|lib/cgi-bin/php)[^/]*"),
    (rb"\bphpdbg", r"bin/phpdbg[^/]*"),
    (rb"\blibphp\d?[\d.]{0,9}\.so", r"lib/(?:apache2/modules/)?libphp[^/]*"),
    (
        rb"\bphar(?:\.phar)?[ \t]{1,9}(?:pack|extract|list|info|add|sign|tree|meta-|stub-)",
        r"bin/phar[^/]*",
    ),
    (
        rb"\bphpize|\bphp-config",
        r"(?:bin/php(?:ize|-config)|lib/php/(?:[^/]+/)?build/|include/php/).*",
    ),
    (
        (
            rb"\b(?:PEAR(?:/\w{1,40})?|Archive/Tar|Console/Getopt|Structures/Graph|XML/Util|OS/Guess"
            rb"|System|pearcmd|peclcmd)\.php\b|\b(?:pear|pecl)[ \t]{1,9}(?:install|config|list|run)"
        ),
        r"(?:(?:share|lib)/php/(?!\d|extensions/).*|bin/(?:pear|pecl|peardev))",
    ),
)
_NAMED = [(re.compile(name), re.compile(rf"(?:\A|/)(?:{place})\Z")) for name, place in _ROWS]
# Settings of PHP's own server, which name it wherever it is not started.
_OF_SERVER = re.compile(r"(?:.*/)?(?:php-fpm\.conf(?:\.default)?|(?:php-fpm|pool)\.d/.*|fpm/.*)")
_HINT = re.compile(rb"php-|phpdbg|phpize|libphp|phar|pear|pecl|\.php\b")


class PhpGuard:
    """Knows which parts of PHP the files of one tree, and of zips beside it, name."""

    def __init__(self, context: Context) -> None:
        self._tree = context.tree
        self._read = context.read
        self._owners = context.owners
        self._siblings = context.deployment.siblings
        self._known: dict[str, tuple[int, ...]] = {}

    def references(self, verdicts: Mapping[str, Verdict]) -> Iterator[Reference]:
        """Yield each part that is named and dropped, with all that is dropped of it."""
        gone = self._gone(verdicts)
        if not gone:
            return
        for name, named in self._files(verdicts):
            for number in named:
                if paths := gone.get(number):
                    yield Reference(name, paths[0], paths[0], True, members=paths)

    def findings(self, _verdicts: Mapping[str, Verdict]) -> Iterable[Finding]:
        """Return nothing: what is named comes back."""
        return ()

    def _gone(self, verdicts: Mapping[str, Verdict]) -> dict[int, tuple[str, ...]]:
        """Return what is dropped by the pack, by the number of the row that it belongs to."""
        found: dict[int, list[str]] = {}
        for path, verdict in verdicts.items():
            is_ours = verdict.dropped and verdict.rule and verdict.rule.component.startswith("php/")
            if is_ours:
                for number, (_, places) in enumerate(_NAMED):
                    if places.search(path):
                        found.setdefault(number, []).append(path)
        return {number: tuple(paths) for number, paths in found.items()}

    def _files(self, verdicts: Mapping[str, Verdict]) -> Iterator[tuple[str, tuple[int, ...]]]:
        for entry in self._tree.entries:
            is_own = entry.kind is Kind.FILE and self._owners.get(entry.path, OWN) == OWN
            is_own = is_own and not _OF_SERVER.fullmatch(entry.path)
            if is_own and verdicts[entry.path].kept and entry.size_bytes <= _MAX_BYTES:
                yield entry.path, self._named(entry.path, partial(self._read, entry.path))
        for zip_ in self._siblings:
            for entry in zip_.tree.entries:
                if entry.kind is Kind.FILE and entry.size_bytes <= _MAX_BYTES:
                    name = f"{zip_.name}: {entry.path}"
                    yield name, self._named(name, partial(zip_.read, entry.path))

    def _named(self, name: str, read: Callable[[], bytes]) -> tuple[int, ...]:
        """Return the numbers of the rows whose part a file names; it is read once."""
        if name not in self._known:
            data = read()
            has_hint = _HINT.search(data) is not None
            rows = enumerate(_NAMED) if has_hint else ()
            self._known[name] = tuple(n for n, (names, _) in rows if names.search(data))
        return self._known[name]
