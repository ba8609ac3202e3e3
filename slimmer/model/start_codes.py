"""Codes of findings about starts: what runtimes compiled, and what a cold start costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from slimmer.model.code import BOTH, BUILD, CHECK, DECIDED, NOTE, READ, WARN, Code

STARTS: Final[Mapping[str, Code]] = {
    "compiled-unused": Code(
        WARN,
        BOTH,
        "A runtime does not use what was compiled, as its source is of another time or size; "
        "compile it again.",
    ),
    "compiled-unkept": Code(
        WARN,
        BOTH,
        "A cache states the times of its sources, which no zip of fixed times keeps.",
    ),
    "compiled-recorded": Code(
        NOTE,
        BOTH,
        "An archive of classes or a cache states the time and size of its sources, which ship so.",
    ),
    "bytecode-stale": Code(
        WARN,
        READ,
        "Python would not use most of the bytecode, as the sources have other times; copy them "
        "with their times (cp -a), or use --pyc compile.",
    ),
    "bytecode-lost": Code(
        WARN, CHECK, "Most modules that had bytecode in the baseline have none now."
    ),
    "warm": Code(
        NOTE,
        BUILD,
        "The artifact holds what slim warm made; a variable of the function switches it on.",
    ),
    "script-compiled": Code(
        NOTE, DECIDED, "A script is compiled at every start; ship what a compiler makes of it."
    ),
    "jvm-flags": Code(
        NOTE, DECIDED, "A JVM starts with compilers that pay only for long runs; limit them."
    ),
    "modules-unreached": Code(
        NOTE,
        DECIDED,
        "No code reaches some modules of a Java runtime; --jlink makes one without them.",
    ),
    "jlink": Code(NOTE, BUILD, "A Java runtime was made again, of some of its modules."),
    "jlink-reached": Code(
        WARN, BUILD, "Code names a module that --jlink leaves out; name it there, or try it."
    ),
    "jlink-locales": Code(
        WARN,
        BUILD,
        "What nothing names is left out by --jlink: the formats of other languages than English.",
    ),
    "jlink-version": Code(
        WARN, BUILD, "The JDK of --jlink is another release than the tree's runtime was."
    ),
    "jlink-larger": Code(
        WARN, BUILD, "The modules that --jlink links take more than those that are there."
    ),
    "start-path": Code(
        WARN,
        DECIDED,
        "A start script names the place at which something was installed, and not its own; let it "
        "find the place from where it lies.",
    ),
    "bytecode": Code(
        NOTE,
        BUILD,
        "What Python's bytecode takes in the zip, and what its lack costs at a cold start.",
    ),
}
