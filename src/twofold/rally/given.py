"""Values that are given for fields: refused, or as they are sent, or what is to be looked up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeAlias, cast

from ..errors import ArgumentError
from .ids import Identity, Located, identify
from .kinds import Kind
from .pointing import NAMED, TICKETS, pointed, reffed, tags
from .query.fields import wire_name
from .query.values import Referable
from .sendable import exactly, sendable
from .sought import STATE

Prefixes: TypeAlias = Mapping[str, Kind]
"""How FormattedIDs begin."""


def check_value(name: str, value: object, prefixes: Prefixes) -> None:
    """Refuse what is wrong in a field of any kind of ticket."""
    if name == "parent":
        referred(value, prefixes)
    elif name == "state":
        checked_state(name, value)
    elif name != "points":
        shared(name, wire_name(name), value, prefixes)
    elif value is not None:
        exactly(cast("Decimal", value))


def read(kind: Kind, name: str, field: str, value: object, prefixes: Prefixes) -> Any:
    """Return what to send in a field of a ticket, or what has to be looked up for it."""
    if name == "points":
        return None if value is None else exactly(cast("Decimal", value))
    if field == "State" and kind.is_portfolio:
        return pointed(STATE, name, value)
    return shared(name, field, value, prefixes)


def shared(name: str, field: str, value: object, prefixes: Prefixes) -> Any:
    """Return the same for a field that means one thing in every kind of ticket."""
    if field == "Tags":
        return tags(name, value)
    if field in NAMED:
        return pointed(NAMED[field], name, value)
    if field in TICKETS:
        return referred(value, prefixes)
    return sendable(name, value)


def referred(value: object, prefixes: Prefixes) -> Identity | str | None:
    """Return the ref of a ticket, or what has to be looked up; None is nothing."""
    if value is None:
        return None
    identity = identify(reffed(value), prefixes)
    return identity.ref if isinstance(identity, Located) else identity


def checked_state(name: str, value: object) -> None:
    """Refuse a state that is neither text nor an object, as portfolio items have it."""
    given = reffed(value)
    is_text = isinstance(given, str) and given.strip()
    if not is_text and not isinstance(given, Referable):
        raise ArgumentError(f"{name} must be text, not {value!r}")
    sendable(name, given)
