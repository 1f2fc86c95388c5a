# SPDX-License-Identifier: MIT
"""The direct engine, asked for answers that are broken in every way: what does it make of them?"""

from __future__ import annotations

import random

from twofold._async.core.transport.direct import DirectTransport
from twofold._runtime.waiting.scopes import move_on_after
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.request import Patience, Request
from twofold.errors import ServerError

from ..findings import Findings, invented
from ..liar import Liar, lying

CALLERS = 4
PATIENCE = Patience(connect=10, read=0.1)
HUNG = 10.0  # seconds, where every silence is bounded by a tenth of one
MOST = 1_000_000


async def fuzz(seed: int, total: int) -> Findings:
    """Ask until so many bytes of answers were sent."""
    found = Findings()
    chance = random.Random(seed)
    engine = DirectTransport(most=MOST)
    with lying() as liar:

        async def ask_on() -> None:
            while found.size < total:
                number, found.asked = found.asked, found.asked + 1
                await ask(engine, liar, number, chance, found)

        async with create_task_group() as tasks:
            for _ in range(CALLERS):
                tasks.start_soon(ask_on)
        await engine.aclose()
        found.dirty += [case.said for case in liar.dirty]
    return found


async def ask(
    engine: DirectTransport, liar: Liar, number: int, chance: random.Random, found: Findings
) -> None:
    """Ask for one answer, and compare what came of it with what is right."""
    case = invented(chance)
    liar.cases[number] = case
    found.size += len(case.said.answer)
    request = Request(case.said.method, liar.origin, f"/{number}")
    with move_on_after(HUNG) as scope:
        try:
            reply = await engine.exchange(request, PATIENCE)
        except ServerError:
            found.refused(case)
        except Exception as error:
            found.untyped.append((case.said, error))
        else:
            found.accepted(case, reply.status, reply.body)
    del liar.cases[number]  # not before: it may be asked for twice, if nobody answered at first
    if scope.cancelled_caught:
        found.hung.append(case.said)
