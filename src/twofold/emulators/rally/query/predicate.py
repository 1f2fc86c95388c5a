"""From a parsed query to a test of records of one type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import attrs

from ..model import Attribute, Collection, ElementType, Kind, Record
from ..refused import unparsable
from .comparison import Comparison, Test
from .grammar import Condition, Node

Accepts = Callable[[Record], bool]


@attrs.frozen
class Route:
    """A path resolved: every step but the last leads to other records."""

    steps: tuple[str, ...]
    last: Attribute
    through_collection: bool

    def value(self, record: Record) -> Any:
        """Follow references only; None if one on the way is empty."""
        end: Any = record
        for step in (*self.steps, self.last.name):
            if (end := field(end, step)) is None:
                return None
        return end

    def values(self, record: Record) -> list[Any]:
        """Follow references and collections to all values at the end."""
        ends = [record]
        for step in self.steps:
            ends = [target for end in ends for target in _elements(field(end, step))]
        values = [field(end, self.last.name) for end in ends]
        if self.last.kind is Kind.COLLECTION:
            return [element for value in values for element in _elements(value)]
        return values


def route(types: Sequence[ElementType], path: Sequence[str]) -> Route | None:
    """Resolve a dotted path; None if there is no such attribute."""
    through_collection = False
    for place, name in enumerate(path):
        having = [each.attributes[name] for each in types if name in each.attributes]
        if not having:
            return None
        attribute = having[0]
        through_collection |= attribute.kind is Kind.COLLECTION
        if place == len(path) - 1:
            return Route(tuple(path[:-1]), attribute, through_collection)
        types = types[0].home.concrete(attribute.target)
    return None


def field(record: Record, name: str) -> Any:
    """Return a value by name; None for a type that lacks it, met behind an abstract reference."""
    attribute = record.type.attributes.get(name)
    return None if attribute is None else record.get(attribute)


def accepting(node: Node, type: ElementType, comparison: Comparison) -> Accepts:
    """Return the test of a whole query; an unknown attribute is refused."""
    if isinstance(node, Condition):
        return _condition(node, type, comparison)
    parts = [accepting(part, type, comparison) for part in node.parts]
    if node.word == "AND":
        return lambda record: all(part(record) for part in parts)
    return lambda record: any(part(record) for part in parts)


def _condition(condition: Condition, type: ElementType, comparison: Comparison) -> Accepts:
    found = route([type], condition.path)
    if found is None:
        name = ".".join(condition.path)
        raise unparsable(f'Unknown attribute "{name}" of type {type.name}')
    test = comparison.test(found.last, condition)
    if found.through_collection:
        return partial(_any_element, found, test, condition)
    if found.steps or found.last.derived is not None:
        return lambda record: test(found.value(record))
    name = found.last.name
    return lambda record: test(record.values[name])


def _any_element(found: Route, test: Test, condition: Condition, record: Record) -> bool:
    """A condition on a collection holds if any element meets it; `= null` if there is none."""
    values = found.values(record)
    if not values and (condition.is_null or not condition.value):
        return test(None)
    return any(test(value) for value in values)


def _elements(value: Collection | Record | None) -> Iterable[Record]:
    if isinstance(value, Collection):
        return value.elements
    return () if value is None else (value,)
