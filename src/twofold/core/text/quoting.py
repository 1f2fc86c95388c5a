"""The one place where paths and queries are built: every value is quoted, none can add a part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ...errors import ArgumentError

FIELD = re.compile(r"\{(\w+)\}")

UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")

# What each byte becomes; urllib.parse would take longer to import than all else of this package.
BYTES = [chr(n) if UNRESERVED.fullmatch(chr(n)) else f"%{n:02X}" for n in range(256)]


def quoted(text: str) -> str:
    """Percent-encode everything but unreserved characters (RFC 3986, section 2.3)."""
    try:
        if UNRESERVED.fullmatch(text):
            return text
    except TypeError:
        raise ArgumentError(f"{text!r} stands where a text is wanted") from None
    try:
        return "".join([BYTES[byte] for byte in text.encode()])
    except UnicodeEncodeError as error:
        raise ArgumentError(f"{text!r} holds half a character and cannot be sent") from error


def escaped(target: str) -> str:
    """Percent-encode whatever is not ASCII in a path or query, and nothing else (RFC 3987, 3.1)."""
    return "".join([char if char.isascii() else quoted(char) for char in target])


def path(template: str, /, **values: str) -> str:
    """Fill a path template; each value is one segment, whatever it holds."""
    texts, names = split(template)
    if values.keys() != set(names):
        raise ArgumentError(f"{template} wants {listed(names)}, and was given {listed(values)}")
    if not names:
        return template
    filled = [segment(name, values[name]) for name in names]
    return "".join([text for pair in zip(texts, filled, strict=False) for text in pair]) + texts[-1]


def listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


@lru_cache(maxsize=1024)
def split(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split a template, once, into the texts around its fields, and the names of those."""
    parts = FIELD.split(template)
    return tuple(parts[::2]), tuple(parts[1::2])


def segment(name: str, value: str) -> str:
    """Quote one path segment; empty and dot segments would name another place (3.3)."""
    if value in ("", ".", ".."):
        raise ArgumentError(f"{name} must not be {value!r}")
    return quoted(value)


def query_string(values: Mapping[str, str]) -> str:
    """Join a query; spaces become %20, which every server understands."""
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in values.items())
