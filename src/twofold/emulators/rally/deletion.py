"""What goes with an object that is deleted, what is kept of it, and how it comes back."""

from __future__ import annotations

from typing import Any

import attrs

from . import membership
from .model import Record
from .removal import Gone, remove
from .store import Store
from .table.around import ATTACHMENT, RECYCLE_BIN_ENTRY


@attrs.frozen
class RecycleBin:
    """Deletes objects; work items can be brought back until their entry is deleted too."""

    store: Store
    _kept: dict[Record, list[Gone]] = attrs.field(factory=dict[Record, list[Gone]], init=False)

    def delete(self, record: Record, user: Record) -> None:
        """Delete an object with its attachments; a work item leaves an entry."""
        # What the entry says must be read before it is gone.
        entry = _entry(self.store, record, user)
        membership.leave(record)
        gone = [each for one in list(_attachments(record)) for each in _removed(self.store, one)]
        gone = _removed(self.store, record) + gone
        self._kept.pop(record, None)
        if record.type.is_recyclable:
            self._kept[self.store.add(RECYCLE_BIN_ENTRY, entry)] = gone

    def restore(self, entry: Record) -> Record:
        """Bring back and return what an entry stands for, with its tasks, comments and files.

        What was deleted meanwhile is not there any more, and what referred to it refers to nothing.
        """
        gone = self._kept.pop(entry)
        for each in gone:
            self.store.take_in(each.record)
        for each in gone:
            self._rejoin(each)
        remove(self.store, entry)
        return gone[0].record

    def _rejoin(self, gone: Gone) -> None:
        record = gone.record
        for name, value in gone.values.items():
            record.values[name] = value if self._is_there(value) else None
        for name, elements in gone.elements.items():
            attribute = record.type.attributes[name]
            if not attribute.read_only:
                there = [each for each in elements if self._is_there(each)]
                self.store.fill(record.values[name], there)
        for each in record.type.mirrored:
            self.store.mirror(record, each.inverse, None, record.values[each.name])

    def _is_there(self, value: object) -> bool:
        return not isinstance(value, Record) or self.store.by_oid(value.oid) is value


def _removed(store: Store, record: Record) -> list[Gone]:
    belonging = record.values.get("Content" if record.type == ATTACHMENT else "Blocker")
    gone = remove(store, record)
    return gone if belonging is None else gone + remove(store, belonging)


def _attachments(record: Record) -> dict[Record, None]:
    if "Attachments" not in record.type.attributes:
        return {}
    elements: dict[Record, None] = record.values["Attachments"].elements
    return elements


def _entry(store: Store, record: Record, user: Record) -> dict[str, Any]:
    return {
        "ID": record.values.get("FormattedID"),
        "Name": record.values.get("Name"),
        "ItemOID": record.oid,
        "Type": record.type.name,
        "Project": record.values.get("Project"),
        "DeletedBy": user,
        "DeletionDate": store.now(),
    }
