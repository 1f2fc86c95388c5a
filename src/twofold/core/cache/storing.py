"""What may be kept of an answer: RFC 9111, section 3.

`no-store` on either side leaves nothing.  Statuses that the caller's own reading refuses never get
here.
"""

from __future__ import annotations

from typing import Any

from ..request import Operation, Reply, Request
from ..store.entry import Entry
from ..text.headers import Headers, Pairs, secret
from .decision import lifetime, window
from .directives import Directives
from .freshness import HEURISTICALLY, Freshness
from .keys import ANY, key, selected, tags, variant, varying
from .settings import Cache

# 3.1: what belongs to one connection is not kept; nor what a proxy said to us alone.
OF_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

# `must-understand`: whose statuses this cache knows all about (5.2.2.3).
UNDERSTOOD = HEURISTICALLY | {302, 307}


def kept(
    operation: Operation[Any],
    seen: Request,
    reply: Reply,
    partition: str,
    settings: Cache,
    requested: float,
    received: float,
) -> Entry | None:
    """Return what is to be stored of an answer; None: nothing.

    `seen` is the request as it was prepared, unsigned.  An answer that was redirected is that of
    another place; and one to a request that was prepared otherwise when it was sent may be for
    somebody else.
    """
    names, sent = varying(reply.headers), reply.request
    if sent.url != seen.url or reply.status in (206, 304) or ANY in names:
        return None
    if not set(secret(seen.headers)) <= set(sent.headers):
        return None
    vary = selected(names, seen)
    made = Entry(
        key=key(partition, seen.url),
        variant=variant(vary),
        url=seen.url,
        tags=tags(operation),
        status=reply.status,
        headers=lasting(reply.headers.pairs),
        body=reply.body,
        requested=requested,
        received=received,
        vary=vary,
    )
    return made if is_storable(made, operation, settings) else None


def is_storable(entry: Entry, operation: Operation[Any], settings: Cache) -> bool:
    fresh = entry.freshness
    if entry.status < 200 or is_forbidden(entry.status, fresh.says):
        return False
    own = operation.name in settings.ttl or operation.endpoint.ttl is not None
    stated = fresh.explicit is not None or "public" in fresh.says or "private" in fresh.says
    if entry.status not in HEURISTICALLY and not stated and not own:
        return False
    return is_of_use(fresh, operation, settings)


def is_forbidden(status: int, says: Directives) -> bool:
    """Tell whether the server forbids to keep it; who understands the status may (5.2.2.3)."""
    if "must-understand" in says:
        return status not in UNDERSTOOD
    return "no-store" in says


def is_of_use(fresh: Freshness, operation: Operation[Any], settings: Cache) -> bool:
    """Tell whether it can ever be used: while fresh, confirmed, or stale."""
    if fresh.has_validator:
        return True
    seconds, _ = lifetime(fresh, settings, operation.name, operation.endpoint.ttl)
    if seconds > 0:
        return True
    swr = window(fresh, "stale-while-revalidate", settings.stale_while_revalidate)
    return max(swr, window(fresh, "stale-if-error", settings.stale_if_error)) > 0


def lasting(pairs: Pairs) -> Pairs:
    """Return the fields that are kept: all but those of the connection, and what it names (3.1)."""
    named = (Headers(pairs).get("connection") or "").lower().split(",")
    dropped = OF_CONNECTION | {name.strip() for name in named}
    return tuple(pair for pair in pairs if pair[0].lower() not in dropped)
