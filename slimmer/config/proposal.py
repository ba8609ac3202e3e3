"""What a slim.toml for a project could say: its files in, the text of a commented file out.

Only what a file states is proposed as it is; what slim cannot know is a comment to be filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from slimmer.config.handlers import ENDINGS, find_handler
from slimmer.formats import FormatError
from slimmer.formats.javascript.lifecycle import changes_packages
from slimmer.formats.templates import Described, described
from slimmer.inputs.templates import SAM, SERVERLESS
from slimmer.text import printable

#: The files that are looked at, at a project's top.
FILES = (
    *(*SAM, *SERVERLESS, "cdk.json", "main.tf", "lambda.tf", "functions.tf"),
    *("uv.lock", "poetry.lock", "requirements.txt", "pyproject.toml"),
    *("package-lock.json", "npm-shrinkwrap.json", "package.json", "mix.exs", "project.clj"),
    *(".python-version", ".nvmrc", ".node-version"),
)
_PYTHON = ("uv.lock", "poetry.lock", "requirements.txt", "pyproject.toml")
_NPM = ("package-lock.json", "npm-shrinkwrap.json")
_SHOWN = 80  # characters of a script
_PATCHES = b"patch-package"
_OTHER_LOCKS = ("yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb")
_HEAD = """\
# What slim builds of this project: slim build, slim check and slim verify do all artifacts.
# Each key is described in docs/build.md of slim.
"""
_BLOCK = re.compile(r'(?:resource\s+"aws_lambda_function"|data\s+"archive_file")\s+"([\w-]+)"\s*\{')
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Project(NamedTuple):
    """What is known of a project's folder."""

    name: str
    #: The bytes of those of FILES that are there, by name; of package.json also a folder below.
    files: Mapping[str, bytes]
    #: The names of all at its top.
    names: Collection[str]
    #: What its events are, relative to it.
    events: Collection[str] = ()
    #: The lock files and lists of requirements one folder below its top.
    inner: Collection[str] = ()
    #: Sources that may hold a handler, at its top and one folder below, by path.
    sources: Mapping[str, bytes] = {}
    #: The folders that have a bootstrap at their root, such as a custom runtime.
    started: Collection[str] = ()
    #: The folders of node_modules at its top that a generator wrote, by path.
    generated: Collection[str] = ()


class _Part(NamedTuple):
    """An artifact that is proposed."""

    name: str
    tree: str
    kind: str = "function"
    target: str = ""
    arch: str = ""
    handler: str = ""
    dependencies: tuple[str, ...] = ()
    note: str = ""
    layers: tuple[str, ...] = ()


def proposal(project: Project, targets: Collection[str]) -> tuple[str, str]:
    """Return the text of a slim.toml, and the file that it comes from.

    ``targets`` are the names of the targets that there are; others are told in a comment.
    """
    found: list[tuple[str, list[_Part]]] = [
        (name, parts) for name, parts in _parts(project) if parts
    ]
    source, parts = found[0] if found else ("", [_Part(_safe(project.name), ".")])
    lines = [_HEAD, *_unread(project)]
    if source:
        lines.append(f"# From {source}.\n")
    # No zip may lie in a tree, its own or another's.
    folder = ".." if any(part.tree == "." for part in parts) else "dist"
    functions = [part for part in parts if part.kind == "function"]
    for part in parts:
        events = _events(part, project) if len(functions) > 1 else sorted(project.events)
        lines.append(_table(part, folder, project, targets, events))
    return "\n".join(lines), source


def _parts(project: Project) -> Iterator[tuple[str, list[_Part]]]:
    files = project.files
    for name in (*SAM, *SERVERLESS):
        if name in files:
            yield name, _of_template(name, project)
    for name in ("main.tf", "lambda.tf", "functions.tf"):
        if name in files:
            yield name, _of_terraform(_text(files[name]), project)
    if "mix.exs" in files:
        app = _found(r"app:\s*:(\w+)", _text(files["mix.exs"])) or project.name
        note = "MIX_ENV=prod mix release makes it; its bootstrap starts the release"
        yield "mix.exs", [_Part(app, f"_build/prod/rel/{app}", "", "provided.al2023", note=note)]
    if "project.clj" in files:
        note = "lein uberjar, then unpack target/*-standalone.jar into it"
        app = _found(r"\(defproject\s+(?:[\w.-]+/)?([\w.-]+)", _text(files["project.clj"]))
        yield "project.clj", [_Part(_safe(app or project.name), "target/function", note=note)]
    language = _of_language(project)
    if project.started and not language:
        yield "the bootstrap in each", [_started(folder, project) for folder in project.started]
    note = "cdk.json: give the tree of each function of the stack" if "cdk.json" in files else ""
    if language:
        name = next(name for name in (*_PYTHON, "package.json") if name in files)
        yield name, [language._replace(note=note)]
    elif note:
        yield "cdk.json", [_Part(_safe(project.name), "lambda", note=note)]


def _unread(project: Project) -> Iterator[str]:
    """Yield a comment for each template that cannot be read."""
    for name in (*SAM, *SERVERLESS):
        try:
            described(project.files.get(name, b""), is_serverless=name in SERVERLESS)
        except FormatError as error:
            yield f"# {name} could not be read: {printable(str(error))}.\n"


def _started(folder: str, project: Project) -> _Part:
    """Return what is proposed for a folder with a bootstrap at its root."""
    name = project.name if folder == "." else folder
    note = 'a custom runtime of other functions; kind = "function" where it is the function'
    return _Part(_safe(name), folder, "layer", "provided.al2023", note=note)


def _of_template(name: str, project: Project) -> list[_Part]:
    try:
        found = described(project.files[name], is_serverless=name in SERVERLESS)
    except FormatError:
        return []
    if name in SERVERLESS and len({each.runtime for each in found if not each.is_layer}) == 1:
        functions = [each for each in found if not each.is_layer]
        service = _found(r"(?m)^service:\s*([\w-]+)", _text(project.files[name])) or project.name
        others = [each for each in found if each.is_layer]
        handlers = ", ".join(each.handler for each in functions)
        note = f"one zip for all functions, as Serverless packs them: {handlers}"
        whole = _part(functions[0]._replace(name=service), project)
        return [whole._replace(note=note), *(_part(each, project) for each in others)]
    return [_part(each, project) for each in found]


def _part(each: Described, project: Project) -> _Part:
    kind = "layer" if each.is_layer else "function"
    place = each.folder
    here = _dependencies(project, each.runtime, "" if place == "." else f"{place}/")
    tree = _tree_of(each, project.sources)
    part = _Part(_safe(each.name), tree, kind, each.runtime, each.arch, each.handler, here)
    return part._replace(layers=tuple(map(_safe, each.layers)))


def _tree_of(each: Described, sources: Collection[str]) -> str:
    """Return the folder that has a function's handler: a Makefile may build from src/ in it."""
    module = each.handler.rpartition(".")[0].replace(".", "/")
    for tree in (each.folder, f"{each.folder}/src"):
        if any(f"{tree}/{module}{ending}" in sources for ending in ENDINGS):
            return tree
    return each.folder


def _of_terraform(text: str, project: Project) -> list[_Part]:
    archives: dict[str, str] = {}
    functions: list[tuple[str, str]] = []
    for header in _BLOCK.finditer(text):
        body = _body(text, header.end())
        if header[0].startswith("data"):
            archives[header[1]] = _found(r'source_dir\s*=\s*"([^"]+)"', body)
        else:
            functions.append((header[1], body))
    parts = []
    for name, body in functions:
        archive = _found(r"data\.archive_file\.([\w-]+)", body)
        stated = archives.get(archive, "").removeprefix("${path.module}/")
        tree = stated or _usual(project.names, ("src", "lambda", "app", name), "src")
        handler = _found(r'handler\s*=\s*"([^"$]+)"', body)
        runtime = _found(r'runtime\s*=\s*"([^"$]+)"', body)
        arch = _found(r'architectures\s*=\s*\[\s*"([^"]+)"', body)
        here = _dependencies(project, runtime, f"{tree}/") or _dependencies(project, runtime)
        parts.append(_Part(_safe(name), tree, "function", runtime, arch, handler, here))
    return parts


def _usual(names: Collection[str], usual: Collection[str], otherwise: str) -> str:
    """Return the first of the usual names of a folder that is there."""
    return next((each for each in usual if each in names), otherwise)


def _body(text: str, start: int) -> str:
    """Return a block of Terraform's from behind its brace to the one that closes it."""
    depth = 1
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start:place]
    return text[start:]


def _of_language(project: Project) -> _Part | None:
    files, names = project.files, project.names
    tree = _usual(names, ("src", "lambda", "app"), ".")
    if any(name in files for name in _PYTHON):
        manifest = _text(files.get("pyproject.toml", b""))
        version = _found(r"^\s*(3\.\d+)", _text(files.get(".python-version", b""))) or _found(
            r'requires-python\s*=\s*"[^"\d]*(3\.\d+)', manifest
        )
        name = _found(r'(?m)^name\s*=\s*"([\w.-]+)"', manifest) or project.name
        runtime = f"python{version}" if version else ""
        handler = find_handler(project.sources, tree, is_node=False)
        here = _dependencies(project, "python")
        return _Part(_safe(name), tree, "function", runtime, "", handler, here)
    if "package.json" in files:
        pinned = files.get(".nvmrc", files.get(".node-version", b""))
        node = _found(r"^v?(\d+)", _text(pinned)) or _found(r"(\d+)", _engine(files))
        runtime = f"nodejs{node}.x" if node else ""
        built = _usual(names, ("dist", "build"), tree)
        handler = find_handler(project.sources, built, is_node=True)
        here = _dependencies(project, "nodejs")
        called = _manifest(files).get("name")
        name = called.rpartition("/")[2] if isinstance(called, str) else ""
        is_module = _manifest(files).get("type") == "module"
        is_split = is_module and f"{built}/package.json" not in files
        if built != "." and (is_split or _is_patched(files["package.json"])):
            # Only the project's folder has the sources, and what makes them modules of JavaScript,
            # or the node_modules that was patched.
            built, handler = ".", f"{built}/{handler}" if handler else ""
        return _Part(_safe(name or project.name), built, "function", runtime, "", handler, here)
    return None


def _dependencies(project: Project, runtime: str, folder: str = "") -> tuple[str, ...]:
    """Return the line that names what is installed below a tree in a folder; none without one."""
    there = {*project.files, *project.inner}
    for start, key, names in (("python", "requirements", _PYTHON), ("nodejs", "npm", _NPM)):
        found = [f"{folder}{name}" for name in names if f"{folder}{name}" in there]
        if runtime.startswith(start) and found:
            line = f"{key} = {json.dumps(found[0])}"
            return _npm_lines(project, folder, line) if key == "npm" else (line,)
    other = next((each for each in _OTHER_LOCKS if each in project.names), "")
    if other and runtime.startswith("nodejs") and not folder:
        made = f"npm install --package-lock-only makes it; slim reads no {other}"
        return (f'# npm = "package-lock.json"  # {made}',)
    return ()


def _npm_lines(project: Project, folder: str, line: str) -> tuple[str, ...]:
    """Return what names a lock file of npm, with what an install from it does not bring."""
    manifest = project.files.get(f"{folder}package.json", b"")
    if own := printable(changes_packages(manifest)[:_SHOWN]):
        if _is_patched(manifest):
            why = "changes packages, so node_modules ships as it lies here"
            return (f"# {own}: {why}; npm ci, then npm prune --omit=dev, before slim build",)
        why = "where it changes packages, leave npm out, and name a tree that has node_modules"
        return (f"# {own}: slim does not run it; {why}", line)
    made = [] if folder else sorted(project.generated)
    return (
        (f"{line}  # also what was generated: {', '.join(map(printable, made))}",)
        if made
        else (line,)
    )


def _is_patched(manifest: bytes) -> bool:
    """Return whether a project changes its packages by patch-package as it installs them."""
    return _PATCHES in manifest and bool(changes_packages(manifest))


def _engine(files: Mapping[str, bytes]) -> str:
    engines = _manifest(files).get("engines")
    return str(engines.get("node", "")) if isinstance(engines, dict) else ""


def _manifest(files: Mapping[str, bytes]) -> dict[str, object]:
    try:
        said = json.loads(files["package.json"])
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _events(part: _Part, project: Project) -> list[str]:
    """Return the events that are those of a function by their names; all, where none is."""
    whole = f"{part.name} {part.tree}".lower().replace("-", "").replace("_", "")
    stems = {each: each.rpartition("/")[2].removesuffix(".json") for each in project.events}
    words = {each: re.split(r"[^a-z0-9]+", stem.lower())[0] for each, stem in stems.items()}
    own = [each for each, word in words.items() if len(word) > 1 and word in whole]
    return sorted(own or project.events)


def _table(
    part: _Part, folder: str, project: Project, targets: Collection[str], events: list[str]
) -> str:
    """Return the lines of one artifact, whose zip goes to a folder and answers these events."""
    output = f"{folder}/{part.name}.zip"
    lines = [f"# {part.note}"] if part.note else []
    lines += [f"[artifact.{_key(part.name)}]", f"tree = {json.dumps(part.tree)}"]
    lines.append(f"output = {json.dumps(output)}")
    lines += [f'kind = "{part.kind}"'] if part.kind else []
    if part.target in targets:
        lines.append(f'target = "{part.target}"')
    elif part.kind != "layer":
        told = f", not {part.target}" if part.target else ""
        one = "nodejs22.x" if "package.json" in project.files else "python3.13"
        lines.append(f'# target = "{one}"  # the runtime of Lambda{told}; see slim build --help')
    if part.arch in ("x86_64", "arm64"):
        lines.append(f'arch = "{part.arch}"')
    elif part.kind != "layer":
        lines.append('# arch = "arm64"  # x86_64 where nothing is said')
    prefix = next((p for p in ("python", "nodejs") if part.target.startswith(p)), "")
    if part.kind == "layer" and prefix:
        lines.append(f'prefix = "{prefix}"  # where Lambda looks for it')
    lines.append('# max = "50MB"  # slim build and slim check fail above it')
    lines += part.dependencies
    if part.layers:
        named = part.layers[0] if len(part.layers) == 1 else list(part.layers)
        lines.append(f"with = {json.dumps(named)}")
    if part.kind == "function":
        named = json.dumps(events or ["event.json"])
        handler = json.dumps(part.handler or "app.handler")
        verify = f"verify = {{ events = {named}, handler = {handler} }}"
        lines.append(verify if events and part.handler else f"# {verify}")
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name) else json.dumps(name)


def _safe(name: str) -> str:
    return _UNSAFE.sub("-", name).strip("-._") or "function"


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
