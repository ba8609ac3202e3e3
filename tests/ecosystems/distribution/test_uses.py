"""What an image's command reaches stays with --tree-shake; packages and programs besides go."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.distribution.emulator import (
    asked_for,
    is_tool,
    known_starts,
    part_of_emulator,
    piped,
)
from slimmer.ecosystems.distribution.names import paths_in, said_in, told_in
from slimmer.model.started import Started
from slimmer.rules.packs import load_packs
from tests.ecosystems.erlang.test_calls import module
from tests.support.trees import MemorySource

PACKAGES = {
    "base": ["/usr/bin/sh", "/usr/bin/cat", "/usr/bin/idle", "/usr/share/base/data"],
    "runtime": ["/usr/bin/runtime", "/usr/share/runtime/messages"],
    "helpers": ["/usr/bin/helper"],
    "other": ["/usr/bin/other", "/usr/lib/libother.so.1"],
    "tzdata": ["/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/right/UTC"],
    "installer": ["/usr/bin/started-by-scripts", "/usr/share/installer/data"],
    "plain": ["/usr/bin/plain"],
    "elixir": ["/usr/lib/elixir/bin/elixir"],
    "pair": ["/usr/lib/libfirst.so.1", "/usr/lib/libsecond.so.2", "/usr/share/pair/data"],
}
STATUS = "".join(
    f"Package: {name}\nStatus: install ok installed\n{more}\n"
    for name, more in {
        "base": "Essential: yes\n",
        "runtime": "Depends: helpers\n",
        "helpers": "",
        "other": "",
        "tzdata": "",
        "installer": "",
        "plain": "Depends: installer, helpers\n",
        "elixir": "",
        "pair": "",
    }.items()
)


def reached(files: Mapping[str, bytes], started: Started) -> set[str]:
    """Return the files of packages, and of the user, that stay."""
    lists = {
        f"var/lib/dpkg/info/{name}.list": "".join(f"{p}\n" for p in paths).encode()
        for name, paths in PACKAGES.items()
    }
    placed = {path[1:]: b"-" for paths in PACKAGES.values() for path in paths}
    source = MemorySource(
        {"var/lib/dpkg/status": STATUS.encode(), **lists, **placed, **files}, {"bin": "usr/bin"}
    )
    settings = Settings(tree_shake=True)
    decision = decide_tree(Question(source, load_packs(), settings, started=started))
    return {e.path for e in source.tree.entries if decision.verdicts[e.path].kept}


def test_a_script_keeps_its_interpreter_and_the_programs_that_it_names() -> None:
    stays = reached(
        {"app/run.sh": b"#!/bin/sh\nexec runtime < x | cat\n"}, Started(("/app/run.sh",))
    )
    assert stays >= {"usr/bin/sh", "usr/bin/cat", "usr/bin/runtime", "usr/bin/helper", "bin"}
    assert stays >= {"usr/share/base/data", "usr/share/runtime/messages", "app/run.sh"}
    assert stays >= {"usr/share/zoneinfo/UTC", "var/lib/dpkg/info/runtime.list"}
    assert stays.isdisjoint({"usr/bin/idle", "usr/bin/other", "usr/lib/libother.so.1"})
    assert "var/lib/dpkg/info/other.list" not in stays


@pytest.mark.parametrize(
    "started",
    [
        Started(("other",)),
        Started(("sh", "-c", "other --now")),
        Started(("usr/bin/other",)),
        Started(("sh",), ("HELPER=/usr/bin/other",)),
    ],
    ids=["found on PATH", "in a line for a shell", "below the folder", "in a variable"],
)
def test_the_command_and_the_variables_are_roots(started: Started) -> None:
    stays = reached({"app/main.sh": b"#!/bin/sh\n"}, started)
    assert "usr/bin/other" in stays
    assert "usr/bin/runtime" not in stays


def test_settings_that_no_package_placed_stay_and_name_nothing() -> None:
    files = {"app/main.sh": b"#!/bin/sh\n", "etc/shells": b"/bin/other\n", "etc/x": b"other\n"}
    stays = reached(files, Started(("/app/main.sh",)))
    assert stays >= {"etc/shells", "etc/x"}
    assert "usr/bin/other" not in stays


def test_a_path_in_a_program_of_the_user_keeps_the_package() -> None:
    files = {"app/main.py": b"open('/usr/share/runtime/messages')\n"}
    stays = reached(files, Started(("/app/main.py",)))
    assert stays >= {"usr/share/runtime/messages", "usr/bin/helper"}


def test_programs_that_only_the_scripts_of_installation_start_go() -> None:
    scripts = {"var/lib/dpkg/info/plain.prerm": b"#!/bin/sh\nstarted-by-scripts\n"}
    files = {"app/run.sh": b"#!/bin/sh\nexec plain\n"}
    started = Started(("/app/run.sh",))
    assert "usr/bin/started-by-scripts" in reached(files, started)
    stays = reached(scripts | files, started)
    assert "usr/bin/started-by-scripts" not in stays
    assert stays >= {"usr/share/installer/data", "usr/bin/helper"}


@pytest.mark.parametrize("said", ["libsecond.so.2", "libsecond.so", "'second'"])
def test_a_library_goes_that_nothing_is_linked_to_or_names(said: str) -> None:
    started = Started(("/app/main.py",))
    files = {"app/main.py": b"#!/usr/bin/sh\nopen('/usr/share/pair/data')\n"}
    assert "usr/lib/libsecond.so.2" not in reached(files, started)
    files = {"app/main.py": files["app/main.py"] + f"cdll({said})\n".encode()}
    stays = reached(files, started)
    assert "usr/lib/libsecond.so.2" in stays
    assert "usr/lib/libfirst.so.1" not in stays


def test_time_zones_with_leap_seconds_stay_where_something_asks_for_them() -> None:
    right, script = "usr/share/zoneinfo/right/UTC", {"app/run.sh": b"#!/bin/sh\n"}
    assert right not in reached(script, Started(("/app/run.sh",)))
    assert right in reached(script, Started(("/app/run.sh",), ("TZ=:right/UTC",)))
    code = {"app/run.sh": b"#!/bin/sh\ndate -f /usr/share/zoneinfo/right/$1\n"}
    assert right in reached(code, Started(("/app/run.sh",)))


@pytest.mark.parametrize("mark", [b"\xff Go buildinf:", b"/rustc/"])
def test_of_what_go_and_rust_compile_every_programs_letters_count(mark: bytes) -> None:
    data = b"\x7fELF" + mark + b"\0nonegziptrue\0the find of it\0"
    programs = {"gzip", "true", "find", "sort"}
    assert said_in("app/bootstrap", data, programs) & programs == {"gzip", "true", "find"}


@pytest.mark.parametrize(
    "said",
    [b"gzip", b"gzip -dc %s", b"cat %s | gzip -9", b"sh -c 'gzip x'", b"exec gzip", b"/bin/gzip"],
)
def test_a_command_in_a_program_counts(said: bytes) -> None:
    assert "gzip" in said_in("usr/bin/x", b"\x7fELF\0\0" + said + b"\0", ())


@pytest.mark.parametrize("said", [b"needs gzip to unpack", b"w", b"agzip"])
def test_a_word_of_its_texts_does_not(said: bytes) -> None:
    found = said_in("usr/bin/x", b"\x7fELF\0\0" + said + b"\0", ())
    assert found.isdisjoint({"gzip", "w"})


def test_a_path_in_the_help_of_a_program_that_every_system_has_is_none() -> None:
    data = b"\0Examples:\n  %s /usr/bin/sort -> sort\0/usr/bin/other\0sh -c /bin/third\0"
    assert {*paths_in(data, of_base=True)} == {"/usr/bin/other", "/bin/third"}
    assert {*paths_in(data, of_base=False)} == {"/usr/bin/sort", "/usr/bin/other", "/bin/third"}


@pytest.mark.parametrize("first", [b"#!/bin/sh", b"#! /usr/bin/env bash", b"#!/bin/dash -e"])
def test_a_comment_in_a_script_of_a_shell_names_nothing(first: bytes) -> None:
    script = first + b"\n# see which and idle\n\t # idle\ncat x # helper\n"
    assert said_in("bin/x", script, ()).isdisjoint({"which", "idle"})
    assert "cat" in said_in("bin/x", script, ())


@pytest.mark.parametrize(
    "script",
    [
        b"#!/usr/bin/env node\nclass A {\n# program = 'idle'\n}\n",
        b"#!/usr/bin/wish\n# idle\n",
        b"#!/bin/sh\nrun x\\\n# idle\n",
        b"#!/bin/sh\ncat >> run <<END\n#!/usr/bin/idle\nEND\n",
    ],
    ids=["of JavaScript", "of no shell", "a line that goes on", "the first line of another"],
)
def test_what_only_looks_like_one_counts(script: bytes) -> None:
    assert "idle" in said_in("bin/x", script, ())


LAUNCHER = b"""#!/bin/sh
SELF=$(readlink "$0")
if [ -n "$RUN_ERL_PIPE" ]; then
  for PART in "$@"; do
    ESCAPED="$(echo "$PART" | sed 's/x/y/')"
  done
  mkdir -p "$RUN_ERL_PIPE"
fi
exec cat "$@"
"""
LAUNCHER_PATH = "usr/lib/elixir/bin/elixir"


@pytest.mark.parametrize("test", [b"-n", b"! -z"])
def test_what_elixir_starts_for_a_pipe_counts_where_somebody_asks_for_one(test: bytes) -> None:
    asked, block, rest = piped(LAUNCHER_PATH, LAUNCHER.replace(b"-n", test))
    assert said_in(LAUNCHER_PATH, rest, ()) >= {"readlink", "cat"}
    assert said_in(LAUNCHER_PATH, rest, ()).isdisjoint({"sed", "mkdir"})
    assert said_in(LAUNCHER_PATH, block, ()) >= {"sed", "mkdir"}
    assert list(asked_for(b"exec elixir --pipe-to /tmp/p /tmp/l", is_own=True)) == [asked]
    assert list(asked_for(b"RUN_ERL_PIPE=/tmp/p", is_own=True)) == [asked]
    assert list(asked_for(b"exec elixir -e 'main()'", is_own=True)) == []
    assert piped("app/elixir", LAUNCHER)[1:] == (b"", LAUNCHER)


def test_a_program_for_elixirs_pipes_stays_only_with_one() -> None:
    app = b"{application,elixir,[{applications,[kernel]}]}."
    files = {LAUNCHER_PATH: LAUNCHER.replace(b"mkdir", b"idle"), **OTP}
    files |= {"usr/lib/elixir/lib/elixir/ebin/elixir.app": app}
    plain, pipe = (
        b"#!/bin/sh\nexec /usr/lib/elixir/bin/elixir %s\n" % w for w in (b"", b"--pipe-to")
    )
    assert "usr/bin/idle" not in reached({**files, "a.sh": plain}, Started(("/a.sh",)))
    assert "usr/bin/idle" in reached({**files, "a.sh": pipe}, Started(("/a.sh",)))


OTP = {
    f"usr/lib/erlang/lib/{name}-1/ebin/{name}.app": (
        f'{{application,{name},[{{applications,[]}},{{runtime_dependencies,["erts-1"]}}]}}.'
    ).encode()
    for name in ("kernel", "stdlib", "inets", "sasl", "ssl")
}
OTP |= {
    "usr/lib/erlang/lib/inets-1/ebin/httpc.beam": module(("ssl", "connect", 3)),
    "usr/lib/erlang/lib/ssl-1/ebin/ssl.beam": module(),
    "usr/lib/erlang/lib/sasl-1/ebin/sasl.beam": module(),
}


def test_in_an_image_too_only_what_is_asked_for_of_an_application_asks_for_others() -> None:
    script = {"app/run.sh": b"#!/bin/sh\nerl -eval 'httpd:start()'\n"}
    stays = reached({**OTP, **script}, Started(("/app/run.sh",)))
    assert {path for path in stays & OTP.keys() if path.endswith(".app")} == {
        path for path in OTP if "/kernel-1/" in path or "/stdlib-1/" in path
    }
    calls = {"app/run.sh": b"#!/bin/sh\nerl -eval 'httpc:request(x)'\n"}
    stays = reached({**OTP, **calls}, Started(("/app/run.sh",)))
    assert "usr/lib/erlang/lib/ssl-1/ebin/ssl.beam" in stays
    assert "usr/lib/erlang/lib/sasl-1/ebin/sasl.beam" not in stays


def test_a_group_of_people_is_no_application() -> None:
    script, sasl = b"#!/bin/sh\nerl\n", "usr/lib/erlang/lib/sasl-1/ebin/sasl.beam"
    groups = {"app/run.sh": script, "etc/group": b"sasl:x:45:\n", "etc/group-": b"sasl:x:45:\n"}
    assert sasl not in reached({**OTP, **groups}, Started(("/app/run.sh",)))
    settings = {"app/run.sh": script, "etc/app/sys.config": b"[{sasl, []}].\n"}
    assert sasl in reached({**OTP, **settings}, Started(("/app/run.sh",)))


USAGE = b"#!/bin/sh\n  cat %s\nSee idle.\n$(cat x)\nUSAGE\nhelper\n"


@pytest.mark.parametrize("how", [b"<<USAGE >&2", b">&2 <<USAGE", b"<<-'USAGE' >&2"])
def test_what_a_script_shows_on_standard_error_names_nothing_but_its_commands(how: bytes) -> None:
    found = said_in("bin/x", USAGE % how, ())
    assert "idle" not in found
    assert found >= {"cat", "helper"}


@pytest.mark.parametrize("how", [b"<<USAGE", b"<<USAGE > run.sh", b"<<USAGE | sh", b"<<OTHER >&2"])
def test_any_other_text_in_a_script_counts(how: bytes) -> None:
    whole = b"cat %s\nidle\nUSAGE\n" % how
    assert ("idle" in said_in("bin/x", whole, ())) is not how.startswith(b"<<OTHER")


SOURCE = b'def run(name), do: {"logger", System.cmd("uname", ["-s"]), name}\n'


def test_of_a_source_of_elixir_the_programs_that_it_starts_count() -> None:
    assert told_in("app/x.exs", SOURCE) == {"uname"}
    assert told_in("app/x.py", SOURCE) is None
    found = told_in("app/x.erl", b'x() -> os:cmd("uname -s | idle").\n')
    assert found is not None
    assert found >= {"uname", "idle"}


@pytest.mark.parametrize(
    "more",
    [
        b"System.cmd(name, [])",
        b'System.cmd("a#{name}", [])',
        b"apply(System, :cmd, [name])",
        b"Port.open({:spawn, name}, [])",
        b":os.cmd(name)",
        b"import System; cmd(name, [])",
        b'System.find_executable("idle")',
    ],
)
def test_where_it_may_start_any_other_all_its_words_count(more: bytes) -> None:
    assert told_in("app/x.exs", SOURCE + more) is None


EPMD = "usr/lib/erlang/erts-13/bin/epmd"


@pytest.mark.parametrize(
    "said",
    [
        b"erl -sname a",
        b"elixir --name a@b",
        b"epmd -daemon",
        b":net_kernel.start([:a])",
        b"Node.start(:a)",
        b"peer:start(#{})",
        b"RELEASE_DISTRIBUTION=name",
    ],
)
def test_what_makes_a_node_asks_for_epmd(said: bytes) -> None:
    assert part_of_emulator(EPMD) in asked_for(said, is_own=True)


def test_what_makes_none_does_not_and_tools_and_other_programs_are_not_taken_for_it() -> None:
    said = b"exec elixir -pa /var/task/ebin --no-halt -e 'Main.main()'; a peerless nodename"
    assert list(asked_for(said, is_own=True)) == []
    assert list(asked_for(b"find . -name x", is_own=False)) == []
    assert part_of_emulator("usr/bin/epmd") == ""
    assert part_of_emulator("usr/lib/erlang/bin/epmd") == part_of_emulator(EPMD)
    assert known_starts("usr/lib/erlang/erts-13/bin/erlexec") == frozenset()
    assert known_starts(EPMD) is None
    assert is_tool("erlang-base")
    assert not is_tool("rabbitmq-server")


@pytest.mark.parametrize(
    "code",
    [
        b'spawn("idle", ["-x"])',
        b"exec(`cd /tmp && idle -x`)",
        b"run('sudo idle -x')",
        b"sh = 'bash -c idle'",
        b'TEXT = """\n    idle -x\n"""',
        b'f("cd /tmp\\nidle -x")',
        b"which('command -v idle')",
        b"start('/usr/bin/idle')",
        b"from sh import idle",
        b"x = os.environ.get('P') or 'idle'",
    ],
)
@pytest.mark.parametrize("path", ["app/a.py", "app/a.mjs", "app/a.rb"])
def test_a_program_that_code_names_in_a_string_counts(path: str, code: bytes) -> None:
    assert "idle" in said_in(path, b"a = 1\n" + code + b"\n", ())


@pytest.mark.parametrize(
    "code",
    [
        b" * generated by `idle run`; do not edit\n",
        b"// idle waits\n",
        b"# `idle` waits\n",
        b"f(a, idle, b)\n",
        b"raise Error('the queue is idle now')\n",
        b"x.idle()\n",
    ],
)
def test_a_comment_a_name_of_its_own_and_a_sentence_in_code_do_not(code: bytes) -> None:
    assert "idle" not in said_in("app/a.js", b"a = 1\n" + code, ())


RUN = {"app/run.sh": b"#!/bin/sh\nexec runtime\n"}
MANIFEST = b'{"scripts": {"postinstall": "./scripts/postinstall.sh", "start": "%s"}}'


@pytest.mark.parametrize(
    ("files", "stays"),
    [
        ({"app/README.md": b"exec idle\n"}, False),
        ({"app/Dockerfile": b"RUN idle\n"}, False),
        ({"app/THIRD-PARTY-LICENSES": b"idle\n"}, False),
        ({"app/package.json": b'{"scripts": {"test": "idle"}}'}, False),
        ({"app/scripts/postinstall.sh": b"idle\n", "app/package.json": MANIFEST % b"x"}, False),
        ({"app/scripts/postinstall.sh": b"idle\n"}, True),
        (
            {
                "app/scripts/postinstall.sh": b"idle\n",
                "app/package.json": MANIFEST % b"sh scripts/postinstall.sh",
            },
            True,
        ),
        ({"app/Makefile": b"run:\n\tidle\n"}, False),  # as there is no make
        ({"app/commands.txt": b"idle\n"}, True),
    ],
)
def test_what_people_read_and_npm_runs_at_install_names_no_program(
    files: Mapping[str, bytes], *, stays: bool
) -> None:
    assert ("usr/bin/idle" in reached({**RUN, **files}, Started(("/app/run.sh",)))) is stays


def test_a_page_about_a_package_does_not_use_it() -> None:
    pages = {"usr/share/doc/other/copyright": b"All rights.", "usr/share/man/man1/other.1": b".TH"}
    lists = "".join(f"/{path}\n" for path in (*pages, "usr/bin/other")).encode()
    files = {**RUN, **pages, "var/lib/dpkg/info/other.list": lists}
    assert "usr/bin/other" not in reached(files, Started(("/app/run.sh",)))


PYTHON_OWN = {
    "usr/lib/python3.11/os.py": b"import abc\n",
    "usr/lib/python3.11/abc.py": b"A = 1\n",
    "usr/lib/python3.11/__pycache__/abc.cpython-311.pyc": b"-",
}


@pytest.mark.parametrize(("command", "stays"), [("/usr/bin/other", True), ("/bin/runtime", False)])
def test_pythons_own_modules_stay_with_the_packages_that_placed_them(
    command: str, *, stays: bool
) -> None:
    placed = b"/usr/bin/other\n/usr/lib/python3.11/os.py\n/usr/lib/python3.11/abc.py\n"
    files = {**RUN, **PYTHON_OWN, "var/lib/dpkg/info/other.list": placed}
    found = reached(files, Started((command,)))
    assert PYTHON_OWN.keys() <= found if stays else found.isdisjoint(PYTHON_OWN)


def test_pythons_own_modules_that_no_package_placed_stay() -> None:
    assert PYTHON_OWN.keys() <= reached({**RUN, **PYTHON_OWN}, Started(("/app/run.sh",)))


def test_a_place_for_the_settings_of_services_uses_nobodys_package() -> None:
    placed = b"/usr/bin/other\n/usr/lib/sysctl.d\n/usr/lib/sysctl.d/other.conf\n"
    files = {
        "var/lib/dpkg/info/other.list": placed,
        "usr/lib/sysctl.d/other.conf": b"a = 1\n",
        "app/run.sh": b'#!/bin/sh\nls "/usr/lib/sysctl.d"\n',
    }
    assert "usr/bin/other" not in reached(files, Started(("/app/run.sh",)))


def test_a_letter_in_the_terms_of_a_module_is_no_program() -> None:
    assert "w" not in said_in("a.beam", b"k\0\x03abc\0w\x05hello", ())
    assert "w" in said_in("a.beam", b"\x83k\0\x01wj", ())
    assert "w" in said_in("a.beam", b"\x83m\0\0\0\x04w -hj", ())
