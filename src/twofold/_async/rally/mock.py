# SPDX-License-Identifier: MIT
"""The Rally client without a server: the ordinary one, over a stand-in in memory.

It has no behaviour of its own, so that what a program does with it, it does with Rally.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

import attrs

from .client import AsyncRallyClient

if TYPE_CHECKING:
    from ...core.request import Request
    from ...emulators.exchange import Answer
    from ...emulators.rally.emulator import RallyEmulator
    from ..core.options import AsyncOptions

HOST = "rally.invalid"  # RFC 6761: a name that never is one


class AsyncMockRallyClient(AsyncRallyClient):
    """A Rally client that needs no server and no credentials: its tickets are in memory.

    ::

        async with AsyncMockRallyClient(tickets=50) as rally:
            await rally.update_state("US1", "Completed")

    There are `tickets` to begin with, stories, defects and tasks, and what belongs to them; the
    same `seed` makes the same ones, with the same ids and times.  `emulator` is one of one's own,
    with its faults and delays, and clients that are given the same one share what is in it, in
    whatever colour.  `project`, `prefixes` and the options are those of `AsyncRallyClient`.  Limits
    are the client's own: nothing is shared with clients of a server.
    """

    def __init__(
        self,
        *,
        tickets: int = 100,
        seed: int = 0,
        emulator: RallyEmulator | None = None,
        project: str | None = None,
        prefixes: Mapping[str, str] | None = None,
        **options: Unpack[AsyncOptions],
    ) -> None:
        from ...core.policy.limits import Limits
        from ...emulators.rally.emulator import RallyEmulator
        from ..core.transport.in_process import InProcessTransport

        self._emulator = emulator or RallyEmulator(tickets=tickets, seed=seed)
        options.setdefault("transport", InProcessTransport(Addressed(self._emulator)))
        options.setdefault("limits", Limits())
        super().__init__(
            server=f"http://{HOST}",
            api_key=self._emulator.ready.api_key,
            workspace=self._emulator.ready.workspace,
            project=project or self._emulator.ready.project,
            prefixes=prefixes or {},
            **options,
        )

    @property
    def emulator(self) -> RallyEmulator:
        """What stands in for the server; it is there as long as somebody has it."""
        return self._emulator


@attrs.frozen(eq=False)
class Addressed:
    """A stand-in that is told by which name it was called: the refs that it sends say so too."""

    emulator: RallyEmulator

    def answer(self, request: Request, now: float) -> Answer:
        named = request.with_headers((("Host", HOST), *request.headers))
        return self.emulator.answer(named, now)

    def left(self, answer: Answer, now: float) -> None:
        self.emulator.left(answer, now)
