"""Rally: tickets, read completely and written safely."""

from __future__ import annotations

from typing import TYPE_CHECKING

PUBLIC = {
    "AsyncRallyClient": ".._async.rally.client",
    "Comment": ".models",
    "Defect": ".models",
    "RallyClient": ".._sync.rally.client",
    "Reference": ".models",
    "Story": ".models",
    "Task": ".models",
    "Ticket": ".models",
    "TicketId": ".ids",
    "TicketList": ".models",
    "all_of": ".query",
    "condition": ".query",
}

if TYPE_CHECKING:
    from .._async.rally.client import AsyncRallyClient as AsyncRallyClient
    from .._sync.rally.client import RallyClient as RallyClient
    from .ids import TicketId as TicketId
    from .models import Comment as Comment
    from .models import Defect as Defect
    from .models import Reference as Reference
    from .models import Story as Story
    from .models import Task as Task
    from .models import Ticket as Ticket
    from .models import TicketList as TicketList
    from .query import all_of as all_of
    from .query import condition as condition
else:
    __all__ = sorted(PUBLIC)

    def __getattr__(name):
        from .._public import find

        return find(__name__, PUBLIC, name)

    def __dir__():
        return sorted({*globals(), *PUBLIC})
