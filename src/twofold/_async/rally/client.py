# SPDX-License-Identifier: MIT
"""The Rally client: tickets read completely and fast, and written safely.

What it can do stands in `methods`, a subject each; how that is done, in the modules beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

from ..core.client import AsyncClient
from .protocol import AsyncRallyClientProtocol

if TYPE_CHECKING:
    from ..core.options import AsyncOptions

# What carries a method out is imported by the method: who imports a client may not even make one.


class AsyncRallyClient(AsyncClient, AsyncRallyClientProtocol):
    """A client of one Rally server, for one user.

    ::

        async with AsyncRallyClient(server="rally1.rallydev.com") as rally:
            ticket = await rally.get_ticket("US123")
            await rally.update_state(ticket, "Completed")

    Every argument that is left out comes from the environment (`RALLY_SERVER`, `RALLY_APIKEY`,
    `RALLY_USERNAME`, `RALLY_PASSWORD`, `RALLY_WORKSPACE`, `RALLY_PROJECT`), then from the settings
    file.  An API key, or a user name and its password, say who calls.  `workspace` and `project`
    are a name, a ref or an ObjectID; without them the user's defaults hold.  A project bounds what
    is listed, with those beneath it; an id finds its ticket in whatever project.  `prefixes` names
    those of FormattedIDs that this workspace has beside the standard ones: ``{"BUG": "defect"}``.
    With ``strict="warnings"`` a warning of the server is an error, and so is a change that it
    ignored; with ``strict="drift"`` an answer that is not as the models know it is; True means
    both.

    Types are story, defect, task, test case, test set, defect suite, feature, epic, initiative,
    theme, and `portfolioitem/<level>` for what else a workspace has; where none are named, stories,
    defects and tasks are meant.  A `query` is an expression of `Q`, or text in Rally's language;
    `State` and `PlanEstimate` in it mean the field where each type keeps its state and its size.

    Twelve requests at once, at most: Rally slows down everything beyond.  Every method takes
    `timeout` and `retry` for itself: a `timeout` given so bounds the method as a whole, the
    client's own bounds each of its requests.
    """

    def __init__(
        self,
        *,
        server: str | None = None,
        api_key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        workspace: str | None = None,
        project: str | None = None,
        prefixes: Mapping[str, str] | None = None,
        **options: Unpack[AsyncOptions],
    ) -> None:
        from ...core.options import as_strictness
        from ...rally import account
        from .scope import Scoping
        from .session import Session

        super().__init__(
            account.address(server),
            credentials=account.credentials(api_key, username, password),
            headers=account.IDENTIFICATION,
            defaults={"concurrency": account.CONCURRENCY},
            **options,
        )
        scoping = Scoping(account.workspace(workspace), account.project(project))
        raises_warnings, _ = as_strictness(options.get("strict"))
        self._session = Session(
            self._line, scoping, account.prefixes(prefixes), raises_warnings, self._line.terms
        )
        self._reading = self._session
