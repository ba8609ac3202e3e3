"""Shell completion: the scripts, what they are answered, and bash as a person sees it."""

import os
import sys
from pathlib import Path

import pytest

from tests.support.command import environment, slim
from tests.support.terminal import Terminal

PROMPT = "ready> "


def asked(words: list[str], cwd: Path, shell: str = "bash") -> list[str]:
    """Return what is answered for a line whose last word is incomplete."""
    line, last = (" ".join(words), words[-1]) if shell == "fish" else ("\n".join(words), None)
    env = {
        "_SLIM_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1) if last is None else last,
    }
    outcome = slim(cwd=cwd, env=env)
    assert (outcome.code, outcome.err) == (0, ""), outcome.text
    return outcome.out.splitlines()


def test_the_scripts_are_the_same_bytes_whatever_shell_is_at_hand(tmp_path: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        here = slim("completion", shell, cwd=tmp_path)
        bare = slim("completion", shell, cwd=tmp_path, env={"PATH": "", "LC_ALL": "C"})
        assert (here.code, here.err) == (0, "")
        assert (bare.out, bare.err) == (here.out, "")
        assert f"_SLIM_COMPLETE={shell}_complete" in here.out


def test_another_shell_is_refused_in_one_line(tmp_path: Path) -> None:
    outcome = slim("completion", "basg", cwd=tmp_path)
    assert outcome.code == 2
    assert outcome.err == "slim: there is no shell 'basg'; did you mean 'bash'?\n"


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        (["slim", "bu"], ["plain,build"]),
        (["slim", "build", "--ti"], ["plain,--tier", "plain,--timeout"]),
        (["slim", "build", "--tier", ""], ["plain,safe", "plain,default", "plain,aggressive"]),
        (["slim", "build", "--tier", "ag"], ["plain,aggressive"]),
        (["slim", "explain", "--no-guard", "ot"], ["plain,otp"]),
        (["slim", "build", "--keep", "erlang/gu"], ["plain,erlang/gui"]),
        (["slim", "build", "--drop", "common/d"], ["plain,common/docs"]),
        (
            ["slim", "build", "--target", "provided.al2"],
            ["plain,provided.al2", "plain,provided.al2023"],
        ),
        (["slim", "check", "--fail-on", "over-g"], ["plain,over-growth"]),
        (["slim", "build", "--max", ""], []),
        (["slim", "build", ""], ["file,"]),
        (["slim", "build", "runtime", "-o", "la"], ["file,la"]),
        (["slim", "completion", ""], ["plain,bash", "plain,zsh", "plain,fish"]),
    ],
)
def test_what_may_stand_at_the_cursor(words: list[str], answers: list[str], tmp_path: Path) -> None:
    found = asked(words, tmp_path)
    assert [line for line in found if line in answers] == answers
    assert all(line.partition(",")[2].startswith(words[-1]) for line in found)
    assert bool(found) == bool(answers)


def test_every_command_and_what_it_is_for_is_offered(tmp_path: Path) -> None:
    zsh, fish = (asked(["slim", "bu"], tmp_path, shell) for shell in ("zsh", "fish"))
    what = "Slim a tree and write a deterministic zip."
    assert zsh == ["plain", "build", what]
    assert fish == [f"plain,build\t{what}"]


def test_the_variable_alone_is_an_error_of_one_line(tmp_path: Path) -> None:
    for value in ("zsh_complete", "bash", "1"):
        outcome = slim("rules", cwd=tmp_path, env={"_SLIM_COMPLETE": value})
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith("slim: _SLIM_COMPLETE ")
        assert outcome.err.count("\n") == 1


def test_bash_completes_commands_options_names_and_files(tmp_path: Path) -> None:
    (tmp_path / "my-runtime").mkdir()
    bin_folder = Path(sys.executable).parent
    env = {
        **environment({}),
        "HOME": str(tmp_path),
        "INPUTRC": "/dev/null",
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "PS1": PROMPT,
        "TERM": "dumb",
    }
    with Terminal(["bash", "--norc", "--noprofile", "-i"], tmp_path, env) as bash:
        bash.type("set +o history; bind 'set show-all-if-ambiguous on'\n", PROMPT)
        bash.type('eval "$(slim completion bash)"; echo "set"-up\n', "set-up", PROMPT)
        bash.type("slim bu\t", "slim build ")
        bash.type("--ti\t", "--tier", "--timeout")
        bash.type("er \t", "safe", "default", "aggressive")
        bash.type("a\t", "aggressive ")
        bash.type("--keep erlang/gu\t", "erlang/gui ")
        bash.type("my\t", "my-runtime/")
