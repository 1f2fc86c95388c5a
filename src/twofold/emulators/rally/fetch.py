"""Which fields a request asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from .summaries import Wishes, wishes


@attrs.frozen
class Fetch:
    """`names` of None means all fields, and shells of whatever they refer to."""

    names: frozenset[str] | None
    is_shallow: bool = False
    """The names are those of the object itself; what it refers to is bare shells."""
    below: tuple[tuple[str, Fetch], ...] = ()
    """In a shallow fetch: what to fill in of the objects that some of the names refer to."""
    summaries: Wishes = ()


EVERYTHING = Fetch(None)
SHELLS = Fetch(frozenset())
MOST_BRACKETS = 8


def wanted(parameters: Mapping[str, str], absent: Fetch) -> Fetch:
    """Read `shallowFetch`, else `fetch`: `true`, `false`, or names, perhaps in literal quotes.

    A summary such as `Tasks:summary[State]` asks for its collection too.
    """
    shallow_text = parameters.get("shallowfetch")
    if shallow_text is not None:
        return shallow(shallow_text, ",", MOST_BRACKETS)
    text = parameters.get("fetch")
    if text is None:
        return absent
    names = text.strip().strip('"').strip()
    if names.lower() in ("true", "false"):
        return EVERYTHING if names.lower() == "true" else SHELLS
    listed = list(parts(names, ","))
    fields = frozenset(each.partition(":")[0].strip() for each in listed) - {""}
    return Fetch(fields, summaries=wishes(iter(listed)))


def shallow(text: str, separator: str, brackets: int) -> Fetch:
    """Read `Name,WorkProduct[Name;Project[Name]]`: each level has fields of its own.

    Brackets within more than so many others are left out.
    """
    below: dict[str, Fetch] = {}
    names: set[str] = set()
    for part in parts(text.strip().strip('"'), separator):
        name, bracket, inner = part.partition("[")
        names.add(name.strip())
        if bracket and brackets:
            inside = inner.rstrip().removesuffix("]")
            below[name.strip()] = shallow(inside, ";", brackets - 1)
    return Fetch(frozenset(names - {""}), is_shallow=True, below=tuple(below.items()))


def parts(text: str, separator: str) -> Iterator[str]:
    """Split where no bracket is open."""
    depth = begin = 0
    for place, sign in enumerate(text):
        depth += (sign == "[") - (sign == "]")
        if sign == separator and depth <= 0:
            yield text[begin:place]
            begin = place + 1
    yield text[begin:]
