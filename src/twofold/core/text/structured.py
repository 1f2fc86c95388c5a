"""Structured field values, as far as limits need them: lists of items with parameters.

RFC 9651, sections 3.1 to 3.3.  A field that does not parse is ignored as a whole (section 4.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

import attrs

Bare: TypeAlias = str | int | float | bool

STRING = r'"(?:[ !#-\[\]-~]|\\["\\])*"'
WORD = r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*"
DECIMAL = r"-?[0-9]{1,12}\.[0-9]{1,3}"
INTEGER = r"-?[0-9]{1,15}(?![0-9.])"
BINARY = r":[A-Za-z0-9+/=]*:"
BOOLEAN = r"\?[01]"
VALUE = rf"{STRING}|{WORD}|{DECIMAL}|{INTEGER}|{BINARY}|{BOOLEAN}"

BARE = re.compile(VALUE, re.ASCII)
PARAMETER = re.compile(rf"[ \t]*; *(?P<key>[a-z*][a-z0-9_\-.*]*)(?:=(?P<value>{VALUE}))?", re.ASCII)
COMMA = re.compile(r"[ \t]*,[ \t]*")
END = re.compile(r"[ \t]*\Z")
ESCAPED = re.compile(r"\\(.)")


@attrs.frozen
class Item:
    """One member of a list: binary stays as it is written, and so does a token."""

    value: Bare
    parameters: Mapping[str, Bare]


def items(text: str) -> tuple[Item, ...]:
    """Return the members of a list; none if any of it is no list of items."""
    found: list[Item] = []
    at = len(text) - len(text.lstrip(" "))
    while (member := BARE.match(text, at)) is not None:
        parameters: dict[str, Bare] = {}
        at = member.end()
        while (parameter := PARAMETER.match(text, at)) is not None:
            # A key without a value is true, and the last of several counts (section 3.1.2).
            given = parameter["value"]
            parameters[parameter["key"]] = True if given is None else bare(given)
            at = parameter.end()
        found.append(Item(bare(member[0]), parameters))
        if END.match(text, at):
            return tuple(found)
        if (comma := COMMA.match(text, at)) is None:
            break
        at = comma.end()
    return ()


def bare(text: str) -> Bare:
    """Return the value of what matched `VALUE`."""
    first = text[0]
    if first == '"':
        return ESCAPED.sub(r"\1", text[1:-1])
    if first == "?":
        return text == "?1"
    if first in "-0123456789":
        return float(text) if "." in text else int(text)
    return text
