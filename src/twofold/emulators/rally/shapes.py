"""Records as JSON: shells, collections with their count, and the fields asked for.

Written for speed: what a page of 1,200 records costs is mostly this file. An object is its head
(the underscore fields, encoded once) and its fields (one call of the encoder).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any

import msgspec

from .dates import for_people, parsed
from .fetch import Fetch
from .model import Collection, ElementType, Record
from .store import Store

DEEPEST = 4
"""A reference at this depth is a bare shell, whatever was fetched; it ends circles."""
MOST_PLANS = 64

_encode = msgspec.json.encode

Fields = Callable[[Record], dict[str, Any]]


class Shapes:
    """All records as seen at one address of the service."""

    def __init__(self, store: Store, root: str) -> None:
        self.root = root
        self.store = store
        self._seen = store.changes
        self._heads: dict[Record, bytes] = {}
        self._plans: dict[Fetch, Plan] = {}

    def plan(self, fetch: Fetch) -> Plan:
        """Return how to write records for this fetch; what changed since is written anew."""
        if self._seen != self.store.changes:
            self._seen = self.store.changes
            self._heads.clear()
            for each in self._plans.values():
                each.forget()
        if len(self._plans) > MOST_PLANS:
            self._plans.clear()
        return self._plans.setdefault(fetch, Plan(self, fetch))

    def head(self, record: Record) -> bytes:
        """Return the object without its closing brace, underscore fields only."""
        head = self._heads.get(record)
        if head is None:
            head = self._heads[record] = _encode(self._underscored(record))[:-1]
        return head

    def collection(self, collection: Collection) -> msgspec.Raw:
        owner, attribute = collection.owner, collection.attribute
        shell: dict[str, Any] = {
            "_rallyAPIMajor": "2",
            "_rallyAPIMinor": "0",
            "_ref": f"{self.root}/{owner.type.name}/{owner.oid}/{attribute.name}",
            "_type": attribute.target,
            "Count": len(collection.elements),
        }
        if attribute.name == "Tags":
            shell["_tagsNameArray"] = [
                {"Name": tag.values["Name"], "_ref": tag.ref} for tag in collection.elements
            ]
        return msgspec.Raw(_encode(shell))

    def _underscored(self, record: Record) -> dict[str, Any]:
        label = record.type.label
        created = parsed(record.values["CreationDate"])
        return {
            "_rallyAPIMajor": "2",
            "_rallyAPIMinor": "0",
            "_ref": self.root + record.ref,
            "_refObjectUUID": record.uuid,
            "_objectVersion": str(record.version),
            **({"_refObjectName": record.values[label]} if label else {}),
            "_CreatedAt": for_people(created) if created else "",
            "_type": record.type.name,
        }


class Plan:
    """How records are written for one fetch, which applies at every level alike."""

    def __init__(self, shapes: Shapes, fetch: Fetch) -> None:
        self._shapes = shapes
        self._fetch = fetch
        self._fields: dict[ElementType, Fields] = {}
        self._nested: list[dict[Record, msgspec.Raw]] = [{} for _ in range(DEEPEST + 1)]
        self._encoders = [
            msgspec.json.Encoder(enc_hook=partial(self._value, level + 1))
            for level in range(DEEPEST)
        ]

    def forget(self) -> None:
        for each in self._nested:
            each.clear()

    def row(self, record: Record, level: int = 0) -> bytes:
        """Return one object with the fields asked for."""
        head = self._shapes.head(record)
        fields = self._fields_of(record.type)
        if level == DEEPEST or (level and self._fetch.names is None) or fields is _nothing:
            return head + b"}"
        return head + b"," + self._encoders[level].encode(fields(record))[1:]

    def _value(self, level: int, value: object) -> msgspec.Raw:
        if isinstance(value, Collection):
            return self._shapes.collection(value)
        if not isinstance(value, Record):
            raise TypeError(f"{value!r} is no value of a record")
        known = self._nested[level]
        raw = known.get(value)
        if raw is None:
            raw = known[value] = msgspec.Raw(self.row(value, level))
        return raw

    def _fields_of(self, type: ElementType) -> Fields:
        fields = self._fields.get(type)
        if fields is None:
            fields = self._fields[type] = fields_of(type, self._fetch)
        return fields


def fields_of(type: ElementType, fetch: Fetch) -> Fields:
    """Compile a fetch for a type, so that each record costs two calls and no decisions."""
    chosen = [a for a in type.attributes.values() if fetch.names is None or a.name in fetch.names]
    stored = [a.name for a in chosen if a.derived is None]
    computed = [(a.name, a.derived) for a in chosen if a.derived is not None]
    if not chosen:
        return _nothing
    if not computed:
        return partial(_plain, tuple(stored), _picker(stored))
    return partial(_mixed, tuple(stored), _picker(stored), computed)


def _picker(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    # itemgetter gives a bare value for one name, and refuses none at all.
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _nothing(record: Record) -> dict[str, Any]:
    del record
    return {}


def _plain(
    names: tuple[str, ...], pick: Callable[[dict[str, Any]], tuple[Any, ...]], record: Record
) -> dict[str, Any]:
    return dict(zip(names, pick(record.values), strict=True))


def _mixed(
    names: tuple[str, ...],
    pick: Callable[[dict[str, Any]], tuple[Any, ...]],
    computed: list[tuple[str, Callable[[Record], object]]],
    record: Record,
) -> dict[str, Any]:
    fields = _plain(names, pick, record)
    for name, compute in computed:
        fields[name] = compute(record)
    return fields
