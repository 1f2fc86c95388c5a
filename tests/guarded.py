"""Rally's stand-in behind a door that keeps what comes in, and may change what goes out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import attrs

from twofold.core.request import Request
from twofold.emulators.exchange import Answer
from twofold.emulators.rally.emulator import RallyEmulator

USER = "ann@example.com"
PASSWORD = "s:cret-that-nobody-may-see"
KEY = "_emulated-key-0123456789"
AUTHORIZE = "/slm/webservice/v2.0/security/authorize"
INVALID = b"Invalid key"

Change = Callable[[Request, Answer], Answer]


class Guarded:
    """An emulator, and all that it was asked and answered."""

    def __init__(self, **options: Any) -> None:
        usual = {"tickets": 70, "seed": 3, "api_key": KEY, "username": USER, "password": PASSWORD}
        given: dict[str, Any] = {**usual, **options}
        self.emulator = RallyEmulator(**given)
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self.change: Change = lambda _, answer: answer
        self._forgotten: set[str] = set()

    def answer(self, request: Any, now: float) -> Answer:
        self.requests.append(request)
        is_forgotten = any(each in str(field(request, "cookie")) for each in self._forgotten)
        known = without(request, "cookie") if is_forgotten else request
        answer = self.change(request, self.emulator.answer(known, now))
        self.answers.append(answer)
        return answer

    def restart(self) -> None:
        """Forget all sessions, as a server does that is started anew."""
        self._forgotten = self.sessions()

    def left(self, answer: Answer, now: float) -> None:
        self.emulator.left(answer, now)

    def count(self, method: str, part: str = "") -> int:
        return sum(one.method == method and part in one.target for one in self.requests)

    @property
    def authorized(self) -> int:
        """How often a token was asked for."""
        return self.count("GET", AUTHORIZE)

    @property
    def refused(self) -> int:
        """How many writes had no token, or not the right one."""
        return sum(INVALID in answer.body for answer in self.answers)

    def cookies(self) -> list[str | None]:
        return [field(request, "cookie") for request in self.requests]

    def sessions(self) -> set[str]:
        """What names the sessions that were opened."""
        fields = (pair for answer in self.answers for pair in answer.headers)
        return {
            value.partition(";")[0].partition("=")[2]
            for name, value in fields
            if name == "Set-Cookie"
        } - {""}

    def secrets(self) -> set[str]:
        """All that this server knows of a caller and that nobody else may see."""
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        told = {PASSWORD, basic, KEY, *self.sessions()}
        for answer in self.answers:
            _, sign, token = answer.body.decode("utf-8", "replace").partition('"SecurityToken":"')
            if sign:
                told.add(token.partition('"')[0])
        return told


def field(request: Request, name: str) -> str | None:
    return next((value for key, value in request.headers if key.lower() == name), None)


def without(request: Request, name: str) -> Request:
    kept = tuple(pair for pair in request.headers if pair[0].lower() != name)
    return attrs.evolve(request, headers=kept)


def moved(status: int, place: str) -> Answer:
    return Answer(status, (("Location", place),))
