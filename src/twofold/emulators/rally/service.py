"""One request carried out: let in, routed, read or written, its errors put into words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import attrs
import msgspec

from . import envelopes, references
from .acting import Acting
from .attachments import asks_for_bytes
from .auth import INVALID_KEY, Admitted, Door
from .batch import PATH as BATCH
from .batch import batch
from .faults.subject import Subject
from .found import PATH as SEARCH
from .parameters import Call, flag
from .refused import Forbidden, Refused, unknown_type
from .restoring import asks_to_restore
from .routes import AUTHORIZE, LOGIN, ROOT, Route, below_root, route
from .schema_document import SchemaDocument, asks_for_schema
from .served import JSON_TYPE, Served, html, json
from .shapes import Shapes
from .store import Store

CREATE, COPY = "create", "copy"
MOST_ROOTS = 16


class Service:
    """The web service over one store.

    `acting` gives what a user, known by name, may do. With `forbidden_as_403` a missing right is
    answered by a page rather than by an error in a 200 answer.
    """

    def __init__(
        self,
        store: Store,
        door: Door,
        acting: Callable[[str], Acting],
        *,
        fetch_depth: int,
        forbidden_as_403: bool,
    ) -> None:
        self._store = store
        self._schema = SchemaDocument(store)
        self._door = door
        self._acting = acting
        self._forbidden_as_403 = forbidden_as_403
        self._fetch_depth = fetch_depth
        self._shapes: dict[str, Shapes] = {}

    def subject(self, call: Call) -> Subject:
        """Return what a request is about, without carrying it out."""
        asked = self._route(call)
        if asked is None:
            return Subject(call)
        if asked.name.lower() == BATCH:
            return Subject(call, envelope=envelopes.BATCH)
        record = references.by_id(self._store, asked.id) if asked.id else None
        return Subject(call, asked.types, record, _envelope(call, asked))

    def carry_out(self, call: Call, subject: Subject, origin: str, now: float) -> Served:
        """Answer a request; references are shown as they are at `origin`, scheme and host."""
        admitted = self._door.admit(call)
        if isinstance(admitted, Served):
            return admitted
        served = self._admitted(call, subject, origin, admitted, now)
        return attrs.evolve(_pretty(call, served), headers=served.headers + admitted.headers)

    def _admitted(
        self, call: Call, subject: Subject, origin: str, admitted: Admitted, now: float
    ) -> Served:
        acting = self._acting(admitted.user)
        self._store.chronicle = acting.revisions
        rest = below_root(call.path)
        if rest is None:
            return self._beside(call, origin, acting, is_read_only=admitted.is_read_only)
        if rest.lower() == AUTHORIZE:
            return json(envelopes.token(self._door.authorize(admitted, now)))
        if call.is_write and admitted.is_read_only:
            return self._door.refusal()
        key = call.parameters.get("key")
        if (call.is_write or call.is_form) and not admitted.may_write(key, now):
            return json(envelopes.failed(envelopes.OPERATION, [INVALID_KEY]))
        try:
            return self._at(call, rest, self._shown_at(origin + ROOT), acting)
        except Refused as refused:
            if self._forbidden_as_403 and isinstance(refused, Forbidden):
                return html(403, refused.text)
            return json(envelopes.failed(subject.envelope, [refused.text]))

    def _at(self, call: Call, rest: str, shapes: Shapes, acting: Acting) -> Served:
        if rest.lower() == BATCH:
            return batch(call, partial(self._entry, shapes, acting))
        if rest.lower() == SEARCH:
            return acting.reads.search(call, shapes)
        asked = route(rest, self._store.concrete)
        if asked is None:
            return html(404, "There is nothing at this address.")
        return _dispatched(call, asked, shapes, acting)

    def _entry(self, shapes: Shapes, acting: Acting, call: Call) -> Served:
        """Carry out one entry of a batch."""
        asked = self._route(call)
        if asked is None or asked.name.lower() == BATCH:
            raise Refused(f"There is nothing at {call.path}")
        return _dispatched(call, asked, shapes, acting)

    def _beside(self, call: Call, origin: str, acting: Acting, *, is_read_only: bool) -> Served:
        """Answer at an address that is not the web service's."""
        if asks_for_schema(call.path):
            return self._schema.read(call, self._shown_at(origin + ROOT), origin)
        if asks_for_bytes(call.path):
            return acting.writes.download(call)
        if asks_to_restore(call.path):
            return self._door.refusal() if is_read_only else acting.writes.restore(call)
        return _outside(call)

    def _route(self, call: Call) -> Route | None:
        rest = below_root(call.path)
        return None if rest is None else route(rest, self._store.concrete)

    def _shown_at(self, root: str) -> Shapes:
        if len(self._shapes) >= MOST_ROOTS:
            self._shapes.clear()
        if root not in self._shapes:
            self._shapes[root] = Shapes(self._store, root, self._fetch_depth)
        return self._shapes[root]


def _dispatched(call: Call, asked: Route, shapes: Shapes, acting: Acting) -> Served:
    if not asked.types:
        raise unknown_type(asked.name)
    if call.method == "GET":
        return acting.reads.read(call, asked, shapes)
    if call.method == "DELETE" and asked.id and not asked.collection:
        return acting.writes.delete(call, asked)
    if call.method not in ("POST", "PUT") or not asked.id:
        return html(405, "This method is not allowed here.")
    if asked.collection.lower() == COPY and not asked.verb:
        return acting.writes.copy(call, asked, shapes)
    if asked.collection:
        return acting.writes.collect(call, asked, shapes)
    if asked.id.lower() == CREATE:
        return acting.writes.create(call, asked, shapes)
    return acting.writes.update(call, asked, shapes)


def _envelope(call: Call, asked: Route) -> str:
    if call.is_write:
        is_new = asked.id.lower() == CREATE or asked.collection.lower() == COPY
        return envelopes.CREATE if is_new else envelopes.OPERATION
    is_query = asked.types and (not asked.id or asked.collection)
    return envelopes.QUERY if is_query else envelopes.OPERATION


def _pretty(call: Call, served: Served) -> Served:
    """Indent the answer if the caller wants to read it."""
    if not flag(call.parameters, "pretty", usual=False) or served.headers[:1] != (JSON_TYPE,):
        return served
    return attrs.evolve(served, body=msgspec.json.format(served.body, indent=2))


def _outside(call: Call) -> Served:
    if call.path.startswith("/slm"):
        return html(302, "Please log in.", (("Location", LOGIN),))
    return html(404, "There is nothing at this address.")
