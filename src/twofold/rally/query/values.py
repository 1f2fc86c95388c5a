"""How names and values are spelled in a query: whatever a value holds, it stays one value.

Text is quoted, with a backslash before a quote or a backslash in it; null, booleans, numbers, dates
and references stand bare.  Spelled so, a value can be read back.
Source: Rally WSAPI v2.0, query language.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Protocol, TypeAlias, runtime_checkable

import attrs

from ...errors import ArgumentError


@runtime_checkable
class Referable(Protocol):
    """Whatever has a ref: a ticket, a reference, a user, an iteration."""

    @property
    def ref(self) -> str: ...


@attrs.frozen
class Today:
    """The day of the query, or one so many days before or after it; the server knows which."""

    days: int = 0

    def __add__(self, days: int) -> Today:
        return Today(self.days + days)

    def __sub__(self, days: int) -> Today:
        return Today(self.days - days)

    def __str__(self) -> str:
        return f"today{self.days:+d}" if self.days else "today"


today = Today()

Value: TypeAlias = str | int | float | Decimal | bool | date | Today | Referable | None
"""What a field can be compared with.  A time must be aware; what has a ref stands for that."""

FIELD = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
QUOTED = re.compile(r'"(?:[^"\\]|\\["\\])*"')
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MOMENT = re.compile(rf"{DAY.pattern}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{3}}Z", re.ASCII)
TODAY = re.compile(r"today(?:\s*([+-])\s*([0-9]{1,6}))?", re.ASCII | re.IGNORECASE)
REFERENCE = re.compile(r"/[A-Za-z]\w*(?:/[A-Za-z]\w*)?/[\w-]+", re.ASCII)
BASE = "/slm/webservice/v2.0"

# A control character cannot be typed into a field, and what servers make of one is anybody's guess.
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

MOST_PLACES = 30
MOST_DAYS = 999_999

WORDS = {None: "null", True: "true", False: "false"}


def checked_field(field: object) -> str:
    if not isinstance(field, str) or not FIELD.fullmatch(field):
        raise ArgumentError(f"{field!r} is not the name of a field")
    return field


def literal(value: Value) -> str:
    """Spell a value, as the one literal that it is."""
    match value:
        case None | bool():
            return WORDS[value]
        case str():
            return quoted(value)
        case int() | float() | Decimal():
            return number(value)
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case Today() if abs(value.days) <= MOST_DAYS:
            return str(value)
        case Referable(ref=str() as ref):
            return reference(ref)
        case _:
            raise ArgumentError(f"a query cannot hold {value!r}")


def quoted(text: str) -> str:
    if FORBIDDEN.search(text):
        raise ArgumentError(f"{text!r} holds a character that no query can hold")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquoted(literal: str) -> str:
    """Return the text that a quoted literal means; the reverse of `quoted`."""
    return re.sub(r"""\\(["\\])""", r"\1", literal[1:-1])


def number(value: float | Decimal) -> str:
    """Spell a number exactly, without an exponent."""
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    _, _, exponent = exact.as_tuple()
    if isinstance(exponent, str) or not -MOST_PLACES <= exponent <= exact.adjusted() <= MOST_PLACES:
        raise ArgumentError(f"a query cannot hold so long a number, or none: {exact:.9g}")
    return f"{exact:f}"


def moment(value: datetime) -> str:
    """Spell a time in UTC; Rally's are exact to the millisecond."""
    if value.tzinfo is None:
        raise ArgumentError("a time in a query must be aware: give it a time zone")
    try:
        universal = value.astimezone(UTC)
    except OverflowError as error:
        raise ArgumentError(f"a query cannot hold the time {value!r}") from error
    return universal.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def reference(ref: str) -> str:
    """Spell a ref without its server: the server of a query knows its own objects only."""
    _, found, path = ref.partition(BASE)
    relative = path if found else f"/{ref.lstrip('/')}"
    return relative if REFERENCE.fullmatch(relative) else quoted(relative)


def respelled(bare: str) -> str:
    """Spell a value that somebody wrote without quotes: bare if it may be, else with them."""
    if bare.lower() in WORDS.values():
        return bare.lower()
    if match := TODAY.fullmatch(bare):
        sign, days = match.groups()
        return str(Today(int(f"{sign or '+'}{days or 0}")))
    if NUMBER.fullmatch(bare) or is_date(bare) or REFERENCE.fullmatch(bare):
        return bare
    host, found, path = bare.partition(BASE)
    if found and host.startswith(("http://", "https://")) and REFERENCE.fullmatch(path):
        return path
    return quoted(bare)


def is_date(text: str) -> bool:
    if not DAY.fullmatch(text) and not MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_literal(text: str) -> bool:
    """Tell whether a text is spelled as one literal, and cannot be anything else."""
    if QUOTED.fullmatch(text):
        return quoted(unquoted(text)) == text
    return bool(re.fullmatch(r"""[^\s()"']+""", text)) and respelled(text) == text
