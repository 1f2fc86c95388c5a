"""Queries answered: what matches, in order, remembered until something changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from .model import ElementType, Record
from .ordering import Ordered, keys, ordered
from .query.comparison import Comparison
from .query.grammar import Condition, Node, parse
from .query.lookup import candidates
from .query.predicate import Accepts, accepting, route
from .refused import Refused, unparsable
from .rights import place_of
from .scope import Scope
from .searching import having
from .store import Store
from .table.places import WORKSPACE

MOST_REMEMBERED = 64


@attrs.frozen
class Question:
    """What a query asks for, paging aside. `source` names a collection; None is all there is."""

    types: tuple[ElementType, ...]
    query: str
    order: str
    scope: Scope = None
    is_abstract: bool = False
    """Asked of an abstract type without naming the concrete ones."""
    source: tuple[int, str] | None = None
    search: str = ""
    """Words that must occur in the texts of a record."""
    visible: Scope = None
    """The projects that the user sees."""
    workspace: Record | None = None
    """None is the one that all is in."""


class Listing:
    """Answers questions over a store."""

    def __init__(self, store: Store, *, stable: bool) -> None:
        self._store = store
        self._stable = stable
        self._stamp: object = None
        self._remembered: dict[Question, Ordered] = {}

    def ask(self, question: Question, elements: Iterable[Record] | None = None) -> Ordered:
        """Return all matches in order, of the whole store or of a collection's elements."""
        stamp = (self._store.changes, self._store.calendar.today())
        if self._stamp != stamp or len(self._remembered) >= MOST_REMEMBERED:
            self._stamp = stamp
            self._remembered.clear()
        known = self._remembered.get(question)
        if known is None:
            known = self._remembered[question] = self._answered(question, elements)
        return known

    def _answered(self, question: Question, elements: Iterable[Record] | None) -> Ordered:
        try:
            matches = self._matches(question, elements)
        except RecursionError:
            raise unparsable("the query is nested too deeply") from None
        order = keys(question.order, question.types)
        return ordered(matches, order, question.types, stable=self._stable)

    def _matches(self, question: Question, elements: Iterable[Record] | None) -> list[Record]:
        node = parse(question.query) if question.query.strip() else None
        records = self._source(question, node, elements)
        records = within(records, question.scope)
        if question.visible is not None:
            seen = {None, *question.visible}
            records = [each for each in records if place_of(each) in seen]
        if question.workspace is not None:
            records = [each for each in records if _stands_in(each, question.workspace)]
        if question.search:
            records = having(question.search, records)
        if node is None:
            return records
        tests = self._tests(question, node)
        return [record for record in records if tests[record.type](record)]

    def _source(
        self, question: Question, node: Node | None, elements: Iterable[Record] | None
    ) -> list[Record]:
        if elements is not None:
            return list(elements)
        few = None if node is None else candidates(node, question.types, self._store)
        return self._store.records(question.types) if few is None else few

    def _tests(self, question: Question, node: Node) -> dict[ElementType, Accepts]:
        if question.is_abstract:
            _check_common(node, question.types)
        comparison = Comparison(self._store, several_types=len(question.types) > 1)
        return {each: accepting(node, each, comparison) for each in question.types}


def within(records: list[Record], scope: Scope) -> list[Record]:
    """Leave out what belongs to other projects; what belongs to none stays."""
    if scope is None:
        return records
    return [
        record
        for record in records
        if not record.type.is_scoped or record.values["Project"] in scope
    ]


def _stands_in(record: Record, workspace: Record) -> bool:
    if record.type == WORKSPACE:
        return record is workspace
    return record.values.get("Workspace", workspace) is workspace


def _check_common(node: Node, types: Sequence[ElementType]) -> None:
    for path in _paths(node):
        if any(route([each], path) is None for each in types):
            raise Refused(
                "Could not read: could not read all instances of class "
                "com.f4tech.slm.domain.Artifact"
            )


def _paths(node: Node) -> list[tuple[str, ...]]:
    if isinstance(node, Condition):
        return [node.path]
    return [path for part in node.parts for path in _paths(part)]
