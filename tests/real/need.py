"""What a test of real trees needs: without it a skip at home, and a failure in CI."""

import os
from typing import NoReturn

import pytest

from trees.otp import otp_layer


def absent(reason: str) -> NoReturn:
    """End a test whose surroundings are missing: a skip at home, a failure in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def only_of_otp(release: str) -> None:
    """Skip where the layer is of another OTP than the one that a test's figures are of."""
    found = {path.name for path in otp_layer().glob("lib/erlang/releases/[0-9]*")}
    if release not in found:
        pytest.skip(f"its figures are those of OTP {release}; here is OTP {', '.join(found)}")
