# SPDX-License-Identifier: MIT
"""What a method means to write, whatever the tickets, and what that comes to for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from ..._runtime.waiting.tasks import Call
from ...rally.changes import Change
from ...rally.drafts import Draft
from ...rally.ids import Located
from .session import Session

Intent: TypeAlias = Call[[Session, Sequence[Located]], Change]
"""It is given all tickets of one call of a method, looks up at once what they need, and returns
what to write to each; what one ticket cannot do with is raised by the change, for that one."""


def intended(made: Draft) -> Intent:
    """Return the intent to write a draft to tickets of whatever kinds."""

    async def intent(session: Session, places: Sequence[Located]) -> Change:
        from .naming import look_up

        fitting = made.fitting(place.kind for place in places)
        pairs = [(place, fitting[place.kind]) for place in places if place.kind in fitting]
        names = await look_up(session, pairs)

        def change(place: Located) -> Mapping[str, Any]:
            return names.filled(place, fitting.get(place.kind) or made.wanted(place.kind))

        return change

    return intent
