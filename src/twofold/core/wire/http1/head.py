"""The head of an answer: read whole, and refused rather than guessed at (RFC 9112, 2 to 6)."""

from __future__ import annotations

import re
from functools import lru_cache

from ...text.headers import Pairs
from .refusals import Malformed

MOST_HEAD = 64 * 1024
"""Bytes of status line and header."""
MOST_FIELDS = 200
MOST_DIGITS = 18
"""Of a length; more is no length of anything."""

# What a line may consist of (RFC 9110, 5.5); only line ends are left when it is taken away.
VISIBLE = bytes({9, *range(32, 127), *range(128, 256)})
START = b"HTTP/1."
NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class Head:
    """Status and fields of one answer, and what they say of the connection and the body."""

    __slots__ = ("connection", "encoding", "fields", "keep_alive", "length", "minor", "status")

    def __init__(self, text: str) -> None:
        lines = text.split("\r\n")
        self.minor, self.status = opened(lines[0])
        self.length: int | None = None
        """Bytes of the body; CHUNKED, or None: no field says."""
        self.connection = self.encoding = self.keep_alive = ""
        pairs = [line.partition(":") for line in lines[1:-2]]
        self.fields = tuple(
            [(NAMES[name, colon], text.strip(" \t")) for name, colon, text in pairs]
        )
        """In the order they came, names in lower case."""
        for name, value in self.fields:
            if name in MEANINGFUL:
                self._heed(name, value)

    def _heed(self, name: str, value: str) -> None:
        if name == "content-length":
            self._be_sized(name, measured(value))
        elif name == "transfer-encoding":
            if value.lower() != "chunked" or self.minor == 0:
                raise Malformed(f"its transfer coding is {value!r}")
            self._be_sized(name, CHUNKED)
        elif name == "connection":
            self.connection = f"{self.connection},{value.lower()}"
        elif name == "content-encoding":
            self.encoding = f"{self.encoding},{value}"
        else:
            self.keep_alive = value

    def _be_sized(self, name: str, length: int) -> None:
        # Of two, another reader might believe the other one (RFC 9112, 6.3).
        if self.length is not None:
            raise Malformed(f"it says more than once how long its body is: {name}")
        self.length = length

    @property
    def is_kept(self) -> bool:
        """Whether the connection stays open, if the body has an end (RFC 9112, 9.3)."""
        if not self.connection:
            return self.minor == 1
        said = [word.strip() for word in self.connection.split(",")]
        return "close" not in said and (self.minor == 1 or "keep-alive" in said)

    @property
    def rests(self) -> float | None:
        """For how many seconds the other end keeps the connection; None: it does not say."""
        for part in self.keep_alive.split(",") if self.keep_alive else ():
            name, _, value = part.strip().partition("=")
            if name.lower() == "timeout" and value.isdecimal() and len(value) < MOST_DIGITS:
                return float(value)
        return None


CHUNKED = -1
MEANINGFUL = frozenset(
    {"content-length", "transfer-encoding", "connection", "content-encoding", "keep-alive"}
)

MOST_NAMES = 1000


class Names(dict[tuple[str, str], str]):
    """Names of fields, with the colon behind each, in lower case.

    Servers always send the same ones, so each is looked at once.
    """

    def __missing__(self, given: tuple[str, str]) -> str:
        name, colon = given
        if name[:1] in (" ", "\t"):
            raise Malformed("a field of its header is folded")
        if not colon or not NAME.fullmatch(name):
            raise Malformed("a line of its header is no field")
        if len(self) < MOST_NAMES and len(name) < MOST_NAME:
            self[given] = name.lower()
        return name.lower()


NAMES = Names()
MOST_NAME = 50


def named(line: str) -> str:
    """Return the name of a field in lower case; refuse what is none."""
    name, colon, _ = line.partition(":")
    return NAMES[name, colon]


@lru_cache(maxsize=64)
def opened(line: str) -> tuple[int, int]:
    """Return the minor version and the status of a status line."""
    status = line[9:12]
    if line[:9] in ("HTTP/1.1 ", "HTTP/1.0 ") and status.isdecimal() and line[12:13] in ("", " "):
        number = int(status)
        if number >= 100:
            return int(line[7]), number
    raise Malformed("its status line is wrong")


def measured(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= MOST_DIGITS):
        raise Malformed("its length is no number")
    return int(value)


def parsed(head: bytes) -> Head:
    """Read a head, from its first byte to the empty line at its end."""
    ends = head.count(b"\r\n")
    if len(head) > MOST_HEAD or ends > MOST_FIELDS + 2:
        check_part(head)
        raise Malformed(f"its header has more than {MOST_FIELDS} fields")
    # All that is no text is a line end, and each of those is whole: no bare CR or LF, no NUL.
    if len(head.translate(None, VISIBLE)) != 2 * ends:
        check_part(head)
        raise Malformed("its header holds a control character, or a line that ends in half")
    found = Head(head.decode("latin-1"))
    if not head.isascii():
        found.fields = as_utf8(found.fields)
    return found


def as_utf8(fields: Pairs) -> Pairs:
    """Return fields as UTF-8 if that is what all of them are; httpx reads them so.

    Only then: what frames the answer is ASCII in any reading, and was heeded already.
    """
    try:
        return tuple([(name, value.encode("latin-1").decode()) for name, value in fields])
    except UnicodeDecodeError:
        return fields


def check_part(head: bytes) -> None:
    """Refuse what can become no head, rather than wait for its end."""
    if len(head) > MOST_HEAD:
        raise Malformed(f"its header is longer than {MOST_HEAD} bytes")
    if not head.startswith(START[: len(head)]):
        raise Malformed("it does not speak HTTP/1")
    if head.count(b"\n") != head.count(b"\r\n"):
        raise Malformed("a line of its header ends in a bare line feed")
