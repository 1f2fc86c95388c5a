"""What the service does on behalf of one user."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .model import Record
from .reads import Reads
from .revisions import Revisions
from .store import Store
from .table.people import USER
from .writes import Writes


@attrs.frozen
class Acting:
    """All that is done in one user's name."""

    reads: Reads
    writes: Writes
    revisions: Revisions


@attrs.frozen
class Actors:
    """Finds by login name whoever may act; those of the beginning keep their names."""

    store: Store
    make: Callable[[Record], Acting]
    _known: dict[str, Acting] = attrs.field(factory=dict[str, Acting], init=False)

    def acting(self, name: str) -> Acting:
        """Return what is done in the name of a user, who must exist."""
        if name not in self._known:
            self._known[name] = self.make(self._found(name)[0])
        return self._known[name]

    def is_user(self, name: str) -> bool:
        """Whether somebody has this name who is not disabled."""
        if name in self._known:
            return not self._known[name].reads.user.values["Disabled"]
        return any(not each.values["Disabled"] for each in self._found(name))

    def _found(self, name: str) -> list[Record]:
        return [each for each in self.store.records([USER]) if each.values["UserName"] == name]
