"""`Cache-Control`, read: whatever it holds, the reading ends, and garbage makes nothing fresh.

RFC 9111, section 5.2.  Names in any case; values as tokens or quoted strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import attrs

# What is larger is taken for this (1.2.2).
LARGEST = 2**31

NAME = re.compile(r"[^\s=\";]+")
DIGITS = re.compile(r"\d+", re.ASCII)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@attrs.frozen
class Directives:
    """What one `Cache-Control` says."""

    values: dict[str, tuple[str, ...]] = attrs.field(factory=lambda: dict[str, tuple[str, ...]]())
    """Names in lower case, with every value they were given; empty: without one."""

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def seconds(self, name: str) -> float | None:
        """Return a directive's seconds; None if it is not there.

        What is no number, or not the same each time, counts as 0 (4.2.1).
        """
        given = self.values.get(name)
        if given is None:
            return None
        read = {whole(value) for value in given}
        return read.pop() if len(read) == 1 else 0.0


NONE = Directives()


def whole(value: str) -> float:
    if not DIGITS.fullmatch(value):
        return 0.0
    # So many digits are more than the largest, and Python takes long to read thousands.
    return float(min(int(value), LARGEST)) if len(value) < 19 else float(LARGEST)


@lru_cache(maxsize=512)
def directives(text: str | None) -> Directives:
    """Read a field's value; several fields of the name are one list."""
    if not text:
        return NONE
    values: dict[str, list[str]] = {}
    for part in parts(text):
        found = NAME.match(part)
        if found is not None:
            values.setdefault(found[0].lower(), []).append(value(part[found.end() :]))
    return Directives({name: tuple(given) for name, given in values.items()})


def parts(text: str) -> Iterator[str]:
    """Split at the commas that no quotes enclose; a quote without an end encloses nothing."""
    begin = 0
    for end in commas(text):
        yield text[begin:end].strip()
        begin = end + 1
    yield text[begin:].strip()


def commas(text: str) -> list[int]:
    found: list[int] = []
    quoted = escaped = False
    for place, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == '"':
            quoted = not quoted
        elif quoted:
            escaped = char == "\\"
        elif char == ",":
            found.append(place)
    return [place for place, char in enumerate(text) if char == ","] if quoted else found


def value(rest: str) -> str:
    """Return what follows a name, unquoted: `=60`, `="60"`; anything else as it is, no number."""
    if len(rest) > 2 and rest[:2] == '="' and rest[-1] == '"':
        return ESCAPED.sub(r"\1", rest[2:-1])
    return rest.removeprefix("=")
