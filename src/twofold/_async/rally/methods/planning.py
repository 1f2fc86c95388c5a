# SPDX-License-Identifier: MIT
"""When work is to be done: iterations, releases, portfolio items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Unpack

from .own import reading_of

if TYPE_CHECKING:
    from ....core.options import CallOptions
    from ....progress import ProgressCallback
    from ....rally.ids import TicketId
    from ....rally.models import ItemList, PortfolioItem, TicketList
    from ....rally.query.expression import Query
    from ....rally.query.values import Value
    from ....rally.records import Iteration, Release
    from ....rally.sprint import SprintSummary
    from ....rally.timeboxes import When


class AsyncPlanning(Protocol):
    """When work is to be done: iterations, releases, portfolio items."""

    async def get_iterations(
        self,
        when: When = None,
        *,
        query: Query | str | None = None,
        below: bool = False,
        **call: Unpack[CallOptions],
    ) -> ItemList[Iteration]:
        """Return the iterations of the project by their start: current, past, future or all.

        What is current is decided by the server's day.  Each project has its own, of the same names
        and dates; `below` adds those of the projects beneath.
        """
        from .. import timeboxes

        return await timeboxes.iterations(reading_of(self, call), when, query, below)

    async def get_releases(
        self,
        when: When = None,
        *,
        query: Query | str | None = None,
        below: bool = False,
        **call: Unpack[CallOptions],
    ) -> ItemList[Release]:
        """Return the releases of the project by their start: current, past, future or all.

        What is current is decided by the server's day.  Each project has its own, of the same names
        and dates; `below` adds those of the projects beneath.
        """
        from .. import timeboxes

        return await timeboxes.releases(reading_of(self, call), when, query, below)

    async def get_sprint_summary(
        self, iteration: Iteration | str | None = None, **call: Unpack[CallOptions]
    ) -> SprintSummary:
        """Add up the stories, defects and tasks of an iteration; None means the current one.

        It is found by its name, or if one is given by name and dates, in every project of the
        client's scope: the same sprint exists once per project.  A name that none of them has is
        NotFoundError.
        """
        from .. import timeboxes

        return await timeboxes.sprint_summary(reading_of(self, call), iteration)

    async def get_feature(self, feature: TicketId, **call: Unpack[CallOptions]) -> PortfolioItem:
        """Return a portfolio item, of any level, by its FormattedID, ref or ObjectID."""
        from .. import portfolio

        return await portfolio.feature(reading_of(self, call), feature)

    async def get_features(
        self,
        level: str = "feature",
        *,
        query: Query | str | None = None,
        where: Mapping[str, Value] | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> ItemList[PortfolioItem]:
        """Return every portfolio item of a level that matches: complete, each once.

        `level` is as the workspace calls it: feature, epic, initiative, theme, or another name.
        """
        from .. import portfolio

        wanted = portfolio.of_level(level, query=query, where=where, order=order, fetch=fetch)
        return await portfolio.features(reading_of(self, call), wanted, progress)

    async def get_feature_children(
        self, feature: TicketId, **call: Unpack[CallOptions]
    ) -> TicketList:
        """Return what is directly beneath a portfolio item, highest rank first.

        These are stories at the lowest level, and portfolio items above.
        """
        from .. import portfolio

        return await portfolio.children(reading_of(self, call), feature)
