import os
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    """End a test whose surroundings are missing: a skip at home, a failure in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
