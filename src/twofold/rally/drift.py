"""Where Rally's answers are not as the models know them: what was sent, beside what became of it.

What becomes of that: see `core.drift`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias, get_type_hints

import attrs

from ..core.drift import fault, note
from ..core.reader import Found
from ..core.request import Reply, Request
from ..core.text.shapes import is_array, is_object
from ..core.unset import UNSET
from ..errors import DriftKind, Fault
from .fetched import fetched
from .models import Reference
from .names import NAMES, WORDS, due
from .records import Record
from .structure import Raw

Check: TypeAlias = Callable[[Any, Any], DriftKind | None]
"""Says of a value that was made, beside the one that was sent, what is odd in it."""


def note_page(found: Found[Any], model: type[object], reply: Reply) -> None:
    """Note what is odd in a page that was read straight from its bytes."""
    request = reply.request
    note(
        fault(model, odd.key, odd.kind, f"Results[{odd.rows[0]}]", len(odd.rows))
        for odd in found.odd(lambda key, kind: is_drift(key, kind, request))
    )


def note_all(made: Sequence[object], sent: Sequence[Raw], reply: Reply) -> None:
    """Note what is odd in the objects of a page."""
    for place, (each, raw) in enumerate(zip(made, sent, strict=True)):
        note(faults(each, raw, reply.request, f"Results[{place}]"))


def note_one(made: object, sent: Raw, reply: Reply, place: str = "") -> None:
    """Note what is odd in an object; `place` is its path below the envelope."""
    note(faults(made, sent, reply.request, place))


def is_drift(key: str, kind: DriftKind, request: Request) -> bool:
    """Tell whether it matters that a key is unknown or missing: was it asked for?"""
    if kind not in (DriftKind.UNKNOWN_KEY, DriftKind.MISSING_KEY):
        return True
    names = fetched(request)
    return names is not None and (key in names) is (kind is DriftKind.MISSING_KEY)


def faults(made: object, sent: Raw, request: Request, place: str) -> Iterator[Fault]:
    """Find what is odd in an object, key by key; a Record may hold anything."""
    if isinstance(made, Record):
        return
    model: Any = type(made)
    for key, kind in odd_keys(made, sent, expectation(model)):
        if is_drift(key, kind, request):
            yield fault(model, key, kind, place)
    for key, value_of in expectation(model).references:
        value = value_of(made)
        if value is not None and value.extra:
            yield from of_reference(value, request, f"{place}.{key}" if place else key)


def of_reference(made: Reference, request: Request, place: str) -> Iterator[Fault]:
    for key in made.extra:
        if is_drift(key, DriftKind.UNKNOWN_KEY, request):
            yield fault(Reference, key, DriftKind.UNKNOWN_KEY, place)


def odd_keys(made: Any, sent: Raw, expected: Expectation) -> Iterator[tuple[str, DriftKind]]:
    """Compare an object as sent with its model.  It is called for each: what is usual is quick."""
    for key in made.extra:
        yield key, DriftKind.UNKNOWN_KEY
    for value, (key, check) in zip(expected.values(made), expected.checks, strict=True):
        odd = None
        if value is None:
            if sent.get(key, UNSET) is not None:
                odd = expected.emptied(key, sent)
        elif check is not None:
            odd = check(value, sent.get(key, UNSET))
        if odd is not None:
            yield key, odd


@attrs.frozen
class Expectation:
    """What is known of the objects of a model."""

    due: AbstractSet[str]
    """The keys that every object has."""
    values: Callable[[object], tuple[Any, ...]]
    """Returns the values of the fields, in the order of `checks`."""
    checks: Sequence[tuple[str, Check | None]]
    """The key of each field, and what may be odd in a value that was made of it."""
    references: Sequence[tuple[str, Callable[[object], Reference | None]]]
    """The key of each field that is a reference, and what returns that."""

    def emptied(self, key: str, sent: Raw) -> DriftKind | None:
        """Say why a field is empty although the server did not send that it is."""
        if key not in sent:
            return DriftKind.MISSING_KEY if key in self.due else None
        return None if sent[key] == "" else DriftKind.OTHER_SHAPE


@cache
def expectation(model: type[Any]) -> Expectation:
    names, types, words = NAMES[model], get_type_hints(model), WORDS.get(model, {})
    return Expectation(
        due=frozenset(due(model).values()),
        values=attrgetter(*names),
        checks=[
            (name, word_of(words[field]) if field in words else CHECKS.get(types[field]))
            for field, name in names.items()
        ],
        references=[
            (name, attrgetter(field))
            for field, name in names.items()
            if types[field] == Reference | None
        ],
    )


def word_of(words: AbstractSet[str]) -> Check:
    return lambda made, _: None if made in words or made == "" else DriftKind.UNKNOWN_WORD


def of_type(wanted: type[object]) -> Check:
    """Look for what another type was made of, such as a number of its digits, or nothing."""

    def check(_: object, sent: object) -> DriftKind | None:
        if sent is UNSET:
            return DriftKind.MISSING_KEY
        return None if type(sent) is wanted else DriftKind.OTHER_SHAPE

    return check


def tags(made: tuple[str, ...], sent: object) -> DriftKind | None:
    """Look for tags that were sent and could not be read."""
    if sent is UNSET:
        return DriftKind.MISSING_KEY
    named = sent.get("_tagsNameArray", []) if is_object(sent) else None
    is_whole = sent is None or (is_array(named) and len(named) == len(made))
    return None if is_whole else DriftKind.OTHER_SHAPE


CHECKS: Mapping[Any, Check] = {str: of_type(str), int: of_type(int), tuple[str, ...]: tags}
