"""A second thread, beside which slim must not fork."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def another_thread() -> Iterator[None]:
    """With a second thread there must be no fork, so one process does all by itself."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
