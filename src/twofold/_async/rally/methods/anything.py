# SPDX-License-Identifier: MIT
"""Objects of any type of WSAPI, and what values a field may have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, Unpack

from ....rally.sizes import FIRST_PAGE
from .own import reading_of

if TYPE_CHECKING:
    from ....core.options import CallOptions
    from ....rally.query.expression import Query
    from ....rally.query.values import Referable
    from ....rally.records import AllowedValue, Record
    from ...core.listing import AsyncListing


class AsyncAnything(Protocol):
    """Objects of any type of WSAPI, and what values a field may have."""

    async def get_allowed_values(
        self, type: str, field: str, **call: Unpack[CallOptions]
    ) -> tuple[AllowedValue, ...]:
        """Return the values that a field of a type may have, in their order.

        The state of portfolio items is an object: its values are the states of that level.
        """
        from .. import anything

        return await anything.allowed_values(reading_of(self, call), type, field)

    def iter(
        self,
        type: str,
        *,
        query: Query | str | None = None,
        order: str | None = None,
        fetch: Sequence[str] = (),
        page_size: int = FIRST_PAGE,
        **call: Unpack[CallOptions],
    ) -> AsyncListing[Record]:
        """List objects of any type of WSAPI, page by page: `milestone`, `project`, `preference`.

        They have all their fields, or with `fetch` those named, by Rally's names and as sent.  A
        query of a type is taken as it is.  `timeout` and `retry` hold for each page.
        """
        from .. import anything

        return anything.listed(reading_of(self, call), type, query, order, fetch, page_size, call)

    async def get(
        self, ref: Referable | str, *, fetch: Sequence[str] = (), **call: Unpack[CallOptions]
    ) -> Record:
        """Return an object of any type by its ref, `/milestone/12`, or by what refers to it.

        It has all its fields, or with `fetch` those named, by Rally's names and as sent.
        """
        from .. import anything

        return await anything.one(reading_of(self, call), ref, fetch)
