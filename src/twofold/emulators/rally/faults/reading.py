"""From the JSON list of a script to faults; a bad list is refused with its index and field.

    {"match": {"method", "path", "object", "type", "body"}, "nth", "times", "fault", ...}

`match` and all in it, `nth` (a number or a list, from 1) and `times` may be left out. `fault` is

    status      status, body?, retry_after?, applied?      that status; HTML unless the body is JSON
    html        status? (200), body?, applied?             a page where JSON is expected
    errors      errors, applied?                           these texts in `Errors` of a 200 answer
    conflict                                               the text of a concurrency conflict
    empty       applied?                                   200 with an empty body
    garbage     applied?                                   200 with bytes that are not JSON
    truncated                                              the first half of the true answer
    delay       seconds                                    the true answer, later
    cut_before, cut_after                                  no answer; the change was not or was made
    rows_added, rows_removed    count?, type? (defect)     the true answer, after rows came at the
                                                           end of a list or went from its beginning
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import cast

from ...fields import Fields
from .. import references
from ..element_types import CONCRETE, TICKETS, concrete
from ..formatted_ids import number, prefix
from ..model import ElementType, Record
from ..store import Store
from . import effects, rows
from .effects import Effect
from .matching import Fault, Match, Script

Move = Callable[[Store, ElementType, int], None]


def read(faults: object, store: Store) -> Script:
    """Read a whole script; objects that it names must exist."""
    if isinstance(faults, str | bytes) or not isinstance(faults, Sequence):
        # It is the script that is wrong, whatever its type.
        raise ValueError(f"faults: must be a list of objects, not {faults!r}")  # noqa: TRY004
    listed = cast("Sequence[object]", faults)
    return Script([_fault(Fields(f"faults[{at}]", each), store) for at, each in enumerate(listed)])


def _fault(fields: Fields, store: Store) -> Fault:
    match = Match()
    if fields.has("match"):
        match = _match(Fields(f"{fields.place}.match", fields.any("match")), store)
    nth, times = fields.counts("nth"), fields.count("times")
    effect = _effect(fields, store)
    fields.finish()
    return Fault(match, effect, nth, times)


def _match(fields: Fields, store: Store) -> Match:
    method, path, body = fields.text("method"), fields.text("path"), fields.text("body")
    name = fields.text("type")
    types = concrete(name) if name else ()
    if name and not types:
        raise fields.wrong("type", f"there is no type {name!r}")
    record = _object(fields, store) if fields.has("object") else None
    fields.finish()
    return Match(method and method.upper(), path, record, types, body.encode() if body else None)


def _object(fields: Fields, store: Store) -> Record:
    text = str(fields.any("object"))
    found = references.resolved(store, text)
    for each in CONCRETE.values():
        if each.prefix and each.prefix == prefix(text):
            found = store.by_number(each, number(text) or 0)
    if found is None:
        raise fields.wrong("object", f"there is no object {text!r}")
    return found


def _effect(fields: Fields, store: Store) -> Effect:
    name = fields.text("fault") or ""
    if name in _MOVES:
        return _moving(fields, _MOVES[name], store)
    make = _EFFECTS.get(name)
    if make is None:
        known = ", ".join((*_EFFECTS, *_MOVES))
        raise fields.wrong("fault", f"must be one of {known}, not {name or None!r}")
    return make(fields)


def _moving(fields: Fields, move: Move, store: Store) -> Effect:
    count, name = fields.count("count") or 1, fields.text("type") or "defect"
    types = concrete(name)
    if len(types) != 1 or types[0] not in TICKETS:
        raise fields.wrong("type", f"must be a type of tickets, not {name!r}")
    return effects.beforehand(partial(move, store, types[0], count))


def _status(fields: Fields) -> Effect:
    return effects.status(
        fields.status("status", None),
        fields.text("body"),
        _retry_after(fields),
        applied=fields.flag("applied"),
    )


def _html(fields: Fields) -> Effect:
    code = fields.status("status", 200)
    return effects.status(code, fields.text("body"), None, applied=fields.flag("applied"))


def _retry_after(fields: Fields) -> str | None:
    value = fields.any("retry_after")
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        raise fields.wrong("retry_after", f"must be seconds or an HTTP date, not {value!r}")
    return None if value is None else str(value)


_EFFECTS: dict[str, Callable[[Fields], Effect]] = {
    "status": _status,
    "html": _html,
    "errors": lambda fields: effects.errors(fields.texts("errors"), applied=fields.flag("applied")),
    "conflict": lambda _: effects.conflict(),
    "empty": lambda fields: effects.empty(applied=fields.flag("applied")),
    "garbage": lambda fields: effects.garbage(applied=fields.flag("applied")),
    "truncated": lambda _: effects.truncated(),
    "delay": lambda fields: effects.delay(fields.seconds("seconds")),
    "cut_before": lambda _: effects.cut_before(),
    "cut_after": lambda _: effects.cut_after(),
}
_MOVES: dict[str, Move] = {"rows_added": rows.add, "rows_removed": rows.remove}
