"""As what of a Lambda function an artifact is deployed."""

from __future__ import annotations

from enum import StrEnum


class DeployedAs(StrEnum):
    """The function itself, unpacked into /var/task, or a layer, unpacked into /opt."""

    FUNCTION = "function"
    LAYER = "layer"
