"""What foreign bytes mean: parsers and rewriters that take bytes and give values.

Nothing in here opens a file. Bytes that cannot be understood raise :class:`FormatError`
and nothing else, whatever they are; the caller keeps such a file as it is and names it.
"""


class FormatError(ValueError):
    """The bytes are not a well-formed instance of the format they were read as."""
