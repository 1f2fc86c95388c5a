"""What carrying out a request gave, before the queue says when it is complete."""

from __future__ import annotations

import attrs

from ..exchange import Pairs

JSON_TYPE = ("Content-Type", "application/json; charset=utf-8")
HTML_TYPE = ("Content-Type", "text/html;charset=utf-8")

TITLES = {
    302: "Moved Temporarily",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    524: "A timeout occurred",
}


@attrs.frozen
class Served:
    """`objects` is what the time per object is charged for."""

    status: int
    headers: Pairs
    body: bytes
    objects: int = 0


def json(body: bytes, objects: int = 0, status: int = 200) -> Served:
    return Served(status, (JSON_TYPE,), body, objects)


def html(status: int, text: str = "", headers: Pairs = ()) -> Served:
    """A page as gateways and login filters send it."""
    title = TITLES.get(status, "Rally")
    page = (
        "<!DOCTYPE html>\n"
        f"<html><head><title>{status} {title}</title></head>\n"
        f"<body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )
    return Served(status, (HTML_TYPE, *headers), page.encode())
