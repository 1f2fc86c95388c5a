"""Records as JSON: shells, collections with their count, and the fields asked for.

Written for speed: what a page of 1,200 records costs is mostly this file. An object is its head
(the underscore fields, encoded once) and its fields (one call of the encoder).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from operator import itemgetter
from typing import Any

import msgspec

from .dates import for_people
from .fetch import Fetch
from .model import Collection, ElementType, Record
from .store import Store

DEEPEST = 4
"""A reference at this depth is a bare shell, whatever was fetched; it ends circles."""
MOST_PLANS = 64
COMMA = ord(",")

VERSION = '"_rallyAPIMajor":"2","_rallyAPIMinor":"0"'

_encode = msgspec.json.encode

Fields = Callable[[Record], dict[str, Any]]


class Shapes:
    """All records as seen at one address of the service."""

    def __init__(self, store: Store, root: str) -> None:
        self.root = _encode(root)[1:-1].decode()
        self.store = store
        self._seen = store.changes
        self._heads: dict[Record, bytes] = {}
        self._shells: dict[Record, bytes] = {}
        self._plans: dict[Fetch, Plan] = {}

    def plan(self, fetch: Fetch) -> Plan:
        """Return how to write records for this fetch; what changed since is written anew."""
        if self._seen != self.store.changes:
            self._seen = self.store.changes
            self._heads.clear()
            self._shells.clear()
            for each in self._plans.values():
                each.forget()
        if len(self._plans) > MOST_PLANS:
            self._plans.clear()
        return self._plans.setdefault(fetch, Plan(self, fetch))

    def head(self, record: Record) -> bytes:
        """Return an object's underscore fields, without the closing brace."""
        head = self._heads.get(record)
        if head is None:
            created = for_people(record.values["CreationDate"]).encode()
            versions = b',"_objectVersion":"%d","_CreatedAt":"%b"' % (record.version, created)
            head = self._heads[record] = self.shell(record) + versions
        return head

    def shell(self, record: Record) -> bytes:
        """Return a reference's underscore fields, without the closing brace."""
        shell = self._shells.get(record)
        if shell is None:
            shell = self._shells[record] = self._shell(record)
        return shell

    def collection(self, collection: Collection) -> msgspec.Raw:
        owner, attribute = collection.owner, collection.attribute
        # All names in it are our own, so nothing needs escaping.
        shell = (
            f'{{{VERSION},"_ref":"{self.root}/{owner.type.name}/{owner.oid}/{attribute.name}",'
            f'"_type":"{attribute.target}","Count":{len(collection.elements)}'
        ).encode()
        if attribute.name != "Tags":
            return msgspec.Raw(shell + b"}")
        tags = [{"Name": tag.values["Name"], "_ref": tag.ref} for tag in collection.elements]
        return msgspec.Raw(shell + b',"_tagsNameArray":' + _encode(tags) + b"}")

    def _shell(self, record: Record) -> bytes:
        label = record.type.label
        name = b',"_refObjectName":' + _encode(record.values[label]) if label else b""
        return (
            f'{{{VERSION},"_ref":"{self.root}{record.ref}","_refObjectUUID":"{record.uuid}",'
            f'"_type":"{record.type.name}"'
        ).encode() + name


class Plan:
    """How records are written for one fetch, which applies at every level alike."""

    def __init__(self, shapes: Shapes, fetch: Fetch) -> None:
        self._shapes = shapes
        self._fetch = fetch
        self._fields: dict[ElementType, Fields | None] = {}
        self._nested: list[dict[Record, msgspec.Raw]] = [{} for _ in range(DEEPEST + 1)]
        self._encoders = [
            msgspec.json.Encoder(enc_hook=partial(self._value, level + 1))
            for level in range(DEEPEST)
        ]

    def forget(self) -> None:
        for each in self._nested:
            each.clear()

    def row(self, record: Record) -> bytes:
        """Return one object with the fields asked for."""
        buffer = bytearray()
        self._write(buffer, record, 0)
        return bytes(buffer)

    def rows(self, records: Iterable[Record]) -> bytearray:
        """Return objects one after another, with commas between them."""
        buffer = bytearray()
        for record in records:
            if buffer:
                buffer += b","
            self._write(buffer, record, 0)
        return buffer

    def _write(self, buffer: bytearray, record: Record, level: int) -> None:
        head = self._shapes.shell(record) if level else self._shapes.head(record)
        buffer += head
        fields = self._fields_at(record.type, level)
        if fields is None:
            buffer += b"}"
            return
        joint = len(buffer)
        self._encoders[level].encode_into(fields(record), buffer, -1)
        # What follows the head is an object of its own; its opening brace becomes the comma.
        buffer[joint] = COMMA

    def _fields_at(self, type: ElementType, level: int) -> Fields | None:
        if level == DEEPEST or (level and self._fetch.names is None):
            return None
        if type not in self._fields:
            self._fields[type] = fields_of(type, self._fetch)
        return self._fields[type]

    def _value(self, level: int, value: object) -> msgspec.Raw:
        if isinstance(value, Collection):
            return self._shapes.collection(value)
        if not isinstance(value, Record):
            raise TypeError(f"{value!r} is no value of a record")
        known = self._nested[level]
        raw = known.get(value)
        if raw is None:
            buffer = bytearray()
            self._write(buffer, value, level)
            raw = known[value] = msgspec.Raw(bytes(buffer))
        return raw


def fields_of(type: ElementType, fetch: Fetch) -> Fields | None:
    """Compile a fetch for a type, so that a record costs few calls and no decisions.

    None if the type has none of the fields.
    """
    chosen = [a for a in type.attributes.values() if fetch.names is None or a.name in fetch.names]
    stored = [a.name for a in chosen if a.derived is None]
    computed = [(a.name, a.derived) for a in chosen if a.derived is not None]
    if not chosen:
        return None
    if not computed:
        return partial(_plain, tuple(stored), _picker(stored))
    return partial(_mixed, tuple(stored), _picker(stored), computed)


def _picker(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    # itemgetter gives a bare value for one name, and refuses none at all.
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


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
