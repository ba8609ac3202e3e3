"""Which of the user's own files are text that starts or sets something, by their names."""

from __future__ import annotations

import re

from slimmer.formats.mentions import Writing
from slimmer.model.tree import Entry
from slimmer.paths import name_of

_MAX_CODE_BYTES = 16_000_000  # as for all sources; the largest bundles have about 10 MB
_MAX_SETTINGS_BYTES = 1_000_000  # above it, what is written like settings is data
_QUOTED = frozenset(
    (
        *("js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx", "vue", "svelte", "astro"),
        *("mdx", "coffee", "civet", "marko", "gjs", "gts", "imba"),
        *("py", "pyw", "ipynb", "rb", "rake", "ru", "php", "pl", "lua", "r", "jl"),
        *("ex", "exs", "eex", "erl", "escript", "java", "kt", "kts", "scala", "groovy", "clj"),
        *("json", "json5", "jsonc"),
    )
)
_DATA = frozenset(("json", "json5", "jsonc", "ipynb"))
_WORDS = frozenset(
    (
        *("sh", "bash", "zsh", "fish", "ps1", "service"),
        *("yaml", "yml", "toml", "xml", "properties", "ini", "cfg", "conf", "env"),
    )
)
_IMAGE = re.compile(r"(?:.+\.)?(?:Docker|Container)file(?:\..+)?")
_PROSE = re.compile(
    r"(?i)(?:un)?licen[sc]e.*|copy(?:ing|right).*|notice.*|readme.*|change(?:log|s).*|authors.*"
    r"|makefile|version|cname"
)
_PAGE = re.compile(
    r"(?i)(?:(?:un)?licen[sc]e|copy(?:ing|right)|notice|readme|changelog|authors|contributing"
    r"|security|third[-_]?party[-_](?:licen[sc]es?|notices?))(?:[.-].*)?|.+\.(?:md|markdown|rst|adoc|asciidoc)"
)
# What is only read where the application is written, built, tested or deployed.
_DEVELOPMENT = re.compile(
    r"(?:.*/)?(?:"
    r"\.(?:github|gitlab|circleci|husky|vscode|idea|devcontainer|changeset|buildkite)/.*"
    r"|[^/]*[-.]lock(?:\.ya?ml|\.json|b)?|npm-shrinkwrap\.json|\.[^/]*ignore"
    r"|pyproject\.toml|Pipfile|setup\.cfg|(?:poetry|uv)\.toml|requirements[^/]*|\.python-version"
    r"|\.(?:gitlab-ci|travis|drone|pre-commit-config|appveyor|codecov)\.ya?ml|appveyor\.yml"
    r"|(?:azure|bitbucket)-pipelines\.ya?ml|buildspec\.ya?ml|\.?renovate(?:rc)?(?:\.json)?"
    r"|serverless\.(?:ya?ml|json|[jt]s)|template\.(?:ya?ml|json)|samconfig\.\w+|cdk\.json"
    r"|(?:docker-)?compose[^/]*\.ya?ml|(?:nx|turbo|lerna)\.json|pnpm-workspace\.yaml"
    r"|(?:tox|pytest|mypy)\.ini|\.(?:coveragerc|flake8|pylintrc|mypy\.ini)|\.?ruff\.toml"
    r"|\.lintstagedrc[^/]*|\.npmrc|\.yarnrc[^/]*|\.editorconfig|\.git(?:attributes|modules)"
    r"|package\.json"  # read by its keys
    r"|[^/]+\.d\.(?:\w+\.)?[cm]?ts"
    r")"
)
#: What names people, groups and services of a system, and nothing that is started or set. A group
#: may be called as an application is, such as ``sasl``.
ACCOUNTS = frozenset(
    f"etc/{name}{end}"
    for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid", "services", "shells")
    for end in ("", "-")
)
COMPILER = "typescript"
# Settings that a tool reads, and the package that is the tool. package.json has some by a key.
_TOOLS = (
    (re.compile(r"\.eslintrc(?:\.\w+)?|eslintConfig"), "eslint"),
    (re.compile(r"\.babelrc(?:\.\w+)?|babel\.config\.json|babel"), "@babel/core"),
    (re.compile(r"\.mocharc(?:\.\w+)?"), "mocha"),
    (re.compile(r"jest\.config\.\w+"), "jest"),
    (re.compile(r"\.nycrc(?:\.\w+)?"), "nyc"),
    (re.compile(r"\.prettierrc(?:\.\w+)?"), "prettier"),
    (re.compile(r"\.swcrc"), "@swc/core"),
    (re.compile(r"tslint\.\w+"), "tslint"),
    (re.compile(r"(?:ts|js)config(?:\..+)?\.json"), COMPILER),
)
_INHERITED = re.compile(
    rb'"(?:extends|require)"\s{0,64}:\s{0,64}(\[[^\]]{0,4000}\]|"[^"\n]{0,300}")'
)


def is_for_people(entry: Entry) -> bool:
    """Return whether a file is read by people, or where the application is built, and not run.

    A program that it names is one that somebody starts there. A Makefile may be what starts.
    """
    name = name_of(entry.path)
    is_known = _DEVELOPMENT.fullmatch(entry.path) or _IMAGE.fullmatch(name) or _PAGE.fullmatch(name)
    return bool(is_known) and not entry.executable


def writing_of(entry: Entry) -> Writing | None:
    """Return how names are written in a file; None for prose, data, programs and development's."""
    name = name_of(entry.path)
    if _DEVELOPMENT.fullmatch(entry.path):
        return None
    stem, _, ending = name.rpartition(".")
    is_code = bool(stem) and ending in _QUOTED
    most_bytes = _MAX_CODE_BYTES if is_code and ending not in _DATA else _MAX_SETTINGS_BYTES
    if entry.size_bytes > most_bytes:
        return None
    if is_code:
        return Writing.QUOTED
    if _IMAGE.fullmatch(name):
        return Writing.IMAGE
    if stem:
        return Writing.WORDS if ending in _WORDS or name.startswith(".env.") else None
    return None if _PROSE.fullmatch(name) else Writing.WORDS  # no ending: bootstrap, .babelrc


def tool_of(name: str) -> str:
    """Return the package of the tool whose settings a file, or a key of package.json, holds."""
    return next((tool for pattern, tool in _TOOLS if pattern.fullmatch(name)), "")


def inherited(path: str, text: bytes) -> list[tuple[int, int]] | None:
    """Return the parts of a TypeScript compiler's settings that name files of packages.

    None for all other files. What ``types`` lists is no package that runs.
    """
    if tool_of(name_of(path)) != COMPILER:
        return None
    return [match.span(1) for match in _INHERITED.finditer(text)]
