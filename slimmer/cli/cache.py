"""``slim cache``: what builds keep for the next ones, how much it is, and how much it may be."""

from __future__ import annotations

from slimmer.cli.frame import command
from slimmer.cli.outputs import emit
from slimmer.errors import EXIT_OK, UsageError, reason_of


@command("--cache", "--clear", "--bound")
def cache(*, cache: str | None, clear: bool, bound: int | None) -> int:
    """Show the cache of slim build: where it is, how much it holds, and how much it may.

    --clear empties it, and --bound sets how much it may hold. A location such as s3:// has
    rules of its own for that.
    """
    from slimmer.cache.folder import FolderPlace
    from slimmer.cli.cached import place_of
    from slimmer.sizes import count_text, size_text

    try:
        place = place_of(cache)
        if not isinstance(place, FolderPlace):
            raise UsageError(
                f"{place.title}: what a location keeps is shown, removed and bounded by its own "
                "tools; name a folder"
            )
        if clear:
            count, size_bytes = place.clear()
            emit(f"removed {count_text(count, 'result')}, {size_text(size_bytes)}\n")
        if bound is not None:
            place.set_bound(bound)
        count, size_bytes = place.used()
        emit(
            f"{place.title}: {count_text(count, 'result')}, {size_text(size_bytes)} of "
            f"at most {size_text(place.bound_bytes())}\n"
        )
    except OSError as error:
        raise UsageError(
            f"the cache cannot be used ({reason_of(error)}); name another place with --cache"
        ) from None
    return EXIT_OK
