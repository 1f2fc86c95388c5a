"""Every request that the Rally client makes of tickets: what is sent, how the answer is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any, TypeAlias

import attrs

from ..core.request import Endpoint, Operation, Reply, Safety
from .asking import Question, Rows, Scope, Wish, reading
from .drift import note_one
from .ids import Located
from .kinds import Kind
from .models import Comment, Ticket
from .names import NAMES, fields_of, model_of, to_fetch
from .paging import read_page
from .query.expression import Query
from .sizes import LARGEST_PAGE
from .structure import structure, structure_ticket
from .wire import Answered, opened, with_warnings

RawRows: TypeAlias = Sequence[Mapping[str, Any]]
"""Objects as sent."""


def read_rows(kind: Kind, reply: Reply) -> Rows[Ticket]:
    return read_page(model_of(kind), structure_ticket, reply, element=kind.element)


def read_raw(reply: Reply) -> Rows[Mapping[str, Any]]:
    content, warnings = opened(reply)
    rows: RawRows = list(content["Results"])
    return Rows(rows, total=int(content["TotalResultCount"]), warnings=warnings)


def read_ticket(reply: Reply) -> Answered[Ticket]:
    content, warnings = opened(reply)
    ticket = structure_ticket(content)
    note_one(ticket, content, reply)
    return Answered(with_warnings(ticket, warnings), warnings)


def read_written(reply: Reply) -> Answered[Ticket]:
    content, warnings = opened(reply)
    ticket = structure_ticket(content["Object"])
    note_one(ticket, content["Object"], reply, "Object")
    return Answered(with_warnings(ticket, warnings), warnings)


def read_comment(reply: Reply) -> Answered[Comment]:
    content, warnings = opened(reply)
    comment = structure(Comment, content["Object"])
    note_one(comment, content["Object"], reply, "Object")
    return Answered(with_warnings(comment, warnings), warnings)


# What a cache holds of tickets: a write to one may change any list, and what is computed above it.
TICKETS = ("rally.tickets",)


@attrs.frozen
class Endpoints:
    """The endpoints of one kind of ticket; a level of portfolio items is two parts of a path."""

    query: Endpoint[Rows[Ticket]]
    read: Endpoint[Answered[Ticket]]
    update: Endpoint[Answered[Ticket]]
    """It sets absolute values, so twice is as good as once."""


@cache
def endpoints(kind: Kind) -> Endpoints:
    all_of_them, one = f"/{kind.path}", f"/{kind.path}/{{oid}}"
    read = partial(read_rows, kind)
    return Endpoints(
        Endpoint("rally.query", "GET", all_of_them, read, tags=TICKETS),
        Endpoint("rally.read", "GET", one, read_ticket, tags=TICKETS),
        Endpoint("rally.update", "POST", one, read_written, Safety.REPEATABLE, invalidates=TICKETS),
    )


FIND = Endpoint("rally.find", "GET", "/{type}", read_raw)
COMMENT = Endpoint(
    "rally.comment",
    "POST",
    "/conversationpost/create",
    read_comment,
    Safety.ONCE,
    invalidates=TICKETS,
)


def questions(wanted: Wish, scope: Scope) -> list[Question[Ticket]]:
    """Return what to ask of each type."""
    return [
        Question(
            endpoint=endpoints(kind).query,
            query=wanted.query_of(kind),
            order=wanted.order,
            fetch=wanted.fields(kind),
            scope=scope,
        )
        for kind in wanted.kinds
    ]


@cache
def collection(owner: str, name: str, kind: Kind) -> Endpoint[Rows[Ticket]]:
    """Return the endpoint of a collection of tickets, by the type of what they belong to."""
    template = f"/{owner}/{{oid}}/{name}"
    return Endpoint("rally.collection", "GET", template, partial(read_rows, kind), tags=TICKETS)


def collected(owner: Located, name: str, kind: Kind, scope: Scope) -> Question[Ticket]:
    """Ask for what a collection of a ticket holds, ranked."""
    return Question(
        endpoint=collection(owner.kind.path, name, kind),
        places={"oid": str(owner.object_id)},
        order="Rank,ObjectID",
        fetch=fields_of(kind),
        scope=only_workspace(scope),
    )


def get(ticket: Located, scope: Scope, *, fetch: Sequence[str] = ()) -> Operation[Answered[Ticket]]:
    said = {
        "shallowFetch": ",".join([fields_of(ticket.kind), *fetch]),
        **only_workspace(scope),
    }
    return endpoints(ticket.kind).read.operation(query=said, oid=str(ticket.object_id))


def find(
    types: str, query: Query, *, fetch: str, scope: Scope, start: int = 1
) -> Operation[Rows[Mapping[str, Any]]]:
    """Look something up: raw rows, as many as come at once, from the row `start` on."""
    said = {"fetch": fetch, **sought(query, start), **scope}
    return reading(FIND, said, {"type": types})


def sought(query: Query, start: int) -> dict[str, str]:
    """Return which rows a look-up asks for."""
    said = {"order": "ObjectID", "pagesize": str(LARGEST_PAGE), "query": str(query)}
    return said if start == 1 else {**said, "start": str(start)}


def update(
    ticket: Located, changes: Mapping[str, Any], scope: Scope
) -> Operation[Answered[Ticket]]:
    """Set fields of a ticket to absolute values; those that are not named stay as they are."""
    return endpoints(ticket.kind).update.operation(
        query={"shallowFetch": fields_of(ticket.kind), **only_workspace(scope)},
        json={ticket.kind.body: changes},
        oid=str(ticket.object_id),
    )


def comment(ticket: Located, text: str, scope: Scope) -> Operation[Answered[Comment]]:
    """Add a comment; the text is plain, so what looks like markup is escaped."""
    import html  # takes long to import, and few comment

    shown = "<br />".join(html.escape(text, quote=False).splitlines())
    return COMMENT.operation(
        query={"shallowFetch": to_fetch(NAMES[Comment].values()), **only_workspace(scope)},
        json={"ConversationPost": {"Artifact": ticket.ref, "Text": shown}},
    )


def only_workspace(scope: Scope) -> Scope:
    return {name: value for name, value in scope.items() if name == "workspace"}
