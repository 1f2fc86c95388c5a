"""Logging in with a user name and a password: a session, and a token for what it writes.

Reads need the password alone.  A write needs a token besides, which belongs to the session: it is
fetched before the first write, and anew when the server refuses it or names another session.
Source: Rally WSAPI v2.0, authentication.

Nothing here waits or sends: the line asks whether a token is needed, and carries out the renewal.
"""

from __future__ import annotations

from collections.abc import Generator
from threading import Lock
from typing import Any

import attrs

from ..core.credentials import Credentials, Signed, Unchanging, digest
from ..core.forks import renewed_in_child
from ..core.request import Operation, Reply, Request
from ..core.text.headers import Pairs
from ..core.text.quoting import quoted
from ..errors import CredentialsError, ServerError
from .cookies import SESSION, Cookies
from .passwords import basic, composed
from .tokens import AUTHORIZE, token_in, with_key

READS = frozenset({"GET", "HEAD"})

# Servers lock a user out after a few wrong passwords: of many waiting writes one tries it.
PAUSE = 30.0

# What is shorter is no secret, and hiding it would spoil every text that holds a number.
TELLING = 8


def hidden(held: Held) -> tuple[str, ...]:
    values = {text for name, text in held.cookies.pairs if name == SESSION or len(text) >= TELLING}
    return tuple(sorted({*values, held.token, quoted(held.token)} - {""}))


@attrs.frozen
class Held:
    """What a login has of its server at one moment."""

    cookies: Cookies = attrs.field(factory=Cookies)
    token: str = attrs.field(default="", repr=False)
    """What writes need; empty: there is none."""
    version: int = 0
    """How many tokens there have been."""
    secrets: tuple[str, ...] = attrs.field(
        default=attrs.Factory(hidden, takes_self=True), init=False, repr=False
    )

    def without_token(self) -> Held:
        return Held(self.cookies, version=self.version)

    def after(self, reply: Reply) -> Held:
        """Return what an answer leaves; another session's writes need a token of its own."""
        if reply.status == 401:
            return Held(version=self.version)
        cookies = self.cookies.after(reply)
        if cookies is self.cookies:
            return self
        is_same = cookies.session == self.cookies.session
        return Held(cookies, self.token if is_same else "", self.version)


@attrs.define
class SignedWith(Signed):
    """A request, and what was held when it was signed; a value, though not frozen."""

    held: Held


@attrs.define(eq=False)
class Login:
    """The credentials of one user for one client, whose threads and event loops share them.

    A user name or password that basic authentication cannot say is an ArgumentError.
    """

    username: str
    _password: str = attrs.field(repr=False)
    account: str = attrs.field(init=False)
    _basic: str = attrs.field(init=False, repr=False)
    _own: tuple[str, ...] = attrs.field(init=False, repr=False)
    _held: Held = attrs.field(factory=Held, init=False, repr=False)
    _rejected_until: float | None = attrs.field(default=None, init=False, repr=False)
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._basic = basic(self.username, self._password)
        self._own = (self._password, composed(self._password), self._basic)
        # Not the password's: with another one it is the same user still, with the same limits.
        self.account = digest("rally user", composed(self.username))
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin with a free lock in a forked child; the session is good there as well."""
        self._lock = Lock()

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._own + self._held.secrets

    @property
    def issuer(self) -> Credentials:
        return Issuer(self)

    def ready(self, operation: Operation[Any], now: float) -> bool:
        """Reads are; one that goes as a form is sent by POST, and needs a token like any write."""
        if self._rejected_until is not None and now >= self._rejected_until:
            self._rejected_until = None
        return operation.endpoint.method in READS or self._held.token != ""

    def sign(self, request: Request) -> Signed:
        held, target = self._held, request.target
        if held.token and request.method not in READS:
            target = with_key(target, held.token)
        fields = (*with_cookies(request.headers, held), ("Authorization", f"Basic {self._basic}"))
        origin, body, upload = request.origin, request.body, request.upload
        signed = Request(request.method, origin, target, fields, body, upload, request.once)
        return SignedWith(signed, held.version, held)

    def refused(self, version: int, now: float) -> bool:  # noqa: ARG002 - the protocol's
        """Forget the token that was refused; a password that was refused cannot be mended."""
        with self._lock:
            if version == self._held.version:
                self._held = self._held.without_token()
        return self._rejected_until is None

    def heard(self, signed: Signed, reply: Reply, now: float) -> None:
        """Keep the cookies of an answer that was asked for with those that are kept now.

        Requests that leave at once may open a session each.  The first one stays: what comes of the
        others must not replace it, since a token would not be good for them.
        """
        self._judge(reply, now)
        with self._lock:
            if asked_with(signed).cookies is self._held.cookies:
                self._held = self._held.after(reply)

    def granted(self, signed: Signed, reply: Reply, token: str, now: float) -> None:
        """Take a token, and with it the session that it was issued in: this very answer's."""
        self._judge(reply, now)
        cookies = asked_with(signed).cookies.after(reply)
        with self._lock:
            self._held = Held(cookies, token, self._held.version + 1)

    def renewal(self) -> Generator[Operation[Any], Any, None]:
        if self._rejected_until is not None:
            raise CredentialsError(
                f"this user name and password were refused within the last {PAUSE:g} s, "
                "and are not tried again so soon"
            )
        before = self._held.version
        yield AUTHORIZE.operation()
        if self._held.version == before:
            raise ServerError("the token for writes came from another server, and is not used")

    def _judge(self, reply: Reply, now: float) -> None:
        """Take note of whether the password was refused, or is good after all."""
        if reply.status == 401:
            self._rejected_until = now + PAUSE
        elif reply.status < 500:
            self._rejected_until = None


@attrs.frozen
class Issuer(Unchanging):
    """The same user asking for a token: it goes with the session, and the answer brings both."""

    login: Login

    @property
    def account(self) -> str:
        return self.login.account

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.login.secrets

    def sign(self, request: Request) -> Signed:
        return self.login.sign(request)

    def heard(self, signed: Signed, reply: Reply, now: float) -> None:
        token = token_in(reply)
        if token is None:
            self.login.heard(signed, reply, now)
        else:
            self.login.granted(signed, reply, token, now)


def asked_with(signed: Signed) -> Held:
    return signed.held if isinstance(signed, SignedWith) else Held()


def with_cookies(fields: Pairs, held: Held) -> Pairs:
    """Add the cookies to the fields of a request, which has one such field at most (RFC 6265)."""
    if not held.cookies.pairs:
        return fields
    others = tuple(field for field in fields if field[0].lower() != "cookie")
    given = [value for name, value in fields if name.lower() == "cookie"]
    return (*others, ("Cookie", "; ".join([*given, held.cookies.text])))
