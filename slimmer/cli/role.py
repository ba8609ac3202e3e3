"""As what a tree is deployed, as the command line says it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from slimmer.errors import UsageError
from slimmer.model.forms import DeployedAs


class Role(NamedTuple):
    """What the command line says that the tree of a build is where it runs."""

    as_function: bool
    as_layer: bool

    def deployed_as(self, function: Path | None) -> DeployedAs | None:
        """Return what the tree is deployed as; beside a function's zip it is a layer.

        Raises UsageError for roles that do not go together.
        """
        if self.as_function and self.as_layer:
            raise UsageError("--as-function and --as-layer are opposites; remove one")
        if self.as_function and function:
            raise UsageError("--as-function and --function both name the function; remove one")
        if self.as_function:
            return DeployedAs.FUNCTION
        return DeployedAs.LAYER if self.as_layer or function else None
