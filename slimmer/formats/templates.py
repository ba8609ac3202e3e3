"""Deployment templates: which handlers they name, for code in which folder.

SAM and CloudFormation: AWS::Serverless::Function and AWS::Lambda::Function, with Globals (AWS SAM
specification 2016-10-31). Serverless Framework: ``functions`` and ``provider`` of serverless.yml.
Every scalar is text, and a value with a tag such as ``!Ref`` is not known; nothing is executed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import yaml

from slimmer.formats import FormatError

try:
    from yaml import CBaseLoader as Loader
except ImportError:  # a PyYAML without libyaml
    from yaml import BaseLoader as Loader  # type: ignore[assignment]

_MAX_BYTES = 1_000_000
_MAX_DEPTH = 100
_KINDS = {"AWS::Serverless::Function": "CodeUri", "AWS::Lambda::Function": "Code"}
_WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"
_BUILT = re.compile(r"(python3\.|nodejs)[\w.]+")  # of a layer, "BuildMethod": SAM installs for it
_WORD = re.compile(r"[\w./@:-]+")


class _Templates(Loader):
    """A loader that knows texts, lists and tables; what has a tag of its own is None."""


def _reference(loader: yaml.BaseLoader, node: yaml.Node) -> dict[str, str]:
    """Return the long form of ``!Ref NAME``, for a name within the template."""
    name = loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None
    return {"Ref": name} if isinstance(name, str) else {}


_Templates.add_multi_constructor("!", lambda *_: None)
_Templates.add_constructor("!Ref", _reference)


class Function(NamedTuple):
    """What a template says of one function; None where only a deploy knows."""

    #: What Lambda starts, such as ``app.handler``.
    handler: str | None
    #: The folder of its code, relative to the template's.
    folder: str | None
    #: What else may say what runs: the words in its variables.
    words: frozenset[str]


def functions(data: bytes, *, is_serverless: bool) -> list[Function]:
    """Return the functions of serverless.yml, or else of SAM's template. Raises FormatError."""
    template = _parsed(data)
    return list(_of_serverless(template) if is_serverless else _of_sam(template))


class Described(NamedTuple):
    """What a template says of a function or a layer, as it is written; empty where it does not."""

    name: str
    is_layer: bool
    folder: str
    handler: str = ""
    #: Of a layer: that for which SAM installs what it lists.
    runtime: str = ""
    arch: str = ""
    #: The names of its layers that the template describes.
    layers: tuple[str, ...] = ()


def described(data: bytes, *, is_serverless: bool) -> list[Described]:
    """Return the functions and layers of a template, in order. Raises FormatError."""
    template = _parsed(data)
    return list(_described_serverless(template) if is_serverless else _described_sam(template))


def _described_sam(template: Mapping[str, object]) -> Iterator[Described]:
    shared = _table(_table(template.get("Globals")).get("Function"))
    for name, resource in _table(template.get("Resources")).items():
        kind, own = str(_table(resource).get("Type")), _table(_table(resource).get("Properties"))
        said = {**shared, **own} if kind == "AWS::Serverless::Function" else own
        is_layer = kind == "AWS::Serverless::LayerVersion"
        place = said.get("ContentUri" if is_layer else _KINDS.get(kind, ""))
        folder = _folder(place) if place is not None else None
        if folder is None or said.get("PackageType") == "Image":
            continue
        method = _text(_table(_table(resource).get("Metadata")).get("BuildMethod"))
        runtime = _text(said.get("Runtime")) or (method if _BUILT.fullmatch(method) else "")
        arch = _first(said.get("Architectures"))
        handler, layers = _text(said.get("Handler")), tuple(_references(said.get("Layers")))
        yield Described(name, is_layer, folder, handler, runtime, arch, layers)


def _described_serverless(template: Mapping[str, object]) -> Iterator[Described]:
    provider = _table(template.get("provider"))
    for name, function in _table(template.get("functions")).items():
        own = {**provider, **_table(function)}
        if "image" not in own:
            runtime, arch = _text(own.get("runtime")), _text(own.get("architecture"))
            yield Described(name, False, ".", _text(own.get("handler")), runtime, arch)
    for name, layer in _table(template.get("layers")).items():
        yield Described(name, True, _text(_table(layer).get("path")) or ".")


def _references(value: object) -> Iterator[str]:
    """Yield the names that a list of references holds, as ``Layers`` does."""
    for each in value if isinstance(value, list) else ():
        name = _table(each).get("Ref")
        if isinstance(name, str):
            yield name


def _text(value: object) -> str:
    return value if isinstance(value, str) and "$" not in value else ""


def _first(value: object) -> str:
    return _text(value[0]) if isinstance(value, list) and value else ""


def _parsed(data: bytes) -> Mapping[str, object]:
    if len(data) > _MAX_BYTES:
        raise FormatError(f"a template of more than {_MAX_BYTES:,} bytes")
    depth = 0
    try:
        for event in yaml.parse(data, Loader=_Templates):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise FormatError("it is nested too deep")
        found = yaml.load(data, Loader=_Templates)  # noqa: S506 - it makes texts, lists and tables
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise FormatError(f"{error.problem}, in line {mark.line + 1 if mark else 1}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FormatError(str(error).partition("\n")[0]) from None
    return _table(found)


def _of_sam(template: Mapping[str, object]) -> Iterator[Function]:
    shared = _table(_table(template.get("Globals")).get("Function"))
    for resource in _table(template.get("Resources")).values():
        place = _KINDS.get(str(_table(resource).get("Type")))
        if place is None:
            continue
        own = _table(_table(resource).get("Properties"))
        said = {**shared, **own} if place == "CodeUri" else own
        if said.get("PackageType") == "Image" or "InlineCode" in said:
            continue
        variables = [_table(_table(each.get("Environment")).get("Variables")) for each in (said,)]
        if place == "CodeUri":
            variables.append(_table(_table(shared.get("Environment")).get("Variables")))
        yield _function(said.get("Handler"), _folder(said.get(place, ".")), variables)


def _folder(place: object) -> str | None:
    """Return the folder that a CodeUri names; None where it is not one of this machine."""
    if not isinstance(place, str) or "://" in place:
        return None
    return posixpath.normpath(place)


def _of_serverless(template: Mapping[str, object]) -> Iterator[Function]:
    shared = _table(_table(template.get("provider")).get("environment"))
    for function in _table(template.get("functions")).values():
        own = _table(function)
        if "image" not in own:
            yield _function(own.get("handler"), ".", [shared, _table(own.get("environment"))])


def _function(
    handler: object, folder: str | None, variables: list[Mapping[str, object]]
) -> Function:
    known = isinstance(handler, str) and "$" not in handler
    is_wrapped = any(_WRAPPER in each for each in variables)
    texts = [text for each in variables for text in each.values() if isinstance(text, str)]
    words = frozenset(word for text in texts for word in _WORD.findall(text))
    return Function(str(handler) if known and not is_wrapped else None, folder, words)


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        return {}
    return {key: each for key, each in value.items() if isinstance(key, str)}
