"""Values that clients send, checked and brought into the form in which they are kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

from . import references
from .attachments import base64_text
from .dates import iso, parsed
from .markup import forbidden
from .model import Attribute, ElementType, Kind, Record
from .refused import Refused, inconvertible, invalid
from .store import Store

UNSET = "None"


def converted(type: ElementType, attribute: Attribute, value: object, store: Store) -> Any:
    """Return a value as it is kept; raise what the server answers to one that it refuses."""
    if attribute.kind is Kind.COLLECTION:
        return elements(attribute, value, store)
    if value is None or (value == "" and attribute.kind not in (Kind.STRING, Kind.TEXT)):
        return _empty(type, attribute)
    if attribute.kind is Kind.OBJECT:
        return _referred(attribute, value, store)
    if attribute.kind is Kind.STATE:
        return _word(type, attribute, value)
    kept = _READ[attribute.kind](value)
    if kept is None:
        raise _mismatch(attribute, value)
    if isinstance(kept, str) and attribute.kind in (Kind.STRING, Kind.TEXT):
        _check_text(type, attribute, kept)
    return kept


def elements(attribute: Attribute, value: object, store: Store) -> list[Record]:
    """Read a list of references: all that a collection is to hold."""
    if not isinstance(value, list):
        raise inconvertible(f"{attribute.name} must be a list of references")
    listed = cast("list[object]", value)
    return [_referred(attribute, each, store) for each in listed]


def missing(type: ElementType, attribute: Attribute) -> Refused:
    return invalid(f"{type.element}.{attribute.name} should not be null")


def _empty(type: ElementType, attribute: Attribute) -> object:
    if attribute.required:
        raise missing(type, attribute)
    return attribute.default


def _referred(attribute: Attribute, value: object, store: Store) -> Record:
    text = references.sent(value)
    found = None if text is None else references.resolved(store, text)
    if found is None or found.type not in store.concrete(attribute.target):
        raise inconvertible(f'Cannot parse object reference from "{_shown(value)}"')
    return found


def _word(type: ElementType, attribute: Attribute, value: object) -> str:
    if value not in attribute.allowed:
        raise invalid(
            f'{type.element}.{attribute.name}: "{_shown(value)}" is not one of the allowed values'
        )
    return str(value)


def _check_text(type: ElementType, attribute: Attribute, text: str) -> None:
    if attribute.required and not text.strip():
        raise missing(type, attribute)
    if len(text) > attribute.longest:
        raise invalid(
            f"{type.element}.{attribute.name} should not be longer than "
            f"{attribute.longest} characters"
        )
    tag = forbidden(text) if attribute.kind is Kind.TEXT else None
    if tag is not None:
        raise invalid(f"{type.element}.{attribute.name} should not contain the markup {tag}")


def _mismatch(attribute: Attribute, value: object) -> Refused:
    wanted = attribute.kind.value.lower()
    return inconvertible(f'Cannot convert "{_shown(value)}" to {wanted} for {attribute.name}')


def _shown(value: object) -> str:
    return str(value)[:80]


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else None


def _decimal(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _integer(value: object) -> int | None:
    number = _decimal(value)
    return int(number) if number is not None and number.is_integer() else None


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _date(value: object) -> str | None:
    moment = parsed(value) if isinstance(value, str) else None
    return None if moment is None else iso(moment)


_READ: dict[Kind, Callable[[object], Any]] = {
    Kind.STRING: _text,
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.BINARY: base64_text,
}
