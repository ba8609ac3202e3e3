"""Settings for every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from tests.real.need import absent
from tests.support.aws import answering
from trees import Unavailable

# Tests leave the user's cache alone, and share one that is gone with them.
_CACHE = tempfile.TemporaryDirectory(prefix="slim-tests-")
os.environ["SLIM_CACHE"] = _CACHE.name

# A slow machine is no failed test: how long something takes is measured in bench/.
settings.register_profile("slim", deadline=None)
settings.load_profile("slim")


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Give the address of a server that answers as AWS does."""
    with answering() as address:
        yield address


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    """End a test whose real tree or tool cannot be had here."""
    try:
        yield
    except Unavailable as reason:
        absent(str(reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """End a test whose real tree or tool cannot be had here."""
    try:
        yield
    except Unavailable as reason:
        absent(str(reason))
