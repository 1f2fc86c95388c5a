"""The whole schema in one answer, at an address that holds its hash."""

from __future__ import annotations

import hashlib
from typing import Any

import attrs
import msgspec

from . import envelopes, references
from .fetch import EVERYTHING
from .model import Record
from .parameters import Call
from .served import Served, html, json
from .shapes import Shapes
from .store import Store
from .table.definitions import TYPE_DEFINITION
from .table.places import PROJECT, WORKSPACE

ROOT = "/slm/schema/v2.0/"


def asks_for_schema(path: str) -> bool:
    return path.lower().startswith(ROOT)


@attrs.frozen
class SchemaDocument:
    """Answers `workspace/{oid}` with a redirect to `workspace/{oid}/{hash}`, and that in full."""

    store: Store
    _known: dict[tuple[str, int], tuple[str, bytes]] = attrs.field(
        factory=dict[tuple[str, int], tuple[str, bytes]], init=False
    )

    def read(self, call: Call, shapes: Shapes, origin: str) -> Served:
        if call.method != "GET":
            return html(405, "This method is not allowed here.")
        parts = call.path[len(ROOT) :].strip("/").removesuffix(".js").split("/")
        place = references.by_id(self.store, parts[1]) if len(parts) in (2, 3) else None
        if place is None or place.type not in (WORKSPACE, PROJECT):
            return html(404, "There is no schema at this address.")
        digest, body = self._document(shapes, origin)
        if parts[2:] == [digest]:
            return json(body, objects=1)
        target = f"{origin}{ROOT}{place.type.path}/{place.oid}/{digest}"
        return html(302, "The schema has this address now.", (("Location", target),))

    def _document(self, shapes: Shapes, origin: str) -> tuple[str, bytes]:
        """Write the schema once for each address by which the server is called."""
        self.store.complete()
        key = origin, self.store.definitions
        if key not in self._known:
            self._known.clear()
            types = [_type(each, shapes) for each in self.store.records([TYPE_DEFINITION])]
            body = envelopes.found(
                bytearray(msgspec.json.encode(types)[1:-1]),
                total=len(types),
                start=1,
                pagesize=len(types),
                warnings=(),
            )
            self._known[key] = hashlib.sha256(body).hexdigest()[:32], body
        return self._known[key]


def _type(record: Record, shapes: Shapes) -> dict[str, Any]:
    """Show a type with its attributes inside, rather than the shell of a collection."""
    shown = _shown(record, shapes)
    shown["Attributes"] = [
        _attribute(each, shapes) for each in record.values["Attributes"].elements
    ]
    return shown


def _attribute(record: Record, shapes: Shapes) -> dict[str, Any]:
    shown = _shown(record, shapes)
    values = record.values["AllowedValues"].elements
    if values:
        names = ("StringValue", "LocalizedStringValue")
        shown["AllowedValues"] = [{name: each.values[name] for name in names} for each in values]
    return shown


def _shown(record: Record, shapes: Shapes) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.json.decode(shapes.plan(EVERYTHING).row(record))
    return shown
