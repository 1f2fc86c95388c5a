"""The hub of a line: who listens is told, and nobody else feels it."""

from __future__ import annotations

import threading
from typing import Any

import attrs
import pytest

from twofold.core.call import CallRecord
from twofold.core.listeners import Listeners, as_listeners
from twofold.core.policy.breaker import State
from twofold.core.policy.changes import BucketClosed, CircuitChange, LimitChange
from twofold.core.request import Origin, Safety
from twofold.errors import ServerError
from twofold.events import (
    CallEnded,
    CallStarted,
    CircuitChanged,
    Event,
    LimitChanged,
    RetryScheduled,
    Throttled,
)

EVENT = Event(call=1, attempt=0, operation="test", at=0.0)
HOME = Origin("https", "api.example", 443)


def record(listeners: Listeners) -> CallRecord:
    return CallRecord("test", Safety.SAFE, lambda: 7.0, listeners, ())


def test_listeners_come_and_go_and_are_told_in_their_order() -> None:
    told: list[str] = []

    def first(event: Event) -> None:
        told.append("first")

    def second(event: Event) -> None:
        told.append("second")

    hub = Listeners(first)
    hub.add(second)
    hub.tell(EVENT)
    hub.remove(first)
    hub.remove(first)
    hub.tell(EVENT)
    assert told == ["first", "second", "second"]


def test_it_is_active_as_long_as_somebody_listens() -> None:
    told: list[Event] = []
    hub = Listeners()
    assert not hub.active
    hub.add(told.append)
    hub.add(told.append)
    hub.remove(told.append)
    assert hub.active
    hub.remove(told.append)
    assert not hub.active


def test_one_that_raises_is_logged_and_the_others_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(event: Event) -> None:
        raise RuntimeError("listener")

    told: list[Event] = []
    Listeners(broken, told.append).tell(EVENT)
    assert told == [EVENT]
    assert "a listener failed on Event" in caplog.text


def test_a_listener_may_remove_itself_while_it_is_told() -> None:
    told: list[Event] = []
    hub = Listeners()

    def once(event: Event) -> None:
        told.append(event)
        hub.remove(once)

    hub.add(once)
    hub.tell(EVENT)
    hub.tell(EVENT)
    assert told == [EVENT]


def test_without_listeners_no_event_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(event: Event) -> None:
        raise AssertionError("an event was made for nobody")

    for kind in (CallStarted, CallEnded, RetryScheduled):
        monkeypatch.setattr(kind, "__init__", refused)
    call = record(Listeners())
    call.start(None, HOME)
    call.start_attempt()
    call.passed_gate(0.0, 0.0)
    call.failed(ServerError("no"))
    call.pausing(1.0, ServerError("no"))
    call.changed([LimitChange(3)], HOME)
    call.ended()
    assert call._number == 0


def test_what_changed_at_a_gate_is_told() -> None:
    told: list[Event] = []
    call = record(Listeners(told.append))
    call.changed([CircuitChange(State.HALF_OPEN), BucketClosed("core", 9.0), LimitChange(3)], HOME)
    origin = "https://api.example"
    given: dict[str, Any] = {
        "call": call.number,
        "attempt": 0,
        "operation": "test",
        "at": 7.0,
        "origin": origin,
    }
    assert told == [
        CircuitChanged(**given, state="half_open"),
        Throttled(**given, bucket="core", seconds=9.0),
        LimitChanged(**given, limit=3),
    ]


def test_every_event_is_frozen_and_says_what_it_is() -> None:
    kinds = {*Event.__subclasses__(), Event}
    assert len(kinds) > 10
    for kind in kinds:
        assert kind.__doc__
        assert all(field.on_setattr is None for field in attrs.fields(kind))
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(object.__new__(kind), "call", 2)  # noqa: B010 - types refuse it


def test_a_hub_is_made_of_what_was_given() -> None:
    told: list[Event] = []
    hub = Listeners()
    assert as_listeners(hub) is hub
    assert as_listeners(told.append).active
    assert not as_listeners(None).active


def test_listeners_may_come_and_go_in_many_threads() -> None:
    hub, told = Listeners(), list[Event]()
    hub.add(told.append)

    def come_and_go() -> None:
        for _ in range(200):
            mine: list[Event] = []
            hub.add(mine.append)
            hub.tell(EVENT)
            hub.remove(mine.append)
            assert mine

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hub.remove(told.append)
    assert len(told) == 800
    assert not hub.active


def test_a_forked_child_has_a_hub_that_nobody_holds() -> None:
    hub = Listeners()
    hub._lock.acquire()
    hub.renew()
    hub.add(print)
    assert hub.active
