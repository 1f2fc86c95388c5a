"""What a caching client keeps, and when it gives it: decided without a client."""

from __future__ import annotations

import math
import os
import zlib
from typing import Any

import attrs
import pytest

from twofold.core.request import Operation, Origin, Reply, Request
from twofold.core.store.entry import decode, encode
from twofold.core.text.headers import Headers
from twofold.errors import (
    ConflictError,
    CredentialsError,
    DeadlineError,
    NotFoundError,
    RetryLaterError,
    ServerError,
    TwofoldError,
)
from twofold.rally import operations
from twofold.rally.asking import wish
from twofold.rally.caching import (
    FORMAT,
    Choice,
    Kept,
    Lifetimes,
    Piece,
    Place,
    body_of,
    compressed,
    in_order,
    noting,
    opened,
)
from twofold.rally.freshness import DataState, Freshness, Standing, age
from twofold.rally.plan import Span

HERE = Place("a" * 32, "http://rally.example/slm/webservice/v2.0/")
HOUR = Lifetimes(fresh=60, stale=3600)

CHOICES = [
    (0.0, True, False, Choice.GIVE),
    (59.9, True, False, Choice.GIVE),
    (60.0, True, False, Choice.REFRESH),
    (3659.9, True, False, Choice.REFRESH),
    (3660.0, True, False, Choice.ASK),
    (math.inf, True, False, Choice.ASK),
    (0.0, False, False, Choice.ASK),
    (math.inf, False, True, Choice.GIVE),
]


@pytest.mark.parametrize(("age", "is_believed", "is_offline", "choice"), CHOICES)
def test_what_is_done_with_what_is_kept(
    age: float, is_believed: bool, is_offline: bool, choice: Choice
) -> None:
    assert HOUR.choose(age, is_believed=is_believed, is_offline=is_offline) is choice


def questions(**options: Any) -> list[Operation[Any]]:
    scope = options.pop("scope", {"workspace": "/workspace/1"})
    asked = operations.questions(wish(**{"types": "story", **options}), scope)
    return [each.page(1, 1) for each in asked]


OTHERS: list[dict[str, Any]] = [
    {"types": "defect"},
    {"types": ["story", "defect"]},
    {"query": "Name = x"},
    {"order": "Name"},
    {"fetch": ["Environment"]},
    {"scope": {"workspace": "/workspace/2"}},
    {"scope": {"workspace": "/workspace/1", "project": "/project/1"}},
]


@pytest.mark.parametrize("options", OTHERS)
def test_what_is_asked_otherwise_has_another_key(options: dict[str, Any]) -> None:
    assert HERE.key(questions()) == HERE.key(questions())
    assert HERE.key(questions(**options)) != HERE.key(questions())


@pytest.mark.parametrize("change", [{"account": "b" * 32}, {"address": "http://other.example/"}])
def test_each_account_and_each_server_has_keys_of_its_own(change: dict[str, str]) -> None:
    other = attrs.evolve(HERE, **change)
    assert other.key(questions()) != HERE.key(questions())
    assert other.mark_key != HERE.mark_key


def test_a_key_shows_nothing_of_what_was_asked() -> None:
    key = HERE.key(questions(query="Name = secret"))
    assert key.startswith(HERE.account)
    assert "secret" not in key
    assert "story" not in key


def test_a_mark_is_like_no_other_and_no_removal_of_it_concerns_a_result() -> None:
    marks = {HERE.mark(0.0).body for _ in range(100)}
    assert len(marks) == 100
    kept = HERE.entry("key", "rally.query", Kept(FORMAT, b"", ()), 1.0, 2.0)
    assert HERE.unbelief.concerns(HERE.mark(0.0))
    assert not HERE.unbelief.concerns(kept)


def test_a_result_survives_the_file() -> None:
    bodies = {Span(1, 1, 20): b"third", Span(0, 21, 20): b"second", Span(0, 1, 20): b"first"}
    pieces = tuple(compressed(bodies[span], span) for span in in_order(bodies))
    kept = Kept(FORMAT, b"mark", pieces)
    key = HERE.key(questions())
    entry = decode(*encode(HERE.entry(key, "rally.query", kept, 1.0, 2.0)))
    found = opened(entry)
    assert found == kept
    assert found is not None
    assert [body_of(piece) for piece in found.pieces] == [b"first", b"second", b"third"]
    assert [piece.span for piece in found.pieces] == in_order(bodies)
    assert (entry.requested, entry.partition) == (1.0, HERE.account)
    assert HERE.everything.concerns(entry)


UNKNOWN = [
    b"",
    b"\xc1",
    b"\x93\x01\xa0\xa0",
    attrs.evolve(HERE.entry("k", "o", Kept(FORMAT, b"", ()), 0.0, 0.0)).body,
    HERE.entry("k", "o", Kept(FORMAT + 1, b"", (Piece(0, 1, 1, b""),)), 0.0, 0.0).body,
]


@pytest.mark.parametrize("body", UNKNOWN)
def test_what_this_twofold_does_not_know_is_not_there(body: bytes) -> None:
    entry = HERE.entry("k", "o", Kept(FORMAT, b"", ()), 0.0, 0.0)
    assert opened(attrs.evolve(entry, body=body)) is None


def test_a_damaged_answer_says_so() -> None:
    with pytest.raises(ValueError, match="damaged"):
        body_of(Piece(0, 1, 1, zlib.compress(b"whole")[:-3]))


def test_a_question_notes_only_what_could_be_read() -> None:
    (asked,) = operations.questions(wish("story"), {})
    bodies: dict[Span, bytes] = {}
    page = noting(asked, 4, bodies).page(21, 20)
    request = Request("GET", Origin("http", "rally.example", 80), "/")
    with pytest.raises(ServerError):
        page.endpoint.read(Reply(200, Headers(()), b"<html>", request))
    assert bodies == {}
    body = b'{"QueryResult": {"Errors": [], "Warnings": [], "TotalResultCount": 0, "Results": []}}'
    page.endpoint.read(Reply(200, Headers(()), body, request))
    assert bodies == {Span(4, 21, 20): body}
    assert page.query == asked.page(21, 20).query


# How current it is


def test_an_age_is_never_negative_and_unknown_if_the_clock_went_back() -> None:
    assert age(100, 130) == 30
    assert age(100, 99) == 0
    assert age(100, 50) == math.inf


def test_the_state_is_that_of_what_was_given_last() -> None:
    now = [100.0]
    standing = Standing(lambda: now[0])
    assert standing.now() == Freshness(DataState.LIVE, None)
    standing.given("one", 40, is_kept=True)
    assert standing.now() == Freshness(DataState.CACHED, 60)
    standing.refreshing(1)
    assert standing.now() == Freshness(DataState.REFRESHING, 60)
    standing.refreshing(-1)
    standing.confirmed("other", 100)
    assert standing.now() == Freshness(DataState.CACHED, 60)
    standing.confirmed("one", 100)
    assert standing.now() == Freshness(DataState.LIVE, 0)
    standing.is_offline = True
    assert standing.now() == Freshness(DataState.OFFLINE, 0)


OUTAGES = [ServerError(""), ServerError("", status=503), DeadlineError(""), RetryLaterError("")]
ANSWERS = [
    NotFoundError("", status=404),
    RetryLaterError("", status=429),
    CredentialsError("", status=401),
    ConflictError(""),
]


@pytest.mark.parametrize("error", OUTAGES)
def test_an_outage_lasts_until_the_server_is_heard(error: TwofoldError) -> None:
    standing = Standing(lambda: 0.0)
    standing.failed(error)
    assert standing.now().state is DataState.OFFLINE
    standing.answered()
    assert standing.now().state is DataState.LIVE


@pytest.mark.parametrize("error", ANSWERS)
def test_a_refusal_is_an_answer(error: TwofoldError) -> None:
    standing = Standing(lambda: 0.0)
    standing.failed(ServerError(""))
    standing.failed(error)
    assert standing.now().state is DataState.LIVE


def test_only_what_is_new_is_told() -> None:
    standing = Standing(lambda: 0.0)
    assert standing.news() is None
    standing.failed(ServerError(""))
    assert standing.news() == Freshness(DataState.OFFLINE, None)
    assert standing.news() is None
    assert standing.news(of_kept=True) == Freshness(DataState.OFFLINE, None)


def test_a_forked_child_refreshes_nothing_yet() -> None:
    standing = Standing(lambda: 0.0)
    standing.refreshing(1)
    child = os.fork()
    if child == 0:
        os._exit(0 if standing.now().state is DataState.LIVE else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert standing.now().state is DataState.REFRESHING
