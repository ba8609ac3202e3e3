"""Debug information and documentation that a release kept on purpose can be read after a build."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.real.command import build, unpack
from tests.support.trees import write_tree
from trees import HERE, mix, otp

pytestmark = pytest.mark.real

SOURCES = {
    "lib/documented.ex": """
defmodule MixApp.Documented do
  @moduledoc "Words."
  @doc "Adds one."
  @spec add(integer) :: integer
  def add(number), do: number + 1
end
""",
    "lib/asks.ex": """
defmodule MixApp.Asks do
  def all do
    {:docs_v1, _, _, _, %{"en" => words}, _, _} = Code.fetch_docs(MixApp.Documented)
    {:docs_v1, _, _, _, %{"en" => enum}, _, _} = Code.fetch_docs(Enum)
    {:ok, specs} = Code.Typespec.fetch_specs(MixApp.Documented)
    IO.puts("#{words} #{byte_size(enum)} #{inspect(specs)}")
  end
end
""",
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("mix")
    app = shutil.copytree(HERE / "mix_app", work / "app")
    project = (app / "mix.exs").read_text("utf-8")
    kept = project.replace("cookie:", 'strip_beams: [keep: ["Docs", "Dbgi"]], cookie:')
    assert kept != project
    write_tree(app, {**SOURCES, "mix.exs": kept})
    mix.make_release(otp.otp_layer(), app, work / "release")
    return work / "release"


def answer(release: Path) -> str:
    run = ("bin/mix_app", "eval", "MixApp.Asks.all()")
    env = {"PATH": os.environ["PATH"], "HOME": str(release), "LANG": "C.UTF-8"}
    done = subprocess.run(run, cwd=release, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("tier", ["safe", "default", "aggressive"])
def test_a_release_reads_what_its_strip_beams_kept(
    release: Path, tier: str, tmp_path: Path
) -> None:
    before = answer(release)
    made = build(release, tmp_path / "out", "--tier", tier, "--level", "1")
    assert made.status == 0, made.said
    assert "chunks-kept" in (tmp_path / "out/report.json").read_text("utf-8")
    assert before.startswith("Words. ")
    assert answer(unpack(made.zip, tmp_path / "unpacked")) == before
    shutil.rmtree(tmp_path)
