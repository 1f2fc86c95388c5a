# SPDX-License-Identifier: MIT
"""From an answer into a file, over as many attempts as it takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from ..._runtime.waiting.scopes import current_time, move_on_after, run_sync
from ...core.call import CallRecord
from ...core.downloads import WRONG_PART, Download
from ...core.landing import Landing
from ...core.options import Terms
from ...core.request import Operation, Reply, Request
from ...core.text.names import told_name
from ...core.wire.reading import judged_if, untouched
from ...errors import TwofoldError
from ...progress import Meter
from .attempt import attempt
from .errand import Errand
from .opening import Opening
from .retrying import retrying

if TYPE_CHECKING:
    from .pipeline import Pipeline

PIECE = 256 * 1024
"""Bytes that are written at once, at least, as long as more are coming."""


async def downloaded(
    line: Pipeline,
    operation: Operation[Any],
    on: Terms,
    plan: Download,
    landing: Landing,
    meter: Meter,
    *,
    durable: bool,
) -> Path:
    """Carry out one operation, and return the file that its answer was written to."""
    call = line.record(operation)
    call.start(operation.endpoint, line.origin)
    meter.started(current_time())
    fetching = Fetching(line, operation, on, plan, landing, meter, call)
    try:
        await run_sync(landing.begin)
        reply = await fetching.in_time()
        path = await run_sync(
            landing.finish, told_name(reply.headers, reply.request.target), durable
        )
    except TwofoldError as error:
        call.fail(error)
    except BaseException as error:
        call.ended(error)
        raise
    finally:
        # Not in a worker: nothing here waits for long, and nothing may keep it from being done.
        landing.discard()
        meter.ended(current_time())
    call.ended()
    return path


@attrs.define(eq=False)
class Fetching:
    """One download under way."""

    line: Pipeline
    operation: Operation[Any]
    on: Terms
    plan: Download
    landing: Landing
    meter: Meter
    call: CallRecord

    async def in_time(self) -> Reply:
        """Fetch all of it; return the header of the last answer."""
        on, call = self.on, self.call
        left = None if on.until == math.inf else on.until - call.clock()
        with move_on_after(left):
            return await self._watched()
        raise call.overdue(0.0 if on.timeout is None else on.timeout.total)

    async def _watched(self) -> Reply:
        """Fetch it as often as is needed; what is stored is of no use, but it may be a write."""
        line, on, call, whole = self.line, self.on, self.call, untouched(self.operation)

        async def fetch() -> tuple[Reply, Reply]:
            purse = line.purses.of(None if on.retry is None else on.retry.budget)
            reply = await retrying(self.attempt, call, on.retry, purse)
            return reply, reply

        if line.cache is None:
            return (await fetch())[0]
        request = whole.request(line.origin, line.base, line.headers)
        return await line.cache.question(line, whole, request, call, on).opened(fetch)

    async def attempt(self) -> Reply:
        """Fetch what is missing."""
        opening = Opening()
        try:
            reply = await self._begin(opening)
            await self._pour(opening)
            self.plan.end(self.landing.digest())
        finally:
            await opening.end()
        self.call.answered(reply.status, None)
        return reply

    async def _begin(self, opening: Opening) -> Reply:
        """Ask for what is missing, or for all of it where what is there fits nothing."""
        reply = await self._opened(opening)
        if not self.plan.fits(reply):
            await opening.end()
            self.plan.restart()
            reply = await self._opened(opening)
            self.plan.fits(reply)
        if not self.plan.written:
            await run_sync(self.landing.restart)
        if self.plan.total is not None:
            self.meter.expect(self.plan.total)
        return reply

    async def _opened(self, opening: Opening) -> Reply:
        """Ask once, within the time of a single call."""
        line, call, on = self.line, self.call, self.on
        left = on.seconds_left(call.clock())
        call.ends = call.clock() + (math.inf if left is None else left)
        errand = Errand(self._judged(opening), self._request(), on.timeout, opening=opening)
        with move_on_after(left):
            _, reply = await attempt(line, errand, call)
            return reply
        raise call.overdue(0.0 if on.timeout is None else on.timeout.total)

    def _request(self) -> Request:
        line = self.line
        return self.plan.asking(self.operation.request(line.origin, line.base, line.headers))

    def _judged(self, opening: Opening) -> Operation[Reply]:
        """Return the operation with the header as its value; that a part is wrong is for us."""

        def is_wrong(reply: Reply) -> bool:
            return not opening.is_open and not (reply.status == WRONG_PART and self.plan.goes_on)

        return judged_if(self.operation, is_wrong)

    async def _pour(self, opening: Opening) -> None:
        """Write what comes; of a body that breaks off, all that came."""
        pieces: list[bytes] = []
        size = 0
        try:
            while piece := await opening.draw():
                pieces.append(piece)
                size += len(piece)
                self.plan.add(size)
                if size >= PIECE:
                    await self._write(pieces, size)
                    pieces, size = [], 0
        except TwofoldError:
            await self._write(pieces, size)
            raise
        await self._write(pieces, size)

    async def _write(self, pieces: Sequence[bytes], size: int) -> None:
        if pieces:
            await run_sync(self.landing.write, pieces)
            self.plan.written += size
            self.meter.reached(self.plan.written, current_time())
