"""What a command is told to write: the fields and values of its options, checked unsent.

A text is sent as a text; only what the models know as truth or number is read as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import attrs

from ...errors import ArgumentError
from ...rally.names import NAMES, OWN
from .options import pair_of

NOTHING = "none"
TRUTH = {"true": True, "yes": True, "false": False, "no": False}
TAGS = ("tags", "Tags")


def values(
    *,
    state: str | None = None,
    points: str | None = None,
    owner: str | None = None,
    parent: str | None = None,
    iteration: str | None = None,
    release: str | None = None,
    field: Iterable[str] | None = None,
) -> dict[str, object]:
    """Return what is to be written by its names; all but the state may be cleared by `none`."""
    may_be_none = {
        "points": points,
        "owner": owner,
        "parent": parent,
        "iteration": iteration,
        "release": release,
    }
    spoken: dict[str, object] = {} if state is None else {"state": state}
    spoken |= {name: unless_none(text) for name, text in may_be_none.items() if text is not None}
    named = fields(field or ())
    for name in named:
        if name.lower() in spoken:
            raise ArgumentError(f"{name} is given twice")
    return {**spoken, **named}


def unless_none(text: str) -> str | None:
    """Return what an option says; `none`, here as in filters, is nobody or nothing."""
    return None if text.strip().lower() == NOTHING else text


def fields(given: Iterable[str]) -> dict[str, object]:
    """Read NAME=VALUE; without a value the field is cleared, and tags may be named repeatedly."""
    found: dict[str, object] = {}
    tags: list[str] = []
    for name, text in (pair_of("--field", each) for each in given):
        if name in TAGS:
            tags += [text] if text else []
            found[name] = tags
        elif name in found:
            raise ArgumentError(f"{name} is given twice")
        else:
            found[name] = read(name, text) if text else None
    return found


def read(name: str, text: str) -> object:
    reader = READERS.get(name)
    return text if reader is None else reader(name, text)


def truth(name: str, text: str) -> bool:
    if text.lower() not in TRUTH:
        raise ArgumentError(f"{name} is true or false, not {text!r}")
    return TRUTH[text.lower()]


def number(name: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ArgumentError(f"{name} is a number, not {text!r}") from None


BY_TYPE: Mapping[str, Callable[[str, str], Any]] = {
    "bool": truth,
    "int": number,
    "Decimal": number,
}


def readers() -> Mapping[str, Callable[[str, str], Any]]:
    """Return how a field is read, by the model's name and by Rally's."""
    found: dict[str, Callable[[str, str], Any]] = {}
    for model, names in ((model, NAMES[model]) for model in OWN):
        types = {str(each.name): str(each.type).partition(" |")[0] for each in attrs.fields(model)}
        for name in types.keys() & names.keys():
            if (reader := BY_TYPE.get(types[name])) is not None:
                found[name] = found[names[name]] = reader
    return found


READERS = readers()
