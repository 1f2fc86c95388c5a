"""How the objects of a table are sent, a column a field, and what finds the values of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import Any, TypeAlias

import attrs
import msgspec

Rows: TypeAlias = Sequence[msgspec.Struct]
Values: TypeAlias = Callable[[Rows], Iterable[Any]]
"""What finds the values of one field in all rows, in their order."""


@attrs.frozen
class Column:
    """A field of an object as it is sent."""

    sent: str
    """Its name on the wire."""
    shape: Any = msgspec.Raw
    """The type that it is decoded as."""
    default: Any = msgspec.NODEFAULT
    """What stands for one that is missing; by default no object may be without it."""
    field: str | None = None
    """The field of the model that it fills; None: it is of no use."""
    make: Callable[[Iterable[Any]], Iterable[Any]] | None = None
    """What makes values of all that was sent, in order, such as ``partial(map, int)``."""
    is_due: bool = False
    """Whether it should be there though it has a default: one that is missing is drift."""
    words: AbstractSet[object] | None = None
    """All that may be sent in it; any other word is read, and is drift."""


def attribute(place: int) -> str:
    """Return what the attribute of a row is called that holds the column at a place."""
    return f"column_{place}"


def sent_in(place: int) -> Values:
    read = attrgetter(attribute(place))
    return lambda rows: map(read, rows)
