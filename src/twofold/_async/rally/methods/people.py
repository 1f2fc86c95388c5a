# SPDX-License-Identifier: MIT
"""Users and tags: what belongs to the workspace as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Unpack

from .own import session_of

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

        return await people.users(session_of(self, call), query, disabled)

    async def get_current_user(self, **call: Unpack[CallOptions]) -> User:
        """Return whom the credentials belong to."""
        from .. import people

        return await people.current_user(session_of(self, call))

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

        return await people.tags(session_of(self, call), query, archived)
