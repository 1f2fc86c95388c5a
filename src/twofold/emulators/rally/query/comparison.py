"""How one stored value is held against the literal of a condition, by what the attribute holds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import attrs

from .. import references
from ..formatted_ids import number, prefix
from ..model import Attribute, Collection, Kind, Record
from ..refused import unparsable
from ..store import Store
from .grammar import Condition

Test = Callable[[Any], bool]
Key = Callable[[Any], Any]

_ORDINAL: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FLAGS = {"true": True, "false": False}


@attrs.frozen
class Comparison:
    """Makes tests of values. With several types in one query a FormattedID's prefix counts."""

    store: Store
    several_types: bool = False

    def test(self, attribute: Attribute, condition: Condition) -> Test:
        """Return the test of one value, which is None if a reference on the way is empty."""
        positive = self._positive(attribute, condition)
        if condition.operator in ("!=", "!contains"):
            return lambda value: not positive(value)
        return positive

    def _positive(self, attribute: Attribute, condition: Condition) -> Test:
        value = condition.value
        match condition.operator:
            case "=" | "!=" if condition.is_null or not value:
                return lambda value: is_empty(attribute, value)
            case "contains" | "!contains":
                return _contains(value)
            case "=" | "!=":
                return self._one_of(attribute, [value])
            case "in":
                return self._one_of(attribute, value.split(","))
            case _:
                return self._ordinal(attribute, condition.operator, value)

    def _one_of(self, attribute: Attribute, values: list[str]) -> Test:
        if attribute.name == "FormattedID":
            return self._numbered(values)
        key = stored_key(attribute)
        wanted = {self._literal(attribute, each) for each in values}
        return lambda value: key(value) in wanted

    def _numbered(self, values: list[str]) -> Test:
        numbers = {number(each) for each in values} - {None}
        if not self.several_types:
            return lambda value: number(value) in numbers
        asked = {(prefix(each), number(each)) for each in values}
        return lambda value: (prefix(value), number(value)) in asked or ("", number(value)) in asked

    def _ordinal(self, attribute: Attribute, sign: str, text: str) -> Test:
        compare = _ORDINAL[sign]
        key = position_key(attribute)
        limit = self._position(attribute, text)
        if limit is None:
            return lambda _: False

        def test(value: object) -> bool:
            own = key(value)
            return own is not None and compare(own, limit)

        return test

    def _position(self, attribute: Attribute, text: str) -> Any:
        if attribute.name == "FormattedID":
            return number(text)
        if attribute.kind is Kind.STATE:
            if text not in attribute.allowed:
                raise unparsable(f'"{text}" is not a value of {attribute.name}')
            return attribute.allowed.index(text)
        return self._literal(attribute, text)

    def _literal(self, attribute: Attribute, text: str) -> Any:
        value = self._read(attribute.kind, text)
        if value is None and text != "null":
            raise unparsable(f'Cannot convert "{text}" to a value of {attribute.name}')
        return value

    def _read(self, kind: Kind, text: str) -> Any:
        match kind:
            case Kind.INTEGER | Kind.DECIMAL:
                return _numeric(text)
            case Kind.BOOLEAN:
                return _FLAGS.get(text.lower())
            case Kind.DATE:
                return self.store.calendar.read(text)
            case Kind.OBJECT | Kind.COLLECTION:
                return self._oid(text)
            case _:
                return text

    def _oid(self, text: str) -> int | None:
        if not references.is_reference(text):
            return None
        record = references.resolved(self.store, text)
        return -1 if record is None else record.oid


def is_empty(attribute: Attribute, value: object) -> bool:
    if isinstance(value, Collection):
        return not value.elements
    return value is None or value == "" or (attribute.kind is Kind.STATE and value == "None")


def stored_key(attribute: Attribute) -> Key:
    """Return what makes a stored value comparable with a literal's."""
    if attribute.kind in (Kind.OBJECT, Kind.COLLECTION):
        return _oid_of
    return _as_it_is


def position_key(attribute: Attribute) -> Key:
    """Return what orders stored values: a word by its place in the list, an id by its number."""
    if attribute.name == "FormattedID":
        return lambda value: None if value is None else number(value)
    if attribute.kind is Kind.STATE:
        places = {word: place for place, word in enumerate(attribute.allowed)}
        return places.get
    return stored_key(attribute)


def _contains(part: str) -> Test:
    folded = part.casefold()
    return lambda value: folded in _text(value).casefold()


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.ref if isinstance(value, Record) else str(value)


def _numeric(text: str) -> float | int | None:
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        return None


def _oid_of(value: Record | None) -> int | None:
    return None if value is None else value.oid


def _as_it_is(value: object) -> object:
    return value
