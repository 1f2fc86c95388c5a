"""Every request that writes to one ticket, beside setting its fields: created, deleted, ranked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Literal, TypeVar

import attrs

from ..core.request import Endpoint, Operation, Reply, Safety
from ..errors import ArgumentError, NotFoundError, Try
from .asking import Scope
from .drift import note_one
from .ids import Identity, Located
from .kinds import Kind
from .models import Ticket
from .names import NAMES, fields_of, to_fetch
from .operations import TICKETS, only_workspace, read_written
from .records import Tag
from .structure import structure
from .wire import Answered, opened

T = TypeVar("T")

Side = Literal["rankAbove", "rankBelow", "rankTo"]
"""On the wire: what a rank is given by."""


def read_nothing(reply: Reply) -> Answered[None]:
    _, warnings = opened(reply)
    return Answered(None, warnings)


def read_tag(reply: Reply) -> Answered[Tag]:
    content, warnings = opened(reply)
    tag = structure(Tag, content["Object"])
    note_one(tag, content["Object"], reply, "Object")
    return Answered(tag, warnings)


@attrs.frozen
class Writes:
    """The endpoints that write to one kind of ticket."""

    create: Endpoint[Answered[Ticket]]
    """Nothing tells two equal tickets apart, so it is sent once."""
    delete: Endpoint[Answered[None]]
    rank: Endpoint[Answered[Ticket]]
    add_tags: Endpoint[Answered[None]]
    remove_tags: Endpoint[Answered[None]]


@cache
def writes(kind: Kind) -> Writes:
    one = f"/{kind.path}/{{oid}}"
    return Writes(
        once("rally.create", f"/{kind.path}/create", read_written),
        repeatable("rally.delete", one, read_nothing, method="DELETE"),
        repeatable("rally.rank", one, read_written),
        repeatable("rally.add_tags", f"{one}/Tags/add", read_nothing),
        repeatable("rally.remove_tags", f"{one}/Tags/remove", read_nothing),
    )


def once(name: str, template: str, read: Callable[[Reply], T]) -> Endpoint[T]:
    return Endpoint(name, "POST", template, read, Safety.ONCE, invalidates=TICKETS)


def repeatable(
    name: str, template: str, read: Callable[[Reply], T], *, method: str = "POST"
) -> Endpoint[T]:
    return Endpoint(name, method, template, read, Safety.REPEATABLE, invalidates=TICKETS)


CREATE_TAG = once("rally.create_tag", "/tag/create", read_tag)


def create(kind: Kind, fields: Mapping[str, Any], scope: Scope) -> Operation[Answered[Ticket]]:
    """Create a ticket, in the client's project unless the fields name another."""
    return writes(kind).create.operation(
        query={"shallowFetch": fields_of(kind), **only_workspace(scope)},
        json={kind.body: fields},
    )


def delete(ticket: Located, scope: Scope) -> Operation[Answered[None]]:
    """Move a ticket to the recycle bin."""
    return writes(ticket.kind).delete.operation(
        query=only_workspace(scope), oid=str(ticket.object_id)
    )


def was_deleted_before(error: Exception) -> bool:
    """Tell whether a ticket is gone because an earlier attempt deleted it, its answer lost."""
    if not isinstance(error, NotFoundError):
        return False
    return any(is_lost(attempt) for attempt in error.attempts[:-1])


def is_lost(attempt: Try) -> bool:
    return attempt.status is None or attempt.status >= 500


def rank(ticket: Located, side: Side, where: str, scope: Scope) -> Operation[Answered[Ticket]]:
    """Rank a ticket beside another one, by its ref, or to `TOP` or `BOTTOM`."""
    query = {"shallowFetch": fields_of(ticket.kind), **only_workspace(scope), side: where}
    return writes(ticket.kind).rank.operation(
        query=query, json={ticket.kind.body: {"_ref": ticket.ref}}, oid=str(ticket.object_id)
    )


def end_of_ranks(above: object, below: object, to: object) -> str:
    """Return which end is meant; one of the three, and one alone, must be given."""
    if above is not None or below is not None or to is None:
        raise ArgumentError("give one of above, below and to: a ticket is ranked in one place")
    if to not in ("top", "bottom"):
        raise ArgumentError(f"to must be top or bottom, not {to!r}")
    return str(to).upper()


def check_apart(ticket: Identity, other: Identity) -> None:
    if ticket == other:
        raise ArgumentError("a ticket cannot be ranked beside itself")


def add_tags(ticket: Located, tags: Iterable[str], scope: Scope) -> Operation[Answered[None]]:
    return collected(writes(ticket.kind).add_tags, ticket, tags, scope)


def remove_tags(ticket: Located, tags: Iterable[str], scope: Scope) -> Operation[Answered[None]]:
    return collected(writes(ticket.kind).remove_tags, ticket, tags, scope)


def collected(
    endpoint: Endpoint[Answered[None]], ticket: Located, refs: Iterable[str], scope: Scope
) -> Operation[Answered[None]]:
    """Add objects to a collection or take them out; those that are in it or not may be so."""
    return endpoint.operation(
        query=only_workspace(scope),
        json={"CollectionItems": [{"_ref": ref} for ref in refs]},
        oid=str(ticket.object_id),
    )


def create_tag(name: str, scope: Scope) -> Operation[Answered[Tag]]:
    return CREATE_TAG.operation(
        query={"shallowFetch": to_fetch(NAMES[Tag].values()), **only_workspace(scope)},
        json={"Tag": {"Name": name}},
    )
