"""Ranks: opaque texts, of which the smaller one stands higher."""

from __future__ import annotations

from collections.abc import Mapping

from . import references
from .model import Record
from .refused import inconvertible
from .store import Store

LOWEST, ENDLESS = ord("!"), ord("~") + 1
"""The digits of a rank are printable ASCII; none but a digit above the lowest ends one."""
PARAMETERS = ("rankabove", "rankbelow", "rankto")


def asked_rank(parameters: Mapping[str, str], record: Record, store: Store) -> str | None:
    """Return the rank that a write asks for beside its body, if it does."""
    given = [name for name in PARAMETERS if parameters.get(name)]
    if not given or "DragAndDropRank" not in record.type.attributes:
        return None
    text = parameters[given[0]]
    if given[0] == "rankto":
        return _at_end(text, record, store)
    other = _reference(text, store)
    if other is record:
        raise inconvertible("An object cannot be ranked beside itself")
    own, ranks = _rank(other), _others(record, store)
    if given[0] == "rankabove":
        return between(max((each for each in ranks if each < own), default=""), own)
    return between(own, min((each for each in ranks if each > own), default=None))


def _at_end(text: str, record: Record, store: Store) -> str:
    ranks = _others(record, store)
    match text.upper():
        case "TOP":
            return between("", min(ranks, default=None))
        case "BOTTOM":
            return between(max(ranks, default=""), None)
        case _:
            raise inconvertible(f'rankTo must be TOP or BOTTOM, not "{text}"')


def between(above: str, below: str | None) -> str:
    """Return a text that sorts between two; None is the end of everything."""
    digits: list[int] = []
    while True:
        low = ord(above[len(digits)]) if len(digits) < len(above) else LOWEST
        high = ord(below[len(digits)]) if below is not None else ENDLESS
        if high - low > 1:
            return "".join(map(chr, (*digits, (low + high) // 2)))
        digits.append(low)
        if high != low:
            below = None


def _others(record: Record, store: Store) -> list[str]:
    return [_rank(each) for each in store.records(store.concrete("artifact")) if each is not record]


def _rank(record: Record) -> str:
    rank: str = record.values["DragAndDropRank"]
    return rank


def _reference(text: str, store: Store) -> Record:
    found = references.resolved(store, text)
    if found is None or "DragAndDropRank" not in found.type.attributes:
        raise inconvertible(f'Cannot parse object reference from "{text}"')
    return found
