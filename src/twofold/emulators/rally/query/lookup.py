"""The few records that can match at all, where an index knows: ids of any kind."""

from __future__ import annotations

from collections.abc import Sequence

from .. import references
from ..formatted_ids import number
from ..model import ElementType, Record
from ..store import Store
from .grammar import Junction, Node

IDS = ("ObjectID", "ObjectUUID")


def candidates(node: Node, types: Sequence[ElementType], store: Store) -> list[Record] | None:
    """Return a superset of the matches without a scan, or None if no index helps."""
    if isinstance(node, Junction):
        return _of_junction(node, types, store)
    if len(node.path) != 1 or node.operator not in ("=", "in") or node.is_null:
        return None
    literals = node.value.split(",") if node.operator == "in" else [node.value]
    if node.path[0] == "FormattedID":
        return _distinct(_by_number(literals, types, store))
    if node.path[0] in IDS:
        found = (references.by_id(store, each.strip()) for each in literals)
        return _distinct([each for each in found if each is not None and each.type in types])
    return None


def _of_junction(node: Junction, types: Sequence[ElementType], store: Store) -> list[Record] | None:
    known = [candidates(part, types, store) for part in node.parts]
    useful = [each for each in known if each is not None]
    if node.word == "AND":
        return min(useful, key=len, default=None)
    if len(useful) < len(known):
        return None
    return _distinct([record for each in useful for record in each])


def _by_number(literals: list[str], types: Sequence[ElementType], store: Store) -> list[Record]:
    numbers = [digits for each in literals if (digits := number(each)) is not None]
    found = (store.by_number(each, digits) for each in types for digits in numbers)
    return [record for record in found if record is not None]


def _distinct(records: list[Record]) -> list[Record]:
    return sorted(dict.fromkeys(records), key=lambda record: record.oid)
