"""What an update writes to one ticket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from .drafts import Draft
from .ids import Located

Change: TypeAlias = Callable[[Located], Mapping[str, Any]]
"""What to write to a ticket, by its kind and by where it is: Rally's names, values as sent."""


def plainly(made: Draft) -> Change:
    """Return the change that a draft is, where nothing has to be looked up.

    What has to be stands as it is called: so it can be shown, not sent.
    """
    return lambda place: made.wanted(place.kind).fields
