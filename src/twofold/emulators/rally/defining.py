"""Definitions that are written: fields of one's own, their values, further levels of portfolio.

A change is made to the types of one store, and to all records of them. What is refused stands in
`definition_rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from .definition_rules import DEFINING, KINDS, custom, joined
from .model import Attribute, Collection, ElementType, Kind, Record
from .removal import remove
from .schema import add_attribute, definitions, described
from .store import Store
from .table.definitions import ALLOWED_VALUE, ATTRIBUTE_DEFINITION, TYPE_DEFINITION
from .table.portfolio import PORTFOLIO_ITEM

UNSET = "None"
_DEFAULTS: dict[Kind, object] = {
    Kind.STRING: "",
    Kind.TEXT: "",
    Kind.BOOLEAN: False,
    Kind.STATE: UNSET,
}


def made(store: Store, record: Record) -> None:
    """Carry out a new definition."""
    carry_out: dict[ElementType, Callable[[Store, Record], None]] = {
        ATTRIBUTE_DEFINITION: _add_attribute,
        ALLOWED_VALUE: _add_value,
        TYPE_DEFINITION: _add_level,
    }
    if record.type in carry_out:
        carry_out[record.type](store, record)
        store.definitions += 1


def changed(store: Store, record: Record, before: Mapping[str, Any]) -> None:
    """Carry out what was changed of a definition; `before` are its values until now."""
    if record.type not in DEFINING:
        return
    store.definitions += 1
    if record.type == TYPE_DEFINITION and before["IDPrefix"] != record.values["IDPrefix"]:
        _renumber(store, record)
    if record.type == ATTRIBUTE_DEFINITION and before["Required"] != record.values["Required"]:
        own, attribute = _defined(store, record)
        own.take(attrs.evolve(attribute, required=record.values["Required"]))
    if record.type == ALLOWED_VALUE:
        _rename(store, record, before["StringValue"])


def unmade(store: Store, record: Record) -> None:
    """Carry out that a definition is deleted."""
    if record.type == TYPE_DEFINITION:
        _remove_level(store, record)
    if record.type == ALLOWED_VALUE:
        own, attribute = _defined(store, record.values["AttributeDefinition"])
        word = record.values["StringValue"]
        allowed = tuple(each for each in attribute.allowed if each != word)
        own.take(attrs.evolve(attribute, allowed=allowed))
    if record.type in DEFINING:
        store.definitions += 1


def _add_attribute(store: Store, definition: Record) -> None:
    own = store.own_types[definition.values["TypeDefinition"].values["TypePath"].lower()]
    kind = KINDS[definition.values["AttributeType"]]
    target: Record | None = definition.values["AllowedValueType"]
    attribute = Attribute(
        custom(definition.values["Name"]),
        kind,
        required=definition.values["Required"],
        default=_DEFAULTS.get(kind),
        allowed=(UNSET,) if kind is Kind.STATE else (),
        target=_target(kind, target),
        longest=256 if kind is Kind.STRING else 32_768,
    )
    written = {name: definition.values[name] for name in ("Name", "AttributeType")}
    definition.values |= described(attribute) | written
    _take(store, own, attribute)


def _target(kind: Kind, target: Record | None) -> str:
    if target is not None:
        return str(target.values["TypePath"])
    return {Kind.OBJECT: "User", Kind.COLLECTION: "AllowedAttributeValue"}.get(kind, "")


def _take(store: Store, own: ElementType, attribute: Attribute) -> None:
    own.take(attribute)
    for each in store.records([own]):
        is_many = attribute.kind is Kind.COLLECTION
        each.values[attribute.name] = Collection(each, attribute) if is_many else attribute.default


def _add_value(store: Store, value: Record) -> None:
    """Allow one more word; a text for which words are listed becomes one of them."""
    own, attribute = _defined(store, value.values["AttributeDefinition"])
    word = value.values["StringValue"]
    if value.values["ValueIndex"] is None:
        value.values["ValueIndex"] = len(attribute.allowed)
    value.values["LocalizedStringValue"] = word
    if attribute.kind is Kind.COLLECTION:
        return
    if attribute.kind is not Kind.STATE:
        attribute = attrs.evolve(attribute, kind=Kind.STATE, default=UNSET, allowed=(UNSET,))
        for each in store.records([own]):
            each.values[attribute.name] = each.values[attribute.name] or UNSET
    own.take(attrs.evolve(attribute, allowed=(*attribute.allowed, word)))


def _rename(store: Store, value: Record, former: str) -> None:
    own, attribute = _defined(store, value.values["AttributeDefinition"])
    word = value.values["StringValue"]
    value.values["LocalizedStringValue"] = word
    allowed = tuple(word if each == former else each for each in attribute.allowed)
    own.take(attrs.evolve(attribute, allowed=allowed))
    for each in store.records([own]):
        if each.values[attribute.name] == former:
            each.values[attribute.name] = word


def _defined(store: Store, definition: Record) -> tuple[ElementType, Attribute]:
    own = store.own_types[definition.values["TypeDefinition"].values["TypePath"].lower()]
    return own, own.attributes[definition.values["ElementName"]]


def _renumber(store: Store, definition: Record) -> None:
    """Give all records of a type the prefix that it has now."""
    own = store.own_types[definition.values["TypePath"].lower()]
    for each in store.records([own]):
        digits = each.values["FormattedID"].removeprefix(own.prefix)
        each.values["FormattedID"] = definition.values["IDPrefix"] + digits
    own.prefix = definition.values["IDPrefix"]


def _add_level(store: Store, definition: Record) -> None:
    """Put a new type of portfolio items above all others."""
    top = max(store.concrete(PORTFOLIO_ITEM), key=lambda each: each.ordinal)
    name = f"{PORTFOLIO_ITEM}/{joined(definition.values['Name'])}"
    own = attrs.evolve(
        top,
        name=name,
        attributes={each.name: each for each in top.attributes.values()},
        prefix=definition.values["IDPrefix"] or name.rpartition("/")[2][:3].upper(),
        display=definition.values["Name"],
        ordinal=top.ordinal + 1,
    )
    own.home = store
    own.take(Attribute("Children", Kind.COLLECTION, read_only=True, target=top.name))
    store.own_types[own.path] = own
    for group in (PORTFOLIO_ITEM.lower(), "artifact"):
        store.abstract[group] = (*store.abstract[group], own)
    parent = Attribute("Parent", Kind.OBJECT, target=name, inverse="Children")
    _take(store, top, parent)
    named = definitions(store)
    for each in own.attributes.values():
        add_attribute(store.add, definition, each, named.get(each.target))
    add_attribute(store.add, named[top.name], parent, definition)
    definition.values |= {
        "ElementName": own.element,
        "DisplayName": own.display,
        "TypePath": name,
        "IDPrefix": own.prefix,
        "Ordinal": own.ordinal,
        **dict.fromkeys(("Creatable", "Queryable", "Deletable", "Restorable", "Copyable"), True),
    }


def _remove_level(store: Store, definition: Record) -> None:
    own = store.own_types[definition.values["TypePath"].lower()]
    del store.own_types[own.path]
    for group in (PORTFOLIO_ITEM.lower(), "artifact"):
        store.abstract[group] = tuple(each for each in store.abstract[group] if each != own)
    for each in store.concrete(PORTFOLIO_ITEM):
        if each.attributes.get("Parent") and each.attributes["Parent"].target == own.name:
            each.drop("Parent")
    for field in store.records([ATTRIBUTE_DEFINITION]):
        if field.values["AllowedValueType"] is definition:
            remove(store, field)
