# SPDX-License-Identifier: MIT
"""What listeners make of real calls: counts, health, log records, spans and metrics."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import pytest
from lines import KEY, read
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from scripted import Scripted, ScriptedServer

from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, move_on_after, sleep
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.credentials import HeaderKey
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.request import Endpoint, Operation, Safety
from twofold.errors import NotFoundError, ServerError, TwofoldError
from twofold.events import Event
from twofold.monitoring.health import Condition
from twofold.monitoring.logs import LoggingListener
from twofold.monitoring.monitor import Monitor
from twofold.monitoring.otel import BOUNDS, OpenTelemetryListener, traced

LOST = Scripted(cut="after")
SLOW = Scripted(after=1)
MISSING = Scripted(404, f"your key is {KEY}".encode())
MOVED = Scripted(302, headers=(("Location", "https://other.example:8443/b?token=t0ken"),))


LOOK = Operation(
    Endpoint("test.look", "GET", "/things/{id}", read), "/things/hidden-id", query={"q": "s3cret"}
)
PUT = Operation(
    Endpoint("test.put", "PUT", "/things/{id}", read, Safety.REPEATABLE), "/things/hidden-id"
)


def client(*lines: Scripted, **options: Any) -> AsyncClient:
    return AsyncClient(
        "https://api.example/base",
        credentials=HeaderKey("X-Api-Key", KEY),
        transport=InProcessTransport(ScriptedServer(*lines)),
        limits=Limits(clock=current_time),
        retry=Retry(uniform=lambda low, high: high),
        **options,
    )


async def test_a_monitor_counts_what_became_of_calls() -> None:
    monitor = Monitor(clock=current_time)
    api = client(SLOW, LOST, SLOW, MISSING, listener=monitor)
    await api.send(LOOK)
    await api.send(LOOK)
    with pytest.raises(NotFoundError):
        await api.send(PUT)
    seen = monitor.snapshot()
    look, put = seen.operations["test.look"], seen.operations["test.put"]
    assert (look.calls, look.attempts, look.retries, look.failed) == (2, 3, 1, 0)
    assert (put.calls, put.refused, put.failed) == (1, 1, 0)
    assert look.latency.p50 == pytest.approx(1, rel=0.03)
    assert look.latency.longest == pytest.approx(1.1)
    assert seen.rates["calls"] == pytest.approx(3 / 60)
    assert seen.health.is_healthy


async def test_a_monitor_knows_what_every_call_does_at_the_moment() -> None:
    monitor = Monitor(clock=current_time)
    api = client(LOST, SLOW, listener=monitor, concurrency=1)
    async with create_task_group() as tasks:
        tasks.start_soon(api.send, LOOK)
        await sleep(0.05)
        pausing = monitor.snapshot().resources
        await sleep(0.1)
        tasks.start_soon(api.send, LOOK)
        await sleep(0.1)
        sent = monitor.snapshot().resources
    assert (pausing.calls, pausing.pausing, pausing.in_flight) == (1, 1, 0)
    assert (sent.calls, sent.in_flight, sent.queued, sent.pausing) == (2, 1, 1, 0)
    assert monitor.snapshot().resources.calls == 0


async def test_a_cancelled_call_is_counted_as_such_and_is_no_failure() -> None:
    """Invariant 0.1"""
    monitor = Monitor(clock=current_time)
    api = client(SLOW, listener=monitor)
    with move_on_after(0.5):
        await api.send(LOOK)
    seen = monitor.snapshot()
    assert seen.operations["test.look"].cancelled == 1
    assert seen.resources.calls == seen.resources.in_flight == 0
    assert seen.health.is_healthy


async def test_health_falls_with_failures_and_comes_back_with_time() -> None:
    monitor = Monitor(clock=current_time)
    api = client(*[Scripted(500)] * 5, Scripted(), listener=monitor)
    for _ in range(5):
        with pytest.raises(ServerError):
            await api.send(LOOK)
    health = monitor.health
    assert health.condition is Condition.DEGRADED
    assert health.reasons == ("5 of 5 calls failed",)
    await sleep(61)
    assert monitor.health.is_healthy


async def test_throttling_is_told_as_such() -> None:
    monitor = Monitor(clock=current_time)
    await client(Scripted(429), Scripted(), listener=monitor).send(LOOK)
    assert monitor.health.condition is Condition.DEGRADED
    assert monitor.health.reasons == ("1 requests were throttled",)


async def test_a_monitor_serves_several_clients_and_may_come_late() -> None:
    monitor = Monitor(clock=current_time)
    first, second = client(SLOW), client(SLOW)
    async with create_task_group() as tasks:
        tasks.start_soon(first.send, LOOK)
        await sleep(0.5)
        first.listeners.add(monitor)
        second.listeners.add(monitor)
        tasks.start_soon(second.send, LOOK)
    assert monitor.snapshot().operations["test.look"].calls == 2
    assert monitor.snapshot().resources.calls == 0


async def test_log_records_hold_the_facts_and_read_well(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "twofold.events")
    await client(LOST, Scripted(), listener=LoggingListener()).send(LOOK)
    records = [record for record in caplog.records if record.name == "twofold.events"]
    facts: list[Mapping[str, Any]] = [vars(record) for record in records]
    assert [one["event"] for one in facts][:4] == [
        "call started",
        "attempt started",
        "attempt ended",
        "retry scheduled",
    ]
    assert {one["operation"] for one in facts} == {"test.look"}
    assert facts[0]["template"] == "/things/{id}"
    assert (facts[2]["error_type"], facts[3]["pause"]) == ("ServerError", 0.1)
    assert records[3].levelno == records[-1].levelno == logging.INFO
    assert records[3].getMessage().startswith("retry scheduled test.look call=")
    assert "pause=0.1" in records[3].getMessage()


async def test_levels_may_be_chosen_and_what_nobody_reads_is_not_made(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "mine")
    from twofold.events import CallStarted

    listener = LoggingListener(logging.getLogger("mine"), levels={CallStarted: logging.INFO})
    await client(Scripted(), listener=listener).send(LOOK)
    assert [vars(record)["event"] for record in caplog.records] == ["call started", "call ended"]


class Telemetry:
    """A listener whose spans and metrics are kept."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._metrics = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meters = MeterProvider([self._metrics])
        self.listener = OpenTelemetryListener(
            tracer_provider=self.tracers, meter_provider=self.meters, clock=current_time
        )

    def spans(self) -> list[ReadableSpan]:
        """Every span that ended, in the order of their beginning."""
        return sorted(self._spans.get_finished_spans(), key=lambda span: span.start_time or 0)

    def metric(self, name: str) -> list[Any]:
        """The points of one metric."""
        read = self._metrics.get_metrics_data()
        return [
            point
            for resource in (read.resource_metrics if read else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def everything(self) -> str:
        """All that was told, as text."""
        read = self._metrics.get_metrics_data()
        shown = [span.to_json() for span in self.spans()]
        return "\n".join([*shown, read.to_json() if read else ""])


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_a_call_has_one_span_and_each_of_its_requests_one_within() -> None:
    telemetry = Telemetry()
    await client(LOST, Scripted(), listener=telemetry.listener).send(LOOK)
    call, first, second = telemetry.spans()
    assert (call.name, call.kind, call.parent) == ("test.look", SpanKind.INTERNAL, None)
    assert call.status.status_code is StatusCode.UNSET
    assert attributes(call) == {"twofold.operation": "test.look", "twofold.requests": 2}
    assert [event.name for event in call.events] == ["retry scheduled"]
    assert call.context is not None
    for request in (first, second):
        assert (request.name, request.kind) == ("GET /things/{id}", SpanKind.CLIENT)
        assert request.parent is not None
        assert request.parent.span_id == call.context.span_id
    shared = {
        "http.request.method": "GET",
        "url.template": "/things/{id}",
        "url.scheme": "https",
        "server.address": "api.example",
        "server.port": 443,
        "twofold.operation": "test.look",
    }
    assert attributes(first) == {**shared, "error.type": "ServerError"}
    assert first.status.status_code is StatusCode.ERROR
    assert attributes(second) == {
        **shared,
        "http.request.resend_count": 1,
        "http.response.status_code": 200,
    }


async def test_a_redirect_ends_one_span_and_begins_another_elsewhere() -> None:
    telemetry = Telemetry()
    await client(MOVED, Scripted(), listener=telemetry.listener).send(LOOK)
    _, first, second = map(attributes, telemetry.spans())
    assert (first["server.address"], first["http.response.status_code"]) == ("api.example", 302)
    assert (second["server.address"], second["server.port"]) == ("other.example", 8443)
    assert second["http.request.resend_count"] == 1


async def test_a_refused_call_has_its_error_on_both_spans() -> None:
    telemetry = Telemetry()
    with pytest.raises(NotFoundError):
        await client(MISSING, listener=telemetry.listener).send(LOOK)
    call, request = telemetry.spans()
    assert attributes(call)["error.type"] == "NotFoundError"
    assert attributes(request)["error.type"] == "404"
    assert call.status.status_code is request.status.status_code is StatusCode.ERROR


async def test_a_cancelled_call_leaves_no_span_open() -> None:
    telemetry = Telemetry()
    with move_on_after(0.5):
        await client(SLOW, listener=telemetry.listener).send(LOOK)
    call, request = telemetry.spans()
    assert "Cancel" in attributes(call)["error.type"]
    assert attributes(request)["error.type"] == attributes(call)["error.type"]
    assert telemetry.listener._calls == {}


async def test_calls_within_a_span_belong_to_it_and_calls_at_once_keep_apart() -> None:
    telemetry = Telemetry()
    api = client(SLOW, listener=telemetry.listener)
    tracer = telemetry.tracers.get_tracer("test")
    with tracer.start_as_current_span("outer") as outer:
        async with create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(api.send, LOOK)
        await api.send(LOOK)
    calls = [span for span in telemetry.spans() if span.name == "test.look"]
    assert len(calls) == 4
    for call in calls:
        assert call.parent is not None
        assert call.parent.span_id == outer.get_span_context().span_id


async def test_the_server_can_join_the_trace() -> None:
    telemetry = Telemetry()
    server = ScriptedServer()
    api = AsyncClient(
        "https://api.example",
        transport=InProcessTransport(server),
        limits=Limits(clock=current_time),
        listener=telemetry.listener,
        prepare=traced,
    )
    await api.send(LOOK)
    (sent,) = server.field("traceparent")
    call = telemetry.spans()[0]
    assert call.context is not None
    assert sent is not None
    assert f"{call.context.trace_id:032x}-{call.context.span_id:016x}" in sent


async def test_durations_are_a_histogram_in_seconds() -> None:
    telemetry = Telemetry()
    api = client(SLOW, LOST, Scripted(), listener=telemetry.listener)
    await api.send(LOOK)
    await api.send(LOOK)
    answered, lost = sorted(
        telemetry.metric("http.client.request.duration"),
        key=lambda point: "error.type" in point.attributes,
    )
    assert (answered.count, answered.sum) == (2, pytest.approx(1))
    assert tuple(answered.explicit_bounds) == BOUNDS
    assert dict(answered.attributes) == {
        "http.request.method": "GET",
        "url.template": "/things/{id}",
        "url.scheme": "https",
        "server.address": "api.example",
        "server.port": 443,
        "http.response.status_code": 200,
    }
    assert (lost.count, lost.attributes["error.type"]) == (1, "ServerError")


async def test_gauges_say_what_is_so_when_they_are_read() -> None:
    telemetry = Telemetry()
    api = client(SLOW, listener=telemetry.listener, concurrency=1)

    def gauges() -> list[int]:
        names = ("in_flight", "queued")
        return [telemetry.metric(f"twofold.client.{name}")[0].value for name in names]

    async with create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(api.send, LOOK)
        await sleep(0.5)
        during = gauges()
    assert during == [1, 2]
    assert gauges() == [0, 0]


async def test_no_secret_and_no_address_is_in_any_event_log_span_or_metric(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Invariant 10.4"""
    caplog.set_level(logging.DEBUG)
    telemetry, told, monitor = Telemetry(), list[Event](), Monitor(clock=current_time)
    echo = Scripted(401, f"your key {KEY} is wrong, {KEY[:12]}".encode())
    api = client(LOST, MOVED, Scripted(), MISSING, echo, listener=told.append)
    for listener in (telemetry.listener, LoggingListener(), monitor):
        api.listeners.add(listener)
    await api.send(LOOK)
    for _ in range(2):
        with pytest.raises(TwofoldError):
            await api.send(LOOK)
    shown = [repr(event) for event in told]
    shown += [json.dumps(vars(record), default=repr) for record in caplog.records]
    shown += [telemetry.everything(), repr(monitor.snapshot())]
    assert len(told) > 10
    for text in shown:
        assert not any(secret in text for secret in (KEY, KEY[:12], "s3cret", "hidden-id", "t0ken"))
