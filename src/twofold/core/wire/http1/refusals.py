"""Why there is no answer, or one that is refused."""

from __future__ import annotations

from ....errors import TwofoldError


class Malformed(Exception):
    """What arrived is not HTTP/1.1, or not what was asked for."""


class TooLarge(Exception):
    """The body is larger than this client takes."""

    def __init__(self, most: float) -> None:
        super().__init__(f"more than {most:.0f} bytes")


class CutShort(Exception):
    """The connection ended before the answer did."""


class Expired(Exception):
    """The time that the exchange was given is over."""


class Unheard(Exception):
    """The connection broke before a byte of the answer came."""

    def __init__(self, error: TwofoldError) -> None:
        super().__init__(error.message)
        self.error = error
        """What to raise where the request is not sent again."""


class Undrawable(Exception):
    """The body of a request could not be drawn: its error is the caller's, and left as it is."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{error}")
        self.error = error
