"""The rows of the table of options that say what is installed below the trees of a build."""

from __future__ import annotations

from slimmer.config.option import Option
from slimmer.config.path_values import PathOf, Role
from slimmer.config.values import Switch, Texts

INSTALL_TABLE = (
    Option(
        "--over",
        PathOf("TREE", role=Role.IN, multiple=True),
        "Lay another TREE over the first, as slim build does with several. Repeatable.",
    ),
    Option(
        "--requirements",
        PathOf("FILE", role=Role.IN),
        "Install what FILE lists for --target and --arch, with uv or pip, and lay TREE over it: "
        "requirements.txt, pyproject.toml, uv.lock or poetry.lock.",
    ),
    Option(
        "--npm",
        PathOf("FILE", role=Role.IN),
        "Install what FILE, a package-lock.json, lists for --arch with npm, and lay TREE over it.",
    ),
    Option(
        "--refresh",
        Switch(),
        "Install --requirements and --npm again, instead of taking them from the cache.",
    ),
    Option(
        "--jlink",
        Texts("MODULES"),
        "Ship a Java runtime of these modules in the place of the tree's own, made by a JDK's "
        "jlink: names parted by commas, and reached for all that the code names.",
    ),
    Option(
        "--jdk",
        PathOf("DIR", role=Role.IN),
        "The JDK whose jlink makes the runtime. Default: the tree's own, that of JAVA_HOME, or "
        "that of the jlink on PATH.",
    ),
)
