"""Events as spans and metrics of OpenTelemetry; needs extra `otel`.

Names are those of the semantic conventions for HTTP clients.  What differs from call to call is in
no name and no attribute: the operation and the path's template stand for it, never an address.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import Token
from typing import Any

import attrs
from opentelemetry import context, metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider

from ..core.request import Request
from ..errors import TwofoldError
from ..events import (
    AttemptAbandoned,
    AttemptEnded,
    AttemptStarted,
    CallEnded,
    CallStarted,
    Event,
    Redirected,
)
from .gauges import Attributes, Gauges, server_of
from .logs import facts_of, kind_of

# Bounds in seconds, as the conventions advise.
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


def traced(request: Request) -> Request:
    """Return a request with the headers that let the server join the trace: the option `prepare`.

    What they name is the span of the call, if an `OpenTelemetryListener` listens.
    """
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return request.with_headers((*request.headers, *carrier.items()))


@attrs.define(eq=False)
class Sent:
    """A request on its way, and the span of it."""

    span: Span
    at: float
    attributes: dict[str, Any]


@attrs.define(eq=False)
class Traced:
    """A call under way, with the span of it and those of its requests, by attempt."""

    span: Span
    method: str
    template: str
    server: Attributes
    token: Token[Context]
    requests: dict[int, Sent] = attrs.field(factory=lambda: dict[int, Sent]())
    sent: int = 0

    @property
    def context(self) -> Context:
        return trace.set_span_in_context(self.span)


class OpenTelemetryListener:
    """One span for each call, and within it one for each request that was sent for it.

    ::

        client = RallyClient(listener=OpenTelemetryListener(), prepare=traced)

    The span of a call is the current one while the call runs.  Metrics are the histogram
    `http.client.request.duration` in seconds, and the gauges `twofold.client.in_flight`,
    `twofold.client.queued`, `twofold.client.limit` (adaptive limits) and
    `twofold.client.circuit` (0 closed, 1 half open, 2 open).  Without providers the global ones are
    used.  One listener serves any number of clients.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tracer = trace.get_tracer("twofold", tracer_provider=tracer_provider)
        self._calls: dict[int, Traced] = {}
        self._gauges = Gauges(clock)
        meter = metrics.get_meter("twofold", meter_provider=meter_provider)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=BOUNDS,
        )
        for name, unit, observe in self._gauges.all():
            meter.create_observable_gauge(f"twofold.client.{name}", callbacks=[observe], unit=unit)

    def __call__(self, event: Event) -> None:
        self._gauges.note(event)
        if isinstance(event, CallStarted):
            self._start(event)
            return
        call = self._calls.get(event.call)
        if call is None:
            return  # it began before anybody listened
        match event:
            case AttemptStarted():
                self._send(call, event)
            case AttemptEnded():
                self._answer(call, event)
            case Redirected():
                self._end(call, event, event.status, None)
                call.server = server_of(event.origin)
            case AttemptAbandoned():
                self._end(call, event, None, "abandoned")
            case CallEnded():
                self._finish(call, event)
            case _:
                call.span.add_event(kind_of(event), said_by(event))

    def forget_calls(self) -> None:
        """End the spans of the calls that are under way: how they end is not heard here."""
        self._gauges.forget_calls()
        calls, self._calls = self._calls, {}
        for call in calls.values():
            for request in call.requests.values():
                request.span.end()
            call.span.end()

    def _start(self, event: CallStarted) -> None:
        span = self._tracer.start_span(
            event.operation, attributes={"twofold.operation": event.operation}
        )
        token = context.attach(trace.set_span_in_context(span))
        server = server_of(event.origin)
        self._calls[event.call] = Traced(span, event.method, event.template, server, token)

    def _send(self, call: Traced, event: AttemptStarted) -> None:
        self._end(call, event, None, None)  # the credentials were renewed, and it is sent again
        attributes = {
            "http.request.method": call.method,
            "url.template": call.template,
            **call.server,
        }
        span = self._tracer.start_span(
            f"{call.method} {call.template}",
            context=call.context,
            kind=SpanKind.CLIENT,
            attributes={**attributes, "twofold.operation": event.operation},
        )
        if call.sent:
            span.set_attribute("http.request.resend_count", call.sent)
        call.sent += 1
        call.requests[event.attempt] = Sent(span, event.at, attributes)

    def _answer(self, call: Traced, event: AttemptEnded) -> None:
        kind = None if event.error is None else type(event.error).__qualname__
        if kind is not None and event.status is not None and event.status >= 400:
            kind = str(event.status)
        self._end(call, event, event.status, kind, event.error)

    def _end(
        self,
        call: Traced,
        event: Event,
        status: int | None,
        kind: str | None,
        error: BaseException | None = None,
        attempt: int | None = None,
    ) -> None:
        """End the request of an attempt, the event's own if none is named, if it is on its way."""
        request = call.requests.pop(event.attempt if attempt is None else attempt, None)
        if request is None:
            return
        outcome = {"http.response.status_code": status, "error.type": kind}
        known = {name: value for name, value in outcome.items() if value is not None}
        request.span.set_attributes(known)
        if kind is not None:
            request.span.set_status(failed(error))
        request.span.end()
        self._duration.record(
            max(0.0, event.at - request.at),
            {**request.attributes, **known},
            context=trace.set_span_in_context(request.span),
        )

    def _finish(self, call: Traced, event: CallEnded) -> None:
        kind = None if event.error is None else type(event.error).__qualname__
        for attempt in list(call.requests):
            self._end(call, event, None, kind, event.error, attempt)
        call.span.set_attribute("twofold.requests", call.sent)
        if kind is not None:
            call.span.set_attribute("error.type", kind)
            call.span.set_status(failed(event.error))
        call.span.end()
        del self._calls[event.call]
        context.detach(call.token)


def failed(error: BaseException | None) -> Status:
    """Return the status for an error; the words of ours hold no secret, those of others might."""
    return Status(StatusCode.ERROR, str(error) if isinstance(error, TwofoldError) else None)


def said_by(event: Event) -> Attributes:
    about = ("event", "call", "operation", "at")
    return {f"twofold.{k}": v for k, v in facts_of(event).items() if k not in about}
