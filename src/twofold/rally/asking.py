"""What is asked of one type, a page at a time, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Generic, Self, TypeAlias, TypeVar

import attrs

from ..core.remarks import Clean
from ..core.request import Endpoint, Operation, Page
from ..core.text.quoting import path, query_string
from ..errors import ArgumentError
from .kinds import Kind, kinds_named
from .names import fields_of
from .query.expression import Condition, Query, all_of
from .query.fields import equal
from .query.values import QUOTED, Referable, Value, checked_field
from .several import several

T = TypeVar("T")
R = TypeVar("R", bound=Referable)

LONGEST = 7_500
"""Characters of an address below the server's own, at most; Rally takes about 8,000 in all."""

AS_FORM = (("Content-Type", "application/x-www-form-urlencoded"),)

Scope: TypeAlias = Mapping[str, str]
"""The query parameters that say where to look: workspace, project, up and down."""


@attrs.frozen
class Rows(Page[T]):
    """A page of a query, with what the server said of it."""

    warnings: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.items

    def cleaned(self, clean: Clean) -> Self:
        return attrs.evolve(self, warnings=tuple(map(clean, self.warnings)))


def reading(
    endpoint: Endpoint[T], said: Mapping[str, str], places: Mapping[str, str] | None = None
) -> Operation[T]:
    """Return a read; one whose address would be too long goes in a form that stands for GET.

    It stays the read that it is: it may be repeated, and takes nothing out of a cache.
    """
    where = path(endpoint.template, **(places or {}))
    if len(where) + len(query_string(said)) < LONGEST:
        return Operation(endpoint, where, said)
    form = query_string({"_method": "GET", **said}).encode()
    return Operation(attrs.evolve(endpoint, method="POST"), where, body=form, headers=AS_FORM)


@attrs.frozen(kw_only=True)
class Question(Generic[R]):
    """What is asked of one endpoint.

    The fields are named with `shallowFetch`: those of a plain `fetch` apply at every level, so that
    each owner and project would come along with a description of its own, several times over.
    """

    endpoint: Endpoint[Rows[R]]
    places: Mapping[str, str] = attrs.field(factory=dict[str, str])
    query: Query | None = None
    order: str
    fetch: str
    scope: Scope
    shallow: bool = True

    def page(self, start: int, size: int) -> Operation[Rows[R]]:
        """Ask for `size` rows from row `start`, counted from 1."""
        said = {
            "shallowFetch" if self.shallow else "fetch": self.fetch,
            "order": self.order,
            "start": str(start),
            "pagesize": str(size),
            **self.scope,
        }
        if self.query is not None:
            said["query"] = str(self.query)
        return reading(self.endpoint, said, self.places)


@attrs.frozen
class Wish:
    """Which tickets are wanted, in which order, and what of them beside the model's own fields."""

    kinds: tuple[Kind, ...]
    query: Query | None
    order: str
    fetch: tuple[str, ...]

    def fields(self, kind: Kind) -> str:
        return ",".join([fields_of(kind), *self.fetch])

    def query_of(self, kind: Kind) -> Query | None:
        return None if self.query is None else asked_of(kind, self.query)


def wish(
    types: Iterable[str] | str | None,
    *,
    query: Query | str | None = None,
    where: Mapping[str, Value] | None = None,
    order: str | None = None,
    fetch: Sequence[str] = (),
) -> Wish:
    """Check what was asked for; whatever is wrong is refused here, before anything is sent."""
    found = Wish(kinds_named(types), narrowed(query, where), stable(order), named(fetch))
    for kind in found.kinds:
        found.query_of(kind)
    return found


def narrowed(query: Query | str | None, where: Mapping[str, Value] | None = None) -> Query | None:
    """Return all conditions as one query; None: there are none."""
    wanted = [] if query is None else [as_query(query)]
    wanted += equal(where)
    return all_of(wanted) if wanted else None


def as_query(given: Query | str) -> Query:
    return given if isinstance(given, Query) else Query.parse(given)


def named(fetch: Sequence[str]) -> tuple[str, ...]:
    """Check names of fields to fetch."""
    return tuple(checked_field(name) for name in several("fetch", fetch))


def stable(order: str | None) -> str:
    """End an order with a unique field: without one, pages overlap and leave gaps."""
    if not (order is None or isinstance(order, str)):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"order must be text such as 'LastUpdateDate DESC', not {order!r}")
    keys = [key.strip() for key in (order or "").split(",") if key.strip()]
    if any(key.split()[0] == "ObjectID" for key in keys):
        return ",".join(keys)
    return ",".join([*keys, "ObjectID"])


def asked_of(kind: Kind, query: Query) -> Query:
    """Ask for the state and the size where a kind keeps them: `State` of a story is another field.

    What a kind has not cannot be asked for; a portfolio item's state is an object, found by name.
    """
    return query.with_fields(partial(field_of, kind))


def field_of(kind: Kind, asked: Condition) -> str:
    match asked.field:
        case "State":
            own = kind.state_field
        case "PlanEstimate":
            own = kind.points_field
        case _:
            return asked.field
    if own is None:
        raise ArgumentError(f"a {kind.name} has no {asked.field}: {asked} cannot be asked of it")
    if kind.is_portfolio and own == "State" and QUOTED.fullmatch(asked.literal):
        return "State.Name"
    return own
