"""What `Tasks:summary[State;Owner]` adds to a collection: how many elements have each value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from .model import Collection, Record
from .query.predicate import field

SUMMARY = re.compile(r"\s*(\w+)\s*:\s*summary\s*\[([^\]]*)\]\s*", re.IGNORECASE)

Wishes = tuple[tuple[str, tuple[str, ...]], ...]
"""Collections, and what to count of each; `State+Blocked` counts combinations."""


def wishes(names: Iterator[str]) -> Wishes:
    """Read the summaries that a fetch asks for."""
    found = (SUMMARY.fullmatch(each) for each in names)
    return tuple(
        (match[1], tuple(each.strip() for each in match[2].split(";") if each.strip()))
        for match in found
        if match is not None
    )


def summary(collection: Collection, counted: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Count the values of the elements."""
    return {
        each: dict(Counter(_value(element, each) for element in collection.elements))
        for each in counted
    }


def _value(element: Record, names: str) -> str:
    return "+".join(_shown(field(element, name.strip())) for name in names.split("+"))


def _shown(value: object) -> str:
    match value:
        case None | "":
            return "None"
        case Record():
            return str(value.values.get(value.type.label, value.oid))
        case Collection():
            return str(len(value.elements))
        case bool():
            return str(value).lower()
        case _:
            return str(value)
