"""A request as a fault sees it."""

from __future__ import annotations

import attrs

from ..envelopes import OPERATION
from ..model import ElementType, Record
from ..parameters import Call


@attrs.frozen
class Subject:
    """A request, the types its path names (none if unknown) and the object it addresses."""

    call: Call
    types: tuple[ElementType, ...] = ()
    record: Record | None = None
    envelope: str = OPERATION
    """The wrapper in which its errors are reported."""
