# SPDX-License-Identifier: MIT
"""Play the vectors, with our client as the client under test."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from twofold._async.core.client import AsyncClient
from twofold._async.core.store.store import AsyncStore
from twofold._runtime.waiting.scopes import sleep
from twofold._runtime.waiting.tasks import Call
from twofold.core.cache.settings import Cache
from twofold.core.policy.allowance import Allowance
from twofold.core.policy.limits import Limits
from twofold.core.request import Endpoint, Operation, Reply, Safety
from twofold.errors import ServerError, TwofoldError
from twofold.waiting import map_all

from ..checks import FailedError, check_reply, check_server, fields, fixed
from ..results import Result, failed
from ..vectors import Step, Vector

PAUSE = 3.0  # seconds, as the package has it
AT_ONCE = 64

# What a browser's fetch adds for a mode (Fetch, 4.6, steps of HTTP-network-or-cache).
MODES = {None: (), "no-cache": (("Cache-Control", "max-age=0"),)}


def untouched(reply: Reply) -> Reply:
    """Take every answer for a success, whatever its status."""
    return reply


async def play_all(
    vectors: Sequence[Vector], base: str, engine: str, cache: Cache | None, store: AsyncStore
) -> Mapping[str, Result]:
    """Play each vector once, many at once; return what became of each, by its name."""
    allowance = Allowance(AT_ONCE)
    play = Play(base, {"transport": engine, "cache": cache, "store": store, "retry": None})
    outcomes = await map_all(play.result, vectors, workers=AT_ONCE, allowance=allowance)
    await store.aclose()
    return {vector.id: outcome.unwrap() for vector, outcome in zip(vectors, outcomes, strict=True)}


@attrs.frozen
class Play:
    """Plays vectors, all with one store, each request with a client of its own.

    Some tests have the server say a wrong length: what is left over of an answer must not be taken
    for the next one.
    """

    base: str
    options: Mapping[str, Any]

    async def send(self, operation: Operation[Reply]) -> Reply:
        async with AsyncClient(self.base, limits=Limits(), **self.options) as client:
            return await client.send(operation)

    async def result(self, vector: Vector) -> Result:
        try:
            await Played(self.send, vector, str(uuid.uuid4())).play()
        except FailedError as error:
            return failed(error)
        except TwofoldError as error:
            return Result("error", f"{type(error).__name__}: {error.message}")
        return Result("passed")


@attrs.frozen
class Played:
    """One test being played, under a name of its own."""

    send: Call[[Operation[Reply]], Reply]
    vector: Vector
    number: str
    replies: list[Reply | None] = attrs.field(factory=lambda: list[Reply | None]())

    async def play(self) -> None:
        """Go through the steps; a check that fails raises."""
        await self.tell()
        steps = self.vector.steps
        for ordinal, step in enumerate(steps, 1):
            reply = await self.take(step, ordinal)
            self.replies.append(reply)
            if reply is not None:
                check_reply(step, ordinal, reply, self.number)
            if step.pause_after:
                await sleep(PAUSE)
        check_server(steps, self.replies, await self.state())

    async def take(self, step: Step, ordinal: int) -> Reply | None:
        """Carry out a step; None: its outcome is an error, and that is what was asked for.

        The server hung up, as it was told to, and the client says so: there the package's own
        client has no answer to check, in a browser neither, and that nothing was served from the
        cache is what some tests ask for.  Or the cache itself answers with an error's status.
        """
        try:
            return await self.send(self.operation(step, ordinal))
        except TwofoldError as error:
            hung_up = isinstance(error, ServerError) and error.status is None
            if step.disconnect and hung_up and step.expected_type == "not_cached":
                return None
            if step.expected_status is not None and error.status == step.expected_status:
                return None
            raise

    def operation(self, step: Step, ordinal: int) -> Operation[Reply]:
        """Return the request of a step, as the package makes it (`client/fetching.mjs`)."""
        method, name = step.request_method, self.vector.id
        safety = Safety.SAFE if method in ("GET", "HEAD") else Safety.ONCE
        path = "/".join(filter(None, ("/test", self.number, step.filename)))
        asked, _, value = (step.query_arg or "").partition("=")
        last = self.replies[-1] if self.replies else None
        seen = {} if last is None else fields(last)
        given = [(field, fixed(field, text, seen, step)) for field, text in step.request_headers]
        return Operation(
            Endpoint(f"tests.{name}", method, path, untouched, safety),
            path,
            {asked: value} if asked else {},
            step.request_body.encode(),
            (*given, *MODES[step.cache], ("Test-ID", name), ("Req-Num", str(ordinal))),
        )

    async def tell(self) -> None:
        """Tell the server what the test wants of it."""
        endpoint = Endpoint("tests.tell", "PUT", "/config", untouched, Safety.ONCE)
        told = Operation(
            endpoint,
            f"/config/{self.number}",
            body=self.vector.script(),
            headers=(("Content-Type", "application/json"),),
        )
        reply = await self.send(told)
        if reply.status != 201:
            raise FailedError(setup=True, message=f"PUT config resulted in {reply.status}")

    async def state(self) -> list[dict[str, Any]]:
        """Ask the server what it saw."""
        endpoint = Endpoint("tests.state", "GET", "/state", untouched)
        reply = await self.send(Operation(endpoint, f"/state/{self.number}"))
        return json.loads(reply.body) if reply.status == 200 else []
