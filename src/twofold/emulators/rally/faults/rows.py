"""What somebody else does to a list while it is being read."""

from __future__ import annotations

from ..model import ElementType
from ..removal import remove as removed
from ..rules import complete
from ..store import Store
from ..table.people import USER
from ..table.places import PROJECT


def add(store: Store, type: ElementType, count: int) -> None:
    """Create rows in the first project; they stand last by ObjectID."""
    project, user = store.records([PROJECT])[0], store.records([USER])[0]
    for _ in range(count):
        values = {"Name": "Added meanwhile", "Project": project, "CreatedBy": user}
        complete(store, store.add(type, values), user)


def remove(store: Store, type: ElementType, count: int) -> None:
    """Delete the rows that stand first by ObjectID, so that all others move up."""
    for record in store.records([type])[:count]:
        removed(store, record)
