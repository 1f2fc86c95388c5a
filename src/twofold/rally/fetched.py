"""Which fields a request asked for: what else comes was not to be expected."""

from __future__ import annotations

import re
from functools import lru_cache

from ..core.request import Request

NAME = re.compile(r"\w+")

EVERYTHING = "true"


def fetched(request: Request) -> frozenset[str] | None:
    """Return the names that a request asks for, at any level; None: all that there are.

    They stand in the address, or in a form that stands for one.
    """
    query = request.target.partition("?")[2]
    return named_in(query or request.body.decode("ascii", "replace"))


@lru_cache(maxsize=64)
def named_in(query: str) -> frozenset[str] | None:
    from urllib.parse import parse_qs  # slow to import; most answers hold just what was asked for

    said = parse_qs(query)
    lists = [*said.get("fetch", ()), *said.get("shallowFetch", ())]
    if not lists or EVERYTHING in lists:
        return None
    return frozenset(NAME.findall(",".join(lists)))
