# SPDX-License-Identifier: MIT
"""Send a copy of what is slow to be answered, and take the answer that comes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..._runtime.failures import raise_as_it_was
from ..._runtime.waiting.scopes import sleep
from ..._runtime.waiting.tasks import Call
from ...core.call import CallRecord
from ...core.policy.allowance import Allowance
from ...core.policy.hedge import Hedging, Race
from ...errors import TwofoldError
from .crew import hired_crew

A = TypeVar("A")


async def hedged(
    ask: Call[[CallRecord], A],
    ask_once: Call[[CallRecord], A],
    call: CallRecord,
    hedging: Hedging,
    granted: Callable[[], bool],
    allowance: Allowance,
) -> A:
    """Return what `ask` returns, or `ask_once` if that is quicker.

    `ask_once` is called at most once, with a record of its own: when a request of the call has been
    under way for too long, if it is `granted` then.  It is not repeated, and what it raises is of
    no interest as long as `ask` may succeed.  Whoever loses is cancelled, and has ended before this
    returns.
    """
    delay = hedging.delay(call.operation, call.clock())
    if delay is None:
        answer = await ask(call)
        hedging.note(call.operation, call.since_sent())
        return answer
    race, copy = Race[A](), call.copy()

    async def run() -> None:
        try:
            race.answer(call, await ask(call), call.since_sent())
        except TwofoldError as error:
            race.give_up(error)
        if race.is_over:
            crew.dismiss()

    async def run_copy() -> None:
        await until_due(call, delay)
        if not race.join():
            return
        if not granted():
            race.give_up()
            return
        call.hedged(delay)
        try:
            race.answer(copy, await ask_once(copy), copy.since_sent())
        except TwofoldError:  # it stands in the copy's record
            race.give_up()
        if race.is_over:
            crew.dismiss()

    async with hired_crew(allowance, 1) as crew:
        crew.start(run_copy)
        await crew.run(run)
    crew.check()
    return decided(race, call, copy, hedging)


async def until_due(call: CallRecord, delay: float) -> None:
    """Wait until a request of the call has been under way for so many seconds."""
    while (left := call.due_in(delay)) > 0:
        await sleep(left)


def decided(race: Race[A], call: CallRecord, copy: CallRecord, hedging: Hedging) -> A:
    """Return the winner's answer, or raise the error of the request itself."""
    call.raced(copy, won=race.won is not None and race.won.who is copy)
    if race.won is None:
        raise_as_it_was(race.error())
    hedging.note(call.operation, race.won.seconds)
    return race.won.answer
