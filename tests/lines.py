"""What tests of the line send, to whom, and as whom: no colour, so any of them may use it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import attrs

from twofold.core.credentials import Credentials, HeaderKey, Signed, Unchanging
from twofold.core.policy.retry import Retry
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request, Safety
from twofold.core.wire.verdict import refusal

HOME = Origin("https", "api.example", 443)
KEY = "_a-key-that-nobody-may-see"
STEADY = Retry(uniform=lambda low, high: high)


def read(reply: Reply) -> Any:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    return reply.json()


LOOK = Operation(Endpoint("test.look", "GET", "/thing", read), "/thing")
PUT = Operation(Endpoint("test.put", "PUT", "/thing", read, Safety.REPEATABLE), "/thing", body=b"x")
POST = Operation(Endpoint("test.post", "POST", "/thing", read, Safety.ONCE), "/thing", body=b"y")
ISSUE = Operation(Endpoint("test.issue", "POST", "/token", read, Safety.ONCE), "/token")


@attrs.define(eq=False)
class Token(Unchanging):
    """Credentials that want a token first, and another one when it is refused."""

    token: str = attrs.field(default="", repr=False)
    issuer: Credentials | None = attrs.field(factory=lambda: HeaderKey("X-Api-Key", KEY))
    account: str = "token"
    version: int = 0
    renewals: int = 0

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token,) if self.token else ()

    def ready(self, operation: Operation[Any], now: float) -> bool:
        return bool(self.token)

    def sign(self, request: Request) -> Signed:
        fields = (*request.headers, ("Authorization", self.token))
        return Signed(attrs.evolve(request, headers=fields), self.version)

    def refused(self, version: int, now: float) -> bool:
        if version == self.version:
            self.token = ""
        return True

    def renewal(self) -> Generator[Operation[Any], Any, None]:
        self.renewals += 1
        said = yield ISSUE
        self.token, self.version = said["token"], self.version + 1
