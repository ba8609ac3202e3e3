"""Completion in zsh and fish, as a person sees it."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import environment
from tests.support.terminal import Terminal
from trees import tools

pytestmark = pytest.mark.real

ZSH_START = """
PS1='ready> '
autoload -Uz compinit
compinit -D -u
eval "$(slim completion zsh)"
"""


def zsh_places() -> str:
    """Return the lines that tell a zsh that is not installed where its own files are."""
    root = tools.shells()
    if root == Path("/"):
        return ""
    modules = root.glob("usr/lib/*-linux-*/zsh/*")
    functions = [p for p in root.glob("usr/share/zsh/functions/**/*") if p.is_dir()]
    return "".join(
        f"{name}=({' '.join(shlex.quote(str(place)) for place in places)})\n"
        for name, places in (("module_path", modules), ("fpath", functions))
    )


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    root = tools.shells()
    libraries = [*root.glob("usr/lib/*-linux-*")] if root != Path("/") else []
    own = {
        "HOME": str(tmp_path),
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "PATH": f"{Path(sys.executable).parent}:{root}/bin:{root}/usr/bin:{os.environ['PATH']}",
        "TERM": "dumb",
        "XDG_CONFIG_HOME": str(tmp_path / ".config"),
    }
    return {**environment({}), **own}


def test_zsh_completes_commands_options_names_and_files(
    tmp_path: Path, env: dict[str, str]
) -> None:
    (tmp_path / "my-runtime").mkdir()
    (tmp_path / ".zshrc").write_text(zsh_places() + ZSH_START)
    with Terminal(["zsh", "-o", "NO_GLOBAL_RCS", "-i"], tmp_path, env) as zsh:
        zsh.type("", "ready> ")
        zsh.type("slim bu\t", "build ")
        zsh.type("--tie\t", "--tier ")
        zsh.type("\t", "safe", "default", "aggressive")
        zsh.type("a\t", "aggressive ")
        zsh.type("--keep erlang/gu\t", "erlang/gui ")
        zsh.type("my\t", "my-runtime/")


def fish_offers(line: str, tmp_path: Path, env: dict[str, str]) -> list[str]:
    """Return what fish offers for a line, without the words on each."""
    folder = tmp_path / ".config" / "fish" / "completions"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "slim.fish").open("wb") as script:
        subprocess.run(["slim", "completion", "fish"], env=env, stdout=script, check=True)
    done = subprocess.run(
        ["fish", "-c", 'complete -C "$argv"', line],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return [row.partition("\t")[0] for row in done.stdout.splitlines()]


def test_fish_completes_commands_options_names_and_files(
    tmp_path: Path, env: dict[str, str]
) -> None:
    (tmp_path / "my-runtime").mkdir()
    assert fish_offers("slim bu", tmp_path, env) == ["build"]
    assert fish_offers("slim build --ti", tmp_path, env) == ["--tier", "--timeout"]
    tiers = fish_offers("slim build --tier ", tmp_path, env)
    assert sorted(tiers) == ["aggressive", "default", "safe"]
    assert fish_offers("slim build --keep erlang/gu", tmp_path, env) == ["erlang/gui"]
    assert fish_offers("slim build my", tmp_path, env) == ["my-runtime/"]
