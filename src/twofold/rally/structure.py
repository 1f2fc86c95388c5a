"""From Rally's JSON to models: lenient, and fast enough for ten thousand tickets a second.

A missing key is an empty field, an unknown one goes to `extra`, and what repeats on every line of
a page (owners, projects, iterations) is built once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache, partial
from operator import eq
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from ..core.text.shapes import is_array, is_object
from ..errors import ServerError
from .kinds import find_kind
from .models import Reference, Ticket
from .names import NAMES, model_of

Raw: TypeAlias = Mapping[str, Any]
T = TypeVar("T")

# In the answer to every object; the rest that begins with an underscore is kept.
ENVELOPE = frozenset(
    {
        "_CreatedAt",
        "_objectVersion",
        "_rallyAPIMajor",
        "_rallyAPIMinor",
        "_refObjectName",
        "_refObjectUUID",
        "_type",
        "Errors",
        "Warnings",
    }
)
OF_REFERENCE = ENVELOPE | {"_ref"}


def relative(ref: str) -> str:
    """Take the server off a ref: `/defect/123`."""
    _, found, path = ref.partition("/webservice/v2.0")
    return path if found else f"/{ref.lstrip('/')}"


def structure_ticket(raw: Raw) -> Ticket:
    """Build the model of a work item, by its `_type`."""
    kind = find_kind(str(raw.get("_type", "")))
    if kind is None:
        raise ServerError(f"the server sent a {raw.get('_type')!r} where a ticket was asked for")
    return structure(model_of(kind), raw)


def structure(model: type[T], raw: Raw) -> T:
    """Build a model of an object as it was sent."""
    build: Callable[[Raw], T] = builder(cast("Any", model))
    return build(raw)


def reference(raw: object, _: object = None) -> Reference | None:
    """Build a reference; anything but an object with a `_ref` is an empty one."""
    if not is_object(raw) or not isinstance(raw.get("_ref"), str):
        return None
    ref, name, kind = raw["_ref"], text(raw.get("_refObjectName")), text(raw.get("_type"))
    if raw.keys() <= OF_REFERENCE:
        return shell(ref, name, kind)
    extra = {field: value for field, value in raw.items() if field not in OF_REFERENCE}
    return Reference(ref=relative(ref), name=name, type=kind, extra=extra)


@lru_cache(maxsize=4096)
def shell(ref: str, name: str | None, type: str | None) -> Reference:
    """Build a bare reference; thousands of tickets share a few owners, projects and iterations."""
    return Reference(ref=relative(ref), name=name, type=type)


def decimal(raw: object, _: object = None) -> Decimal | None:
    """Keep a number exact; an empty text is how some fields say that nothing was entered."""
    if raw is None or raw == "":
        return None
    try:
        return Decimal(str(raw))
    except InvalidOperation:
        return None


def time(raw: object, _: object = None) -> datetime | None:
    """Read a time; Rally's are aware.  One that cannot be read is empty, not an error."""
    try:
        read = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return None if read is None or read.tzinfo is None else read


def whole(raw: object, _: object = None) -> int | None:
    """Read a number that is a count, or the text of one."""
    text = str(raw).removesuffix(".0") if isinstance(raw, Decimal) else str(raw)
    # Of some thousand digits, which no count has, Python makes no number but an error.
    is_count = text.isascii() and text.isdecimal() and len(text) < 20
    return int(text) if is_count else None


def words(raw: object, _: object = None) -> tuple[str, ...]:
    """Read the names that the shell of a collection of tags carries."""
    tags = raw.get("_tagsNameArray") if is_object(raw) else None
    named = [text(tag.get("Name")) for tag in tags if is_object(tag)] if is_array(tags) else []
    return tuple(name for name in named if name is not None)


def text(raw: object, _: object = None) -> str | None:
    return raw if isinstance(raw, str) else None


def said(raw: object, _: object = None) -> str:
    """Read a text where None would only be in the way: there is none, so it is empty."""
    return "" if raw is None else str(raw)


def flag(raw: object, _: object = None) -> bool | None:
    return raw if isinstance(raw, bool) else None


def as_it_is(raw: object, _: object = None) -> object:
    return raw


def address(raw: str, _: object = None) -> str:
    return relative(raw)


HOOKS: Mapping[Any, Callable[[Any, Any], Any]] = {
    Reference | None: reference,
    Decimal | None: decimal,
    datetime | None: time,
    int | None: whole,
    str | None: text,
    bool | None: flag,
    tuple[str, ...]: words,
}


@cache
def builder(model: type[T]) -> Callable[[Raw], T]:
    """Compile the function that builds a model; what it does not know goes to `extra`."""
    import cattrs  # slow to import; most pages are read without it
    from cattrs.gen import make_dict_structure_fn, override

    names = NAMES[model]
    converter = cattrs.Converter(detailed_validation=False)
    for wanted, hook in HOOKS.items():
        converter.register_structure_hook_func(partial(eq, wanted), hook)
    converter.register_structure_hook(str, said)
    overrides: dict[str, Any] = {field: override(rename=name) for field, name in names.items()}
    overrides |= {
        "ref": override(rename="_ref", struct_hook=address),
        "extra": override(struct_hook=as_it_is),
    }
    if "warnings" in attrs.fields_dict(cast("Any", model)):
        overrides["warnings"] = override(omit=True)
    build = make_dict_structure_fn(model, converter, **overrides)
    known = ENVELOPE | set(names.values())

    def structured(raw: Raw) -> T:
        if raw.keys() <= known:
            return build(raw, model)
        extra = {name: value for name, value in raw.items() if name not in known}
        return build({**raw, "extra": extra}, model)

    return structured
