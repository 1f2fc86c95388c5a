"""A server that answers from a script: an emulator as any other, for tests of the line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from twofold.core.request import Request


@attrs.frozen
class Scripted:
    """One answer of the script."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    after: float = 0.0
    cut: str | None = None


Script = Callable[[Request], Scripted]


class ScriptedServer:
    """Answers each request with the next line of its script, the last one again and again."""

    def __init__(self, *lines: Scripted | Script) -> None:
        self._lines = list(lines) or [Scripted()]
        self.requests: list[Request] = []
        self.times: list[float] = []
        self.inside = 0
        self.most_inside = 0
        self.left_early = 0

    def answer(self, request: Request, now: float) -> Scripted:
        line = self._lines[min(len(self.requests), len(self._lines) - 1)]
        self.requests.append(request)
        self.times.append(now)
        return line if isinstance(line, Scripted) else line(request)

    def left(self, answer: Scripted, now: float) -> None:
        self.left_early += 1

    def field(self, name: str) -> list[str | None]:
        """The values of one header field, request by request."""
        return [dict(fields(request.headers)).get(name.lower()) for request in self.requests]


def fields(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return ((name.lower(), value) for name, value in pairs)
