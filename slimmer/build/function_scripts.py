"""What the scripts that start an image run, told by their words: programs, and their paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from slimmer.build.function_folders import EMULATOR

#: What stands where a command does: at the start of a line, behind what ends or opens one.
_COMMAND = re.compile(
    r"(?:^|[;&|({`])[ \t]{0,64}"
    r"(?:(?:exec|command|env|then|do|else|elif|if|while|until|!|[A-Za-z_]\w{0,64}=\S{0,256})"
    r"[ \t]{1,64}){0,8}([\w./+-]{1,256})(?![\w./+=-])",
    re.MULTILINE,
)
_COMMENT = re.compile(r"(?m)^[ \t]{0,64}#.*$")
#: The interpreters, and the programs beside them, of the systems of provided.*: bash, coreutils.
INTERPRETERS: Final = frozenset(("/bin/sh", "/bin/bash", "/usr/bin/env", "/usr/bin/bash"))
_THERE: Final = frozenset(
    [
        "sh",
        "bash",
        "env",
        "true",
        "false",
        "test",
        "echo",
        "printf",
        "cat",
        "cut",
        "head",
        "tail",
        "tr",
        "wc",
        "sort",
        "uniq",
        "date",
        "mkdir",
        "rm",
        "rmdir",
        "mv",
        "cp",
        "ln",
        "ls",
        "chmod",
        "touch",
        "dirname",
        "basename",
        "readlink",
        "realpath",
        "id",
        "sleep",
        "uname",
        "tee",
        "seq",
        "expr",
        "nproc",
        "mktemp",
        "stat",
        "pwd",
        "exec",
        "export",
        "set",
        "cd",
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "trap",
        "shift",
        "source",
        "eval",
        "read",
        "return",
        "exit",
        "local",
        "unset",
        "ulimit",
        "umask",
        "wait",
        "kill",
        "type",
        "command",
        "function",
        "in",
    ]
)


def commands(text: str) -> Iterator[str]:
    """Yield the programs that a script for the shell starts, but those that every target has."""
    for word in dict.fromkeys(_COMMAND.findall(_COMMENT.sub("", text))):
        name = word.rpartition("/")[2]
        if name and name not in _THERE and name != EMULATOR and not name.isdigit():
            yield word
