"""The shapes: small functions, the events that they are sent, and what is known of them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

_FOLDER = Path(__file__).parent / "shapes"
_EVENT = '{"name": "caf\\u00e9", "list": [1, 2.5, null]}'
_DEFAULT = "default"  # the table of what all shapes of a file have in common


@dataclass(frozen=True)
class Shape:
    """A function, its layers, and the events that it is sent one after the other."""

    language: str
    name: str
    #: The files of /var/task by their path.
    files: Mapping[str, str]
    #: The files of each layer by their path in /opt.
    layers: tuple[Mapping[str, str], ...]
    handler: str
    #: JSON, as it is sent.
    events: tuple[str, ...]
    #: The function's own variables.
    env: Mapping[str, str]
    #: What each event may take.
    timeout_s: int
    #: JSON that comes with each event; empty where none does.
    client_context: str
    identity: str
    #: Why slim answers otherwise than AWS's emulator; empty where they must be alike.
    differs: str


class Trees(NamedTuple):
    """The function and the layer that all shapes of a language share; None where they are own."""

    function: Path | None
    layer: Path | None


def shapes(language: str, runtime: str) -> tuple[Shape, ...]:
    """Return the shapes of a language for a runtime, in the order of the language's file."""
    tables = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    common = tables.pop(_DEFAULT)
    return tuple(
        _shape(language, name, {**common, **table}, runtime) for name, table in tables.items()
    )


def _shape(language: str, name: str, table: dict[str, Any], runtime: str) -> Shape:
    differs = {"": table.pop("differs", ""), **table.pop("differs_on", {})}
    shape = Shape(
        language=language,
        name=name,
        files=_files(table),
        layers=_layers(table),
        handler=table.pop("handler", ""),
        events=tuple(table.pop("events", (_EVENT,))),
        env=table.pop("env", {}),
        timeout_s=table.pop("timeout_s", 30),
        client_context=table.pop("client_context", ""),
        identity=table.pop("identity", ""),
        differs=differs.get(runtime, differs[""]),
    )
    if table:
        raise ValueError(f"{language}: {name!r} has keys that nothing reads: {', '.join(table)}")
    return shape


def _files(table: dict[str, Any]) -> dict[str, str]:
    main, prelude, source = (table.pop(name, None) for name in ("main", "prelude", "source"))
    own = {main: (prelude or "") + source} if main and source is not None else {}
    return {**own, **table.pop("files", {})}


def _layers(table: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    shared = {name: (_FOLDER / name).read_text("utf-8") for name in table.pop("shared", ())}
    prelude = table.pop("extension", "")
    extensions = {
        f"extensions/{name}": prelude + text for name, text in table.pop("extensions", {}).items()
    }
    layers: tuple[Mapping[str, str], ...] = (shared, *table.pop("layers", ()), extensions)
    return tuple(layer for layer in layers if layer)


def write(files: Mapping[str, str], folder: Path) -> Path:
    """Write files below a folder, scripts as programs, all for any user to read."""
    folder.mkdir()
    folder.chmod(0o755)
    for name, text in files.items():
        place = folder / name
        for parent in reversed(place.relative_to(folder).parents[:-1]):
            (folder / parent).mkdir(mode=0o755, exist_ok=True)
        place.write_text(text, "utf-8")
        place.chmod(0o755 if text.startswith("#!") else 0o644)
    return folder
