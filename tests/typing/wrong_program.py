"""What a type checker must refuse; a line that it accepts makes its `ignore` the error."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import twofold
import twofold.rally
from twofold import AsyncRallyClient, BatchResult, RallyClient
from twofold.rally import Ticket


def names() -> None:
    print(twofold.Wrong)  # type: ignore[attr-defined]
    print(twofold.rally.Wrong)  # type: ignore[attr-defined]


def options() -> None:
    RallyClient(concurency=3)  # type: ignore[call-arg]
    AsyncRallyClient(concurency=3)  # type: ignore[call-arg]
    RallyClient(retry=3)  # type: ignore[arg-type]
    AsyncRallyClient(retry=3)  # type: ignore[arg-type]
    RallyClient(strict="very")  # type: ignore[arg-type]
    RallyClient("rally.example")  # type: ignore[call-arg]
    AsyncRallyClient("rally.example")  # type: ignore[call-arg]


async def forgotten(rally: AsyncRallyClient) -> None:
    print(rally.get_ticket("US1").name)  # type: ignore[attr-defined]


async def superfluous(rally: RallyClient) -> None:
    print(await rally.get_ticket("US1"))  # type: ignore[misc]


def unnarrowed(result: BatchResult[str, Ticket], ticket: Ticket) -> None:
    print(result[0].value)  # type: ignore[union-attr]
    ticket.name = "frozen"  # type: ignore[misc]
