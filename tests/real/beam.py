"""Asks a layer's own Erlang, where that layer is at /opt."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.real import sandbox

_ENV = {"ERL_LIBS": "/opt/lib/elixir/lib", "HOME": "/tmp"}  # noqa: S108 - the sandbox's own

_NODES = 4  # at a time

_START = """
case application:ensure_all_started({app}) of
  {{ok, _}} -> io:format("~nstarted ~p~n", [element(2, application:get_key({app}, mod))]);
  Error -> io:format("~nfailed ~0p~n", [Error])
end, halt().
"""


def evaluate(
    layer: Path, expression: str, *, function: Path | None = None, erl: str = "/opt/bin/erl"
) -> sandbox.Outcome:
    """Run an Erlang expression, which must end with halt(), in a node of its own."""
    argv = [erl, "-noshell", "-eval", " ".join(expression.split())]
    return sandbox.run(layer, argv, function=function, env=_ENV)


def start(layer: Path, app: str) -> str:
    """Start an application in a node of its own; give `started`, its `mod`, or what went wrong."""
    output = evaluate(layer, _START.format(app=app)).output
    said = [line for line in output.splitlines() if line.startswith(("started", "failed"))]
    return said[0] if said else output


def start_each(layer: Path) -> dict[str, str]:
    """Start every application of a layer, each in a node of its own."""
    apps = list(applications(layer))
    with ThreadPoolExecutor(_NODES) as pool:
        return dict(zip(apps, pool.map(lambda app: start(layer, app), apps), strict=True))


def applications(layer: Path) -> dict[str, Path]:
    """Give every application in a folder, with its .app file."""
    return {path.stem: path for path in sorted(layer.glob("**/ebin/*.app"))}
