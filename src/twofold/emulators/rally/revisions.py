"""What happened to an object: a history with one revision per change."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

from .model import Attribute, Kind, Record
from .store import Store
from .table.around import REVISION, REVISION_HISTORY
from .table.common import spaced
from .table.definitions import TYPE_DEFINITION

WITHOUT = (REVISION, TYPE_DEFINITION)
DERIVED_DATES = ("LastUpdateDate", "FlowStateChangedDate")


@attrs.frozen
class Revisions:
    """Keeps the histories of a store on behalf of the user who makes the changes."""

    store: Store
    user: Record

    def created(self, record: Record) -> None:
        if "RevisionHistory" in record.type.attributes and record.type not in WITHOUT:
            with self._aside():
                moment = {"CreationDate": record.values["CreationDate"]}
                history = self.store.add(REVISION_HISTORY, moment)
                record.values["RevisionHistory"] = history
                self._add(history, "Original revision", moment)

    def changed(self, record: Record, before: Mapping[str, Any]) -> None:
        history: Record | None = record.values.get("RevisionHistory")
        if history is not None and record.type not in WITHOUT:
            with self._aside():
                self._add(history, ", ".join(_differences(record, before)), {})

    def _add(self, history: Record, description: str, moment: Mapping[str, Any]) -> None:
        values = {
            "RevisionHistory": history,
            "RevisionNumber": len(history.values["Revisions"].elements),
            "Description": description,
            "User": self.user,
        }
        self.store.add(REVISION, {**values, **moment})

    @contextmanager
    def _aside(self) -> Generator[None, None, None]:
        """A change and its revision are one change, at one time."""
        before = self.store.changes
        yield
        self.store.changes = before


def begin_histories(store: Store, user: Record) -> None:
    """Give every record there is a history."""
    revisions = Revisions(store, user)
    for record in store.records(store.types()):
        revisions.created(record)


def _differences(record: Record, before: Mapping[str, Any]) -> Iterator[str]:
    for name, former in before.items():
        attribute = record.type.attributes[name]
        if attribute.kind is Kind.COLLECTION:
            yield from _membership(attribute, former, list(record.values[name].elements))
        elif former != record.values[name] and name not in DERIVED_DATES:
            yield _difference(attribute, former, record.values[name])


def _difference(attribute: Attribute, former: object, value: object) -> str:
    title = spaced(attribute.name).upper()
    if attribute.kind in (Kind.TEXT, Kind.BINARY):
        return f"{title} changed"
    return f"{title} changed from [{_shown(former)}] to [{_shown(value)}]"


def _membership(attribute: Attribute, former: list[Record], value: list[Record]) -> Iterator[str]:
    title = spaced(attribute.name).upper()
    for verb, these, those in (("added", value, former), ("removed", former, value)):
        moved = [_shown(each) for each in these if each not in those]
        if moved:
            yield f"{title} {verb} [{', '.join(moved)}]"


def _shown(value: object) -> str:
    if isinstance(value, Record):
        return str(value.values.get(value.type.label, value.oid))
    return "" if value is None else str(value)
