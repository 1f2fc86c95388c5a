"""Why an answer is refused."""

from __future__ import annotations


class Malformed(Exception):
    """What arrived is not HTTP/1.1, or not what was asked for."""


class TooLarge(Exception):
    """The body is larger than this client takes."""

    def __init__(self, most: int) -> None:
        super().__init__(f"more than {most} bytes")


class CutShort(Exception):
    """The connection ended before the answer did."""
