"""A request as a fault sees it."""

from __future__ import annotations

import attrs

from ..envelopes import CREATE, OPERATION, QUERY
from ..model import ElementType, Record
from ..parameters import Call


@attrs.frozen
class Subject:
    """A request, the types its path names (none if unknown) and the object it addresses."""

    call: Call
    types: tuple[ElementType, ...] = ()
    record: Record | None = None
    is_create: bool = False

    @property
    def envelope(self) -> str:
        """Return the wrapper in which this request's errors are reported."""
        if self.is_create:
            return CREATE
        return QUERY if not self.call.is_write and self.types and not self.record else OPERATION
