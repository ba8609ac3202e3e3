"""Of which files of an image the names count: of what runs, and of what a program there reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from slimmer.ecosystems.distribution.aside import install_scripts
from slimmer.ecosystems.distribution.binaries import starts_programs
from slimmer.ecosystems.distribution.names import BIN, TEXTS, builders
from slimmer.ecosystems.distribution.records import Records
from slimmer.ecosystems.distribution.starters import Starters
from slimmer.ecosystems.interface import UsesRequest
from slimmer.ecosystems.own_texts import is_for_people
from slimmer.formats.elf.dynamic import Dynamic
from slimmer.model.owners import OWN
from slimmer.model.tree import Entry, Kind
from slimmer.paths import folder_of, name_of

#: Where installers write what people edit; none of it runs unless it is a program or a script.
_SETTINGS = ("etc/", "root/", "var/lib/", "var/log/", "var/cache/", "usr/share/")
#: How the programs begin that every system has and that start others by names of their own.
_STARTERS = ("apt", "dpkg", "perl", "tar")
_BEAM = ".beam"


class Reading:
    """Knows of which files of one image the names count.

    ``placed`` has the package of each file, ``programs`` the names in the folders that the image
    looks in.
    """

    def __init__(
        self,
        request: UsesRequest,
        records: Records,
        placed: Mapping[str, str],
        programs: Collection[str],
        starters: Starters,
    ) -> None:
        self._request = request
        self._records = records
        self._placed = placed
        self._programs = programs
        self._starters = starters
        self._hooks = install_scripts(request.context.tree, request.context.read)

    def is_read(self, entry: Entry) -> bool:
        """Return whether names in a file count: in the user's own, programs and scripts."""
        path, is_own = entry.path, self._request.owners[entry.path] == OWN
        if (is_own and is_for_people(entry)) or path in self._hooks:
            return False
        if (by := builders(name_of(path))) and not entry.executable and self._tools.isdisjoint(by):
            return False
        if path.endswith((_BEAM, *self._texts)):
            return True
        if path.startswith(_SETTINGS) and not (is_own and entry.executable):
            return False
        binaries = self._request.context.binaries
        binary = binaries.of(entry)
        return is_own or bool(binary and binary.dynamic) or bool(binaries.script(entry))

    @cached_property
    def _tools(self) -> frozenset[str]:
        """The names of all that may be a program, wherever it lies."""
        verdicts, tree = self._request.verdicts, self._request.context.tree
        files = (e.path for e in tree.entries if e.kind is Kind.FILE and verdicts[e.path].kept)
        places = (path for path in files if not path.startswith("usr/share/"))
        return frozenset(self._programs).union(map(name_of, places))

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        """The ends of the scripts for which there is a program that reads them."""
        programs = tuple(self._programs)
        return tuple(e for e, by in TEXTS.items() if any(p.startswith(by) for p in programs))

    def is_base(self, path: str) -> bool:
        """Return whether a file is a program of what every system has.

        Such programs start what they are told, by paths that they say, or nothing; so names in them
        count only where they are known to start others. They convert characters for other locales
        only, but for ``iconv`` itself.
        """
        name = self._placed.get(path)
        is_program = BIN.fullmatch(folder_of(path)) is not None
        return name is not None and self._records.packages[name].is_required and is_program

    def may_start(self, path: str, data: bytes, dynamic: Dynamic | None) -> bool:
        """Return whether names of programs in a file count.

        Libraries of packages start programs by their paths, if at all.
        """
        if path.endswith(_BEAM):
            return self._starters.opens_ports(path, data)
        if dynamic is None or self._request.owners[path] == OWN:
            return not self._starters.is_inert(path)
        name = name_of(path)
        if ".so" in name or (self.is_base(path) and not name.startswith(_STARTERS)):
            return False
        return not dynamic.needed or starts_programs(data, dynamic)
