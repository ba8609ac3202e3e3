"""The cache at any location that fsspec knows, such as ``s3://bucket/slim``, for many machines.

What its libraries raise is as varied as they are; here each is an OSError with one line.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from slimmer.text import printable

T = TypeVar("T")

_SAID = 200  # characters of what a library says
_CLOUDS = ("s3", "s3a", "gs", "gcs", "az", "abfs")  # by obstore, which needs no client of each
_WAIT_S = 5  # for a location that may be away
_RETRY = {"max_retries": 1, "retry_timeout": timedelta(seconds=10)}


class LocationPlace:
    """A location with entries. Every trouble is an OSError."""

    is_near = False

    def __init__(self, url: str):
        """Take a location. Raises OSError where its library is not installed."""
        self.title = printable(url)
        self._system, self._root = _told(lambda: _opened(url))

    def get(self, name: str) -> bytes | None:
        """Return the bytes of an entry, None where there is none."""

        def ask() -> bytes | None:
            try:
                return bytes(self._system.cat_file(f"{self._root}/{name}"))
            except FileNotFoundError:
                return None

        return _told(ask)

    def put(self, name: str, data: bytes) -> None:
        """Keep the bytes of an entry, as one object."""
        _told(lambda: self._system.pipe_file(f"{self._root}/{name}", data))

    def settle(self, added_bytes: int) -> None:
        """Leave it to the location's own rules how long objects live."""


def _opened(url: str) -> tuple[Any, str]:
    scheme, _, rest = url.partition("://")
    if scheme in _CLOUDS:
        store = pkgutil.resolve_name("obstore.fsspec:FsspecStore")  # of the extra cache
        client = {"connect_timeout": f"{_WAIT_S}s", "allow_http": True}
        return store(scheme, client_options=client, retry_config=_RETRY), rest.rstrip("/")
    system, root = pkgutil.resolve_name("fsspec.core:url_to_fs")(url)
    return system, str(root).rstrip("/")


def _told(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except ImportError as error:
        wants = f"{error.name or error} is not installed; pip install 'layerslim[cache]'"
        raise OSError(printable(wants)) from None
    except Exception as error:  # each library has its own
        said = " ".join(str(error).split()) or type(error).__name__
        raise OSError(printable(said[:_SAID])) from None
