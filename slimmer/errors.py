"""The errors that a user can cause, each with the exit code it ends in.

Each message is one line: what is wrong, where, and what to do about it. Being over a
cap is not an error but a finding (:mod:`slimmer.caps`), because the report still has
to be printed; its exit code stands here beside the others.
"""

EXIT_OK = 0
EXIT_OVER = 1
EXIT_USAGE = 2
EXIT_INPUT = 3
EXIT_VERIFY = 5
EXIT_INTERRUPTED = 130


class SlimError(Exception):
    """Base of everything that ends a command with one line and an exit code."""

    exit_code = EXIT_USAGE


class UsageError(SlimError):
    """An option, a setting or a data file that cannot be followed."""

    exit_code = EXIT_USAGE


class InputError(SlimError):
    """A tree or an archive that cannot be read, or that is unsafe to pack."""

    exit_code = EXIT_INPUT


def reason_of(error: OSError) -> str:
    """Return why the system refused something, in its own words, for the middle of a sentence."""
    return (error.strerror or str(error)).lower()
