"""Every request for what is no ticket: timeboxes, people, tags, histories, any object at all.

A further type is a model in `records`, its names in `names`, and an endpoint here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import TypeVar

from ..core.request import Endpoint, Operation, Reply
from ..core.text.shapes import is_object
from ..errors import ArgumentError
from .asking import Question, Rows, Scope, named, reading, stable
from .drift import note_all, note_one
from .ids import Located
from .kinds import find_kind
from .models import Comment
from .names import NAMES, to_fetch
from .operations import TICKETS, only_workspace
from .paging import read_generally, read_page
from .query.expression import Query, condition
from .query.fields import wire_name
from .query.values import Referable, checked_field
from .records import AllowedValue, Attachment, Iteration, Record, Release, Revision, Tag, User
from .structure import relative, structure
from .wire import Answered, opened

R = TypeVar("R", bound=Referable)
T = TypeVar("T")

TYPE = re.compile(r"[A-Za-z]\w{0,63}(?:/[A-Za-z]\w{0,63})?", re.ASCII)
REF = re.compile(r"/?([A-Za-z]\w*(?:/[A-Za-z]\w*)?)/([-\w]{1,64})", re.ASCII)


def read_list(model: type[R], reply: Reply) -> Rows[R]:
    build = partial(structure, model)
    # A Record is of any shape: there is nothing to be learnt for the next page.
    return read_generally(build, reply) if model is Record else read_page(model, build, reply)


def read_one(model: type[T], reply: Reply) -> Answered[T]:
    content, warnings = opened(reply)
    found = structure(model, content)
    note_one(found, content, reply)
    return Answered(found, warnings)


def read_reference(field: str, reply: Reply) -> Answered[str | None]:
    """Read of an object only where one of its fields refers to; None: nowhere."""
    content, warnings = opened(reply)
    said = content.get(field)
    return Answered(relative(said["_ref"]) if is_object(said) else None, warnings)


def read_values(reply: Reply) -> Answered[tuple[AllowedValue, ...]]:
    content, warnings = opened(reply)
    values = tuple(structure(AllowedValue, raw) for raw in content["Results"])
    note_all(values, content["Results"], reply)
    return Answered(values, warnings)


def read_states(reply: Reply) -> Answered[tuple[AllowedValue, ...]]:
    """Read the states of a level of portfolio items, which are objects."""
    content, warnings = opened(reply)
    return Answered(
        tuple(
            AllowedValue(
                value=raw["Name"],
                label=raw["Name"],
                index=raw.get("OrderIndex"),
                ref=relative(raw["_ref"]),
            )
            for raw in content["Results"]
        ),
        warnings,
    )


def listing(
    name: str, template: str, model: type[R], tags: tuple[str, ...] = ()
) -> Endpoint[Rows[R]]:
    return Endpoint(name, "GET", template, partial(read_list, model), tags=tags)


ITERATIONS = listing("rally.iterations", "/iteration", Iteration, TICKETS)
RELEASES = listing("rally.releases", "/release", Release, TICKETS)
USERS = listing("rally.users", "/user", User)
TAGS = listing("rally.tags", "/tag", Tag, TICKETS)
DISCUSSION = listing("rally.discussion", "/conversationpost", Comment, TICKETS)
REVISIONS = listing("rally.revisions", "/revisionhistory/{oid}/Revisions", Revision, TICKETS)

CURRENT_USER = Endpoint("rally.current_user", "GET", "/user", partial(read_one, User))
DEFINITIONS = Endpoint("rally.types", "GET", "/typedefinition", partial(read_list, Record))
ATTRIBUTES = Endpoint(
    "rally.attributes", "GET", "/typedefinition/{oid}/Attributes", partial(read_list, Record)
)
ALLOWED = Endpoint(
    "rally.allowed_values", "GET", "/attributedefinition/{oid}/AllowedValues", read_values
)
STATES = Endpoint("rally.states", "GET", "/state", read_states)


@lru_cache(maxsize=256)
def of_ticket(path: str, collection: str, model: type[R]) -> Endpoint[Rows[R]]:
    """Return the endpoint of a collection of the tickets of one type."""
    name = f"rally.{collection.lower()}"
    return listing(name, f"/{path}/{{oid}}/{collection}", model, TICKETS)


@lru_cache(maxsize=256)
def anything(path: str) -> Endpoint[Rows[Record]]:
    return listing("rally.iter", f"/{path}", Record, TICKETS)


@lru_cache(maxsize=256)
def any_one(path: str) -> Endpoint[Answered[Record]]:
    return Endpoint("rally.get", "GET", f"/{path}/{{oid}}", partial(read_one, Record), tags=TICKETS)


@lru_cache(maxsize=256)
def history_of(path: str) -> Endpoint[Answered[str | None]]:
    read = partial(read_reference, "RevisionHistory")
    return Endpoint("rally.history", "GET", f"/{path}/{{oid}}", read, tags=TICKETS)


def question(
    endpoint: Endpoint[Rows[R]],
    model: type[R],
    scope: Scope,
    *,
    query: Query | None = None,
    order: str | None = None,
    fetch: Sequence[str] = (),
    places: Mapping[str, str] | None = None,
) -> Question[R]:
    """Ask an endpoint for what fills a model, and for further fields."""
    return Question(
        endpoint=endpoint,
        places=places or {},
        query=query,
        order=stable(order),
        fetch=",".join([to_fetch(NAMES[model].values()), *fetch]),
        scope=scope,
    )


def records(
    type: str, scope: Scope, *, query: Query | None, order: str | None, fetch: Sequence[str]
) -> Question[Record]:
    """Ask for objects of any type: all their fields, or those named."""
    return Question(
        endpoint=anything(checked_type(type)),
        query=query,
        order=stable(order),
        fetch=",".join(["ObjectID", *fetch]) if fetch else "true",
        scope=scope,
        shallow=bool(fetch),
    )


def record(ref: str, scope: Scope, fetch: Sequence[str]) -> Operation[Answered[Record]]:
    """Ask for one object by its ref: all its fields, or those named."""
    path, oid = taken_apart(ref)
    said = {"shallowFetch": ",".join(named(fetch))} if fetch else {"fetch": "true"}
    return any_one(path).operation(query={**said, **only_workspace(scope)}, oid=oid)


def history(ticket: Located, scope: Scope) -> Operation[Answered[str | None]]:
    said = {"shallowFetch": "RevisionHistory", **only_workspace(scope)}
    return history_of(ticket.kind.path).operation(query=said, oid=str(ticket.object_id))


def current_user(scope: Scope) -> Operation[Answered[User]]:
    """Ask who these credentials belong to: `/user` without a query."""
    said = {"shallowFetch": to_fetch(NAMES[User].values()), **only_workspace(scope)}
    return CURRENT_USER.operation(query=said)


def defined(type: str, field: str) -> tuple[str, str]:
    """Return what the schema calls a type and a field; levels of portfolio items go bare."""
    checked_type(type.replace(" ", "") if isinstance(type, str) else type)  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
    kind = find_kind(type)
    return type if kind is None else kind.body, wire_name(checked_field(field))


def definition(element: str, scope: Scope) -> Operation[Rows[Record]]:
    """Look up the definition of a type; the name of a level of portfolio items is bare."""
    said = found("ElementName", element, "ElementName")
    return reading(DEFINITIONS, {**said, **only_workspace(scope)})


def attribute(definition: Record, field: str, scope: Scope) -> Operation[Rows[Record]]:
    """Look up the definition of a field of a type."""
    said = found("ElementName", field, "ElementName,AttributeType,AllowedValueType")
    _, oid = taken_apart(definition.ref)
    return reading(ATTRIBUTES, {**said, **only_workspace(scope)}, {"oid": oid})


def allowed(attribute: Record, scope: Scope) -> Operation[Answered[tuple[AllowedValue, ...]]]:
    _, oid = taken_apart(attribute.ref)
    said = {
        "shallowFetch": to_fetch(NAMES[AllowedValue].values()),
        "order": "ValueIndex",
        "pagesize": "2000",
    }
    return ALLOWED.operation(query={**said, **only_workspace(scope)}, oid=oid)


def states(level: str, scope: Scope) -> Operation[Answered[tuple[AllowedValue, ...]]]:
    said = {
        "query": str(condition("TypeDef.Name", level)),
        "shallowFetch": "Name,OrderIndex",
        "order": "OrderIndex,ObjectID",
        "pagesize": "2000",
    }
    return STATES.operation(query={**said, **only_workspace(scope)})


def found(field: str, value: str, fetch: str) -> dict[str, str]:
    return {"query": str(condition(field, value)), "shallowFetch": fetch, "pagesize": "20"}


def checked_type(type: object) -> str:
    """Return a type as it stands in addresses; letter case makes no difference there."""
    if not isinstance(type, str) or not TYPE.fullmatch(type):
        raise ArgumentError(f"{type!r} is not the name of a type")
    return type.lower()


def taken_apart(ref: object) -> tuple[str, str]:
    """Return type and id of a ref, with or without its server."""
    text = relative(ref.strip()) if isinstance(ref, str) else ""
    match = REF.fullmatch(text.removesuffix(".js"))
    if match is None:
        raise ArgumentError(f"{ref!r} is not a ref such as /defect/123")
    return match[1].lower(), match[2]


def attachments_of(ticket: Located) -> Endpoint[Rows[Attachment]]:
    return of_ticket(ticket.kind.path, "Attachments", Attachment)
