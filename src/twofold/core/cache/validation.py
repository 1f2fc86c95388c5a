"""Asking whether something has changed, and what "no" means: RFC 9111, section 4.3."""

from __future__ import annotations

import attrs

from ..request import Request
from ..store.entry import Entry
from ..text.headers import Headers, Pairs
from .storing import lasting

# What describes the body as it was sent: ours is decoded, and stays as it is (3.2).
OF_BODY = frozenset({"content-encoding", "content-length", "content-md5", "content-range"})


def conditional(request: Request, entry: Entry) -> Request:
    """Return the request for "only if it has changed"; without a validator, the request (4.3.1)."""
    fresh = entry.freshness
    fields: Pairs = ()
    if fresh.etag is not None:
        fields += (("If-None-Match", fresh.etag),)
    if fresh.last_modified is not None:
        fields += (("If-Modified-Since", fresh.last_modified),)
    return request.with_headers((*request.headers, *fields)) if fields else request


def is_same(entry: Entry, headers: Headers) -> bool:
    """Tell whether a 304 speaks of an entry: by its tag, else by its date, else it says nothing.

    Tags are compared weakly, as `If-None-Match` does (4.3.4).
    """
    fresh = entry.freshness
    etag = headers.get("etag")
    if etag is not None and fresh.etag is not None:
        return opaque(etag) == opaque(fresh.etag)
    modified = headers.get("last-modified")
    if etag is None and modified is not None and fresh.last_modified is not None:
        return modified == fresh.last_modified
    return True


def opaque(etag: str) -> str:
    return etag.removeprefix("W/")


def confirmed(entry: Entry, headers: Headers, requested: float, received: float) -> Entry:
    """Return the entry with the fields that a 304 brought, its body as it was (3.2).

    Age and Date are those of the confirmation, or nobody's.
    """
    brought = tuple(pair for pair in lasting(headers.pairs) if pair[0].lower() not in OF_BODY)
    replaced = {name.lower() for name, _ in brought} | {"age", "date"}
    before = tuple(pair for pair in entry.headers if pair[0].lower() not in replaced)
    return attrs.evolve(entry, headers=before + brought, requested=requested, received=received)
