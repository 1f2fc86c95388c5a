# SPDX-License-Identifier: MIT
"""Users and tags: what belongs to the workspace as a whole."""

from __future__ import annotations

from ...rally import lists
from ...rally.asking import narrowed
from ...rally.models import ItemList
from ...rally.operations import only_workspace
from ...rally.query.expression import Query
from ...rally.query.fields import Q
from ...rally.records import Tag, User
from .session import Session


async def users(
    session: Session, query: Query | str | None, disabled: bool | None
) -> ItemList[User]:
    wanted = narrowed(query, None if disabled is None else {"disabled": disabled})
    if wanted is None:
        wanted = Q.object_id > 0  # without a query `/user` means the caller alone
    scope = only_workspace(await session.scope())
    asked = lists.question(lists.USERS, User, scope, query=wanted, order="UserName")
    return await session.everything([asked])


async def current_user(session: Session) -> User:
    return await session.answered(lists.current_user(await session.scope()))


async def tags(session: Session, query: Query | str | None, archived: bool | None) -> ItemList[Tag]:
    wanted = narrowed(query, None if archived is None else {"archived": archived})
    scope = only_workspace(await session.scope())
    asked = lists.question(lists.TAGS, Tag, scope, query=wanted, order="Name")
    return await session.everything([asked])
