"""A page of objects, read straight from its bytes where it can be, else field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..core.request import Reply
from .asking import Rows
from .drift import note_all, note_page
from .structure import Raw
from .wire import opened

T = TypeVar("T")


def read_page(
    model: type[T], build: Callable[[Raw], T], reply: Reply, *, element: str | None = None
) -> Rows[T]:
    """Read a page of a model's objects, which else `build` makes; `element` is a ticket's type."""
    from .straight import straight  # compiles types of its own: not before there is a page

    found = straight(model, element, reply.body) if reply.status == 200 else None
    if found is None:
        return read_generally(build, reply)
    note_page(found.found, model, reply)
    return Rows(found.items, total=found.total, warnings=found.warnings)


def read_generally(build: Callable[[Raw], T], reply: Reply) -> Rows[T]:
    content, warnings = opened(reply)
    items = [build(raw) for raw in content["Results"]]
    note_all(items, content["Results"], reply)
    return Rows(items, total=int(content["TotalResultCount"]), warnings=warnings)
