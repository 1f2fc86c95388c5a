"""What a monitor makes of events, and that all who listen can take any of them."""

from __future__ import annotations

import enum
import logging
import threading
from typing import Any

import attrs
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    Gauge,
    InMemoryMetricReader,
    Metric,
    NumberDataPoint,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from twofold import Bounds, Condition, LoggingListener, Monitor
from twofold.core.listeners import Listeners
from twofold.errors import (
    ArgumentError,
    ConflictError,
    Drift,
    DriftKind,
    Fault,
    RetryLaterError,
    ServerError,
)
from twofold.events import (
    AttemptEnded,
    AttemptStarted,
    CacheAnswered,
    CacheOutcome,
    CallEnded,
    CallStarted,
    CircuitChanged,
    Event,
    FlightJoined,
    HedgeSent,
    LimitChanged,
    Refusal,
    RetryRefused,
    RetryScheduled,
    StoreFailed,
    Throttled,
)
from twofold.monitoring.logs import facts_of
from twofold.monitoring.otel import OpenTelemetryListener
from twofold.monitoring.traffic import Resources

ORIGIN = "https://api.example"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def made(kind: type[Event], **fields: Any) -> Event:
    """An event of a kind, with something plausible in each field that is not given."""
    usual: dict[str, Any] = {
        "call": 1,
        "attempt": 1,
        "operation": "test.look",
        "at": 0.0,
        "seconds": 0.5,
        "status": 200,
        "error": None,
        "queued": 0.0,
        "pause": 1.0,
        "after": 1.0,
        "waited": 1.0,
        "age": None,
        "outcome": CacheOutcome.MISS,
        "reason": Refusal.BUDGET,
        "origin": ORIGIN,
        "state": "open",
        "limit": 5,
        "bucket": "core",
        "signed": True,
        "texts": ("careful",),
        "fault": Fault(Drift("Thing", "New", DriftKind.UNKNOWN_KEY), "Results[0].New"),
        "changed": True,
        "engine": "direct",
    }
    names = {field.name for field in attrs.fields(kind)}
    return kind(**{name: one for name, one in {**usual, **fields}.items() if name in names})


def kinds() -> list[type[Event]]:
    return [Event, *Event.__subclasses__()]


def test_health_follows_the_circuits() -> None:
    monitor = Monitor(clock=Clock())
    seen: list[tuple[Condition, tuple[str, ...]]] = []
    for state in ("open", "half_open", "closed", "forced_open", "disabled"):
        monitor(made(CircuitChanged, state=state))
        seen.append((monitor.health.condition, monitor.health.reasons))
    assert seen == [
        (Condition.OPEN, (f"the circuit of {ORIGIN} is open",)),
        (Condition.DEGRADED, (f"the circuit of {ORIGIN} is half_open",)),
        (Condition.HEALTHY, ()),
        (Condition.OPEN, (f"the circuit of {ORIGIN} is forced_open",)),
        (Condition.HEALTHY, ()),
    ]
    assert monitor.snapshot().circuits == {ORIGIN: "disabled"}


def test_what_is_the_callers_own_fault_is_no_failure() -> None:
    monitor = Monitor(clock=Clock())
    for error in (ConflictError("no"), None, ServerError("no"), KeyboardInterrupt()):
        monitor(made(CallEnded, error=error))
    (counts,) = monitor.snapshot().operations.values()
    assert (counts.calls, counts.refused, counts.failed, counts.cancelled) == (4, 1, 1, 1)
    assert counts.latency.count == 3


@pytest.mark.parametrize(("failed", "is_healthy"), [(0, True), (1, True), (2, False)])
def test_so_many_failures_are_too_many(failed: int, is_healthy: bool) -> None:
    monitor = Monitor(clock=Clock(), bounds=Bounds(failures=0.2, calls=10))
    for number in range(10):
        assert monitor.health.is_healthy
        monitor(made(CallEnded, error=ServerError("no") if number < failed else None))
    assert monitor.health.is_healthy == is_healthy


def test_rates_are_those_of_the_window() -> None:
    clock = Clock()
    monitor = Monitor(window=10, clock=clock)
    for clock.now in (0.0, 5.0, 8.0):
        monitor(made(AttemptEnded, at=clock.now, error=RetryLaterError("later", status=429)))
        monitor(made(RetryScheduled, at=clock.now, error=ServerError("no")))
    clock.now = 11.0
    rates = monitor.snapshot().rates
    assert (rates["attempts"], rates["throttled"], rates["retries"]) == (0.2, 0.2, 0.2)
    assert monitor.snapshot().totals["throttled"] == 3
    clock.now = 60.0
    assert monitor.snapshot().rates["attempts"] == 0
    assert monitor.health.is_healthy


def test_everything_else_is_counted_too() -> None:
    monitor = Monitor(clock=Clock())
    for outcome in (CacheOutcome.FRESH, CacheOutcome.FRESH, CacheOutcome.MISS):
        monitor(made(CacheAnswered, outcome=outcome))
    for kind in (FlightJoined, HedgeSent, RetryRefused, Throttled):
        monitor(made(kind))
    monitor(made(LimitChanged, limit=7))
    monitor(made(StoreFailed, error=OSError("full")))
    seen = monitor.snapshot()
    assert seen.cache == {"fresh": 2, "miss": 1}
    assert seen.limits == {ORIGIN: 7}
    assert seen.totals == {
        "joined": 1,
        "hedges": 1,
        "retries refused": 1,
        "buckets closed": 1,
        "store failed": 1,
    }
    assert seen.health.reasons == ("the store of the cache failed 1 times",)


def test_the_number_of_operations_is_bounded() -> None:
    monitor = Monitor(clock=Clock())
    for number in range(300):
        monitor(made(CallEnded, operation=f"made up {number}"))
    operations = monitor.snapshot().operations
    assert len(operations) == 257
    assert operations["(others)"].calls == 44


def test_many_threads_may_tell_it_at_once() -> None:
    monitor = Monitor()

    def tell(first: int) -> None:
        for call in range(first, first + 500):
            monitor(made(CallStarted, call=call))
            monitor.snapshot()
            monitor(made(CallEnded, call=call))

    threads = [threading.Thread(target=tell, args=(1000 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = monitor.snapshot()
    assert seen.operations["test.look"].calls == 2000
    assert seen.resources.calls == 0


def test_a_snapshot_does_not_change() -> None:
    monitor = Monitor(clock=Clock())
    before = monitor.snapshot()
    monitor(made(CallEnded))
    assert before.operations == {}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        before.window = 1  # type: ignore[misc] # that is what is tried


def test_a_forked_child_has_nothing_under_way() -> None:
    monitor = Monitor(clock=Clock())
    monitor(made(CallStarted))
    monitor._lock.acquire()
    monitor.renew()
    assert monitor.snapshot().resources.calls == 0


def test_a_listener_that_leaves_counts_no_call_of_which_it_does_not_hear_the_end() -> None:
    monitor = Monitor(clock=Clock())
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracing = OpenTelemetryListener(tracer_provider=provider)
    for listener in (monitor, tracing):
        hub = Listeners(listener)
        hub.tell(made(CallStarted))
        hub.tell(made(AttemptStarted))
        hub.remove(listener)
        hub.tell(made(CallEnded))
    assert monitor.snapshot().resources == Resources(0, 0, 0, 0)
    assert len(spans.get_finished_spans()) == 2
    assert not tracing._calls


@pytest.mark.parametrize("wrong", [0, -1, "60", None])
def test_a_wrong_window_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match="window"):
        Monitor(window=wrong)


@pytest.mark.parametrize("kind", kinds())
def test_every_event_can_be_counted_traced_and_logged(
    kind: type[Event], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "twofold.events")
    event = made(kind)
    told = [made(CallStarted), event, made(CallEnded)]
    for listener in (Monitor(clock=Clock()), OpenTelemetryListener(), LoggingListener()):
        for one in told:
            listener(one)
    assert len(caplog.records) == 3


@pytest.mark.parametrize("kind", kinds())
def test_no_fact_takes_the_place_of_what_a_record_has_anyway(kind: type[Event]) -> None:
    record = logging.LogRecord("", 0, "", 0, "", None, None)
    facts = facts_of(made(kind, error=ServerError("no")))
    assert not facts.keys() & {*vars(record), "message", "asctime"}
    assert not any(isinstance(fact, enum.Enum | BaseException | Fault) for fact in facts.values())


def test_the_words_of_an_error_that_is_not_ours_are_not_shown() -> None:
    facts = facts_of(made(CallEnded, error=ValueError("s3cret")))
    assert facts["error_type"] == "ValueError"
    assert "s3cret" not in repr(facts)


def gauged(metric: Metric) -> list[NumberDataPoint]:
    assert isinstance(metric.data, Gauge)
    return list(metric.data.data_points)


def test_gauges_show_circuits_and_limits_by_origin() -> None:
    reader = InMemoryMetricReader()
    listener = OpenTelemetryListener(meter_provider=MeterProvider([reader]))
    for event in (
        made(CircuitChanged, state="half_open"),
        made(LimitChanged, limit=7, origin="http://other.example:8080"),
    ):
        listener(event)
    read = reader.get_metrics_data()
    assert read is not None
    points = {
        metric.name: [(point.value, dict(point.attributes or {})) for point in gauged(metric)]
        for resource in read.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    home = {"server.address": "api.example", "server.port": 443, "url.scheme": "https"}
    other = {"server.address": "other.example", "server.port": 8080, "url.scheme": "http"}
    assert points["twofold.client.circuit"] == [(1, home)]
    assert points["twofold.client.limit"] == [(7, other)]
