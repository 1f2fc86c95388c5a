# SPDX-License-Identifier: MIT
"""Look up what is called by name, once for all tickets of one call of a method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ...errors import NotFoundError
from ...rally import lists, written
from ...rally.asking import Scope
from ...rally.directory import Directory, untold, with_tags
from ...rally.drafts import Wanted
from ...rally.filling import Names, in_homes, is_homeless, moving
from ...rally.ids import Identity, Located
from ...rally.operations import RawRows, only_workspace
from ...rally.records import Tag
from ...rally.sought import Asked, Sought, asked
from ..core.batch import map_unnoted
from .finding import locate_all

if TYPE_CHECKING:
    from .session import Session

Pairs: TypeAlias = Sequence[tuple[Located, Wanted]]
"""Tickets, and what is to be written to each."""


async def look_up(session: Session, pairs: Pairs) -> Names:
    """Return what all these tickets need: other tickets, projects, then what is of a project.

    A tag that there is not yet is created.
    """
    if not any(wanted.is_open for _, wanted in pairs):
        return Names()
    scope = await session.scope()
    moved = dict.fromkeys(project for _, wanted in pairs for project in moving(wanted))
    names = Names(
        directory=await directory(session, scope, [(project, None) for project in moved]),
        tickets=await others(session, scope, pairs),
        projects=await projects(session, scope, pairs),
    )
    wanted = dict.fromkeys(
        each for place, wanted in pairs for each in in_homes(names, place, wanted)
    )
    found = await directory(session, scope, wanted)
    found = await tagged(session, scope, found, [each for each, _ in wanted])
    return attrs.evolve(names, directory=names.directory.and_also(found))


async def others(
    session: Session, scope: Scope, pairs: Pairs
) -> Mapping[Identity, Located | NotFoundError]:
    """Return where the tickets are that these refer to."""
    wanted = dict.fromkeys(other for _, wanted in pairs for other in wanted.tickets())
    return await locate_all(session, scope, wanted, workers=session.workers())


async def projects(session: Session, scope: Scope, pairs: Pairs) -> Mapping[Located, str | None]:
    """Return of which project those tickets are of which that is needed and not known."""
    unknown = dict.fromkeys(place for place, wanted in pairs if is_homeless(place, wanted))
    found = await locate_all(session, scope, unknown, workers=session.workers(), families=True)
    places = {place: found[place] for place in unknown}
    return {place: each.project for place, each in places.items() if isinstance(each, Located)}


async def directory(
    session: Session, scope: Scope, wanted: Iterable[tuple[Sought, str | None]]
) -> Directory:
    """Return all that was found of these names, each in its home: a question for each type."""

    async def ask(question: Asked) -> tuple[Asked, RawRows]:
        return question, await session.found(partial(question.operation, scope))

    pairs = list(wanted)
    found = await map_unnoted(
        ask,
        asked(pairs),
        workers=session.workers(),
        allowance=session.line.limits.threads,
    )
    is_me_asked = any(each.is_me for each, _ in pairs)
    return Directory(found, await own_ref(session, scope) if is_me_asked else None)


async def own_ref(session: Session, scope: Scope) -> str:
    """Return the ref of the user to whom the credentials belong."""
    return (await session.answered(lists.current_user(scope))).ref


async def tagged(
    session: Session, scope: Scope, found: Directory, wanted: Sequence[Sought]
) -> Directory:
    """Create the tags that there are not."""

    async def create(tag: Sought) -> Tag:
        return await session.answered(written.create_tag(tag.name, only_workspace(scope)))

    tags = untold(found, wanted)
    created = await map_unnoted(
        create, tags, workers=session.workers(), allowance=session.line.limits.threads
    )
    refs = {tag.name: made.ref for tag, made in zip(tags, created, strict=True)}
    return with_tags(found, refs) if refs else found
