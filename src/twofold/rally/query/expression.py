"""Queries as values: conditions, and what joins them.

WSAPI joins exactly two groups at a time and has no negation; here any number is joined, and `~` is
pushed inward to the conditions.  The text is balanced, so that long queries do not nest deeply.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NoReturn, TypeAlias

import attrs

from ...errors import ArgumentError
from .values import (
    NUMBER,
    QUOTED,
    Value,
    checked_field,
    is_literal,
    literal,
    quoted,
    respelled,
    unquoted,
)

Word: TypeAlias = Literal["AND", "OR"]

OTHER: Mapping[Word, Word] = {"AND": "OR", "OR": "AND"}

OPPOSITE: Mapping[str, str] = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "contains": "!contains",
    "!contains": "contains",
}
# Those of which only some servers know are passed on when somebody writes them by hand.
BY_HAND = frozenset({"containsall", "containsany"})
OPERATORS = frozenset({*OPPOSITE, "in"}) | BY_HAND

# With blanks or commas in them, `in` would see other values than were meant.
LISTABLE = re.compile(r"[\w./:-]+")

MOST_LEVELS = 100
"""How often AND and OR may alternate from the outside in."""

# Collections of which a condition holds if any element meets it.
MANY = frozenset(
    {
        *("Attachments", "Changesets", "Children", "Connections", "DefectSuites", "Defects"),
        *("Discussion", "Duplicates", "Milestones", "Predecessors", "Projects", "Results"),
        *("Revisions", "Steps", "Successors", "Tags", "Tasks", "TeamMembers", "TestCases"),
        *("TestSets", "UserStories", "WorkProducts"),
    }
)


class Query(ABC):
    """A query, in any depth.  Join queries with `&` and `|`, turn one round with `~`."""

    __slots__ = ()

    @staticmethod
    def parse(text: str) -> Query:
        """Read a query that was written by hand; what it means is then written as Rally wants it.

        Parentheses may be left out: AND binds more tightly than OR.  ArgumentError says at which
        character a text stops being a query.
        """
        from .parsing import parse

        return parse(text)

    def __and__(self, other: Query) -> Query:
        return joined("AND", [self, other]) if is_query(other) else NotImplemented

    def __or__(self, other: Query) -> Query:
        return joined("OR", [self, other]) if is_query(other) else NotImplemented

    @abstractmethod
    def __invert__(self) -> Query: ...

    @abstractmethod
    def with_fields(self, field_of: Callable[[Condition], str]) -> Query:
        """Return the same query of other fields: those that `field_of` says for each condition."""

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a query is neither true nor false: join queries with & | ~, not and, or, not"
        )


@attrs.frozen
class Condition(Query):
    """One field held against one value."""

    field: str = attrs.field(converter=checked_field)
    operator: str
    literal: str
    """The value as it is spelled in the query."""

    def __attrs_post_init__(self) -> None:
        if self.operator not in OPERATORS:
            known = ", ".join(sorted(OPERATORS))
            raise ArgumentError(f"{self.operator!r} is not an operator; there are {known}")
        if not is_literal(self.literal):
            raise ArgumentError(f"{self.literal!r} is not spelled as a value of a query")

    def __str__(self) -> str:
        return f"({self.field} {self.operator} {self.literal})"

    def __invert__(self) -> Query:
        if self.operator in BY_HAND:
            raise ArgumentError(f"{self.operator} has no opposite")
        if self.literal != "null" and not MANY.isdisjoint(self.field.split(".")):
            raise ArgumentError(
                f"{self} holds if any element meets it; that none does cannot be said in a query"
            )
        if self.operator == "in":
            return all_of([Condition(self.field, "!=", each) for each in self.listed()])
        return Condition(self.field, OPPOSITE[self.operator], self.literal)

    def with_fields(self, field_of: Callable[[Condition], str]) -> Query:
        return attrs.evolve(self, field=field_of(self))

    def listed(self) -> list[str]:
        """Return the literals of a list, one by one."""
        text = unquoted(self.literal) if QUOTED.fullmatch(self.literal) else self.literal
        return [respelled(each) for each in text.split(",")]


@attrs.frozen
class Junction(Query):
    """Two parts or more under one word; none of them is a junction of the same word."""

    word: Word
    parts: tuple[Query, ...]
    levels: int = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(lambda self: levels(self.parts), takes_self=True),
    )

    def __str__(self) -> str:
        return balanced(self.word, [str(each) for each in self.parts])

    def __invert__(self) -> Query:
        return joined(OTHER[self.word], [~each for each in self.parts])

    def with_fields(self, field_of: Callable[[Condition], str]) -> Query:
        return joined(self.word, [each.with_fields(field_of) for each in self.parts])


def levels(parts: Iterable[Query]) -> int:
    """Count how deep a junction of these is; one that cannot be walked is refused."""
    inner = max(each.levels if isinstance(each, Junction) else 0 for each in parts)
    if inner >= MOST_LEVELS:
        raise ArgumentError(f"a query may have {MOST_LEVELS} levels of AND and OR, not more")
    return inner + 1


def balanced(word: Word, texts: list[str]) -> str:
    """Join groups two at a time, as flat as can be: a thousand are ten levels."""
    while len(texts) > 1:
        last = texts[-1:] if len(texts) % 2 else []
        pairs = zip(texts[::2], texts[1::2], strict=False)
        texts = [f"({left} {word} {right})" for left, right in pairs] + last
    return texts[0]


def is_query(given: object) -> bool:
    return isinstance(given, Query)


def joined(word: Word, queries: Iterable[Query]) -> Query:
    """Join queries, one at least; junctions of the same word become one."""
    parts: list[Query] = []
    for each in queries:
        parts += each.parts if isinstance(each, Junction) and each.word == word else [each]
    return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))


def all_of(queries: Iterable[Query]) -> Query:
    """Join queries with AND, one at least."""
    return joined("AND", some(queries))


def any_of(queries: Iterable[Query]) -> Query:
    """Join queries with OR, one at least."""
    return joined("OR", some(queries))


def some(queries: Iterable[Query]) -> list[Query]:
    given = list(queries)
    if not given:
        raise ArgumentError("there is no query to join")
    return given


def condition(field: str, value: Value, operator: str = "=") -> Query:
    """Return one condition on a field, by Rally's name for it."""
    return Condition(field, operator, literal(value))


def one_of(field: str, values: Iterable[Value]) -> Query:
    """Return the condition that a field has one of several values, one at least."""
    spelled = list(dict.fromkeys(map(literal, values)))
    if not spelled:
        raise ArgumentError(f"{field}: no values to choose from; such a query finds nothing")
    bare = [unquoted(each) if QUOTED.fullmatch(each) else each for each in spelled]
    if len(spelled) > 1 and all(map(is_listable, spelled, bare)):
        return Condition(field, "in", quoted(",".join(bare)))
    return any_of([Condition(field, "=", each) for each in spelled])


def is_listable(spelled: str, bare: str) -> bool:
    """Tell whether a value in a list is read as the value that it is: a word, or a number."""
    is_word = bool(QUOTED.fullmatch(spelled)) and bool(LISTABLE.fullmatch(bare))
    return (is_word or bool(NUMBER.fullmatch(spelled))) and respelled(bare) == spelled
