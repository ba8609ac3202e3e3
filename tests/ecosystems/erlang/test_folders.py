"""Kept modules that name a folder of an application keep all below it."""

import pytest

from slimmer.formats.erlang import beam
from slimmer.model.rules import Tier
from tests.ecosystems.erlang.test_calls import module
from tests.support.decide import decide, dropped

ATOMS = (("acme", "examples", 0),)  # an import brings its atoms into the module
LIB, PRIV = ("code", "lib_dir", 2), ("code", "priv_dir", 1)
APP_DIR = ("Elixir.Application", "app_dir", 2)
LIB_DATA, PRIV_DATA = "lib/acme-1.0/examples/a.txt", "lib/acme-1.0/priv/examples/a.txt"


def with_text(data: bytes, text: bytes) -> bytes:
    """Return a module with a table of literals."""
    chunks = tuple(chunk for chunk in beam.parse(data) if chunk.name != b"StrT")
    return beam.build((*chunks, beam.Chunk(b"StrT", text)))


def lost(
    calls: tuple[tuple[str, str, int], ...], data: str, app: bytes = b"acme", text: bytes = b""
) -> bool:
    files = {
        "erts-13/bin/beam.smp": b"\x7fELF",
        "lib/acme-1.0/ebin/acme.app": b'{application,acme,[{vsn,"1.0"}]}.',
        "lib/acme-1.0/ebin/acme.beam": module(),
        f"lib/{app.decode()}-1.0/ebin/{app.decode()}.app": b"{application,%s,[]}." % app,
        f"lib/{app.decode()}-1.0/ebin/{app.decode()}.beam": with_text(module(*calls), text),
        data: b"text",
    }
    return data in dropped(decide(files, tier=Tier.AGGRESSIVE))


@pytest.mark.parametrize("app", [b"acme", b"other"])
@pytest.mark.parametrize(
    ("call", "data"), [(LIB, LIB_DATA), (APP_DIR, LIB_DATA), (PRIV, PRIV_DATA)]
)
def test_a_folder_that_is_named_keeps_all_below_it(
    call: tuple[str, str, int], data: str, app: bytes
) -> None:
    text = b"x/examples/y" if call == APP_DIR else b""
    assert not lost((call, *ATOMS), data, app, text)


@pytest.mark.parametrize(
    ("calls", "data"),
    [
        ((LIB,), LIB_DATA),
        (ATOMS, LIB_DATA),
        ((PRIV, *ATOMS), LIB_DATA),
        ((("code", "lib_dir", 1), *ATOMS), LIB_DATA),
        ((("file", "list_dir", 1), *ATOMS), PRIV_DATA),
    ],
)
def test_what_names_no_folder_keeps_nothing(
    calls: tuple[tuple[str, str, int], ...], data: str
) -> None:
    assert lost(calls, data)


def test_another_application_that_is_not_named_keeps_nothing() -> None:
    assert lost((PRIV, ("file", "list_dir", 1)), PRIV_DATA, b"other")
