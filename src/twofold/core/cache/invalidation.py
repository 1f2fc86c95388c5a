"""What is out of date once something was written: RFC 9111, section 4.4, and endpoints' tags."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from ...errors import ArgumentError
from ..request import Operation, Reply, Request
from ..store.removal import Removal, of_key, of_prefix, of_tag
from ..wire.address import checked, origin, target
from .keys import key, named


def written(
    operation: Operation[Any], request: Request, reply: Reply | None, partition: str
) -> tuple[Removal, ...]:
    """Return what a write makes out of date, for its account; `reply`: None if its answer is lost.

    The place itself, and those that the answer names if they are of the same origin.
    """
    places = {request.url: None}
    for name in ("location", "content-location"):
        said = None if reply is None else reply.headers.get(name)
        place = None if said is None else within(request, said)
        if place is not None:
            places[place] = None
    return (
        *(of_key(key(partition, place)) for place in places),
        *(of_tag(partition, tag) for tag in operation.endpoint.invalidates),
    )


def within(request: Request, reference: str) -> str | None:
    """Return the full address of a place that an answer names; None: of another origin."""
    try:
        parts = checked(urljoin(request.url, reference))
    except (ArgumentError, ValueError):
        return None
    return f"{request.origin}{target(parts)}" if origin(parts) == request.origin else None


def wanted(
    partition: str, base: str, operation: str | None, tag: str | None, prefix: str | None
) -> tuple[Removal, ...]:
    """Return what a caller asks to be taken out: at least one of the three.

    `base` is the address below which a prefix lies that is none itself.
    """
    removals: list[Removal] = []
    if operation is not None:
        removals.append(of_tag(partition, named(operation)))
    if tag is not None:
        removals.append(of_tag(partition, tag))
    if prefix is not None:
        removals.append(of_prefix(partition, prefix if "://" in prefix else f"{base}{prefix}"))
    if not removals:
        raise ArgumentError("say what to invalidate: operation, tag or prefix; `clear` is for all")
    return tuple(removals)
