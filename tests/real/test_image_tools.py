"""Images that slim writes, read and run by the tools that people have, none of which is mocked."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.real.need import absent
from tests.real.runtime_api import RuntimeApi
from tests.real.test_images import NAMES, expected
from tests.support.command import SLIM, environment, slim
from trees import Unavailable
from trees.erlang_image import erlang_image

pytestmark = [pytest.mark.real, pytest.mark.heavy]

#: How each engine runs a container here, without more rights than these machines give.
RUN = {
    "docker": ("docker", "run"),
    "podman": ("podman", "--runtime", "runc", "run"),
}
LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")
#: What an image may take, unpacked and as it is sent.
MOST_BYTES = {(): (100_000_000, 34_000_000), ("--tree-shake",): (26_000_000, 11_000_000)}


def tool(*command: str, cwd: Path | None = None) -> str:
    if not shutil.which(command[0]):
        absent(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture(scope="module")
def source() -> Path:
    try:
        return erlang_image()
    except Unavailable as error:
        absent(str(error))


@pytest.fixture(scope="module", params=MOST_BYTES, ids=["default", "tree-shake"])
def written(
    source: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Path, tuple[int, int]]]:
    folder = tmp_path_factory.mktemp("image")
    tag = f"slim-{uuid.uuid4().hex[:8]}:slim"
    args = ("-o", "image.tar", "--tag", tag, "--json", "report.json", *request.param)
    done = slim("build", str(source), *args, cwd=folder, process=True, timeout_s=900)
    assert done.code == 0, done.text
    yield folder, MOST_BYTES[request.param]
    shutil.rmtree(folder)


def tag_of(folder: Path) -> str:
    listed = tool("tar", "-xOf", "image.tar", "manifest.json", cwd=folder)
    return str(json.loads(listed)[0]["RepoTags"][0])


@pytest.fixture(scope="module", params=RUN)
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    ready = [name, "info"]
    if not shutil.which(name) or subprocess.run(ready, capture_output=True, check=False).returncode:
        absent(f"{name} does not run here")
    return name


def test_every_feature_answers_in_an_engine(
    written: tuple[Path, tuple[int, int]], engine: str
) -> None:
    folder, (most_bytes, _) = written
    if engine == "podman":  # it counts the tar, with a header of 512 bytes or more for each member
        most_bytes += 2_000_000
    tool(engine, "load", "--input", str(folder / "image.tar"))
    name = tag_of(folder)
    try:
        assert int(tool(engine, "inspect", "--format", "{{.Size}}", name)) <= most_bytes
        assert answers(engine, name, NAMES) == list(expected())
        again = slim(
            "build", f"{engine}:{name}", "-o", f"{engine}:{name}-2", cwd=folder, process=True
        )
        assert again.code == 0, again.text
        assert answers(engine, f"{name}-2", NAMES[:2]) == list(expected())[:2]
    finally:
        tool(engine, "rmi", "--force", name, f"{name}-2")


@pytest.mark.parametrize("command", [("build", "-o", "x.tar"), ("check",), ("verify",)])
def test_a_name_that_an_engine_does_not_have_is_said_in_a_line(
    engine: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    event = ("--event", "{}") if command[0] == "verify" else ()
    args = (command[0], f"{engine}:slim-test-none:1", *command[1:], *event)
    done = slim(*args, cwd=tmp_path, process=True)
    assert (done.code, done.err.count("\n")) == (3, 1), done.text
    assert f"{engine}:slim-test-none:1: {engine} does not give it (" in done.err
    if engine == "docker":
        down = slim(*args, cwd=tmp_path, env={"DOCKER_HOST": f"unix://{tmp_path}/none"})
        assert (down.code, down.err.count("\n")) == (3, 1), down.text
        assert "Cannot connect to the Docker daemon" in down.err
    assert not list(tmp_path.iterdir())


def answers(engine: str, image: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return what came of each feature, of the image started as it says itself."""
    events = [json.dumps({"feature": name}).encode() for name in names]
    container = f"slim-test-{uuid.uuid4().hex[:8]}"
    with RuntimeApi(events) as api:
        variables = ("--env", f"AWS_LAMBDA_RUNTIME_API={api.address}")
        command = (*RUN[engine], *LIMITS, "--network", "host", "--name", container, *variables)
        process = subprocess.Popen([*command, image], stdout=subprocess.DEVNULL)
        try:
            api.done(180)
        finally:
            tool(engine, "rm", "--force", container)
            process.wait()
        return [(json.loads(answer.event)["feature"], answer.kind) for answer in api.answers]


def test_tools_read_the_image_and_see_one_digest(written: tuple[Path, tuple[int, int]]) -> None:
    folder, (most_bytes, most_packed_bytes) = written
    (artifact,) = json.loads((folder / "report.json").read_bytes())["artifacts"]
    seen = json.loads(tool("skopeo", "inspect", "oci-archive:image.tar", cwd=folder))
    assert seen["Digest"] == artifact["digest"]
    assert artifact["unzipped_bytes"] <= most_bytes
    assert artifact["zip_bytes"] == (folder / "image.tar").stat().st_size <= most_packed_bytes
    assert len(seen["Layers"]) == 1
    config = json.loads(
        tool("skopeo", "inspect", "--config", "docker-archive:image.tar", cwd=folder)
    )
    assert config["config"]["Entrypoint"] == ["/entry.sh"]
    tool("skopeo", "copy", "oci-archive:image.tar", "oci:copied:slim", cwd=folder)
    tool("umoci", "unpack", "--image", "copied:slim", "bundle", cwd=folder)
    rootfs = folder / "bundle" / "rootfs"
    assert (rootfs / "entry.sh").is_file()
    assert (rootfs / "tmp").stat().st_mode & 0o7777 == 0o1777
    pulled = tool("buildah", "pull", "--quiet", "oci-archive:image.tar", cwd=folder).strip()
    tool("buildah", "rmi", "--force", pulled)
    for name in ("copied", "bundle"):
        shutil.rmtree(folder / name)


def test_both_forms_of_the_image_make_the_same_digest(source: Path, tmp_path: Path) -> None:
    tool("skopeo", "copy", f"oci:{source}", "docker-archive:saved.tar:erl:1", cwd=tmp_path)
    command = [*SLIM, "build", "-", "-o", "-", "--tag", "a:b"]
    with (tmp_path / "saved.tar").open("rb") as file, (tmp_path / "one.tar").open("wb") as out:
        subprocess.run(command, stdin=file, stdout=out, env=environment({}), check=True)
    (tmp_path / "saved.tar").unlink()
    other = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "HOME": str(tmp_path)}
    args = ("build", str(source), "-o", "two.tar", "--tag", "a:b")
    done = slim(*args, cwd=tmp_path, env=other, umask=0o077, timeout_s=900)
    assert done.code == 0, done.text
    assert digest(tmp_path / "one.tar") == digest(tmp_path / "two.tar")


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
