"""Every request that the Rally client makes: what is sent, and how the answer is read."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import attrs
import msgspec

from ..core.request import Endpoint, Operation, Page, Reply, Safety
from ..core.text.quoting import path
from .ids import Located
from .kinds import KINDS, Kind, kinds_named
from .models import Comment, Ticket
from .query import Value, all_of, checked_field, equal, parenthesised
from .straight import straight
from .structure import fields_of, structure_comment, structure_ticket
from .wire import Answered, opened

LARGEST_PAGE = 2000
"""Rows of one page, at most; the server's own limit."""

# Numbers stay numbers, digit for digit.
ENCODER = msgspec.json.Encoder(decimal_format="number")

JSON = (("Content-Type", "application/json"),)

RawRows: TypeAlias = Sequence[Mapping[str, Any]]
"""Objects as sent."""

Scope: TypeAlias = Mapping[str, str]
"""The query parameters that say where to look: workspace, project, up and down."""


@attrs.frozen
class Rows(Page[Ticket]):
    """A page of a query, with what the server said of it."""

    warnings: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Question:
    """What is asked of one type of ticket.

    The fields are named with `shallowFetch`: those of a plain `fetch` apply at every level, so that
    each owner and project would come along with a description of its own, several times over.
    """

    kind: Kind
    query: str | None = None
    order: str
    fetch: str
    scope: Scope

    def page(self, start: int, size: int) -> Operation[Rows]:
        """Ask for `size` rows from row `start`, counted from 1."""
        said = {
            "shallowFetch": self.fetch,
            "order": self.order,
            "start": str(start),
            "pagesize": str(size),
            **self.scope,
        }
        if self.query is not None:
            said["query"] = self.query
        return Operation(QUERY[self.kind], path("/{type}", type=self.kind.path), said)


@attrs.frozen
class Wish:
    """Which tickets are wanted, in which order, and what of them."""

    kinds: tuple[Kind, ...]
    query: str | None
    order: str
    fetch: tuple[str, ...]

    def questions(self, scope: Scope) -> list[Question]:
        """Return what to ask of each type: the model's own fields and those wished for."""
        return [
            Question(
                kind=kind,
                query=self.query,
                order=self.order,
                fetch=",".join([fields_of(kind), *self.fetch]),
                scope=scope,
            )
            for kind in self.kinds
        ]


def wish(
    types: Iterable[str] | str | None,
    *,
    query: str | None,
    where: Mapping[str, Value] | None,
    order: str | None,
    fetch: Sequence[str],
) -> Wish:
    """Check what was asked for; whatever is wrong is refused here, before anything is sent."""
    own = [] if query is None else [parenthesised(query)]
    wanted = all_of([*own, *equal(where)])
    names = tuple(checked_field(name) for name in fetch)
    return Wish(kinds_named(types), wanted, stable(order), names)


def stable(order: str | None) -> str:
    """End an order with a unique field: without one, pages overlap and leave gaps."""
    keys = [key.strip() for key in (order or "").split(",") if key.strip()]
    if any(key.split()[0] == "ObjectID" for key in keys):
        return ",".join(keys)
    return ",".join([*keys, "ObjectID"])


def read_rows(kind: Kind, reply: Reply) -> Rows:
    """Read a page: straight from its bytes where it can be, else field by field."""
    found = straight(kind, reply.body) if reply.status == 200 else None
    if found is not None:
        return Rows(found.tickets, total=found.total, warnings=found.warnings)
    content, warnings = opened(reply)
    items = [structure_ticket(raw) for raw in content["Results"]]
    return Rows(items, total=int(content["TotalResultCount"]), warnings=warnings)


def read_raw(reply: Reply) -> RawRows:
    content, _ = opened(reply)
    return list(content["Results"])


def read_ticket(reply: Reply) -> Answered[Ticket]:
    content, warnings = opened(reply)
    return Answered(with_warnings(structure_ticket(content), warnings), warnings)


def read_written(reply: Reply) -> Answered[Ticket]:
    content, warnings = opened(reply)
    return Answered(with_warnings(structure_ticket(content["Object"]), warnings), warnings)


def read_comment(reply: Reply) -> Answered[Comment]:
    content, warnings = opened(reply)
    comment = structure_comment(content["Object"])
    return Answered(attrs.evolve(comment, warnings=warnings) if warnings else comment, warnings)


def with_warnings(ticket: Ticket, warnings: tuple[str, ...]) -> Ticket:
    return attrs.evolve(ticket, warnings=warnings) if warnings else ticket


QUERY = {
    kind: Endpoint("rally.query", "GET", "/{type}", partial(read_rows, kind)) for kind in KINDS
}
FIND = Endpoint("rally.find", "GET", "/{type}", read_raw)
READ = Endpoint("rally.read", "GET", "/{type}/{oid}", read_ticket)
# An update sets absolute values, so twice is as good as once.
UPDATE = Endpoint("rally.update", "POST", "/{type}/{oid}", read_written, Safety.REPEATABLE)
COMMENT = Endpoint(
    "rally.comment", "POST", "/conversationpost/create", read_comment, Safety.ONCE
)  # fmt: skip


def get(ticket: Located, scope: Scope) -> Operation[Answered[Ticket]]:
    place = path("/{type}/{oid}", type=ticket.kind.path, oid=str(ticket.object_id))
    return Operation(READ, place, {"shallowFetch": fields_of(ticket.kind), **only_workspace(scope)})


def find(
    types: str, query: str, *, fetch: str, scope: Scope, kinds: Sequence[Kind] = ()
) -> Operation[RawRows]:
    """Look something up: the raw rows of one page, at most the largest there is."""
    said = {"fetch": fetch, "order": "ObjectID", "pagesize": str(LARGEST_PAGE), "query": query}
    if kinds:
        said["types"] = ",".join(kind.path for kind in kinds)
    return Operation(FIND, path("/{type}", type=types), {**said, **scope})


def update(
    ticket: Located, changes: Mapping[str, Any], scope: Scope
) -> Operation[Answered[Ticket]]:
    """Set fields of a ticket to absolute values; those that are not named stay as they are."""
    place = path("/{type}/{oid}", type=ticket.kind.path, oid=str(ticket.object_id))
    said = {"shallowFetch": fields_of(ticket.kind), **only_workspace(scope)}
    body = ENCODER.encode({ticket.kind.element: changes})
    return Operation(UPDATE, place, said, body, JSON)


def comment(ticket: Located, text: str, scope: Scope) -> Operation[Answered[Comment]]:
    """Add a comment; the text is plain, so what looks like markup is escaped."""
    shown = "<br />".join(html.escape(text, quote=False).splitlines())
    body = ENCODER.encode({"ConversationPost": {"Artifact": ticket.ref, "Text": shown}})
    said = {"shallowFetch": "ObjectID,Text,Artifact,User,PostNumber,CreationDate"}
    return Operation(
        COMMENT, "/conversationpost/create", {**said, **only_workspace(scope)}, body, JSON
    )


def only_workspace(scope: Scope) -> Scope:
    return {name: value for name, value in scope.items() if name == "workspace"}
