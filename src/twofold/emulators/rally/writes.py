"""POST, PUT and DELETE: objects created, changed, copied and deleted, collections added to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import attrs

from . import defining, definition_rules, envelopes, references, rules
from .attachments import Attachments
from .conflicts import Conflicts, touched
from .conversion import elements, missing
from .deletion import RecycleBin
from .drafts import Draft, draft, element, items, without_ref
from .families import Families, parent_of
from .fetch import SHELLS, wanted
from .model import Attribute, Collection, ElementType, Kind, Record
from .parameters import Call
from .ranks import asked_rank
from .reads import collection_of
from .refused import Refused
from .rights import Rights, place_of, placed
from .routes import Route
from .scope import project_of, workspace_of
from .served import Served, html, json
from .shapes import Shapes
from .store import Store
from .table.around import ATTACHMENT, RECYCLE_BIN_ENTRY


@attrs.frozen
class Writes:
    """Writes a store on behalf of one user; what is refused changes nothing."""

    store: Store
    user: Record
    rights: Rights
    conflicts: Conflicts
    attachments: Attachments
    bin: RecycleBin
    families: Families

    def create(self, call: Call, route: Route, shapes: Shapes) -> Served:
        kind = route.type
        if route.is_abstract or not kind.allows("C"):
            raise Refused(f"Not authorized to create {route.name}")
        if kind in definition_rules.DEFINING:
            self.store.complete()
        made = draft(kind, element(call.body, kind), self.store)
        values = self._begun(kind, made, call.parameters)
        self.rights.check("create", kind, placed(values) or values.get("Parent"))
        self.conflicts.claim(touched(kind, None, values))
        record = self._added(kind, made, values)
        self._rank(call, record)
        return self._written(envelopes.CREATE, call, record, made, shapes)

    def update(self, call: Call, route: Route, shapes: Shapes) -> Served:
        record = self._existing(route, "update")
        if not record.type.allows("U"):
            raise Refused(f"Not authorized to update {record.type.element}")
        made = draft(record.type, element(call.body, record.type), self.store)
        made = definition_rules.changeable(record, self.families.allowed(record, made))
        self.rights.check("update", record.type, place_of(record), placed(made.values))
        rules.check(record, made.values)
        self.conflicts.claim(touched(record.type, record, made.values))
        rank = asked_rank(call.parameters, record, self.store)
        values = made.values | ({} if rank is None else {"DragAndDropRank": rank})
        further = rules.consequences(record.type, record.values, values, self.store.now())
        former, before = parent_of(record), dict(record.values)
        self.store.change(record, values | further, made.collections)
        rules.follow(self.store, record, self.user)
        defining.changed(self.store, record, before)
        self.families.settle(record, former, parent_of(record))
        return self._written(envelopes.OPERATION, call, record, made, shapes)

    def copy(self, call: Call, route: Route, shapes: Shapes) -> Served:
        """Create an object like another; fields of a body take the place of the other's."""
        other = self._existing(route, "copy")
        if not other.type.is_copyable:
            raise Refused(f"Not authorized to copy {other.type.element}")
        made = self._draft_of_copy(call, other.type)
        for attribute in other.type.attributes.values():
            _copy(attribute, other, made)
        values = self._begun(other.type, made, call.parameters)
        self.rights.check("copy", other.type, placed(values))
        self.conflicts.claim(touched(other.type, None, values))
        record = self._added(other.type, made, values)
        return self._written(envelopes.CREATE, call, record, made, shapes)

    def delete(self, call: Call, route: Route) -> Served:
        del call
        record = self._existing(route, "delete")
        if not record.type.allows("D"):
            raise Refused(f"Not authorized to delete {record.type.element}")
        self.rights.check("delete", record.type, place_of(record))
        rules.check_open(record.values.get("Project"))
        self.conflicts.claim(touched(record.type, record, {}))
        definition_rules.check_deletion(self.store, record)
        defining.unmade(self.store, record)
        parent = parent_of(record)
        self.bin.delete(record, self.user)
        self.families.settle(parent)
        return json(envelopes.done(()))

    def download(self, call: Call) -> Served:
        """Give the bytes of an attachment that the user may see."""
        record = self.attachments.named(call)
        if record is not None and not self.rights.sees(record):
            record = None
        return self.attachments.download(call, record)

    def restore(self, call: Call) -> Served:
        """Bring an object back from the recycle bin; answered by a page, as it is asked by one."""
        entry = references.by_id(self.store, call.parameters.get("oid", ""))
        if entry is None or entry.type != RECYCLE_BIN_ENTRY or not self.rights.sees(entry):
            return html(404, "There is no such entry in the recycle bin.")
        try:
            self.rights.check("restore", entry.type, place_of(entry))
        except Refused as refused:
            return html(403, refused.text)
        record = self.bin.restore(entry)
        self.families.settle(record, parent_of(record))
        return html(200, "The object is back.")

    def collect(self, call: Call, route: Route, shapes: Shapes) -> Served:
        """Add to a collection or remove from it; elements without a reference are created."""
        owner = self._existing(route, "update")
        attribute = collection_of(owner.type, route.collection)
        if attribute.read_only or route.verb.lower() not in ("add", "remove"):
            raise Refused(f"Not authorized to change {owner.type.element}.{attribute.name}")
        self.rights.check("update", owner.type, place_of(owner))
        rules.check_open(owner.values.get("Project"))
        collection: Collection = owner.values[attribute.name]
        # All are checked before the first is created.
        found = [self._promised(attribute, each) for each in items(call.body, attribute)]
        self.conflicts.claim([owner])
        named = [make() for make in found]
        kept = dict(collection.elements)
        if route.verb.lower() == "add":
            kept |= dict.fromkeys(named)
        else:
            kept = {each: None for each in kept if each not in named}
        self.store.change(owner, {}, {attribute.name: list(kept)})
        plan = shapes.plan(wanted(call.parameters, SHELLS))
        return json(envelopes.results(plan.rows(named), ()))

    def _existing(self, route: Route, purpose: str) -> Record:
        record = references.by_id(self.store, route.id)
        if record is None or record.type not in route.types or not self.rights.sees(record):
            problem = f"Could not read {route.type.element} {route.id} to {purpose}."
            raise Refused(f"Could not read: {problem}")
        return record

    def _draft_of_copy(self, call: Call, type: ElementType) -> Draft:
        if not call.body.strip():
            return Draft({}, {}, [])
        return draft(type, element(call.body, type), self.store)

    def _begun(
        self, type: ElementType, made: Draft, parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        """Return all values of a new record, the required ones among them."""
        values = rules.beginnings(type, made.values, self.user)
        if type == ATTACHMENT:
            values |= self.attachments.beginnings(made.values, self.user)
            self.attachments.check(made.values)
        if "Project" in values and parameters.get("project"):
            values["Project"] = project_of(parameters, self.store, self.user)
        workspace = workspace_of(parameters, self.store)
        if workspace is not None and "Workspace" in type.attributes and not type.is_scoped:
            values["Workspace"] = workspace
        values |= made.values
        for attribute in type.attributes.values():
            given = values.get(attribute.name, attribute.default)
            if attribute.required and given in (None, ""):
                raise missing(type, attribute)
        rules.check_open(values.get("Project"))
        rules.check_new(type, values)
        return values | rules.consequences(type, type.stored, values, self.store.now())

    def _added(self, type: ElementType, made: Draft, values: dict[str, Any]) -> Record:
        record = self.store.add(type, values)
        for name, listed in made.collections.items():
            self.store.fill(record.values[name], listed)
        rules.complete(self.store, record, self.user)
        defining.made(self.store, record)
        self.families.settle(parent_of(record))
        return record

    def _rank(self, call: Call, record: Record) -> None:
        rank = asked_rank(call.parameters, record, self.store)
        if rank is not None:
            record.values["DragAndDropRank"] = rank

    def _promised(self, attribute: Attribute, item: object) -> Callable[[], Record]:
        """Check one element of a change; what this returns gives it, or creates it."""
        fields = without_ref(item)
        if fields is None:
            (found,) = elements(attribute, [item], self.store)
            return lambda: found
        target = self.store.concrete(attribute.target)[0]
        if not target.allows("C"):
            raise Refused(f"Not authorized to create {target.element}")
        made = draft(target, fields, self.store)
        values = self._begun(target, made, {})
        self.rights.check("create", target, placed(values))
        return partial(self._added, target, made, values)

    def _written(
        self, envelope: str, call: Call, record: Record, made: Draft, shapes: Shapes
    ) -> Served:
        plan = shapes.plan(wanted(call.parameters, SHELLS))
        return json(envelopes.written(envelope, plan.row(record), made.warnings), objects=1)


def _copy(attribute: Attribute, other: Record, made: Draft) -> None:
    """Take over what a client could have written itself, unless the draft says otherwise."""
    name = attribute.name
    if attribute.read_only or attribute.derived or name in made.values | made.collections:
        return
    if attribute.kind is Kind.COLLECTION:
        made.collections[name] = list(other.values[name].elements)
    else:
        made.values[name] = other.values[name]
