"""HTTP/1.1 answers as bytes: read alike however they are cut, or refused however they are cut."""

from __future__ import annotations

import pytest
from answers import BODY, MOST, REFUSED, WELL_FORMED, Told
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.wire.http1.answer import Answer
from twofold.core.wire.http1.head import MOST_HEAD
from twofold.core.wire.http1.refusals import CutShort, Malformed, TooLarge

REFUSALS = (CutShort, Malformed, TooLarge)


def read(told: Told, pieces: list[bytes]) -> tuple[Answer, bytes]:
    body: list[bytes] = []
    answer = Answer(told.method, MOST, body.append)
    for piece in pieces:
        answer.feed(piece)
    if told.closes and not answer.done:
        answer.end()
    return answer, b"".join(body)


def cut(data: bytes, at: int) -> list[bytes]:
    return [data[:at], data[at:]]


@pytest.mark.parametrize("told", WELL_FORMED, ids=lambda told: told.name)
def test_a_well_formed_answer_is_read_alike_wherever_it_is_cut(told: Told) -> None:
    whole, body = read(told, [told.answer])
    assert whole.done
    for at in range(len(told.answer)):
        answer, found = read(told, cut(told.answer, at))
        assert answer.done
        assert (answer.status, answer.fields, found) == (whole.status, whole.fields, body)
        assert answer.reusable is whole.reusable
    answer, found = read(told, [told.answer[n : n + 1] for n in range(len(told.answer))])
    assert (answer.fields, found) == (whole.fields, body)


@pytest.mark.parametrize("told", WELL_FORMED, ids=lambda told: told.name)
def test_whoever_closes_cannot_be_asked_again(told: Told) -> None:
    answer, _ = read(told, [told.answer])
    assert answer.reusable is not told.closes


@pytest.mark.parametrize("told", REFUSED, ids=lambda told: told.name)
def test_a_malformed_answer_is_refused_wherever_it_is_cut(told: Told) -> None:
    size = len(told.answer)
    for at in range(0, size, 1 + size // 200):
        with pytest.raises(REFUSALS):
            read(told, cut(told.answer, at))


@pytest.mark.parametrize("told", WELL_FORMED, ids=lambda told: told.name)
def test_a_well_formed_answer_that_stops_early_is_no_answer(told: Told) -> None:
    if told.name == "as long as the connection":
        return  # it ends wherever the connection does
    body = told.answer.find(b"\r\n\r\n") + 4
    for at in range(len(told.answer)):
        answer = Answer(told.method, MOST, lambda _: None)
        answer.feed(told.answer[:at])
        if answer.done:
            assert at >= body  # HEAD, 204 and 304 are over with their header
        else:
            with pytest.raises(CutShort):
                answer.end()


@given(st.binary(max_size=400), st.sampled_from(WELL_FORMED), st.integers(0, 400))
def test_any_bytes_are_an_answer_or_refused(noise: bytes, told: Told, at: int) -> None:
    body: list[bytes] = []
    answer = Answer(told.method, MOST, body.append)
    try:
        answer.feed(told.answer[:at] + noise + told.answer[at:])
        answer.end()
    except REFUSALS:
        return
    assert answer.done
    assert 100 <= answer.status <= 999


def test_a_head_without_end_is_refused_before_it_is_all_there() -> None:
    answer = Answer("GET", MOST, lambda _: None)
    answer.feed(b"HTTP/1.1 200 OK\r\nA: ")
    with pytest.raises(Malformed):
        for _ in range(MOST_HEAD // 1000 + 1):
            answer.feed(b"b" * 1000)


def test_what_is_expanded_is_bounded_by_what_is_left() -> None:
    answer = Answer("GET", len(BODY) - 1, lambda _: None)
    with pytest.raises(TooLarge):
        answer.feed(next(told.answer for told in WELL_FORMED if told.name == "gzip"))
