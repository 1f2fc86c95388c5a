"""Gauges of OpenTelemetry: how things stand at the moment they are read; needs extra `otel`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from opentelemetry.metrics import CallbackOptions, Observation

from ..core.forks import renewed_in_child
from ..events import Event
from .traffic import Resources, Traffic

Attributes: TypeAlias = Mapping[str, Any]
Callback: TypeAlias = Callable[[CallbackOptions], Iterable[Observation]]

# How far each state of a circuit is from letting calls pass.
OPENNESS = {"closed": 0, "disabled": 0, "half_open": 1, "open": 2, "forced_open": 2}

PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=256)
def server_of(origin: str) -> Attributes:
    """Return the attributes of an origin."""
    parts = urlsplit(origin)
    port = parts.port or PORTS.get(parts.scheme, 0)
    return {"server.address": parts.hostname or "", "server.port": port, "url.scheme": parts.scheme}


class Gauges:
    """What the gauges show when they are read."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._traffic = Traffic()
        self._lock = Lock()
        renewed_in_child(self)

    def renew(self) -> None:
        """Go on in a forked child: nothing is under way there."""
        self._lock = Lock()
        self.forget_calls()

    def forget_calls(self) -> None:
        with self._lock:
            self._traffic.forget_calls()

    def all(self) -> Iterable[tuple[str, str, Callback]]:
        """Yield name, unit and callback of each."""
        yield "in_flight", "{request}", lambda _: self._now(lambda now: now.in_flight)
        yield "queued", "{call}", lambda _: self._now(lambda now: now.queued)
        yield "limit", "{request}", lambda _: each(self._traffic.limits)
        yield "circuit", "1", lambda _: each(self._openness())

    def note(self, event: Event) -> None:
        with self._lock:
            self._traffic.note(event)

    def _now(self, figure: Callable[[Resources], int]) -> Iterable[Observation]:
        with self._lock:
            resources = self._traffic.resources(self._clock())
        yield Observation(figure(resources))

    def _openness(self) -> Mapping[str, int]:
        states = dict(self._traffic.circuits)
        return {origin: OPENNESS.get(state, 0) for origin, state in states.items()}


def each(figures: Mapping[str, int]) -> Iterable[Observation]:
    for origin, figure in dict(figures).items():
        yield Observation(figure, dict(server_of(origin)))
