"""What a client's own `prepare` makes of a request, and how far that goes."""

from __future__ import annotations

from collections.abc import Callable

from .request import Origin, Request
from .text.headers import TRACES, checked, is_secret

Prepare = Callable[[Request], Request]


def prepared(prepare: Prepare | None, request: Request, home: Origin) -> Request:
    """Return what is sent, but for the credentials.

    Nobody has said that what is added is meant for any but the client's own origin.  Where a
    redirect led elsewhere, only what joins the request to a trace goes along; and if `prepare`
    itself sends it elsewhere, the client's own secret fields stay behind.  What it adds is checked
    as an operation's own fields are.
    """
    if prepare is None:
        return request
    made = prepare(request)
    checked(made.headers)
    if request.origin != home:
        added = [pair for pair in made.headers if pair not in request.headers and traces(pair)]
        return request.with_headers((*request.headers, *added)) if added else request
    if made.origin == home:
        return made
    kept = [pair for pair in made.headers if pair not in request.headers or not is_secret(*pair)]
    return made.with_headers(tuple(kept))


def traces(pair: tuple[str, str]) -> bool:
    return pair[0].lower() in TRACES
