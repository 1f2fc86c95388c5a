"""What goes with an object that is deleted, and what is kept of it."""

from __future__ import annotations

from typing import Any

from .model import Record
from .removal import remove
from .store import Store
from .table.around import ATTACHMENT, RECYCLE_BIN_ENTRY


def delete(store: Store, record: Record, user: Record) -> None:
    """Delete an object with its attachments; a work item leaves an entry in the recycle bin."""
    for attachment in list(_attachments(record)):
        _remove(store, attachment)
    entry = _entry(store, record, user)
    _remove(store, record)
    if record.type.is_recyclable:
        store.add(RECYCLE_BIN_ENTRY, entry)


def _remove(store: Store, record: Record) -> None:
    remove(store, record)
    if record.type is ATTACHMENT and record.values["Content"] is not None:
        remove(store, record.values["Content"])


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
