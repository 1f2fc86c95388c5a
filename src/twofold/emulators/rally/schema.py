"""The schema: definitions made from the same table of attributes that checks what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .model import Attribute, ElementType, Kind, Record
from .store import Store
from .table.common import spaced
from .table.definitions import ALLOWED_VALUE, ATTRIBUTE_DEFINITION, TYPE_DEFINITION

ABOVE = {
    "PersistableObject": "",
    "DomainObject": "PersistableObject",
    "WorkspaceDomainObject": "DomainObject",
    "Artifact": "WorkspaceDomainObject",
    "SchedulableArtifact": "Artifact",
    "Requirement": "SchedulableArtifact",
    "PortfolioItem": "Artifact",
    "Connection": "WorkspaceDomainObject",
    "UserPermission": "PersistableObject",
}
"""The abstract types, and what stands above each; a type stands after its parent."""

UNSORTED = (Kind.COLLECTION, Kind.TEXT, Kind.BINARY)


class Definitions:
    """Makes the definitions of types at once, those of attributes when they are asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.of: dict[str, Record] = {}
        """By name of the type: `PortfolioItem/Feature`."""
        for name, parent in ABOVE.items():
            self.of[name] = self._abstract(name, parent)
        for each in store.own_types.values():
            self.of[each.name] = self._type(each)
        store.define = self._make_attributes

    def _abstract(self, name: str, parent: str) -> Record:
        values = {
            "Name": spaced(name),
            "DisplayName": spaced(name),
            "ElementName": name,
            "TypePath": name,
            "Abstract": True,
            "ReadOnly": True,
            "Queryable": name in ("Artifact", "SchedulableArtifact", "PortfolioItem"),
            "Parent": self.of.get(parent),
            "Ordinal": -1,
        }
        return self._store.add_definition(TYPE_DEFINITION, values)

    def _type(self, type: ElementType) -> Record:
        values = {
            "Name": spaced(type.element),
            "DisplayName": type.display,
            "ElementName": type.element,
            "TypePath": type.name,
            "IDPrefix": type.prefix,
            "Abstract": False,
            "Parent": self.of[type.parent],
            "Creatable": type.allows("C"),
            "Queryable": type.allows("Q"),
            "ReadOnly": not type.allows("U"),
            "Deletable": type.allows("D"),
            "Restorable": type.is_recyclable,
            "Copyable": type.is_copyable,
            "Ordinal": type.ordinal,
        }
        return self._store.add_definition(TYPE_DEFINITION, values)

    def _make_attributes(self) -> None:
        for each in self._store.own_types.values():
            for attribute in each.attributes.values():
                owner, target = self.of[each.name], self.of.get(attribute.target)
                add_attribute(self._store.add_definition, owner, attribute, target)


Add = Callable[[ElementType, Mapping[str, Any]], Record]
"""Makes a record of a type from its values."""


def add_attribute(add: Add, owner: Record, attribute: Attribute, target: Record | None) -> Record:
    """Make the definition of an attribute, and those of its values, for the type that has it."""
    referring = {"TypeDefinition": owner, "AllowedValueType": target}
    definition = add(ATTRIBUTE_DEFINITION, described(attribute) | referring)
    for place, word in enumerate(attribute.allowed):
        value = {
            "StringValue": word,
            "LocalizedStringValue": word,
            "ValueIndex": place,
            "AttributeDefinition": definition,
        }
        add(ALLOWED_VALUE, value)
    return definition


def described(attribute: Attribute) -> dict[str, Any]:
    """Return what the definition of an attribute says of it."""
    kind = attribute.kind
    return {
        "Name": spaced(attribute.name),
        "ElementName": attribute.name,
        "AttributeType": kind.value,
        "SchemaType": attribute.target or kind.value.capitalize(),
        "Required": attribute.required,
        "ReadOnly": attribute.read_only,
        "Custom": attribute.name.startswith("c_"),
        "Constrained": bool(attribute.allowed) or kind is Kind.OBJECT,
        "Filterable": kind is not Kind.BINARY,
        "Sortable": kind not in UNSORTED,
        "MaxLength": attribute.longest if kind in (Kind.STRING, Kind.TEXT) else -1,
        "MaxFractionalDigits": 2 if kind is Kind.DECIMAL else -1,
    }
