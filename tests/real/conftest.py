import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.command import PLAIN, Build, build
from tests.support.command import slim
from trees import wheels
from trees.otp import otp_layer

REST = ("certifi==2026.10.18", "charset-normalizer==3.5.2", "idna==3.20", "urllib3==2.8.0")


@pytest.fixture(scope="session")
def otp_plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """The whole Erlang/OTP and Elixir layer with every file as it is in the tree."""
    folder = tmp_path_factory.mktemp("plain")
    yield build(otp_layer(), folder, *PLAIN)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def otp_build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """The whole Erlang/OTP and Elixir layer, built once with default settings."""
    folder = tmp_path_factory.mktemp("otp")
    yield build(otp_layer(), folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def otp_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """old.zip, the OTP layer, and new.zip, the same with ssh; with their JSON reports."""
    folder = tmp_path_factory.mktemp("otp-pair")
    _zip(otp_layer(), folder, "old.zip")
    _zip(otp_layer(), folder, "new.zip", "--keep", "/lib/erlang/lib/ssh-*/ebin/")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def python_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """old.zip and new.zip, a Python layer before and after an update; with their JSON reports."""
    folder = tmp_path_factory.mktemp("python-pair")
    for name, version in (("old.zip", "2.32.5"), ("new.zip", "2.34.2")):
        _zip(wheels.layer(f"requests=={version}", *REST), folder, name)
    yield folder
    shutil.rmtree(folder)


def _zip(tree: Path, folder: Path, name: str, *args: str) -> None:
    report = ("--json", f"{name.removesuffix('.zip')}.json")
    outcome = slim("build", str(tree), "-o", name, *report, *args, "--level", "6", cwd=folder)
    assert outcome.code == 0, outcome.text
