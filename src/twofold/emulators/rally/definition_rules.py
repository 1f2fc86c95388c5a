"""Which definitions may be written, and what must not be changed about them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from .drafts import Draft, ignored
from .model import ElementType, Kind, Record
from .refused import Forbidden, inconvertible, invalid
from .store import Store
from .table.definitions import ALLOWED_VALUE, ATTRIBUTE_DEFINITION, TYPE_DEFINITION
from .table.portfolio import PORTFOLIO_ITEM

DEFINING = (TYPE_DEFINITION, ATTRIBUTE_DEFINITION, ALLOWED_VALUE)
ONCE = ("TypeDefinition", "AttributeType", "AllowedValueType", "AttributeDefinition", "Parent")
"""What is said at the creation of a definition and never changed."""
FIXED = ("Task.State",)
"""Beside all that are named ScheduleState: fields on whose values the server's own rules rest."""

KINDS = {
    "STRING": Kind.STRING,
    "WEB_LINK": Kind.STRING,
    "TEXT": Kind.TEXT,
    "INTEGER": Kind.INTEGER,
    "DECIMAL": Kind.DECIMAL,
    "QUANTITY": Kind.DECIMAL,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    "RATING": Kind.STATE,
    "STATE": Kind.STATE,
    "OBJECT": Kind.OBJECT,
    "COLLECTION": Kind.COLLECTION,
}
LISTED = (Kind.STRING, Kind.STATE, Kind.COLLECTION)
"""What may have a list of values."""


def check_new(type: ElementType, values: Mapping[str, Any]) -> None:
    """Refuse a definition that could not be carried out."""
    if type == ATTRIBUTE_DEFINITION:
        _check_attribute(values)
    if type == TYPE_DEFINITION:
        _check_level(values)
    if type == ALLOWED_VALUE:
        _check_value(values["AttributeDefinition"])


def changeable(record: Record, made: Draft) -> Draft:
    """Leave out of a change what is said once; refuse what may not be changed at all."""
    if record.type not in DEFINING:
        return made
    if record.type == ALLOWED_VALUE:
        _check_value(record.values["AttributeDefinition"])
    once = [name for name in ONCE if name in made.values]
    if record.values.get("ReadOnly"):
        once += [name for name in ("Required",) if name in made.values]
    if record.type == TYPE_DEFINITION and "IDPrefix" in made.values:
        _check_prefix(made.values["IDPrefix"])
        once += [] if record.values["IDPrefix"] else ["IDPrefix"]
    values = {name: each for name, each in made.values.items() if name not in once}
    warnings = [*made.warnings, *(ignored(record.type, name) for name in once)]
    return attrs.evolve(made, values=values, warnings=warnings)


def check_deletion(store: Store, record: Record) -> None:
    """Refuse to delete what is built in or in use."""
    if record.type == ALLOWED_VALUE:
        _check_value(record.values["AttributeDefinition"])
    if record.type == TYPE_DEFINITION:
        own = store.own_types.get(record.values["TypePath"].lower())
        if record.oid < 0 or own is None or store.records([own]):
            raise Forbidden("Not authorized to delete TypeDefinition")


def custom(name: str) -> str:
    """Return `c_BusinessValue` of `Business Value`."""
    return f"c_{joined(name)}"


def joined(name: str) -> str:
    return re.sub(r"\W", "", name)


def _check_attribute(values: Mapping[str, Any]) -> None:
    type_definition: Record = values["TypeDefinition"]
    if values["AttributeType"] not in KINDS:
        raise inconvertible(f'AttributeType cannot be "{values["AttributeType"]}"')
    if type_definition.values["Abstract"]:
        raise Forbidden("Not authorized to create AttributeDefinition")
    others: Iterable[Record] = type_definition.values["Attributes"].elements
    names = {each.values["ElementName"].lower() for each in others}
    if not joined(values["Name"]) or custom(values["Name"]).lower() in names:
        raise invalid("AttributeDefinition.Name should be unique")


def _check_level(values: Mapping[str, Any]) -> None:
    parent: Record | None = values.get("Parent")
    if parent is None or parent.values["TypePath"] != PORTFOLIO_ITEM:
        raise Forbidden("Not authorized to create TypeDefinition")
    name = joined(values["Name"])
    if not name or parent.type.home.concrete(f"{PORTFOLIO_ITEM}/{name}"):
        raise invalid("TypeDefinition.Name should be unique")
    _check_prefix(values.get("IDPrefix") or "X")


def _check_prefix(prefix: str) -> None:
    if not re.fullmatch("[A-Za-z]{1,8}", prefix):
        raise invalid("TypeDefinition.IDPrefix should be one to eight letters")


def _check_value(definition: Record) -> None:
    """Refuse to change the values of a field that rules rest on, or that takes no list."""
    kind = KINDS.get(definition.values["AttributeType"])
    name = definition.values["ElementName"]
    owner = definition.values["TypeDefinition"].values["ElementName"]
    is_fixed = name == "ScheduleState" or f"{owner}.{name}" in FIXED
    if is_fixed or kind not in LISTED or definition.values["ReadOnly"]:
        raise Forbidden("Not authorized to change AllowedAttributeValue")
