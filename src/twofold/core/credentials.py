"""Who a call is made for, and how its requests are signed."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol

import attrs

from ..errors import TwofoldError
from .request import Operation, Reply, Request
from .text.headers import Pairs, checked, names_secret, secret, secrets_in
from .text.secrets import Secret


@attrs.define
class Signed:
    """A request with its credentials, and which version of them it carries.

    A value, not frozen all the same: every request makes one, and that takes a quarter of the time.
    """

    request: Request
    version: int

    def veil(self, plain: Request) -> None:
        """See to it that no `repr` shows what signing added to a request, whatever its name is."""
        before, fields = plain.headers, self.request.headers
        for name, value in fields[len(before) :]:
            if not (isinstance(value, Secret) or names_secret(name)):
                veiled = [pair if pair in before else (pair[0], Secret(pair[1])) for pair in fields]
                self.request = self.request.with_headers(tuple(veiled))
                return


class Credentials(Protocol):
    """Signs requests; may have to be renewed by requests of its own."""

    @property
    def account(self) -> str:
        """A digest of whom the credentials speak for: whose limit, whose cache."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        ...

    @property
    def issuer(self) -> Credentials | None:
        """What signs the renewal; None: nothing does."""
        ...

    def ready(self, operation: Operation[Any], now: float) -> bool:
        """Tell whether the operation can be signed; if not, `renewal` is run first."""
        ...

    def sign(self, request: Request) -> Signed:
        """Return the request with what proves who asks; `repr` shows none of the added fields."""
        ...

    def refused(self, version: int, now: float) -> bool:
        """Take note of a 401; True: renew if need be, and send once more."""
        ...

    def heard(self, signed: Signed, reply: Reply, now: float) -> None:
        """Take note of an answer: its cookies, its clock."""
        ...

    def renewal(self) -> Generator[Operation[Any], Any, None]:
        """Yield the operations of a renewal; answers are sent in, errors thrown in."""
        ...


class Unchanging:
    """Credentials that are always ready and cannot be renewed."""

    @property
    def issuer(self) -> Credentials | None:
        return None

    def ready(self, operation: Operation[Any], now: float) -> bool:  # noqa: ARG002 - the protocol's
        return True

    def refused(self, version: int, now: float) -> bool:  # noqa: ARG002 - the protocol's
        return False

    def heard(self, signed: Signed, reply: Reply, now: float) -> None:
        """Nothing in an answer changes them."""

    def renewal(self) -> Generator[Operation[Any], Any, None]:
        yield from ()


@attrs.frozen
class Anonymous(Unchanging):
    """No credentials."""

    account: str = "anonymous"
    secrets: tuple[str, ...] = ()

    def sign(self, request: Request) -> Signed:
        return Signed(request, 0)


@attrs.frozen
class HeaderKey(Unchanging):
    """A key that stands in one header field of every request."""

    field: str
    key: str = attrs.field(repr=lambda key: "***")  # noqa: ARG005 - never shown
    secrets: tuple[str, ...] = attrs.field(init=False, eq=False, repr=False)
    _pairs: Pairs = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        pairs = checked(((self.field, Secret(self.key)),))
        object.__setattr__(self, "secrets", tuple(dict.fromkeys((self.key, *secrets_in(pairs)))))
        object.__setattr__(self, "_pairs", pairs)

    @property
    def account(self) -> str:
        return digest(self.field, self.key)

    def sign(self, request: Request) -> Signed:
        return Signed(request.with_headers(request.headers + self._pairs), 0)


def digest(*parts: str) -> str:
    """Name an account without telling its secret."""
    import hashlib  # takes 2 MiB, and only a client with credentials needs it

    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def mark(headers: Pairs) -> str:
    """Return a digest of the fields that may hold credentials; empty: there are none."""
    fields = secret(headers)
    return digest(*sorted(f"{name.lower()}:{value}" for name, value in fields)) if fields else ""


def partition(account: str, headers: Pairs) -> str:
    """Return whose answers a client keeps, by its credentials and the fields of all its requests.

    Without secret ones among these it is the account.
    """
    whose = mark(headers)
    return digest(account, whose) if whose else account


def step(
    renewal: Generator[Operation[Any], Any, None], said: object, error: TwofoldError | None
) -> Operation[Any] | None:
    """Take a renewal one operation further; None: it is done."""
    try:
        return renewal.send(said) if error is None else renewal.throw(error)
    except StopIteration:
        return None
