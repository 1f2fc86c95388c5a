"""What every object and reference begins with, and the shells of collections: encoded once."""

from __future__ import annotations

import msgspec

from .dates import for_people
from .model import Attribute, Collection, Record
from .summaries import summary

VERSION = '"_rallyAPIMajor":"2","_rallyAPIMinor":"0"'

_encode = msgspec.json.encode


class Heads:
    """Underscore fields as seen at one address of the service, as JSON without the last brace."""

    def __init__(self, root: str) -> None:
        self._root = _encode(root)[1:-1].decode()
        self._heads: dict[Record, bytes] = {}
        self._shells: dict[Record, bytes] = {}

    def forget(self) -> None:
        self._heads.clear()
        self._shells.clear()

    def head(self, record: Record) -> bytes:
        """Return what an object begins with."""
        head = self._heads.get(record)
        if head is None:
            created = for_people(record.values["CreationDate"][:10])
            versions = f',"_objectVersion":"{record.version}","_CreatedAt":"{created}"'
            head = self._heads[record] = self._encoded(record, versions)
        return head

    def shell(self, record: Record) -> bytes:
        """Return what a reference begins with."""
        shell = self._shells.get(record)
        if shell is None:
            shell = self._shells[record] = self._encoded(record, "")
        return shell

    def collection(
        self, collection: Collection, counted: tuple[str, ...] | None = None
    ) -> msgspec.Raw:
        """Return a whole collection: never its elements, but of some their names.

        `counted` asks for a summary of these fields.
        """
        owner, attribute = collection.owner, collection.attribute
        shell = (
            f'{{{VERSION},"_ref":"{self._root}/{owner.type.name}/{owner.oid}/{attribute.name}",'
            f'"_type":"{attribute.target}","Count":{len(collection.elements)}'
        ).encode()
        if _is_named(attribute):
            names = [
                {"Name": each.values[each.type.label], "_ref": each.ref}
                for each in collection.elements
            ]
            shell += b',"_tagsNameArray":' + _encode(names)
        if counted is not None:
            shell += b',"Summary":' + _encode(summary(collection, counted))
        return msgspec.Raw(shell + b"}")

    def _encoded(self, record: Record, more: str) -> bytes:
        # Only the name needs escaping; all else is our own.
        label = record.type.label
        name = b',"_refObjectName":' + _encode(record.values[label]) if label else b""
        return (
            f'{{{VERSION},"_ref":"{self._root}{record.ref}","_refObjectUUID":"{record.uuid}",'
            f'"_type":"{record.type.name}"{more}'
        ).encode() + name


def _is_named(attribute: Attribute) -> bool:
    """Whether the names of the elements stand beside their number."""
    return attribute.name in ("Tags", "Milestones") or attribute.name.startswith("c_")
