# SPDX-License-Identifier: MIT
"""Credentials that are renewed along their own line."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from lines import HOME, KEY, LOOK, POST, Token
from scripted import Scripted, ScriptedServer

from twofold._async.core.pipeline import Pipeline
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import CancelScope, current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import Credentials
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Request
from twofold.errors import CredentialsError, TwofoldError
from twofold.events import Event


class Issuer(ScriptedServer):
    """Issues tokens, each of which is good until it is revoked."""

    def __init__(self, *, good: bool = True) -> None:
        super().__init__(self.script)
        self.good = good
        self.issued = 0

    def script(self, request: Request) -> Scripted:
        if request.target == "/api/token":
            self.issued += 1
            return Scripted(body=b'{"token": "secret-token-%d"}' % self.issued, after=1)
        token = dict(request.headers).get("Authorization", "")
        valid = self.good and token == f"secret-token-{self.issued}"
        return Scripted(after=1) if valid else Scripted(401, token.encode(), after=1)


def line(server: ScriptedServer, token: Credentials, **options: Any) -> Pipeline:
    given: dict[str, Any] = {
        "origin": HOME,
        "base": "/api",
        "transport": InProcessTransport(server),
        "credentials": token,
        "terms": Terms(Timeout(), Retry(uniform=lambda low, high: high)),
        "concurrency": 50,
        "limits": Limits(clock=current_time),
    }
    return Pipeline(**{**given, **options})


async def test_many_refusals_at_once_are_one_renewal() -> None:
    """Invariant 10.1: who was refused with a token that is replaced meanwhile takes the new one."""
    server, token = Issuer(), Token("old")
    sender = line(server, token)
    began = current_time()
    async with create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(sender.send, LOOK if number % 2 else POST)
    assert (token.renewals, server.issued) == (1, 1)
    assert len(server.requests) == 20 + 1 + 20
    assert current_time() - began == pytest.approx(3)


async def test_a_refusal_that_comes_late_does_not_renew_what_is_new() -> None:
    """Invariant 10.1: it speaks of the version that it was sent with."""
    server, token = Issuer(), Token("old")
    sender = line(server, token)
    async with create_task_group() as tasks:
        tasks.start_soon(sender.send, LOOK)
        await sleep(0.9)
        tasks.start_soon(sender.send, LOOK)
    assert (token.renewals, server.issued) == (1, 1)


async def test_a_second_refusal_is_final() -> None:
    """Invariant 10.2: there is one renewal for a call, and no loop."""
    server, token = Issuer(good=False), Token("old")
    with pytest.raises(CredentialsError):
        await line(server, token).send(LOOK)
    assert server.issued == 1
    assert len(server.requests) == 3


async def test_a_cancelled_waiter_does_not_end_the_renewal() -> None:
    """Invariant 10.3: nor does a cancelled leader, whose place a waiter takes."""
    for impatient in ("first", "second"):
        server, token = Issuer(), Token()
        sender = line(server, token)
        done: list[str] = []

        async def call(
            name: str, patience: float, sender: Pipeline = sender, done: list[str] = done
        ) -> None:
            with move_on_after(patience):
                await sender.send(LOOK)
                done.append(name)

        async with create_task_group() as tasks:
            for name in ("first", "second", "third"):
                tasks.start_soon(call, name, 0.5 if name == impatient else 100)
                await sleep(0.1)
        assert sorted(done) == sorted({"first", "second", "third"} - {impatient})
        assert token.renewals == 1 + (impatient == "first")


@pytest.mark.parametrize("status", [401, 503])
async def test_a_renewal_that_fails_fails_for_all_who_wait_for_it(status: int) -> None:
    """Invariant 10.1: a wrong password is sent once, and not until the account is locked."""

    def refusing(request: Request) -> Scripted:
        return Scripted(status, after=1)

    server, token = ScriptedServer(refusing), Token()
    sender = line(server, token, terms=Terms(Timeout(), None))
    failures: list[TwofoldError] = []

    async def call() -> None:
        try:
            await sender.send(LOOK)
        except TwofoldError as error:
            failures.append(error)

    async with create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(call)
    assert len(server.requests) == 1
    assert len({id(error) for error in failures}) == 20
    assert {(type(error), error.status) for error in failures} == {(type(failures[0]), status)}
    await call()  # who comes later asks for himself
    assert len(server.requests) == 2


async def test_all_who_wait_for_a_renewal_may_give_up() -> None:
    """Invariant 10.3: the next caller starts anew."""
    server, token = Issuer(), Token()
    sender = line(server, token)
    with CancelScope() as scope:
        async with create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(sender.send, LOOK)
            await sleep(0.5)
            scope.cancel()
    assert token.token == ""
    assert await sender.send(LOOK) == {}


async def test_a_token_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    """Invariant 10.4: not in an error, an event, a repr or a log, though the server repeats it."""
    caplog.set_level(logging.DEBUG)
    told: list[Event] = []

    def failing(event: Event) -> None:
        told.append(event)
        raise RuntimeError("a listener")

    server, token = Issuer(), Token()
    sender = line(server, token, listener=failing)
    await sender.send(LOOK)
    secret, server.good = token.token, False
    with pytest.raises(CredentialsError) as caught:
        await sender.send(LOOK)
    error = caught.value
    assert secret == "secret-token-1"
    shown = [str(error), repr(error), repr(error.attempts), repr(error.texts), repr(sender)]
    shown += [*map(repr, told), repr(sender.credentials), caplog.text, sender.credentials.account]
    for hidden in (secret, "secret-token-2", KEY):
        assert not any(hidden in text for text in shown)
