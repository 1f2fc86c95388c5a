"""From a query written by hand to what it means, or to the character where it stops being one.

It is read leniently: parentheses may be missing or too many, three conditions may stand under one
AND, operators without blanks around them, words of values without quotes.
"""

from __future__ import annotations

import re

import attrs

from ...errors import ArgumentError
from .expression import BY_HAND, Condition, Query, all_of, any_of
from .values import FIELD, QUOTED, TODAY, quoted, respelled, unquoted

# By hand a backslash may stand alone: then it is one.
QUOTATION = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
BLANKS = re.compile(r"\s*")
OPERATOR = re.compile(r"!=|<=|>=|=|<|>|(?:!?contains|!?in|containsall|containsany)(?![\w.])", re.I)
JOINT = re.compile(r"(?:AND|OR)(?!\w)", re.IGNORECASE)
TODAYS = re.compile(rf"{TODAY.pattern}(?![^\s()])", re.ASCII | re.IGNORECASE)
BARE = re.compile(r"""[^\s()"'\\][^\s()"\\]*""")
WORD = re.compile(r"[^\s()]+|[()]")

SHOWN = 60  # characters of a query, in an error


@attrs.define
class Group:
    """What stands between two parentheses: alternatives, each of parts that all must hold."""

    place: int
    alternatives: list[list[Query]] = attrs.field(factory=lambda: [[]])

    def add(self, query: Query) -> None:
        self.alternatives[-1].append(query)

    def turn(self, joint: str) -> None:
        if joint.upper() == "OR":
            self.alternatives.append([])

    def query(self) -> Query:
        return any_of(all_of(parts) for parts in self.alternatives)


@attrs.define
class Scanner:
    """A text, and how far it was read."""

    text: str
    place: int = 0

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """Read what comes next, blanks before it left out, if it is what is looked for."""
        self.skip()
        match = pattern.match(self.text, self.place)
        if match is None:
            return None
        self.place = match.end()
        return match[0]

    def takes(self, sign: str) -> bool:
        self.skip()
        found = self.text.startswith(sign, self.place)
        self.place += len(sign) if found else 0
        return found

    def skip(self) -> None:
        blanks = BLANKS.match(self.text, self.place)
        self.place = self.place if blanks is None else blanks.end()

    @property
    def is_at_end(self) -> bool:
        self.skip()
        return self.place == len(self.text)

    def wrong(self, wanted: str) -> ArgumentError:
        """Return the error of a text that goes on otherwise than is wanted."""
        self.skip()
        seen = WORD.match(self.text, self.place)
        what = "it ends" if seen is None else f"there is {shown(seen[0])}"
        return ArgumentError(
            f"query: {what} at character {self.place + 1} where {wanted} should be: "
            f"{shown(self.text[max(0, self.place - SHOWN // 2) :])}"
        )


def shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def parse(text: str) -> Query:
    """Read a whole query."""
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"query must be text or a Query, not {text!r}")
    if not text.strip():
        raise ArgumentError("query must not be empty; leave it out for all there is")
    scan = Scanner(text)
    groups = [Group(0)]  # those that are open, outermost first: no text is nested too deeply
    while True:
        while scan.takes("("):
            groups.append(Group(scan.place))
        groups[-1].add(condition(scan))
        while len(groups) > 1 and scan.takes(")"):
            inner = groups.pop()
            groups[-1].add(inner.query())
        joint = scan.take(JOINT)
        if joint is not None:
            groups[-1].turn(joint)
            continue
        if scan.is_at_end and len(groups) == 1:
            return groups[0].query()
        raise scan.wrong(expected(groups))


def expected(groups: list[Group]) -> str:
    if len(groups) == 1:
        return "AND, OR or the end (a value with blanks is quoted)"
    opened = groups[-1].place
    return f"AND, OR or the parenthesis that closes that of character {opened}"


def condition(scan: Scanner) -> Query:
    """Read `field operator value`."""
    field = scan.take(FIELD)
    if field is None:
        raise scan.wrong("the name of a field")
    operator = scan.take(OPERATOR)
    if operator is None:
        raise scan.wrong("an operator (= != < > <= >= contains !contains in)")
    return compared(field, operator.lower(), value(scan))


def compared(field: str, operator: str, literal: str) -> Query:
    if operator == "!in":
        return ~Condition(field, "in", listed(literal))
    is_list = operator == "in" or operator in BY_HAND
    return Condition(field, operator, listed(literal) if is_list else literal)


def listed(literal: str) -> str:
    """Spell a list without blanks around its commas, as the server wants it."""
    text = unquoted(literal) if QUOTED.fullmatch(literal) else literal
    return quoted(",".join(each.strip() for each in text.split(",")))


def value(scan: Scanner) -> str:
    """Read a value, and spell it."""
    quotation = scan.take(QUOTATION)
    if quotation is not None:
        return quoted(unquoted(quotation))
    bare = scan.take(TODAYS) or scan.take(BARE)
    if bare is None:
        raise scan.wrong("a value, in double quotes if it is text")
    return respelled(bare)
