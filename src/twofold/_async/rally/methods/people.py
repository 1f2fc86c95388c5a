# SPDX-License-Identifier: MIT
"""Users and tags: what belongs to the workspace as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Unpack

from .own import reading_of, session_of

if TYPE_CHECKING:
    from ....core.options import CallOptions
    from ....rally.models import ItemList
    from ....rally.query.expression import Query
    from ....rally.records import Tag, User


class AsyncPeople(Protocol):
    """Users and tags: what belongs to the workspace as a whole."""

    async def get_users(
        self,
        *,
        query: Query | str | None = None,
        disabled: bool | None = False,
        **call: Unpack[CallOptions],
    ) -> ItemList[User]:
        """Return the users of the workspace, by their UserName.

        Those that are disabled are left out, unless `disabled` is True (only those) or None (all).
        """
        from .. import people

        return await people.users(reading_of(self, call), query, disabled)

    async def get_current_user(self, **call: Unpack[CallOptions]) -> User:
        """Return whom the credentials belong to."""
        from .. import people

        return await people.current_user(reading_of(self, call))

    async def get_tags(
        self,
        *,
        query: Query | str | None = None,
        archived: bool | None = False,
        **call: Unpack[CallOptions],
    ) -> ItemList[Tag]:
        """Return the tags of the workspace, by name.

        Those that are archived are left out, unless `archived` is True (only those) or None (all).
        """
        from .. import people

        return await people.tags(reading_of(self, call), query, archived)

    async def create_tag(self, name: str, **call: Unpack[CallOptions]) -> Tag:
        """Return the tag of a name, archived or not; create it if there is none.

        Names are compared letter by letter.  It is sent once: if the answer is lost,
        OutcomeUnknownError.  Of two clients that create one tag at the same time, both may.
        """
        from .. import tagging

        return await tagging.create(session_of(self, call), name)
