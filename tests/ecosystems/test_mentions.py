"""What the user's own text names is kept, with the line that says so; what only develops is not."""

from __future__ import annotations

import json

import pytest

from slimmer.config.settings import Settings
from slimmer.decide.decide import Decision, decide_tree
from slimmer.decide.question import Question
from slimmer.ecosystems.context import Deployment
from slimmer.model.rules import Action, Tier
from slimmer.model.started import Started
from slimmer.rules.packs import load_packs
from tests.support.decide import decide
from tests.support.installed import npm_lock
from tests.support.natives import Zip
from tests.support.trees import MemorySource

TOOL = "node_modules/typescript"
TREE = {
    f"{TOOL}/package.json": b'{"name": "typescript", "bin": {"tsc": "bin/tsc"}}',
    f"{TOOL}/lib/typescript.js": b"",
    "node_modules/other/package.json": b'{"name": "other"}',
    "node_modules/other/index.js": b"x = 'typescript'",
}


def decided(path: str, text: str | bytes, tier: Tier = Tier.DEFAULT, drop: str = "") -> Decision:
    tree = {**TREE, path: text.encode() if isinstance(text, str) else text}
    return decide(tree | npm_lock(tree), guards=("node",), tier=tier, drop=drop)


def is_kept(decision: Decision) -> bool:
    return decision.verdicts[f"{TOOL}/lib/typescript.js"].action is Action.KEEP


def manifest(**keys: object) -> str:
    return json.dumps({"name": "app", **keys})


NAMED = [
    ("bootstrap", "#!/bin/sh\n\nexec node -r typescript x.js"),
    ("run.sh", "node_modules/.bin/tsc x.ts"),
    ("Procfile", "web: tsc && node x"),
    ("Dockerfile", 'CMD ["node", "-r", "typescript", "x"]'),
    ("settings/tools.yaml", "compiler: typescript"),
    ("tools.toml", 'compiler = "typescript"'),
    ("tools.json", '{"compiler": "typescript"}'),
    ("tools.xml", "<compiler>typescript</compiler>"),
    ("tools.properties", "compiler=typescript"),
    (".env", "NODE_OPTIONS=--require typescript"),
    (".toolrc", "compiler: typescript"),
    ("src/app.py", "subprocess.run(['npx', 'tsc'])"),
    ("lib/app.rb", "system('npx tsc')"),
    ("run.exs", 'System.cmd("node_modules/.bin/tsc", [])'),
    ("src/App.vue", "<script>import ts from 'typescript'</script>"),
    ("package.json", manifest(scripts={"start": "tsc && node x"})),
    ("package.json", manifest(scripts={"start": "npm run build", "build": "tsc"})),
    ("package.json", manifest(dependencies={"typescript": "5"}, acme={"with": ["typescript"]})),
]


@pytest.mark.parametrize("tier", [Tier.DEFAULT, Tier.AGGRESSIVE])
@pytest.mark.parametrize(("path", "text"), NAMED)
def test_what_the_users_own_text_names_is_kept(path: str, text: str, tier: Tier) -> None:
    decision = decided(path, text, tier)
    assert is_kept(decision)
    assert decision.rescues[0].chain.startswith(f"{path}:")


@pytest.mark.parametrize(
    ("path", "text"),
    [("run.sh", "\nnpx tsc"), ("package.json", manifest(scripts={"start": "\ntsc"}))],
)
def test_what_a_zip_beside_names_is_kept_and_the_zip_is_told(path: str, text: str) -> None:
    beside = Zip("fn.zip", {path: text.encode()})
    deployment = Deployment(siblings=(beside,))
    decision = decide(TREE | npm_lock(TREE), guards=("node",), deployment=deployment)
    assert is_kept(decision)
    assert decision.rescues[0].chain.startswith(f"fn.zip: {path}:")


def test_what_a_package_in_a_zip_beside_names_is_no_mention() -> None:
    inside = {"node_modules/a/package.json": b'{"name": "a"}', "node_modules/a/run.sh": b"npx tsc"}
    beside = Zip("fn.zip", inside | npm_lock(inside))
    deployment = Deployment(siblings=(beside,))
    assert not is_kept(decide(TREE | npm_lock(TREE), guards=("node",), deployment=deployment))


def test_the_line_is_told() -> None:
    [rescue] = decided(*NAMED[0]).rescues
    assert rescue.chain == "bootstrap:3 needs typescript"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "Run typescript"),
        ("notes.txt", "typescript"),
        ("package-lock.json", '{"packages": {"node_modules/typescript": {}}}'),
        ("yarn.lock", "typescript@^5:\n  version 5"),
        ("pnpm-lock.yaml", "typescript: 5"),
        (".github/workflows/ci.yml", "- run: npx typescript"),
        (".gitlab-ci.yml", "- npx typescript"),
        ("serverless.yml", "plugins: [typescript]"),
        ("Dockerfile", "RUN npm i typescript"),
        ("package.json", manifest(devDependencies={"typescript": "5"})),
        ("package.json", manifest(scripts={"build": "tsc", "test": "tsc"})),
        ("package.json", manifest(keywords=["typescript"])),
        ("tsconfig.json", '{"compilerOptions": {"types": ["typescript"]}}'),
        (".eslintrc", '{"parser": "typescript"}'),
        ("data.bin.sh", b"\0typescript"),
        ("data.json", b'{"tool": "typescript", "x": "' + b"x" * 1_000_000 + b'"}'),
    ],
)
def test_what_only_develops_prose_and_data_are_no_mention(path: str, text: str | bytes) -> None:
    decision = decided(path, text)
    assert not is_kept(decision)
    assert decision.rescues == ()


def test_the_users_drop_beats_a_mention() -> None:
    assert not is_kept(decided(*NAMED[0], drop=f"/{TOOL}/"))


NPM = "usr/local/lib/node_modules/npm"
IMAGE = {
    f"{NPM}/package.json": b"""{"name": "npm", "version": "10.9.0",
        "repository": {"type": "git", "url": "git+https://github.com/npm/cli.git"},
        "bin": {"npm": "bin/npm-cli.js", "npx": "bin/npx-cli.js"}}""",
    f"{NPM}/bin/npm-cli.js": b"#!/usr/bin/env node\nrequire('../lib/cli.js')(process)\n",
    f"{NPM}/lib/commands/start.js": b"module.exports = 1\n",
    "app/server.js": b"",
}


@pytest.mark.parametrize(
    ("command", "stays"),
    [
        (("npm", "start"), True),
        (("/usr/local/bin/npx", "aws-lambda-ric", "index.handler"), True),
        (("/bin/sh", "-c", "exec npm start"), True),
        (("node", f"/{NPM}/bin/npm-cli.js", "start"), True),
        (("node", "server.js"), False),
        ((), False),
    ],
)
def test_what_starts_an_image_is_a_text_of_the_users_own(
    command: tuple[str, ...], *, stays: bool
) -> None:
    links = {
        f"usr/local/bin/{each}": f"../lib/node_modules/npm/bin/{each}-cli.js"
        for each in ("npm", "npx")
    }
    source = MemorySource(IMAGE, links)
    decision = decide_tree(Question(source, load_packs(), Settings(), started=Started(command)))
    verdict = decision.verdicts[f"{NPM}/lib/commands/start.js"]
    assert verdict.kept is stays
    if stays:
        assert verdict.rule is not None
        assert verdict.rule.why == "the image's command needs npm"
