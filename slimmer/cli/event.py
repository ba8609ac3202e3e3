"""``slim event``: print an event as a service of AWS sends it, to run a function with."""

from __future__ import annotations

import json

import click

from slimmer.cli.options import NameType
from slimmer.cli.outputs import emit
from slimmer.config.values import known_name
from slimmer.errors import EXIT_OK
from slimmer.toml import data_folder, read_text

_FOLDER = "events"


def event_names() -> tuple[str, ...]:
    """Return the names of the events in ``rules/events/``, in order."""
    return tuple(sorted(file.stem for file in (data_folder() / _FOLDER).glob("*.json")))


@click.command()
@click.argument("name", type=NameType(event_names), required=False)
def event(name: str | None) -> int:
    """Print an event as a service sends it, as JSON.

    slim event sqs >event.json writes one to a file. Without NAME, list the events and what each is.
    """
    if name is None:
        width = max(map(len, event_names()))
        emit("".join(f"{one:{width}}  {_read(one)['about']}\n" for one in event_names()))
    else:
        known = known_name("event", name, event_names())
        emit(json.dumps(_read(known)["event"], indent=2) + "\n", is_result=True)
    return EXIT_OK


def _read(name: str) -> dict[str, object]:
    """Return an event of slim's own, with what it is and the page that describes its form."""
    data: dict[str, object] = json.loads(read_text(data_folder() / _FOLDER / f"{name}.json"))
    return data
