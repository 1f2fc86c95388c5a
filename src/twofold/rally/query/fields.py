"""Fields to build queries of: `Q.state == "Open"`, `Q.iteration.name.contains("Sprint")`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...errors import ArgumentError
from .expression import Query, condition, one_of
from .values import Value, checked_field

# Where our name is not Rally's in snake case.
ALIASES: Mapping[str, str] = {
    "created": "CreationDate",
    "defect_state": "State",
    "feature": "PortfolioItem",
    "formatted_id": "FormattedID",
    "object_id": "ObjectID",
    "object_uuid": "ObjectUUID",
    "points": "PlanEstimate",
    "portfolio_state": "State",
    "rank": "DragAndDropRank",
    "task_state": "State",
    "test_type": "Type",
    "updated": "LastUpdateDate",
    "version": "VersionId",
}


def wire_name(name: str) -> str:
    """Return Rally's name of a field: `ScheduleState` for `schedule_state`, or as it is given.

    Rally's own names begin with a capital, those of custom fields with `c_`.
    """
    if not name[:1].islower() or name.startswith("c_"):
        return name
    return ALIASES.get(name) or "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def wire_path(path: object) -> str:
    """Return Rally's name of a path such as `iteration.name`, or refuse it."""
    return ".".join(wire_name(name) for name in checked_field(path).split("."))


class Field:
    """A field of a ticket, or of what it refers to.  Comparing it gives a query, no truth."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = wire_path(path)

    def __getattr__(self, name: str) -> Field:
        if name.startswith("_"):
            raise AttributeError(name)
        return Field(f"{self._path}.{name}")

    def __repr__(self) -> str:
        return f"Q.{self._path}"

    def __eq__(self, value: Value) -> Query:  # type: ignore[override]  # a query is what it is for
        return condition(self._path, value)

    def __ne__(self, value: Value) -> Query:  # type: ignore[override]  # a query is what it is for
        return condition(self._path, value, "!=")

    def __lt__(self, value: Value) -> Query:
        return condition(self._path, ordered(value), "<")

    def __le__(self, value: Value) -> Query:
        return condition(self._path, ordered(value), "<=")

    def __gt__(self, value: Value) -> Query:
        return condition(self._path, ordered(value), ">")

    def __ge__(self, value: Value) -> Query:
        return condition(self._path, ordered(value), ">=")

    def in_(self, values: Iterable[Value]) -> Query:
        """Say that it has one of these values; `~` says that it has none of them."""
        if isinstance(values, str):
            raise ArgumentError(f"in_ takes several values, not the text {values!r}")
        return one_of(self._path, values)

    def between(self, least: Value, most: Value) -> Query:
        """Say that it is neither less nor more than these."""
        return (self >= least) & (self <= most)

    def contains(self, part: str) -> Query:
        """Say that it holds a text, in capitals or not."""
        return condition(self._path, part, "contains")

    def not_contains(self, part: str) -> Query:
        """Say that it does not hold a text, in capitals or not."""
        return condition(self._path, part, "!contains")

    def is_null(self) -> Query:
        """Say that it is empty."""
        return condition(self._path, None)

    def is_set(self) -> Query:
        """Say that it is not empty."""
        return condition(self._path, None, "!=")


def ordered(value: Value) -> Value:
    if value is None or isinstance(value, bool):
        raise ArgumentError(f"nothing is less or more than {value}")
    return value


class Fields:
    """Every field by its name, Rally's or ours: `Q.ScheduleState` is `Q.schedule_state`.

    A name that cannot be written so, or a path, is given in brackets: ``Q["Iteration.Name"]``.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> Field:
        if name.startswith("_"):
            raise AttributeError(name)
        return Field(name)

    def __getitem__(self, path: str) -> Field:
        return Field(path)


Q = Fields()


def equal(where: Mapping[str, Value] | None) -> list[Query]:
    """Return the conditions that fields equal values, whatever these hold."""
    if not (where is None or isinstance(where, Mapping)):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"where must be a mapping of names to values, not {where!r:.80}")
    return [condition(wire_path(field), value) for field, value in (where or {}).items()]
