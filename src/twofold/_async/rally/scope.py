# SPDX-License-Identifier: MIT
"""Where to look: a workspace and a project, by name, ref or ObjectID, looked up once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from ...core.request import Operation
from ...errors import ArgumentError, NotFoundError
from ...rally.asking import Rows, Scope
from ...rally.operations import find
from ...rally.query.expression import condition
from ...rally.structure import Raw, relative
from ..core.turn import Turn

if TYPE_CHECKING:
    from .session import Session

NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


@attrs.define(eq=False)
class Scoping:
    """The scope of a client's requests.

    Up and down are always sent, since without them the user's own preference would apply: up never,
    down always, so that a project means it and those beneath it.
    """

    workspace: str | None
    project: str | None
    _scope: Scope | None = attrs.field(default=None, init=False)
    _turn: Turn = attrs.field(factory=Turn, init=False)

    async def scope(self, session: Session) -> Scope:
        """Return the query parameters; the first caller looks names up, the others wait for it."""
        if self._scope is None:
            async with self._turn.taken():
                if self._scope is None:
                    self._scope = await self._look_up(session)
        return self._scope

    async def _look_up(self, session: Session) -> Scope:
        found = {"projectScopeUp": "false", "projectScopeDown": "true"}
        if self.workspace is not None:
            found["workspace"] = await ref(session, "workspace", self.workspace, {})
        if self.project is not None:
            within = {name: found[name] for name in ("workspace",) if name in found}
            found["project"] = await ref(session, "project", self.project, within)
        return found


async def ref(session: Session, kind: str, given: str, within: Scope) -> str:
    """Return the ref of a workspace or project; a name must belong to exactly one."""
    text = given.strip()
    if NUMBER.fullmatch(text):
        return f"/{kind}/{text}"
    if re.search(rf"(?:^|/){kind}/[0-9]+$", text):
        return relative(text)
    if not text:
        raise ArgumentError(f"{kind} must not be empty; leave it out for the user's default")
    named = condition("Name", text)

    def ask(start: int) -> Operation[Rows[Raw]]:
        return find(kind, named, fetch="ObjectID,Name", scope=within, start=start)

    rows = await session.found(ask)
    if len(rows) != 1:
        count = "no" if not rows else f"{len(rows)} of the"
        raise NotFoundError(
            f"{count} {kind}s that these credentials can see have the name {text!r}"
        )
    return relative(rows[0]["_ref"])
