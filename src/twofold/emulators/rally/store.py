"""All records, their numbers and the collections that mirror references."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from .dates import Calendar, iso
from .element_types import ABSTRACT, CONCRETE
from .formatted_ids import own_number
from .model import Attribute, Collection, ElementType, Record

FIRST_OID = 441_863_000_000

K = TypeVar("K")


class Chronicle(Protocol):
    """Hears of everything that is created and changed."""

    def created(self, record: Record) -> None: ...

    def changed(self, record: Record, before: Mapping[str, Any]) -> None:
        """Hear which values a record had until now."""
        ...


class Store:
    """The state of one emulator. `changes` grows by one per change: caches are stamped with it.
    `definitions` grows with each change of the types.

    Definitions have negative numbers; `define` makes all of them when the first one is asked for.
    """

    def __init__(self, calendar: Calendar, chance: random.Random) -> None:
        self.calendar = calendar
        self.own_types = {path: each.own_copy(self) for path, each in CONCRETE.items()}
        self.abstract = dict(ABSTRACT)
        self.changes = 0
        self.definitions = 0
        self.of_type: dict[ElementType, dict[int, Record]] = {}
        self._by_oid: dict[int, Record] = {}
        self._by_uuid: dict[str, Record] = {}
        self._by_number: dict[ElementType, dict[int, Record]] = {}
        self._last_number: dict[ElementType, int] = {}
        self._last_oid = FIRST_OID
        self.chance = chance
        self._common: dict[str, Record] = {}
        self._last_definition = 0
        self.chronicle: Chronicle | None = None
        self.define: Callable[[Store], None] | None = None

    def become(self, other: Store, twins: Mapping[Record, Record]) -> None:
        """Hold what another store holds, for which `twins` gives the records of this one."""
        self.changes = other.changes
        self.define = other.define
        self._common = {name: twins[each] for name, each in other._common.items()}
        self._by_oid = _twinned(other._by_oid, twins)
        self._by_uuid = _twinned(other._by_uuid, twins)
        own = self.own_types
        for kind, shelf in other.of_type.items():
            self.of_type[own[kind.path]] = _twinned(shelf, twins)
        for kind, shelf in other._by_number.items():
            self._by_number[own[kind.path]] = _twinned(shelf, twins)
            self._last_number[own[kind.path]] = other._last_number[kind]
        self._last_oid = other._last_oid
        self._last_definition = other._last_definition

    def settle(self, subscription: Record, workspace: Record) -> None:
        """Say what all later records belong to."""
        self._common = {"Subscription": subscription, "Workspace": workspace}

    @property
    def workspace(self) -> Record:
        """The workspace that all belongs to which names no other."""
        return self._common["Workspace"]

    def concrete(self, name: str) -> tuple[ElementType, ...]:
        """Return this store's own types that a name, concrete or abstract, stands for."""
        found = self.own_types.get(name.lower())
        if found is not None:
            return (found,)
        return tuple(self.own_types[each.path] for each in self.abstract.get(name.lower(), ()))

    def now(self) -> str:
        return iso(self.calendar.now(self.changes))

    def types(self) -> list[ElementType]:
        """Return the types that have any records, or had them."""
        return list(self.of_type)

    def records(self, types: Sequence[ElementType]) -> list[Record]:
        """Return all records of some types, by ObjectID within a type."""
        return [record for each in types for record in self.of_type.get(each, {}).values()]

    def by_oid(self, oid: int) -> Record | None:
        if oid < 0:
            self.complete()
        return self._by_oid.get(oid)

    def complete(self) -> None:
        """Make all definitions; to whoever asks they have always been there."""
        define, self.define = self.define, None
        if define is not None:
            before = self.changes
            define(self)
            self.changes = before

    def by_uuid(self, uuid: str) -> Record | None:
        return self._by_uuid.get(uuid.lower())

    def by_number(self, type: ElementType, digits: int) -> Record | None:
        """Look up a record by the number of its FormattedID."""
        return self._by_number.get(type, {}).get(digits)

    def add(self, type: ElementType, values: Mapping[str, Any]) -> Record:
        """Create a record from the values that differ from its type's defaults."""
        return self._added(type, values, self._next_oid(), self._next_uuid())

    def add_definition(self, type: ElementType, values: Mapping[str, Any]) -> Record:
        """Create what is built in: its number is negative, and takes nothing from chance."""
        self._last_definition -= 1
        digits = hashlib.sha256(f"{type.name} {self._last_definition}".encode()).hexdigest()
        return self._added(type, values, self._last_definition, _uuid(digits[:32]))

    def _added(self, kind: ElementType, values: Mapping[str, Any], oid: int, uuid: str) -> Record:
        moment = values.get("CreationDate") or self.now()
        its = self.own_types[kind.path]
        own = self._own(its, oid, uuid, moment)
        record = Record(its, oid, uuid, its.stored | own | dict(values))
        for each in its.collections:
            record.values[each.name] = Collection(record, each)
        self.take_in(record)
        for each in its.mirrored:
            self.mirror(record, each.inverse, None, record.values[each.name])
        if self.chronicle is not None:
            self.chronicle.created(record)
        return record

    def change(
        self,
        record: Record,
        values: Mapping[str, Any],
        collections: Mapping[str, Sequence[Record]] | None = None,
    ) -> None:
        """Write some values of a record, replace some of its collections, raise its version."""
        self.changes += 1
        named = collections or {}
        before = {name: record.values[name] for name in values}
        before |= {name: list(record.values[name].elements) for name in named}
        for each in record.type.mirrored:
            if each.name in values:
                self.mirror(record, each.inverse, record.values[each.name], values[each.name])
        record.values.update(values)
        for name, elements in named.items():
            self.fill(record.values[name], elements)
        self._raise_version(record)
        if self.chronicle is not None:
            self.chronicle.changed(record, before)

    def _raise_version(self, record: Record) -> None:
        record.version += 1
        record.values["VersionId"] = str(record.version)
        if "LastUpdateDate" in record.values:
            record.values["LastUpdateDate"] = self.now()

    def fill(self, collection: Collection, elements: Sequence[Record]) -> None:
        """Replace what a collection holds, on the other side too; no version changes."""
        attribute, owner = collection.attribute, collection.owner
        if attribute.inverse:
            for each in collection.elements:
                _backwards(each, attribute).pop(owner, None)
            for each in elements:
                _backwards(each, attribute)[owner] = None
        collection.elements = dict.fromkeys(elements)

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
            own |= {"FormattedID": f"{type.prefix}{digits}", "LastUpdateDate": moment}
        if "DragAndDropRank" in type.attributes:
            own["DragAndDropRank"] = rank(oid)
        return own

    def take_in(self, record: Record) -> None:
        """Put a record into every index; it may have been there before."""
        self.changes += 1
        self._by_oid[record.oid] = record
        self._by_uuid[record.uuid] = record
        if record.type.identify is not None:
            self._by_uuid[record.id] = record
        self.of_type.setdefault(record.type, {})[record.oid] = record
        if record.type.prefix:
            numbered = self._by_number.setdefault(record.type, {})
            numbered[own_number(record)] = record

    def forget(self, record: Record) -> None:
        """Take a record out of every index; whoever refers to it still does."""
        self.changes += 1
        del self._by_oid[record.oid]
        del self._by_uuid[record.uuid]
        self._by_uuid.pop(record.id, None)
        del self.of_type[record.type][record.oid]
        if record.type.prefix:
            del self._by_number[record.type][own_number(record)]

    @staticmethod
    def mirror(record: Record, inverse: str, old: Record | None, new: Record | None) -> None:
        """Move a record from the collection of what it referred to into another one."""
        # A reference to an abstract type may lead to one without the collection.
        if old is not None and inverse in old.values:
            old.values[inverse].elements.pop(record, None)
        if new is not None and inverse in new.values:
            new.values[inverse].elements[record] = None

    def _next_oid(self) -> int:
        self._last_oid += 1 + int(self.chance.random() * 90)
        return self._last_oid

    def _next_uuid(self) -> str:
        return _uuid(f"{self.chance.getrandbits(128):032x}")


def _twinned(shelf: Mapping[K, Record], twins: Mapping[Record, Record]) -> dict[K, Record]:
    return {key: twins[each] for key, each in shelf.items()}


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _backwards(element: Record, attribute: Attribute) -> dict[Record, None]:
    elements: dict[Record, None] = element.values[attribute.inverse].elements
    return elements


def rank(place: int) -> str:
    """Return an opaque text that sorts as the place does; later records stand below."""
    return f"P!{place:014d}"
