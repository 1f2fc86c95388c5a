from __future__ import annotations

import pytest

from twofold.core.policy.adaptive import Load
from twofold.core.policy.breaker import Verdict
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Origin, Reply, Request
from twofold.core.text.headers import Headers, Pairs
from twofold.core.wire.seen import seen_in, seen_of, unanswered
from twofold.errors import Effect, RequestError, ServerError, TwofoldError

HOME = Origin("https", "api.example", 443)


def reply(status: int, *headers: tuple[str, str]) -> Reply:
    pairs: Pairs = headers
    return Reply(status, Headers(pairs), b"", Request("GET", HOME, "/"))


@pytest.mark.parametrize(
    ("status", "verdict", "load"),
    [
        (200, Verdict.SUCCESS, Load.FINE),
        (304, Verdict.SUCCESS, Load.FINE),
        (400, Verdict.SUCCESS, Load.LATENCY_ONLY),
        (404, Verdict.SUCCESS, Load.LATENCY_ONLY),
        (408, Verdict.SUCCESS, Load.OVERLOADED),
        (429, Verdict.SUCCESS, Load.OVERLOADED),
        (500, Verdict.FAILURE, Load.LATENCY_ONLY),
        (501, Verdict.SUCCESS, Load.LATENCY_ONLY),
        (502, Verdict.FAILURE, Load.OVERLOADED),
        (503, Verdict.FAILURE, Load.OVERLOADED),
        (504, Verdict.FAILURE, Load.OVERLOADED),
    ],
)
def test_what_a_status_says(status: int, verdict: Verdict, load: Load) -> None:
    seen = seen_in(reply(status), 0.5)
    assert (seen.status, seen.verdict, seen.load, seen.seconds) == (status, verdict, load, 0.5)


def test_a_forbidden_that_is_a_limit_is_a_throttle() -> None:
    seen = seen_in(reply(403, ("Retry-After", "30")), 0.5)
    assert (seen.verdict, seen.load) == (Verdict.SUCCESS, Load.OVERLOADED)
    assert seen.heard is not None
    assert seen.heard.throttled


UNREACHABLE = ServerError("cannot be reached", effect=Effect.NONE, transient=True)
MISTRUSTED = ServerError("cannot be reached: certificate", effect=Effect.NONE)
SILENT = ServerError("lost", effect=Effect.UNKNOWN, transient=True)


@pytest.mark.parametrize("error", [UNREACHABLE, MISTRUSTED, SILENT])
def test_no_answer_is_a_failure(error: TwofoldError) -> None:
    seen = seen_of(error, 0.5)
    assert seen is not None
    assert (seen.status, seen.verdict, seen.load) == (None, Verdict.FAILURE, Load.OVERLOADED)


@pytest.mark.parametrize(
    "error", [RequestError("cannot be sent"), ServerError("not gzip", effect=Effect.UNKNOWN)]
)
def test_what_is_no_answer_and_no_silence_says_nothing(error: TwofoldError) -> None:
    assert seen_of(error, 0.5) is None


def test_an_answer_that_is_too_large_is_one() -> None:
    seen = seen_of(ServerError("too large", status=200, effect=Effect.UNKNOWN), 0.5)
    assert seen is not None
    assert (seen.verdict, seen.load) == (Verdict.SUCCESS, Load.NONE)


@pytest.mark.parametrize(
    ("seconds", "allowed", "verdict", "load"),
    [
        (1.0, Timeout(attempt=2.0), Verdict.FAILURE, Load.OVERLOADED),
        (0.9, Timeout(attempt=2.0), Verdict.CUT, Load.NONE),
        (1e6, None, Verdict.CUT, Load.NONE),
    ],
)
def test_a_request_cut_short_by_its_calls_deadline_is_a_failure_if_it_had_its_time(
    seconds: float, allowed: Timeout | None, verdict: Verdict, load: Load
) -> None:
    seen = unanswered(seconds, allowed)
    assert (seen.status, seen.verdict, seen.load) == (None, verdict, load)
