"""All records, their numbers and the collections that mirror references."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from .dates import Calendar, iso
from .formatted_ids import own_number
from .model import Collection, ElementType, Record

FIRST_OID = 441_863_000_000


class Store:
    """The state of one emulator. `changes` grows by one per change: caches are stamped with it."""

    def __init__(self, calendar: Calendar, chance: random.Random) -> None:
        self.calendar = calendar
        self.changes = 0
        self.of_type: dict[ElementType, dict[int, Record]] = {}
        self._by_oid: dict[int, Record] = {}
        self._by_uuid: dict[str, Record] = {}
        self._by_number: dict[ElementType, dict[int, Record]] = {}
        self._last_number: dict[ElementType, int] = {}
        self._last_oid = FIRST_OID
        self._chance = chance
        self._common: dict[str, Record] = {}

    def settle(self, subscription: Record, workspace: Record) -> None:
        """Say what all later records belong to."""
        self._common = {"Subscription": subscription, "Workspace": workspace}

    def now(self) -> str:
        return iso(self.calendar.now(self.changes))

    def types(self) -> list[ElementType]:
        """Return the types that have any records, or had them."""
        return list(self.of_type)

    def records(self, types: Sequence[ElementType]) -> list[Record]:
        """Return all records of some types, by ObjectID within a type."""
        return [record for each in types for record in self.of_type.get(each, {}).values()]

    def by_oid(self, oid: int) -> Record | None:
        return self._by_oid.get(oid)

    def by_uuid(self, uuid: str) -> Record | None:
        return self._by_uuid.get(uuid.lower())

    def by_number(self, type: ElementType, digits: int) -> Record | None:
        """Look up a record by the number of its FormattedID."""
        return self._by_number.get(type, {}).get(digits)

    def add(self, type: ElementType, values: Mapping[str, Any]) -> Record:
        """Create a record from the values that differ from its type's defaults."""
        oid, uuid = self._next_oid(), self._next_uuid()
        moment = values.get("CreationDate") or self.now()
        own = self._own(type, oid, uuid, moment)
        record = Record(type, oid, uuid, type.stored | own | dict(values))
        for each in type.collections:
            record.values[each.name] = Collection(record, each)
        self._index(record)
        for each in type.mirrored:
            self._mirror(record, each.inverse, None, record.values[each.name])
        return record

    def change(self, record: Record, values: Mapping[str, Any]) -> None:
        """Write some values of a record, and raise its version."""
        self.changes += 1
        for each in record.type.mirrored:
            if each.name in values:
                self._mirror(record, each.inverse, record.values[each.name], values[each.name])
        record.values.update(values)
        record.version += 1
        record.values["VersionId"] = str(record.version)
        if "LastUpdateDate" in record.values:
            record.values["LastUpdateDate"] = self.now()

    def refill(self, collection: Collection, elements: Sequence[Record]) -> None:
        """Replace what a collection that mirrors nothing holds."""
        collection.elements = dict.fromkeys(elements)
        self.change(collection.owner, {})

    def remove(self, record: Record) -> None:
        """Delete a record with its tasks and comments; other references to it become empty."""
        self.changes += 1
        for collection in record.type.collections:
            for element in list(record.values[collection.name].elements):
                self._let_go(element, record)
        for each in record.type.mirrored:
            self._mirror(record, each.inverse, record.values[each.name], None)
        self._drop_from_collections(record)
        self._forget(record)

    def _let_go(self, element: Record, owner: Record) -> None:
        for each in element.type.mirrored:
            if element.values[each.name] is owner and each.required:
                self.remove(element)
                return
            if element.values[each.name] is owner:
                self.change(element, {each.name: None})

    def _drop_from_collections(self, record: Record) -> None:
        for owners, records in self.of_type.items():
            for each in owners.collections:
                if each.target == record.type.name and not each.read_only:
                    for owner in records.values():
                        owner.values[each.name].elements.pop(record, None)

    def _own(self, type: ElementType, oid: int, uuid: str, moment: str) -> dict[str, Any]:
        own: dict[str, Any] = {
            "ObjectID": oid,
            "ObjectUUID": uuid,
            "CreationDate": moment,
            "VersionId": "1",
        }
        own |= {name: at for name, at in self._common.items() if name in type.attributes}
        if type.prefix:
            digits = self._last_number.get(type, 0) + 1
            self._last_number[type] = digits
            own |= {
                "FormattedID": f"{type.prefix}{digits}",
                "DragAndDropRank": rank(oid),
                "LastUpdateDate": moment,
            }
        return own

    def _index(self, record: Record) -> None:
        self.changes += 1
        self._by_oid[record.oid] = record
        self._by_uuid[record.uuid] = record
        self.of_type.setdefault(record.type, {})[record.oid] = record
        if record.type.prefix:
            numbered = self._by_number.setdefault(record.type, {})
            numbered[own_number(record)] = record

    def _forget(self, record: Record) -> None:
        del self._by_oid[record.oid]
        del self._by_uuid[record.uuid]
        del self.of_type[record.type][record.oid]
        if record.type.prefix:
            del self._by_number[record.type][own_number(record)]

    @staticmethod
    def _mirror(record: Record, inverse: str, old: Record | None, new: Record | None) -> None:
        if old is not None:
            old.values[inverse].elements.pop(record, None)
        if new is not None:
            new.values[inverse].elements[record] = None

    def _next_oid(self) -> int:
        self._last_oid += 1 + int(self._chance.random() * 90)
        return self._last_oid

    def _next_uuid(self) -> str:
        digits = f"{self._chance.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def rank(place: int) -> str:
    """Return an opaque text that sorts as the place does; later records stand below."""
    return f"P!{place:014d}"
