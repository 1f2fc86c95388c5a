"""One request carried out: let in, routed, read or written, its errors put into words."""

from __future__ import annotations

from functools import partial

import attrs

from . import envelopes, references
from .attachments import asks_for_bytes
from .auth import INVALID_KEY, Admitted, Door
from .batch import PATH as BATCH
from .batch import batch
from .faults.subject import Subject
from .found import PATH as SEARCH
from .parameters import Call
from .reads import Reads
from .refused import Refused, unknown_type
from .routes import AUTHORIZE, LOGIN, ROOT, Route, below_root, route
from .schema_document import SchemaDocument, asks_for_schema
from .served import Served, html, json
from .shapes import Shapes
from .store import Store
from .writes import Writes

CREATE, COPY = "create", "copy"
MOST_ROOTS = 16


class Service:
    """The web service over one store, for one user."""

    def __init__(
        self, store: Store, door: Door, reads: Reads, writes: Writes, *, fetch_depth: int
    ) -> None:
        self._store = store
        self._schema = SchemaDocument(store)
        self._door = door
        self._reads = reads
        self._writes = writes
        self._fetch_depth = fetch_depth
        self._shapes: dict[str, Shapes] = {}

    def subject(self, call: Call) -> Subject:
        """Return what a request is about, without carrying it out."""
        asked = _route(call)
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
        return attrs.evolve(served, headers=served.headers + admitted.headers)

    def _admitted(
        self, call: Call, subject: Subject, origin: str, admitted: Admitted, now: float
    ) -> Served:
        rest = below_root(call.path)
        if rest is None:
            return self._beside(call, origin)
        if rest.lower() == AUTHORIZE:
            return json(envelopes.token(self._door.authorize(admitted, now)))
        if call.is_write and admitted.is_read_only:
            return self._door.refusal()
        key = call.parameters.get("key")
        if (call.is_write or call.is_form) and not admitted.may_write(key, now):
            return json(envelopes.failed(envelopes.OPERATION, [INVALID_KEY]))
        try:
            return self._at(call, rest, self._shown_at(origin + ROOT))
        except Refused as refused:
            return json(envelopes.failed(subject.envelope, [refused.text]))

    def _at(self, call: Call, rest: str, shapes: Shapes) -> Served:
        if rest.lower() == BATCH:
            return batch(call, partial(self._entry, shapes))
        if rest.lower() == SEARCH:
            return self._reads.search(call, shapes)
        asked = route(rest)
        if asked is None:
            return html(404, "There is nothing at this address.")
        return self._dispatched(call, asked, shapes)

    def _entry(self, shapes: Shapes, call: Call) -> Served:
        """Carry out one entry of a batch."""
        asked = _route(call)
        if asked is None or asked.name.lower() == BATCH:
            raise Refused(f"There is nothing at {call.path}")
        return self._dispatched(call, asked, shapes)

    def _beside(self, call: Call, origin: str) -> Served:
        """Answer at an address that is not the web service's."""
        if asks_for_schema(call.path):
            return self._schema.read(call, self._shown_at(origin + ROOT), origin)
        if asks_for_bytes(call.path):
            return self._writes.attachments.download(call)
        return _outside(call)

    def _dispatched(self, call: Call, asked: Route, shapes: Shapes) -> Served:
        if not asked.types:
            raise unknown_type(asked.name)
        if call.method == "GET":
            return self._reads.read(call, asked, shapes)
        if call.method == "DELETE" and asked.id and not asked.collection:
            return self._writes.delete(call, asked)
        if call.method not in ("POST", "PUT") or not asked.id:
            return html(405, "This method is not allowed here.")
        if asked.collection.lower() == COPY and not asked.verb:
            return self._writes.copy(call, asked, shapes)
        if asked.collection:
            return self._writes.collect(call, asked, shapes)
        if asked.id.lower() == CREATE:
            return self._writes.create(call, asked, shapes)
        return self._writes.update(call, asked, shapes)

    def _shown_at(self, root: str) -> Shapes:
        if len(self._shapes) >= MOST_ROOTS:
            self._shapes.clear()
        if root not in self._shapes:
            self._shapes[root] = Shapes(self._store, root, self._fetch_depth)
        return self._shapes[root]


def _envelope(call: Call, asked: Route) -> str:
    if call.is_write:
        is_new = asked.id.lower() == CREATE or asked.collection.lower() == COPY
        return envelopes.CREATE if is_new else envelopes.OPERATION
    is_query = asked.types and (not asked.id or asked.collection)
    return envelopes.QUERY if is_query else envelopes.OPERATION


def _route(call: Call) -> Route | None:
    rest = below_root(call.path)
    return None if rest is None else route(rest)


def _outside(call: Call) -> Served:
    if call.path.startswith("/slm"):
        return html(302, "Please log in.", (("Location", LOGIN),))
    return html(404, "There is nothing at this address.")
