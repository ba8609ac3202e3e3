"""Which folders of a fat jar are one artefact: by Maven's coordinates in it, else by packages.

A jar that many were merged into says by META-INF/maven/GROUP/ARTIFACT who they were, and not what
each brought. An artefact is told apart where one package below its group is called as it is:
``com.amazonaws:aws-java-sdk-ec2`` is ``com/amazonaws/services/ec2``. Everything else goes by the
first two parts of a package, or three where one host has many projects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from slimmer.paths import folder_of, name_of, parents

CODE = (".class", ".clj", ".cljc")
META = "META-INF/"
#: Where loaders look below: what a newer Java loads instead (JEP 238), and the classes of Spring
#: Boot's jars and of web applications ("The Executable Jar Format", Servlet 6.0, 10.5).
_LOADED_BELOW = re.compile(r"META-INF/versions/\d+/|(?:BOOT|WEB)-INF/classes/")
_COORDINATES = re.compile(r"META-INF/maven/([^/]+)/([^/]+)/")
_NAME = re.compile(r"[\w$-]+(?:/[\w$-]+)*")
#: First parts of packages that say where somebody is at home, beside those of two letters.
_TOPS = frozenset(
    (
        *("com", "org", "net", "edu", "gov", "mil", "info", "biz", "dev", "app", "cloud", "tech"),
        *("software", "name", "tools", "systems", "javax", "jakarta"),
    )
)
#: Hosts of many projects.
_HOSTS = frozenset(
    (
        *("org/apache", "org/codehaus", "org/eclipse", "org/glassfish", "org/jboss", "org/w3"),
        *("org/springframework", "com/amazonaws", "com/azure", "com/fasterxml", "com/github"),
        *("com/google", "com/ibm", "com/microsoft", "com/oracle", "com/sun", "io/github"),
        "software/amazon",
    )
)
_FEWEST = 4  # packages of as many hosts come from several artefacts


def loaded_as(member: str) -> str:
    """Return the path by which a class loader knows a member of a jar."""
    return _LOADED_BELOW.sub("", member, count=1)


def coordinates(names: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return the group and the name of each artefact that a jar's members speak of."""
    found = (_COORDINATES.match(name) for name in names if name.startswith("META-INF/maven/"))
    return frozenset((match[1], match[2]) for match in found if match)


class Packages:
    """The artefacts of a jar, each as the folder of its packages; none where it is one itself."""

    def __init__(self, names: Iterable[str], *, is_program: bool) -> None:
        """Take the names of all members, and whether the jar says what it starts."""
        names = tuple(names)
        code = {folder_of(loaded_as(name)) for name in names if name.endswith(CODE)}
        folders = {folder for folder in code if _NAME.fullmatch(folder)}
        places = {"/".join(_first(folder.split("/"))) for folder in folders}
        artefacts = coordinates(names)
        #: The folder of each artefact by ``GROUP/NAME``, where it is known.
        self.by_artefact: dict[str, str] = {}
        if len(artefacts) > 1:
            self.by_artefact = dict(_told_apart(artefacts, folders))
        elif artefacts or not is_program or len(places) < _FEWEST:
            places = set()
        self._places = places.union(self.by_artefact.values())
        self._known: dict[str, str] = {}

    @property
    def are_many(self) -> bool:
        """Whether the jar is more than one artefact."""
        return bool(self._places)

    def place(self, member: str) -> str:
        """Return the folder of the artefact that a member is of; empty for the jar's own."""
        if not self._places:
            return ""
        folder = folder_of(loaded_as(member))
        if folder.startswith("META-INF/native-image/"):
            return self.by_artefact.get(folder.removeprefix("META-INF/native-image/"), "")
        return self._of_folder(folder.removeprefix(META))

    def _of_folder(self, folder: str) -> str:
        if folder not in self._known:
            around = (each for each in (folder, *parents(folder)) if each in self._places)
            self._known[folder] = next(around, "")
        return self._known[folder]


def _first(parts: list[str]) -> list[str]:
    """Return the parts of a package that say whose it is."""
    if len(parts[0]) != 2 and parts[0] not in _TOPS:
        return parts[:1]
    return parts[: 3 if "/".join(parts[:2]) in _HOSTS else 2]


def _told_apart(
    artefacts: Iterable[tuple[str, str]], folders: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """Yield each artefact with its folder, where one package alone is called as it is."""
    by_name: dict[str, set[str]] = {}
    for folder in {place for each in folders for place in (each, *parents(each))}:
        by_name.setdefault(name_of(folder).lower(), set()).add(folder)
    for group, artefact in sorted(artefacts):
        home = "/".join(group.split(".")[:2]) + "/"
        for name in _calls(artefact):
            found = [f for f in by_name.get(name, ()) if f.startswith(home)]
            short = min((folder.count("/") for folder in found), default=0)
            found = [folder for folder in found if folder.count("/") == short]
            if len(found) == 1 and short > 1:
                yield f"{group}/{artefact}", found[0]
                break


def _calls(artefact: str) -> Iterator[str]:
    """Yield what a package of an artefact may be called: its name, and without first words."""
    words = artefact.lower().split("-")
    return ("".join(words[at:]) for at in range(len(words)))
