"""GET: queries, objects and collections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from . import envelopes, references
from .fetch import EVERYTHING, SHELLS, wanted
from .found import search_object
from .listing import Listing, Question
from .model import Attribute, Collection, ElementType, Record
from .parameters import Call, window
from .plans import Plan
from .refused import Refused, unknown_type
from .rights import Rights
from .routes import Route
from .scope import Scope, project_of, scope, workspace_of
from .served import Served, json
from .shapes import Shapes
from .store import Store
from .table.people import USER
from .table.places import SUBSCRIPTION, WORKSPACE


@attrs.frozen
class Reads:
    """Reads a store on behalf of one user."""

    store: Store
    listing: Listing
    user: Record
    rights: Rights

    def read(self, call: Call, route: Route, shapes: Shapes) -> Served:
        if not route.id:
            return self._query(call, route, shapes)
        record = references.by_id(self.store, route.id)
        if record is None or record.type not in route.types or not self.rights.sees(record):
            raise Refused("Cannot find object to read")
        if route.collection:
            return self._collection(call, record, route.collection, shapes)
        return self._one(call, record, shapes)

    def search(self, call: Call, shapes: Shapes) -> Served:
        """Answer `/search?keywords=`, which knows no fields and no order."""
        words = call.parameters.get("keywords", "")
        question = Question(
            self.store.concrete("artifact"),
            "",
            "ObjectID",
            self._scope(call),
            search=words,
            visible=self.rights.visible(),
        )
        found = self.listing.ask(question).records
        asked = window(call)
        page = found[asked.start - 1 :][: asked.pagesize]
        rows = b",".join(search_object(each, shapes.plan(SHELLS).row(each)) for each in page)
        return json(
            envelopes.found(
                bytearray(rows),
                total=len(found),
                start=asked.start,
                pagesize=asked.pagesize,
                warnings=(),
            ),
            objects=len(page),
        )

    def _query(self, call: Call, route: Route, shapes: Shapes) -> Served:
        current = self._current(call, route)
        if current is not None:
            return self._one(call, current, shapes)
        named = call.parameters.get("types", "") if route.is_abstract else ""
        types = _named(named, route.types) if named else route.types
        _check_queryable(types)
        question = Question(
            types,
            call.parameters.get("query", ""),
            call.parameters.get("order") or types[0].usual_order,
            self._scope(call),
            is_abstract=route.is_abstract and not named,
            search=call.parameters.get("search", ""),
            visible=self.rights.visible(),
            workspace=self._workspace(call, types),
        )
        plan = shapes.plan(wanted(call.parameters, SHELLS))
        return self._page(call, question, None, plan)

    def _scope(self, call: Call) -> Scope:
        if call.parameters.get("project"):
            self.rights.check_scope(project_of(call.parameters, self.store, self.user))
        return scope(call.parameters, self.store, self.user)

    def _workspace(self, call: Call, types: Sequence[ElementType]) -> Record | None:
        """A query of workspaces sees the current one only."""
        named = workspace_of(call.parameters, self.store)
        return self.store.workspace if types == (WORKSPACE,) and named is None else named

    def _current(self, call: Call, route: Route) -> Record | None:
        """`/user` and `/subscription` alone mean the caller's own."""
        if "query" in call.parameters or route.is_plural:
            return None
        if route.types == (USER,):
            return self.user
        own: Record = self.user.values["Subscription"]
        return own if route.types == (SUBSCRIPTION,) else None

    def _one(self, call: Call, record: Record, shapes: Shapes) -> Served:
        plan = shapes.plan(wanted(call.parameters, EVERYTHING))
        row = plan.row(record)
        return json(envelopes.one(record.type.element, row, ()), objects=1)

    def _collection(self, call: Call, owner: Record, name: str, shapes: Shapes) -> Served:
        attribute = collection_of(owner.type, name)
        collection: Collection = owner.values[attribute.name]
        types = owner.type.home.concrete(attribute.target)
        question = Question(
            types,
            call.parameters.get("query", ""),
            call.parameters.get("order") or types[0].usual_order,
            source=(owner.oid, attribute.name),
            search=call.parameters.get("search", ""),
            visible=self.rights.visible(),
        )
        plan = shapes.plan(wanted(call.parameters, EVERYTHING))
        return self._page(call, question, collection.elements, plan)

    def _page(
        self, call: Call, question: Question, elements: Iterable[Record] | None, plan: Plan
    ) -> Served:
        asked = window(call)
        found = self.listing.ask(question, elements)
        page = found.page(asked.start - 1, asked.pagesize)
        body = envelopes.found(
            plan.rows(page),
            total=len(found.records),
            start=asked.start,
            pagesize=asked.pagesize,
            warnings=(),
        )
        return json(body, objects=len(page))


def collection_of(type: ElementType, name: str) -> Attribute:
    """Find a collection by its name in any letter case."""
    for attribute in type.collections:
        if attribute.name.lower() == name.lower():
            return attribute
    raise Refused(f'Cannot find the collection "{name}" of {type.name}')


def _named(names: str, allowed: Sequence[ElementType]) -> tuple[ElementType, ...]:
    types: dict[ElementType, None] = {}
    for name in names.split(","):
        meant = [each for each in allowed[0].home.concrete(name.strip()) if each in allowed]
        if not meant:
            raise unknown_type(name.strip())
        types |= dict.fromkeys(meant)
    return tuple(types)


def _check_queryable(types: Sequence[ElementType]) -> None:
    for each in types:
        if not each.allows("Q"):
            raise Refused(f"Not authorized to query {each.element}")
