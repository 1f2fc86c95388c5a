"""Secrets are taken out of every text that leaves: messages, histories, extracts."""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Iterable, Iterator
from functools import lru_cache

from .quoting import UNRESERVED, quoted

MASK = "***"

# The beginning of a secret at the end of a text that was cut: shorter ones say nothing.
TELLING = 4

# What is shorter would be found, encoded, where it does not stand.
ENCODED = 6

# So many characters are enough to know a secret by; a pattern of thousands takes long to make.
KNOWN = 64


class Secret(str):
    """A text that is sent as it is, and whose `repr` does not show it.

    It says that a header field is a credential where the field's name does not.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text, however it is spelt there: see `spelling`.

    The beginning of one at the end of a text that was cut short is replaced too.
    """
    for secret in sorted(secrets, key=len, reverse=True):  # one may be part of another
        if secret:
            text = text.replace(secret, MASK)
            text = without_beginning(spelling(secret).sub(MASK, text), secret)
    return text


@lru_cache(maxsize=64)
def spelling(secret: str) -> re.Pattern[str]:
    """Return what finds a secret in a text: as it is, quoted, escaped, in base64, in hexadecimal.

    Any of its characters may be escaped and any not: servers differ in which they leave alone.  A
    long one is found by its beginning, and goes with all that follows up to the next blank.
    """
    known, rest = secret[:KNOWN], r"\S*" if len(secret) > KNOWN else ""
    spelt = "".join([SPELT.get(char) or either(char) for char in known])
    encoded = [f"(?i:{in_hex(known)})"] if len(known) >= ENCODED else []
    ways = "|".join([spelt, *encoded, *map(re.escape, in_base64(known))])
    return re.compile(f"(?:{ways}){rest}")


def either(char: str) -> str:
    """Return a pattern of a character: itself, or escaped as in addresses, JSON, Python or HTML."""
    if UNRESERVED.fullmatch(char):
        return re.escape(char)
    raw, units = char.encode("utf-8", "surrogatepass"), char.encode("utf-16-be", "surrogatepass")
    escaped = [
        "".join([f"%{byte:02x}" for byte in raw]),
        "".join([rf"\\x{byte:02x}" for byte in raw]),
        "".join([rf"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)]),
        re.escape(ascii(char)[1:-1]),
        SHORT.get(char, f"&(?:#0*{ord(char)}|#x0*{ord(char):x}|{NAMED.get(char, '#')});"),
    ]
    return rf"(?:\\*{re.escape(char)}|(?i:{'|'.join(escaped)}))"


# Escapes of JSON that Python has not.
SHORT = {"\b": r"\\b", "\f": r"\\f"}

# Entities of HTML that have a name.
NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}

# An extract squeezes blanks, and forms have a plus sign for each.
SPELT = {" ": r"(?:\s+|\+|%20)"}


def in_hex(secret: str) -> str:
    return secret.encode("utf-8", "surrogatepass").hex()


def in_base64(secret: str) -> Iterator[str]:
    """Yield what any base64 holds that a secret stands in, wherever it begins, in both alphabets.

    The characters at its ends are left out where they depend on what stands beside it.
    """
    raw = secret.encode("utf-8", "surrogatepass")
    for before, leading in ((0, 0), (1, 2), (2, 3)) if len(raw) >= ENCODED else ():
        whole = (before + len(raw)) // 3 * 4 + (0, 1, 2)[(before + len(raw)) % 3]
        text = b2a_base64(bytes(before) + raw).decode()[leading:whole]
        yield text
        if "+" in text or "/" in text:
            yield text.replace("+", "-").replace("/", "_")


def without_beginning(text: str, secret: str) -> str:
    """Take out the beginning of a secret that a text ends with."""
    body = text.removesuffix("…")
    for spelt in dict.fromkeys(beginnings(secret)):
        for length in range(min(len(spelt), len(body)), TELLING - 1, -1):
            if body.endswith(spelt[:length]):
                return f"{body[:-length]}{MASK}…"
    return text


def beginnings(secret: str) -> Iterator[str]:
    """Yield the usual ways in which all of a secret is spelt."""
    yield secret
    if not UNRESERVED.fullmatch(secret):
        yield quoted(secret.encode("utf-8", "replace").decode())
        yield repr(secret)[1:-1]
        yield ascii(secret)[1:-1]
    yield from in_base64(secret)
