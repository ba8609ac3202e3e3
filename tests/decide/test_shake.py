"""What nothing reaches is told, and dropped only with --tree-shake."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.errors import UsageError
from slimmer.model.rules import Tier
from slimmer.rules.packs import load_packs
from tests.ecosystems.erlang.test_calls import module
from tests.support.decide import decide, kept
from tests.support.installed import npm_lock, record
from tests.support.natives import Zip
from tests.support.trees import MemorySource


def dist(name: str, *files: str, requires: str = "", points: str = "") -> dict[str, bytes]:
    """A distribution of pip's with these modules."""
    info = f"{name}-1.dist-info"
    lines = [f"Name: {name}", *(f"Requires-Dist: {r}" for r in requires.split("|") if r)]
    tree = {f"{info}/METADATA": "\n".join(lines).encode()}
    tree[f"{info}/entry_points.txt"] = points.encode()
    paths = files or (f"{name}/__init__.py",)
    tree |= dict.fromkeys(paths, b"")
    return tree | {f"{info}/RECORD": record([*tree, *paths])}


def without(files: dict[str, bytes], *beside: Zip, **choices: Any) -> set[str]:
    """Return the files that --tree-shake drops."""
    deployment = Deployment(siblings=beside)
    before, after = (
        kept(decide(files, packs=(), deployment=deployment, tree_shake=shake, **choices))
        for shake in (False, True)
    )
    return {path for path in before - after if path in files}


def notes(decision: Decision) -> list[str]:
    return [f.message for f in decision.findings if f.code == "not-reached"]


WEB = dist("web", requires="router (>=1)|colour; extra == 'pretty'")
REST = {**WEB, **dist("router"), **dist("colour"), **dist("alone")}


def test_what_is_required_stays_and_what_only_an_extra_wants_goes() -> None:
    gone = without({"app.py": b"import web", **REST})
    assert gone == {path for path in REST if path.startswith(("colour", "alone"))}


def test_an_extra_that_another_distribution_asks_for_counts() -> None:
    site = dist("site", requires="web[pretty]")
    assert without({"app.py": b"import site", **site, **REST}) == {
        path for path in REST if path.startswith("alone")
    }


@pytest.mark.parametrize(
    "code",
    [
        "import alone, web.x",
        "from alone import x\nimport web",
        "import importlib\nimportlib.import_module('alone')\nINSTALLED = ['web']",
        "def f():\n    import alone\n    import web",
    ],
)
def test_what_own_code_names_in_any_way_stays(code: str) -> None:
    assert not {p for p in without({"app.py": code.encode(), **REST}) if p.startswith("alone")}


def test_what_a_source_imports_and_its_distribution_never_states_stays() -> None:
    files = {"app.py": b"import web", **REST, "web/__init__.py": b"import alone\n"}
    assert not {path for path in without(files) if path.startswith("alone")}
    for code in (
        b"try:\n    import alone\nexcept ImportError:\n    pass\n",
        b"def f():\n    from alone import x\n",
    ):
        assert not {
            path for path in without({**files, "web/__init__.py": code}) if path.startswith("alone")
        }


TRIED = "try:\n    import alone\nexcept ImportError:\n    alone = None\n"
LATE = "class Email:\n    def _check(self):\n        load()\n\ndef load():\n    import alone\n"
CLASS = "class Web:\n    def to_alone(self):\n        import alone\n"


@pytest.mark.parametrize(
    ("app", "files", "goes"),
    [
        ("import web", {"__init__": TRIED}, False),
        ("import web", {"__init__": "", "late": TRIED}, True),
        ("import web.late", {"__init__": "", "late": TRIED}, False),
        ("import web", {"__init__": "if 1:\n    from .late import x\n", "late": TRIED}, False),
        ("import web", {"__init__": "def f():\n    from .late import x\n", "late": TRIED}, True),
        ("import web", {"__init__": LATE}, True),
        ("from web import Email", {"__init__": LATE}, False),
        ("import web\nweb.load()", {"__init__": LATE}, False),
        ("from web import Web", {"__init__": CLASS}, True),
        ("import web\nweb.Web().to_alone()", {"__init__": CLASS}, False),
        ("import web\nweb.open('sqldb://a')", {"__init__": "", "sqldb": LATE}, False),
    ],
)
def test_what_an_extra_states_stays_where_a_loaded_module_or_the_code_asks(
    app: str, files: dict[str, str], goes: bool
) -> None:
    sources = {f"web/{name}.py": text.encode() for name, text in files.items()}
    web = dist("web", *sources, requires="router|alone; extra == 'fast'")
    gone = without({"app.py": app.encode(), **REST, **web, **sources})
    assert any(path.startswith("alone") for path in gone) is goes


@pytest.mark.parametrize("extra", ["test", "docs-api"])
def test_what_an_extra_states_for_developers_tells_nothing(extra: str) -> None:
    web = dist("web", requires=f"router|alone; extra == '{extra}'")
    files = {"app.py": b"import web", **REST, **web, "web/__init__.py": LATE.encode()}
    assert not [path for path in without(files) if path.startswith("alone")]


def test_a_driver_that_a_url_names_stays() -> None:
    app = b"import web\nURLS = {'a': 'web+alone://u:p@host/d'}"
    assert not [p for p in without({"app.py": app, **REST}) if p.startswith("alone")]


def test_plugins_stay_with_who_asks_for_their_group() -> None:
    plugin = dist("plugin", points="[web.addons]\na = plugin:f\n")
    asks = b"from importlib.metadata import entry_points\nentry_points(group='web.addons')\n"
    files = {"app.py": b"import web", **REST, **plugin}
    assert {path for path in without(files) if path.startswith("plugin")}
    assert not {p for p in without({**files, "web/__init__.py": asks}) if p.startswith("plugin")}


def test_parts_of_a_namespace_are_told_apart() -> None:
    one = dist("big-one", "big/one/__init__.py")
    two = dist("big-two", "big/two/__init__.py")
    gone = without({"app.py": b"from big import one", **one, **two})
    assert {path for path in gone if path.startswith("big/")} == {"big/two/__init__.py"}


def test_an_entry_leads_only_to_what_it_imports() -> None:
    files = {"app.py": b"import helper", "helper.py": b"import web", "tool.py": b"import alone"}
    gone = without({**files, **REST}, entry=("app.handler",))
    assert {path.partition("-")[0].partition("/")[0] for path in gone} == {"alone", "colour"}
    assert not files.keys() & gone


def test_a_function_beside_reaches_into_the_layer() -> None:
    layer = {f"python/{path}": data for path, data in REST.items()}
    gone = without(layer, Zip("fn.zip", {"app.py": b"import web"}))
    assert gone == {f"python/{path}" for path in REST if path.startswith(("colour", "alone"))}


def test_what_the_user_keeps_comes_back_with_all_it_requires() -> None:
    files = {"app.py": b"", **REST}
    assert without(files, keep="/web/") == {
        path for path in REST if path.startswith(("colour", "alone"))
    }
    assert {path for path in without(files, keep="METADATA") if path.startswith("web")}


def test_it_is_told_with_its_size_and_the_option_that_drops_it() -> None:
    files = {"app.py": b"import web", **REST, "alone/__init__.py": b"x" * 2000}
    (said,) = notes(decide(files, packs=(), entry=("app.handler",)))
    assert said.startswith("not reached from app.handler: 2 units, 2.2 kB: python/alone (2.1 kB)")
    assert said.endswith("; drop them with --tree-shake")
    assert notes(decide(files, packs=(), tree_shake=True)) == []


def test_reach_is_sought_once_where_it_is_only_told() -> None:
    source = MemorySource({"app.py": b"import web", **REST})
    for shakes in (False, True):
        question = Question(source, (), Settings(tree_shake=shakes, entry=("app.handler",)))
        reaches = [decide_tree(question.at(tier)).reach is not None for tier in Tier]
        assert reaches == [shakes or tier is question.settings.tier for tier in Tier]


def test_packages_alone_tell_nothing_of_what_runs() -> None:
    assert notes(decide(REST, packs=())) == []
    with pytest.raises(UsageError, match=r"^--tree-shake needs to know what runs; name"):
        decide(REST, packs=(), tree_shake=True)


def test_an_entry_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(
        UsageError, match=r"^--entry ap.handler: no such module .*'app\.handler'\?$"
    ):
        decide({"app.py": b"", **REST}, packs=(), entry=("ap.handler",))


OTP = {
    f"lib/{name}-1/ebin/{name}.app": (
        f"{{application,{name},[{{applications,[{needs}]}}{more}]}}."
    ).encode()
    for name, needs, more in (
        ("kernel", "", ',{runtime_dependencies,["erts-1"]}'),
        ("stdlib", "kernel", ',{runtime_dependencies,["erts-1"]}'),
        ("inets", "kernel", ',{runtime_dependencies,["mnesia-1"]}'),
        ("mnesia", "kernel", ',{runtime_dependencies,["erts-1"]}'),
        ("ssl", "crypto", ',{runtime_dependencies,["erts-1"]}'),
        ("crypto", "kernel", ',{runtime_dependencies,["erts-1"]}'),
    )
}
OTP |= {
    "lib/inets-1/ebin/httpc.beam": module(("ssl", "connect", 3)),
    "lib/inets-1/ebin/mod_auth_mnesia.beam": module(("mnesia", "read", 1)),
    "lib/ssl-1/ebin/ssl.beam": module(),
    "lib/mnesia-1/ebin/mnesia.beam": module(),
}


def test_of_otp_only_what_the_named_modules_call_counts() -> None:
    gone = without({"main.exs": b":httpc.request(x)", **OTP})
    assert gone == {path for path in OTP if "/mnesia-1/" in path}
    gone = without({"main.beam": module(("mod_auth_mnesia", "f", 0)), **OTP})
    assert gone == {path for path in OTP if "/ssl-1/" in path or "/crypto-1/" in path}


def test_of_other_applications_all_modules_count() -> None:
    app = b"{application,fn,[{applications,[kernel]}]}."
    own = {"lib/fn-1/ebin/fn.app": app, "lib/fn-1/ebin/fn_b.beam": module(("mnesia", "read", 1))}
    gone = without({"bootstrap": b"#!/bin/sh\nerl -eval 'application:start(fn)'\n", **own, **OTP})
    assert not {path for path in gone if "/mnesia-1/" in path or "/fn-1/" in path}
    assert {path for path in gone if "/inets-1/" in path}


def test_what_elixir_calls_only_where_it_runs_counts_where_the_code_names_it() -> None:
    elixir = {
        "lib/elixir/ebin/elixir.app": b"{application,elixir,[{applications,[kernel]}]}.",
        "lib/elixir/ebin/Elixir.Kernel.CLI.beam": module(("Elixir.Logger", "flush", 0)),
        "lib/logger/ebin/logger.app": b"{application,logger,[{applications,[elixir]}]}.",
        "lib/logger/ebin/Elixir.Logger.beam": module(),
    }
    logger = {path for path in elixir if "/logger/" in path}
    assert logger <= without({"main.exs": b"Application.start(:elixir)", **elixir, **OTP})
    assert not logger & without({"main.exs": b"require Logger\nx()", **elixir, **OTP})


SERVICES = {f"botocore/data/{name}/service-2.json": b"{}" for name in ("s3", "ec2", "sts", "sqs")}
BOTO = {
    **dist("boto3", requires="botocore"),
    **dist("botocore", "botocore/__init__.py", "botocore/data/endpoints.json", *SERVICES),
}


@pytest.mark.parametrize(
    ("code", "stay"),
    [
        ("import boto3\nboto3.client('s3')", {"s3"}),
        ('import boto3\nboto3.Session().resource(\n    service_name="sqs")', {"sqs"}),
        ("import boto3\nboto3.client('no-such')", set()),
        ("import boto3\n", set()),
        ("import boto3\nname = 's3'\nboto3.client(name)", {"s3", "ec2", "sqs"}),
        ("import boto3\nimport web\nweb.client()", set()),
    ],
)
def test_of_botocore_the_services_stay_that_clients_are_made_for(code: str, stay: set[str]) -> None:
    packs = load_packs()
    own = {"app.py": code.encode()}
    before, after = (
        kept(decide({**own, **BOTO}, packs=packs, tree_shake=shake)) for shake in (False, True)
    )
    gone = before - after
    assert {path.split("/")[2] for path in SERVICES if path not in gone} == stay | {"sts"}
    assert "botocore/data/endpoints.json" in after


def test_a_service_by_a_variable_is_told_with_its_file() -> None:
    own = {"app.py": b"import boto3\nclient = boto3.client(event['service'])"}
    (said,) = (f.message for f in decide({**own, **BOTO}).findings if f.code == "parts-by-variable")
    assert said == (
        "app.py may ask botocore for any of its 4 parts, by client(); all count as reached"
    )


def test_a_module_that_nothing_names_asks_for_nothing() -> None:
    contrib = dist("web", "web/__init__.py", "web/contrib.py", requires="router")
    contrib["web/contrib.py"] = b"import alone\n"
    files = {"app.py": b"import web", **REST, **contrib}
    assert {path for path in without(files) if path.startswith("alone")}
    files["web/__init__.py"] = b"def load():\n    from . import contrib\n"
    assert not {path for path in without(files) if path.startswith("alone")}


def test_distributions_that_require_each_other_stay_and_go_together() -> None:
    circle = {**dist("one", requires="two"), **dist("two", requires="one")}
    files = {**REST, **circle}
    assert not {p for p in without({"app.py": b"import one", **files}) if p in circle}
    assert without({"app.py": b"import web", **files}) >= circle.keys()


def package(name: str, **manifest: Any) -> dict[str, bytes]:
    return {
        f"node_modules/{name}/package.json": json.dumps(
            {"name": name, "version": "1.0.0", **manifest}
        ).encode(),
        f"node_modules/{name}/index.js": b"",
    }


NODE = {
    **package("web", dependencies={"router": "1"}, peerDependencies={"peer": "1", "maybe": "1"}),
    **package("router"),
    **package("peer"),
    **package("maybe"),
    **package("@s/alone"),
}
NODE["node_modules/web/package.json"] = NODE["node_modules/web/package.json"].replace(
    b'"version"', b'"peerDependenciesMeta": {"maybe": {"optional": true}}, "version"'
)
NODE |= npm_lock(NODE)


def gone_packages(files: dict[str, bytes], **choices: Any) -> set[str]:
    gone = without({**NODE, **files}, **choices)
    return {p.removeprefix("node_modules/").removesuffix("/index.js") for p in gone if "index" in p}


def test_of_npm_packages_stays_what_is_listed_and_what_peers_must_be_there() -> None:
    assert gone_packages({"index.mjs": b"import web from 'web'"}) == {"maybe", "@s/alone"}
    assert gone_packages({"index.mjs": b"import 'web'; import('@s/alone/x.js')"}) == {"maybe"}


def test_a_package_that_sources_require_and_never_list_stays() -> None:
    asks = {"node_modules/web/index.js": b"const x = require('maybe')"}
    assert gone_packages({"index.mjs": b"import 'web'", **asks}) == {"@s/alone"}
    asks = {"node_modules/web/index.js": b"try { require('@s/alone') } catch {}"}
    assert gone_packages({"index.mjs": b"import 'web'", **asks}) == {"maybe", "@s/alone"}


@pytest.mark.parametrize(
    ("listed", "more", "goes"),
    [
        ({"dependencies": {"maybe": "1"}}, {}, False),
        ({"devDependencies": {"maybe": "1"}}, {}, True),
        ({"dependencies": {"maybe": "1"}}, {"bin": "x.js"}, True),
        (None, {}, False),
    ],
)
def test_a_peer_that_may_be_missing_stays_where_people_chose_it(
    listed: dict[str, object] | None, more: dict[str, object], goes: bool
) -> None:
    files = {"index.mjs": b"import 'web'", **package("maybe", **more)}
    files["node_modules/web/index.js"] = b"function f(d) { load('maybe') }"
    if listed is not None:
        files["package.json"] = json.dumps(listed).encode()
    assert ("maybe" in gone_packages(files)) is goes


def test_starts_and_settings_name_packages_and_a_list_of_dependencies_does_not() -> None:
    listed = json.dumps({"dependencies": {"@s/alone": "1", "web": "1"}})
    assert gone_packages({"package.json": listed.encode(), "i.js": b""}) >= {"web", "@s/alone"}
    start = json.dumps({"scripts": {"start": "node -r @s/alone/register i.js"}})
    assert "@s/alone" not in gone_packages({"package.json": start.encode(), "i.js": b""})
    boot = {"bootstrap": b"#!/bin/sh\nexec /var/task/node_modules/.bin/web i.js\n", "i.js": b""}
    assert "web" not in gone_packages(boot)


def test_an_entry_of_node_leads_through_own_files() -> None:
    files = {
        "src/app.js": b"const x = require('./lib')",
        "src/lib/index.js": b"require('web')",
        "tools/report.js": b"require('@s/alone')",
    }
    assert gone_packages(files, entry=("src/app.handler",)) == {"maybe", "@s/alone"}
