"""One request carried out: let in, routed, read or written, its errors put into words."""

from __future__ import annotations

import attrs

from . import envelopes, references
from .auth import INVALID_KEY, Admitted, Door
from .faults.subject import Subject
from .parameters import Call
from .reads import Reads
from .refused import Refused, unknown_type
from .routes import AUTHORIZE, LOGIN, Route, below_root, route
from .served import Served, html, json
from .shapes import Shapes
from .store import Store
from .writes import Writes

CREATE = "create"
MOST_ROOTS = 16


class Service:
    """The web service over one store, for one user."""

    def __init__(
        self, store: Store, door: Door, reads: Reads, writes: Writes, *, fetch_depth: int
    ) -> None:
        self._store = store
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
        record = references.by_id(self._store, asked.id) if asked.id else None
        return Subject(call, asked.types, record, _envelope(call, asked))

    def carry_out(self, call: Call, subject: Subject, root: str) -> Served:
        """Answer a request; `root` is the address under which references are shown."""
        admitted = self._door.admit(call)
        if isinstance(admitted, Served):
            return admitted
        served = self._admitted(call, subject, root, admitted)
        return attrs.evolve(served, headers=served.headers + admitted.headers)

    def _admitted(self, call: Call, subject: Subject, root: str, admitted: Admitted) -> Served:
        rest = below_root(call.path)
        if rest is None:
            return _outside(call)
        if rest.lower() == AUTHORIZE:
            return json(envelopes.token(self._door.authorize(admitted)))
        asked = route(rest)
        if asked is None:
            return html(404, "There is nothing at this address.")
        if (call.is_write or call.is_form) and not admitted.may_write(call.parameters.get("key")):
            return json(envelopes.failed(envelopes.OPERATION, [INVALID_KEY]))
        try:
            return self._dispatched(call, asked, self._shown_at(root))
        except Refused as refused:
            return json(envelopes.failed(subject.envelope, [refused.text]))

    def _dispatched(self, call: Call, asked: Route, shapes: Shapes) -> Served:
        if not asked.types:
            raise unknown_type(asked.name)
        if call.method == "GET":
            return self._reads.read(call, asked, shapes)
        if call.method == "DELETE" and asked.id and not asked.collection:
            return self._writes.delete(call, asked)
        if call.method not in ("POST", "PUT") or not asked.id:
            return html(405, "This method is not allowed here.")
        if asked.collection:
            return self._writes.collect(call, asked, shapes)
        if asked.id.lower() == CREATE:
            return self._writes.create(call, asked.type, shapes)
        return self._writes.update(call, asked, shapes)

    def _shown_at(self, root: str) -> Shapes:
        if len(self._shapes) >= MOST_ROOTS:
            self._shapes.clear()
        if root not in self._shapes:
            self._shapes[root] = Shapes(self._store, root, self._fetch_depth)
        return self._shapes[root]


def _envelope(call: Call, asked: Route) -> str:
    if call.is_write:
        return envelopes.CREATE if asked.id.lower() == CREATE else envelopes.OPERATION
    is_query = asked.types and (not asked.id or asked.collection)
    return envelopes.QUERY if is_query else envelopes.OPERATION


def _route(call: Call) -> Route | None:
    rest = below_root(call.path)
    return None if rest is None else route(rest)


def _outside(call: Call) -> Served:
    if call.path.startswith("/slm"):
        return html(302, "Please log in.", (("Location", LOGIN),))
    return html(404, "There is nothing at this address.")
