"""Settings for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.aws import answering

# A slow machine is no failed test: how long something takes is measured in bench/.
settings.register_profile("slim", deadline=None)
settings.load_profile("slim")


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Give the address of a server that answers as AWS does."""
    with answering() as address:
        yield address
