"""What Erlang's files in zips deployed together need: applications, and modules.

An application does not start without what its .app file lists. A module that no .app file speaks
for does not run without what it calls. Nothing is judged where OTP itself is not in the zips, nor
where archives hold applications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from slimmer.ecosystems.interface import FUNCTION_AT, NeedsRequest, Placed
from slimmer.formats import FormatError
from slimmer.formats.erlang.applications import App, parse_app
from slimmer.formats.erlang.imports import imports
from slimmer.formats.erlang.sources import names
from slimmer.model.needs import Need, Needs
from slimmer.paths import folder_of, name_of

_KERNEL, _ARCHIVE = "app kernel", ".ez"
_SCRIPTS = (".exs", ".escript")
#: The modules inside the emulator (erts/preloaded of OTP 24 to 28), which need no file.
_PRELOADED = (
    "atomics counters erl_init erl_prim_loader erl_tracer erlang erts_code_purger "
    "erts_dirty_process_signal_handler erts_internal erts_literal_area_collector "
    "erts_trace_cleaner init persistent_term prim_buffer prim_eval prim_file prim_inet prim_net "
    "prim_socket prim_zip socket_registry zlib"
)
#: The applications of OTP that a script may start (OTP's manual, "Applications"). Other names
#: in a script may be anything.
_OTP = (
    "asn1 common_test compiler crypto debugger dialyzer diameter edoc eldap et eunit ftp inets "
    "megaco mnesia observer odbc os_mon parsetools public_key reltool runtime_tools sasl snmp ssh "
    "ssl syntax_tools tftp tools wx xmerl"
)


def find_needs(request: NeedsRequest) -> Needs:
    """Return which applications and modules are asked for, and which are there."""
    files = request.files
    apps = {path: file for path, file in files.items() if path.endswith(".app")}
    provided = {f"app {_stem(path)}" for path in apps}
    if _KERNEL not in provided or any(path.endswith(_ARCHIVE) for path in files):
        return Needs()
    provided |= {f"module {_stem(path)}" for path in files if path.endswith(".beam")}
    provided |= {f"module {name}" for name in _PRELOADED.split()}
    broken: dict[str, str] = {}
    asked = [*_of_apps(apps, broken), *_of_loose(files, apps, broken)]
    return Needs(tuple(asked), frozenset(provided), tuple(broken.items()))


def _of_apps(apps: Mapping[str, Placed], broken: dict[str, str]) -> Iterator[Need]:
    """Yield what applications list; that is certain for what the function's start."""
    known: dict[str, tuple[Placed, App]] = {}
    for path, file in apps.items():
        try:
            known[path] = file, parse_app(file.read())
        except FormatError as error:
            broken[file.name] = str(error)
    todo = [app for path, (_, app) in known.items() if path.startswith(FUNCTION_AT)]
    started = {app.name for app in todo}
    by_name = {app.name: app for _, app in known.values()}
    while todo:
        app = todo.pop()
        needed = {name for name in app.required if name not in app.optional} - started
        started |= needed
        todo += [by_name[name] for name in needed if name in by_name]
    for file, app in known.values():
        for name in app.required:
            is_certain = app.name in started and name not in app.optional
            if name not in app.optional:
                yield Need(file.name, f"the application {name}", f"app {name}", is_certain)


def _of_loose(
    files: Mapping[str, Placed], apps: Mapping[str, Placed], broken: dict[str, str]
) -> Iterator[Need]:
    """Yield what the function's modules and scripts name that are in no application."""
    homes = {folder_of(path) for path in apps}
    for path, file in files.items():
        if not path.startswith(FUNCTION_AT):
            continue
        if path.endswith(".beam") and folder_of(path) not in homes:
            try:
                called = dict.fromkeys(call.module for call in imports(file.read()))
            except FormatError as error:
                broken[file.name] = str(error)
                continue
            for name in called:
                yield Need(file.name, f"the module {name}", f"module {name}", certain=True)
        elif path.endswith(_SCRIPTS):
            for name in sorted(names(file.read()) & set(_OTP.split())):
                yield Need(file.name, f"the application {name}", f"app {name}", certain=False)


def _stem(path: str) -> str:
    return name_of(path).rpartition(".")[0]
