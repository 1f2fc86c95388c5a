from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from twofold.core.drift import LONGEST_KEY, MOST, fault, note
from twofold.core.drift_watch import SHOWN, DriftCounter, DriftWatch, counted, within
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request
from twofold.core.text.headers import Headers
from twofold.core.wire.reading import read
from twofold.errors import Drift, DriftError, DriftKind, Fault, NotFoundError, ServerError


class Thing:
    """A model."""


REQUEST = Request("GET", Origin("https", "example.com", 443), "/")
REPLY = Reply(200, Headers(()), b"value", REQUEST)


def unknown(key: str, place: str = "", times: int = 1) -> Fault:
    return fault(Thing, key, DriftKind.UNKNOWN_KEY, place, times)


def operation(reading: Callable[[Reply], Any]) -> Operation[Any]:
    return Operation(Endpoint("test.read", "GET", "/", reading))


def drifting(*faults: Fault) -> Operation[Any]:
    """Return what reads an answer that is not as the models know it."""

    def reading(reply: Reply) -> str:
        note(faults)
        return reply.body.decode()

    return operation(reading)


def test_what_is_noted_while_an_answer_is_read_is_counted_and_told_once() -> None:
    told, watch = list[Fault](), counted()

    def tell(kind: object, *, fault: Fault) -> None:
        told.append(fault)

    for _ in range(3):
        once = drifting(unknown("A", times=2), unknown("B"))
        assert read(once, REPLY, watch, tell) == "value"
    counts = watch.read()
    assert [(each.key, times) for each, times in counts.counts.items()] == [("A", 6), ("B", 3)]
    assert [fault.drift.key for fault in told] == ["A", "B"]


def test_where_nobody_takes_notes_nothing_is_noted() -> None:
    watch = counted()
    note([unknown("A")])
    read(drifting(), REPLY, watch)
    assert not watch.read()
    assert not DriftWatch().read()


def test_objects_side_by_side_are_one_fault_at_the_place_of_the_first() -> None:
    faults = [unknown("A", f"Results[{place}]") for place in (3, 4, 8)]
    with pytest.raises(DriftError) as caught:
        read(drifting(*faults, unknown("A", "Object")), REPLY, counted(is_strict=True))
    assert [(each.path, each.times) for each in caught.value.faults] == [
        ("Results[3].A", 3),
        ("Object.A", 1),
    ]
    assert "Results[3].A (3 times)" in str(caught.value)


def test_strict_counts_before_it_raises() -> None:
    watch = counted(is_strict=True)
    with pytest.raises(DriftError):
        read(drifting(unknown("A")), REPLY, watch)
    assert dict(watch.read().counts) == {Drift("Thing", "A", DriftKind.UNKNOWN_KEY): 1}


def test_what_is_kept_is_not_counted_and_is_an_error_all_the_same() -> None:
    watch = counted(is_strict=True)
    with pytest.raises(DriftError):
        read(drifting(unknown("A")), REPLY, watch.of_kept)
    assert not watch.read()


@pytest.mark.parametrize("error", [NotFoundError("gone"), KeyError("x")])
def test_of_an_answer_that_is_an_error_nothing_is_counted(error: Exception) -> None:
    def reading(_: Reply) -> None:
        note([unknown("A")])
        raise error

    watch = counted()
    with pytest.raises((NotFoundError, ServerError)):
        read(operation(reading), REPLY, watch)
    assert not watch.read()
    note([unknown("A")])  # and the notes are closed
    assert not watch.read()


@pytest.mark.parametrize("is_strict", [False, True])
def test_a_part_that_is_read_as_an_answer_of_its_own_raises_by_itself(is_strict: bool) -> None:
    errors = list[DriftError]()

    def reading(_: Reply) -> str:
        for key in "AB":
            try:
                read(drifting(unknown(key)), REPLY, within())
            except DriftError as error:
                errors.append(error)
        return "all"

    watch = counted(is_strict=is_strict)
    assert read(operation(reading), REPLY, watch) == "all"
    assert [each.key for each in watch.read().counts] == ["A", "B"]
    assert [error.faults[0].path for error in errors] == ["A", "B"] * is_strict


def test_memory_is_bounded_and_the_rest_is_counted_together() -> None:
    counter = DriftCounter(most=3)
    for number in range(10):
        first = counter.count([unknown(f"K{number}")], others=1)
        assert len(first) == (number < 3)
    assert counter.count([unknown("K0")]) == []
    assert (len(counter.read().counts), counter.read().others) == (3, 17)


def test_an_answer_with_a_great_many_faults_names_some_and_counts_all() -> None:
    many = [unknown(f"K{number}") for number in range(MOST + 10)]
    watch = counted(is_strict=True)
    with pytest.raises(DriftError) as caught:
        read(drifting(*many), REPLY, watch)
    assert len(caught.value.faults) == MOST
    assert str(caught.value).endswith(f"; {MOST + 10 - SHOWN} more")
    assert (len(watch.read().counts), watch.read().others) == (MOST, 10)


def test_a_key_of_any_text_is_fit_for_a_log() -> None:
    for key in ("\x1b[31m", "a\nb", "x" * 10_000):
        drift = unknown(key).drift
        assert drift.key.isprintable()
        assert len(drift.key) <= 4 * LONGEST_KEY
    assert unknown("Größe").drift.key == "Größe"


def test_no_name_shows_a_secret_that_the_server_made_a_key_of() -> None:
    def reading(_: Reply) -> None:
        note([unknown("s3cret key"), unknown("A", "s3cret key")])
        read(drifting(unknown("s3cret key")), REPLY, within())

    watch, secrets = counted(), ("s3cret key",)
    read(operation(reading), REPLY, watch, secrets=secrets)
    with pytest.raises(DriftError) as caught:
        read(operation(reading), REPLY, DriftWatch(is_strict=True), secrets=secrets)
    assert "s3cret" not in repr((caught.value, caught.value.faults, watch.read()))
    assert [each.key for each in watch.read().counts] == ["***", "A"]


def test_counts_do_not_change_after_they_were_read() -> None:
    counter = DriftCounter()
    counter.count([unknown("A")])
    before = counter.read()
    counter.count([unknown("A"), unknown("B")])
    assert list(before.counts.values()) == [1]
    with pytest.raises(TypeError):
        before.counts[unknown("B").drift] = 1  # type: ignore[index]  # that it cannot be is meant


def test_threads_may_count_together() -> None:
    watch, interval = counted(), sys.getswitchinterval()

    def work(key: str) -> None:
        for _ in range(300):
            read(drifting(unknown("shared"), unknown(key)), REPLY, watch)

    threads = [Thread(target=work, args=(f"own{number}",)) for number in range(4)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    counts = {each.key: times for each, times in watch.read().counts.items()}
    assert counts == {"shared": 1200, "own0": 300, "own1": 300, "own2": 300, "own3": 300}
