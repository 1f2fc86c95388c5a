# SPDX-License-Identifier: MIT
"""Every fault of the TCP proxy against a read, an update that may be repeated, and a comment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fault_table import BEHIND_A_REQUEST, OPERATIONS, REFUSED, Case, End
from faulty import FaultyServer, Target, faulty_server

from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.errors import DeadlineError, Effect, TwofoldError
from twofold.events import AttemptStarted, Event

pytestmark = pytest.mark.real_time

QUICK = Retry(base=0.01)
ATTEMPT = 0.5
IMPATIENT = Timeout(total=20, attempt=ATTEMPT, connect=0.3, read=0.3)
# Who is not meant to run out of time does not on a busy machine either.
PATIENT = Timeout(total=20, attempt=10)
SLACK = 5.0
"""Seconds; far from what it takes, and from what a fault without a bound would."""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyServer]:
    with faulty_server(tmp_path_factory.mktemp("faulty")) as server:
        yield server


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyServer]:
    with faulty_server(tmp_path_factory.mktemp("refusing"), [dict(REFUSED.fault)]) as server:
        yield server


def client(server: FaultyServer, heard: list[Event], timeout: Timeout) -> AsyncRallyClient:
    return AsyncRallyClient(
        server=server.ready["url"],
        api_key=server.ready["api_key"],
        retry=QUICK,
        timeout=timeout,
        limits=Limits(),
        listener=heard.append,
    )


async def carry_out(rally: AsyncRallyClient, operation: str, target: Target) -> None:
    if operation == "get":
        await rally.get_ticket(target.ref)
    elif operation == "update":
        await rally.update_state(target.ref, "Completed")
    else:
        await rally.add_comment(target.ref, target.text)


async def ended(
    server: FaultyServer, operation: str, target: Target, timeout: Timeout
) -> tuple[End, TwofoldError | None]:
    """Make one call, and return what came of it."""
    heard: list[Event] = []
    error: TwofoldError | None = None
    server.forget()
    async with client(server, heard, timeout) as rally:
        try:
            await carry_out(rally, operation, target)
        except TwofoldError as failure:
            error = failure
    attempts = sum(isinstance(event, AttemptStarted) for event in heard)
    return End(attempts, server.arrived(), type(error).__name__ if error else None), error


@pytest.mark.parametrize("struck", ["always", "once"])
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("case", BEHIND_A_REQUEST, ids=lambda case: case.name)
async def test_a_broken_exchange_ends_as_the_table_says(
    faulty: FaultyServer, case: Case, operation: str, struck: str
) -> None:
    expected = case.once if struck == "once" else case.always
    assert expected is not None
    target = faulty.target(case, operation, once=struck == "once")
    began = current_time()
    end, error = await ended(faulty, operation, target, IMPATIENT if case.waits else PATIENT)
    assert end == expected[OPERATIONS.index(operation)], error
    assert current_time() - began < end.attempts * ATTEMPT + SLACK
    if error is not None:
        assert len(error.attempts) == end.attempts
        assert error.effect is (Effect.NONE if operation == "get" else Effect.UNKNOWN)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_connection_that_was_never_made_is_tried_again_for_all(
    refusing: FaultyServer, operation: str
) -> None:
    end, error = await ended(refusing, operation, Target("/task/1", "never sent"), PATIENT)
    assert end == REFUSED.always[OPERATIONS.index(operation)]
    assert error is not None
    assert (len(error.attempts), error.effect) == (end.attempts, Effect.NONE)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "case", [case for case in BEHIND_A_REQUEST if case.waits], ids=lambda case: case.name
)
async def test_a_deadline_ends_a_call_that_nobody_answers(
    faulty: FaultyServer, case: Case, operation: str
) -> None:
    target = faulty.target(case, operation, once=False)
    began = current_time()
    end, error = await ended(faulty, operation, target, Timeout(total=0.3, attempt=20))
    assert end == End(1, 1, DeadlineError.__name__)
    assert error is not None
    assert error.effect is (Effect.NONE if operation == "get" else Effect.UNKNOWN)
    assert current_time() - began < SLACK
