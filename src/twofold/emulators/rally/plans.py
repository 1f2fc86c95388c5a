"""Records as JSON with the fields asked for.

Written for speed: what a page of 1,200 records costs is mostly this file. An object is its head,
encoded once, and its fields, one call of the encoder.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import msgspec

from .fetch import Fetch
from .fields import Fields, Fill, fields_of
from .heads import Heads
from .model import Collection, ElementType, Record

COMMA = ord(",")


class Plan:
    """How records are written for one fetch.

    A plain fetch applies alike at each of `depth` levels, the item itself being the first; what
    those refer to are bare shells, which ends circles. A shallow fetch applies at one level only:
    the first, or the second for what it says in brackets.
    """

    def __init__(self, heads: Heads, fetch: Fetch, depth: int, shallow_level: int = 0) -> None:
        self._heads = heads
        self._fetch = fetch
        self._shallow_level = shallow_level
        self._below = {name: Plan(heads, each, depth, 1) for name, each in fetch.below}
        self._summaries = dict(fetch.summaries)
        self._fields: dict[ElementType, Fields | None] = {}
        self._depth = 2 if fetch.is_shallow else depth
        self._nested: list[dict[Record | Collection, msgspec.Raw]] = [
            {} for _ in range(self._depth + 1)
        ]
        self._encoders = [
            msgspec.json.Encoder(enc_hook=partial(self.nested, level + 1))
            for level in range(self._depth)
        ]

    def forget(self) -> None:
        self._fields.clear()
        for each in self._nested:
            each.clear()
        for plan in self._below.values():
            plan.forget()

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

    def nested(self, level: int, value: Record | Collection) -> msgspec.Raw:
        """Return what a field refers to."""
        known = self._nested[level]
        raw = known.get(value)
        if raw is None:
            raw = known[value] = self._encoded(level, value)
        return raw

    def _encoded(self, level: int, value: Record | Collection) -> msgspec.Raw:
        if isinstance(value, Collection):
            return self._heads.collection(value, self._summaries.get(value.attribute.name))
        buffer = bytearray()
        self._write(buffer, value, level)
        return msgspec.Raw(bytes(buffer))

    def _write(self, buffer: bytearray, record: Record, level: int) -> None:
        head = self._heads.shell(record) if level else self._heads.head(record)
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
        if not self._is_filled(level):
            return None
        if type not in self._fields:
            self._fields[type] = fields_of(type, self._fetch, self._filled_below)
        return self._fields[type]

    def _is_filled(self, level: int) -> bool:
        if self._fetch.is_shallow:
            return level == self._shallow_level
        return level == 0 or (self._fetch.names is not None and level < self._depth)

    def _filled_below(self, name: str) -> Fill | None:
        """Return what writes an attribute's object by a plan of its own."""
        plan = self._below.get(name)
        return None if plan is None else partial(plan.nested, 1)
