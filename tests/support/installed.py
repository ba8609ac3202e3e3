"""What installers write beside what they install, for trees made by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from slimmer.config.settings import Settings
from slimmer.decide.decide import owned_tree
from slimmer.decide.question import Question
from slimmer.rules.packs import load_packs
from tests.support.trees import MemorySource

_PACKAGE = re.compile(r"(node_modules/(?:.*/node_modules/)?(?:@[^/]+/)?[^/@.][^/]*)/")


def npm_lock(paths: Iterable[str]) -> dict[str, bytes]:
    """Return npm's own list of what it installed: every package of these paths in node_modules."""
    folders = {match[1] for path in paths if (match := _PACKAGE.match(path))}
    rows = {folder: {"resolved": "https://registry.example/x.tgz"} for folder in sorted(folders)}
    return {"node_modules/.package-lock.json": json.dumps({"packages": rows}).encode()}


def record(paths: Iterable[str]) -> bytes:
    """Return a RECORD that lists these paths, relative to the folder of the distributions."""
    return "".join(f"{path},,\n" for path in paths).encode()


def owners(files: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return the owner of each path of a tree."""
    question = Question(MemorySource(files), load_packs(), Settings())
    return owned_tree(question, question.packs).owners
