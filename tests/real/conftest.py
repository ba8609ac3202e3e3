import shutil
from collections.abc import Iterator

import pytest

from tests.real import artifacts
from tests.real.command import PLAIN, Build, build


@pytest.fixture(scope="session")
def otp_plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """The whole Erlang/OTP and Elixir layer with every file as it is in the tree."""
    folder = tmp_path_factory.mktemp("plain")
    yield build(artifacts.otp_layer(), folder, *PLAIN)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def otp_build(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """The whole Erlang/OTP and Elixir layer, built once with default settings."""
    folder = tmp_path_factory.mktemp("otp")
    yield build(artifacts.otp_layer(), folder)
    shutil.rmtree(folder)
