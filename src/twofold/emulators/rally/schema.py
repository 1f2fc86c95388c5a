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


def define_types(store: Store) -> dict[str, Record]:
    """Make the definitions of all types, and return them by name, `PortfolioItem/Feature`.

    Those of attributes are made when they are asked for.
    """
    made: dict[str, Record] = {}
    for name, parent in ABOVE.items():
        made[name] = store.add_definition(TYPE_DEFINITION, _abstract(name, made.get(parent)))
    for each in store.own_types.values():
        made[each.name] = store.add_definition(TYPE_DEFINITION, _concrete(each, made[each.parent]))
    store.define = _define_attributes
    return made


def definitions(store: Store) -> dict[str, Record]:
    """Return the definitions of all types, by name."""
    return {each.values["TypePath"]: each for each in store.records([TYPE_DEFINITION])}


def _abstract(name: str, parent: Record | None) -> dict[str, Any]:
    return {
        "Name": spaced(name),
        "DisplayName": spaced(name),
        "ElementName": name,
        "TypePath": name,
        "Abstract": True,
        "ReadOnly": True,
        "Queryable": name in ("Artifact", "SchedulableArtifact", "PortfolioItem"),
        "Parent": parent,
        "Ordinal": -1,
    }


def _concrete(type: ElementType, parent: Record) -> dict[str, Any]:
    return {
        "Name": spaced(type.element),
        "DisplayName": type.display,
        "ElementName": type.element,
        "TypePath": type.name,
        "IDPrefix": type.prefix,
        "Abstract": False,
        "Parent": parent,
        "Creatable": type.allows("C"),
        "Queryable": type.allows("Q"),
        "ReadOnly": not type.allows("U"),
        "Deletable": type.allows("D"),
        "Restorable": type.is_recyclable,
        "Copyable": type.is_copyable,
        "Ordinal": type.ordinal,
    }


def _define_attributes(store: Store) -> None:
    known = definitions(store)
    for each in store.own_types.values():
        for attribute in each.attributes.values():
            owner, target = known[each.name], known.get(attribute.target)
            add_attribute(store.add_definition, owner, attribute, target)


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
