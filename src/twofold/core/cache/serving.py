"""An answer out of the cache: the stored one, with its age."""

from __future__ import annotations

from ...events import CacheOutcome
from ..request import Reply, Request
from ..store.entry import Entry
from ..text.headers import Headers
from .directives import LARGEST


def served(entry: Entry, request: Request, age: float, outcome: CacheOutcome, now: float) -> Reply:
    """Return an entry as the answer to a request: RFC 9111, 4 and 5.1.

    `request` is the unsigned one: nothing was sent.
    """
    headers = Headers((*entry.ageless, ("Age", str(int(min(age, LARGEST))))))
    return Reply(entry.status, headers, entry.body, request, now, outcome)
