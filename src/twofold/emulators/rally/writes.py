"""POST, PUT and DELETE: objects created, changed and deleted, collections added to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

import attrs
import msgspec

from . import envelopes, references, rules
from .conversion import converted, elements, missing
from .element_types import concrete
from .fetch import SHELLS, wanted
from .model import Attribute, Collection, ElementType, Kind, Record
from .parameters import Call
from .reads import collection_of, warnings
from .refused import Refused, unparsable
from .routes import Route
from .scope import project_of
from .served import Served, json
from .shapes import Shapes
from .store import Store


@attrs.frozen
class Draft:
    """What a body asks for, checked; the elements it could not use became warnings."""

    values: dict[str, Any]
    collections: dict[str, list[Record]]
    warnings: list[str]


@attrs.frozen
class Writes:
    """Writes a store on behalf of one user; what is refused changes nothing."""

    store: Store
    user: Record

    def create(self, call: Call, type: ElementType, shapes: Shapes) -> Served:
        if not type.is_creatable:
            raise Refused(f"Not authorized to create {type.name}")
        draft = self._draft(type, element(call.body, type))
        record = self._added(type, draft, self._begun(type, draft, call.parameters))
        return self._written(envelopes.CREATE, call, record, draft, shapes)

    def update(self, call: Call, route: Route, shapes: Shapes) -> Served:
        record = self._existing(route, "update")
        draft = self._draft(record.type, element(call.body, record.type))
        rules.check_parent(record, draft.values)
        dates = rules.consequences(record, draft.values, self.store.now())
        for name, listed in draft.collections.items():
            record.values[name].elements = dict.fromkeys(listed)
        self.store.change(record, draft.values | dates)
        return self._written(envelopes.OPERATION, call, record, draft, shapes)

    def delete(self, call: Call, route: Route) -> Served:
        record = self._existing(route, "delete")
        if not record.type.is_deletable:
            raise Refused(f"Not authorized to delete {record.type.name}")
        self.store.remove(record)
        return json(envelopes.done(warnings(call)))

    def collect(self, call: Call, route: Route, shapes: Shapes) -> Served:
        """Add to a collection or remove from it; elements without a reference are created."""
        owner = self._existing(route, "update")
        attribute = collection_of(owner.type, route.collection)
        if attribute.read_only or route.verb.lower() not in ("add", "remove"):
            raise Refused(f"Not authorized to change {owner.type.name}.{attribute.name}")
        collection: Collection = owner.values[attribute.name]
        # All are checked before the first is created.
        found = [self._promised(attribute, each) for each in items(call.body, attribute)]
        named = [make() for make in found]
        kept = dict(collection.elements)
        if route.verb.lower() == "add":
            kept |= dict.fromkeys(named)
        else:
            kept = {each: None for each in kept if each not in named}
        self.store.refill(collection, list(kept))
        plan = shapes.plan(wanted(call.parameters, SHELLS))
        return json(envelopes.results(plan.rows(named), warnings(call)))

    def _existing(self, route: Route, purpose: str) -> Record:
        record = references.by_id(self.store, route.id)
        if record is None or record.type not in route.types:
            problem = f"Could not read {route.type.name} {route.id} to {purpose}."
            raise Refused(f"Could not read: {problem}")
        return record

    def _draft(self, type: ElementType, fields: Mapping[str, Any]) -> Draft:
        draft = Draft({}, {}, [])
        for name, value in fields.items():
            attribute = type.attributes.get(name)
            if name.startswith("_"):
                continue
            if attribute is None or attribute.read_only:
                draft.warnings.append(_ignored(type, name))
                continue
            kept = converted(type, attribute, value, self.store)
            place = draft.collections if attribute.kind is Kind.COLLECTION else draft.values
            place[name] = kept
        return draft

    def _begun(
        self, type: ElementType, draft: Draft, parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return all values of a new record, the required ones among them."""
        values = rules.beginnings(type, draft.values, self.user)
        if "Project" in values and "project" in parameters:
            values["Project"] = project_of(parameters, self.store, self.user)
        values |= draft.values
        for attribute in type.attributes.values():
            given = values.get(attribute.name, attribute.default)
            if attribute.required and given in (None, ""):
                raise missing(type, attribute)
        return values

    def _added(self, type: ElementType, draft: Draft, values: dict[str, Any]) -> Record:
        record = self.store.add(type, values)
        record.values |= rules.consequences(record, draft.values, self.store.now())
        for name, listed in draft.collections.items():
            record.values[name].elements = dict.fromkeys(listed)
        return record

    def _promised(self, attribute: Attribute, item: object) -> Callable[[], Record]:
        """Check one element of a change; what this returns gives it, or creates it."""
        fields = _without_ref(item)
        if fields is None:
            (found,) = elements(attribute, [item], self.store)
            return lambda: found
        target = concrete(attribute.target)[0]
        draft = self._draft(target, fields)
        return partial(self._added, target, draft, self._begun(target, draft, {}))

    def _written(
        self, envelope: str, call: Call, record: Record, draft: Draft, shapes: Shapes
    ) -> Served:
        plan = shapes.plan(wanted(call.parameters, SHELLS))
        return json(
            envelopes.written(envelope, plan.row(record), [*draft.warnings, *warnings(call)]),
            objects=1,
        )


def element(body: bytes, type: ElementType) -> Mapping[str, Any]:
    """Return the fields under a type's name, in any letter case."""
    document = _document(body)
    for name, value in document.items():
        if name.lower() == type.path and isinstance(value, dict):
            return cast("dict[str, Any]", value)
    seen = ", ".join(document) or "nothing"
    raise unparsable(f'expected an element named "{type.name}" but saw {seen}')


def items(body: bytes, attribute: Attribute) -> list[object]:
    """Return the elements that a change of a collection names."""
    document = _document(body)
    listed = document.get("CollectionItems", document.get(attribute.name))
    if not isinstance(listed, list):
        raise unparsable('expected a list named "CollectionItems"')
    return cast("list[object]", listed)


def _without_ref(item: object) -> dict[str, Any] | None:
    if not isinstance(item, dict) or "_ref" in item:
        return None
    return cast("dict[str, Any]", item)


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise unparsable("the body is not JSON") from None
    if not isinstance(document, dict):
        raise unparsable("the body is not a JSON object")
    return cast("dict[str, Any]", document)


def _ignored(type: ElementType, name: str) -> str:
    return f"Ignored JSON element {type.path}.{name} during processing of this request."
