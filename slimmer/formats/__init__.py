"""What foreign bytes mean: parsers and rewriters that take bytes and give values.

Nothing in here opens a file. Bytes that cannot be understood raise :class:`FormatError`,
bytes that are understood and must not be changed raise :class:`Refused`, and nothing else
is raised, whatever they are; the caller keeps such a file as it is and names it.
"""


class FormatError(ValueError):
    """The bytes are not a well-formed instance of the format they were read as."""


class Refused(Exception):  # noqa: N818 - a verdict with a reason, not a fault
    """The bytes are well-formed, but must stay as they are; the message says why."""
