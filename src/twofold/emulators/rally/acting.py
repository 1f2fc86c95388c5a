"""What the service does on behalf of one user."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .attachments import Attachments
from .conflicts import Conflicts
from .deletion import RecycleBin
from .families import Families
from .listing import Listing
from .model import Record
from .reads import Reads
from .revisions import Revisions
from .rights import Rights
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
class Common:
    """What all users have in common."""

    store: Store
    listing: Listing
    conflicts: Conflicts
    attachments: Attachments
    bin: RecycleBin
    families: Families

    def acting(self, user: Record) -> Acting:
        rights = Rights(self.store, user)
        return Acting(
            Reads(self.store, self.listing, user, rights),
            Writes(
                self.store,
                user,
                rights,
                self.conflicts,
                self.attachments,
                self.bin,
                self.families,
            ),
            Revisions(self.store, user),
        )


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

    def expect(self, *names: str) -> None:
        """Keep the names by which users will log in; one of nobody is a ValueError."""
        for name in names:
            if not self.is_user(name):
                raise ValueError(f"accounts: there is no user {name!r}")
            self.acting(name)

    def is_user(self, name: str) -> bool:
        """Whether somebody has this name who is not disabled."""
        if name in self._known:
            return not self._known[name].reads.user.values["Disabled"]
        return any(not each.values["Disabled"] for each in self._found(name))

    def _found(self, name: str) -> list[Record]:
        return [each for each in self.store.records([USER]) if each.values["UserName"] == name]
