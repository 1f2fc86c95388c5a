"""Who may come in: an API key, or name and password with a session cookie and a write token."""

from __future__ import annotations

import base64
import binascii
import math
import random
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie

import attrs

from ..exchange import Pairs
from .parameters import Call
from .served import Served, html

COOKIE = "JSESSIONID"
INVALID_KEY = "Not authorized to perform action: Invalid key"
NO_CREDENTIALS = "An Authentication object was not found in the SecurityContext"
WRONG_CREDENTIALS = "The username or password you entered is incorrect."


@attrs.define
class Session:
    """What a session cookie stands for; its token changes with every authorisation."""

    name: str
    user: str
    token: str | None = None
    ends: float = math.inf
    """When the token expires."""


@attrs.frozen
class Admitted:
    """A caller who is let in; a session's writes need its token."""

    user: str
    """The name under which the caller logs in."""
    session: Session | None
    headers: Pairs = ()
    is_read_only: bool = False

    def may_write(self, key: str | None, now: float) -> bool:
        """Whether a write is allowed; `key` is the token sent with it."""
        if self.session is None:
            return True
        return key is not None and key == self.session.token and now < self.session.ends


class Door:
    """Knows who may log in, and the sessions that are open.

    `keys` are names of users by API key; `is_user` tells whose name, with the password that is
    everybody's, opens a session. A token for writes is good for `token_seconds`.
    """

    def __init__(
        self,
        *,
        keys: Mapping[str, str],
        read_only_key: str,
        is_user: Callable[[str], bool],
        password: str,
        token_seconds: float,
        chance: random.Random,
    ) -> None:
        self._keys = keys
        self._read_only_key = read_only_key
        self._is_user = is_user
        self._token_seconds = token_seconds
        self._password = password
        self._chance = chance
        self._sessions: dict[str, Session] = {}

    def admit(self, call: Call) -> Admitted | Served:
        """Let a caller in, or answer 401 as the server does: in HTML.

        A session cookie beside an API key switches to the rules of sessions.
        """
        session = self._sessions.get(_cookie(call))
        key = call.headers.get("zsessionid")
        if key is not None:
            return self._by_key(key, session)
        if "authorization" in call.headers:
            return self._by_password(call.headers["authorization"], session)
        return Admitted(session.user, session) if session else _refused(NO_CREDENTIALS)

    def user(self, call: Call) -> str:
        """Name who calls, as far as that is said; nothing is opened."""
        key = call.headers.get("zsessionid")
        if key is not None:
            return self._keys.get(key, "")
        name, _, _ = (_decoded(call.headers.get("authorization", "")) or "").partition(":")
        session = self._sessions.get(_cookie(call))
        return name or (session.user if session else "")

    def refusal(self) -> Served:
        """Answer a write by a key that is for reading only."""
        return _refused(NO_CREDENTIALS)

    def authorize(self, admitted: Admitted, now: float) -> str:
        """Give out a token for writes; it replaces the session's former one."""
        token = f"{self._chance.getrandbits(128):032x}"
        if admitted.session is not None:
            admitted.session.token = token
            admitted.session.ends = now + self._token_seconds
        return token

    def _by_key(self, key: str, session: Session | None) -> Admitted | Served:
        if key not in self._keys or not self._is_user(self._keys[key]):
            return _refused(WRONG_CREDENTIALS)
        return Admitted(self._keys[key], session, is_read_only=key == self._read_only_key)

    def _by_password(self, authorization: str, session: Session | None) -> Admitted | Served:
        name, _, password = (_decoded(authorization) or "").partition(":")
        if password != self._password or not self._is_user(name):
            return _refused(WRONG_CREDENTIALS)
        if session is not None and session.user == name:
            return Admitted(name, session)
        session = Session(f"{self._chance.getrandbits(96):024x}", name)
        self._sessions[session.name] = session
        cookie = f"{COOKIE}={session.name}; Path=/; HttpOnly"
        return Admitted(name, session, (("Set-Cookie", cookie),))


def _refused(text: str) -> Served:
    return html(401, text, (("WWW-Authenticate", 'Basic realm="Rally ALM"'),))


def _cookie(call: Call) -> str:
    try:
        cookies = SimpleCookie(call.headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


def _decoded(authorization: str) -> str | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
