"""A request described, not made: what to send, how to read the answer, what may be repeated."""

from __future__ import annotations

import enum
import math
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs
import msgspec

from ..errors import ArgumentError, Effect, ServerError
from .text.extract import extract
from .text.headers import Headers, Pairs, checked, merged, shown
from .text.quoting import path, query_string
from .text.secrets import MASK
from .uploads import Upload, spent

if TYPE_CHECKING:
    from ..events import CacheOutcome

T = TypeVar("T")

JSON = msgspec.json.Decoder(float_hook=Decimal)

# Numbers stay numbers, digit for digit.
ENCODER = msgspec.json.Encoder(decimal_format="number")

AS_JSON = (("Content-Type", "application/json"),)


class Safety(enum.Enum):
    """How often a request may arrive (RFC 9110, section 9.2)."""

    SAFE = "safe"
    """It only reads: repeat at will."""
    REPEATABLE = "repeatable"
    """It writes, and twice is as good as once."""
    ONCE = "once"
    """It writes, and twice is twice."""


@attrs.frozen(cache_hash=True)
class Origin:
    """Scheme, host and port: what a limit, a connection and a credential belong to."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}.get(self.scheme) == self.port
        return f"{self.scheme}://{host}" if usual else f"{self.scheme}://{host}:{self.port}"


@attrs.frozen
class Request:
    """One HTTP request, complete but for what the engine adds (Host, Content-Length)."""

    method: str
    origin: Origin
    target: str = attrs.field(repr=lambda target: repr(target.partition("?")[0]))
    """Path and query, percent-encoded, as on the request line."""
    headers: Pairs = attrs.field(default=(), repr=shown)
    body: bytes = attrs.field(default=b"", repr=lambda body: f"<{len(body)} bytes>")
    upload: Upload | None = None
    """A body that is sent piece by piece; `body` is empty then."""
    once: bool = False
    """Whether nobody may send it again, not even where a kept connection was found closed."""

    def __str__(self) -> str:
        """Say what is asked of whom, in a message; the query may hold a secret."""
        path = self.target.partition("?")[0]
        return f"{self.method} {self.origin}{repr(path)[1:-1]}"

    def with_headers(self, headers: Pairs) -> Request:
        """Return the same request with other fields."""
        return Request(
            self.method, self.origin, self.target, headers, self.body, self.upload, self.once
        )

    @property
    def url(self) -> str:
        return f"{self.origin}{self.target}"


@attrs.frozen
class Reply:
    """One complete answer: the body is read, bounded and decoded from its transfer codings."""

    status: int
    headers: Headers
    body: bytes = attrs.field(repr=lambda body: f"<{len(body)} bytes>")
    request: Request
    wall: float = attrs.field(factory=time.time)
    """When it was complete, in seconds since 1970: for HTTP dates only."""
    cached: CacheOutcome | None = None
    """How a cache answered; None: the server did, for this very call."""

    def json(self) -> Any:
        """Decode the body, fractions as Decimal; what is not JSON is the server's failure."""
        try:
            return JSON.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ServerError(
                f"{self.request.origin} answered {self.status} with something that is not JSON: "
                f"{self.extract()}",
                status=self.status,
                effect=Effect.UNKNOWN,
            ) from error

    def extract(self, most: int = 120) -> str:
        """Return the beginning of the body as one line of text, markup left out."""
        return extract(self.body, most)


@attrs.frozen
class Patience:
    """How long an engine may wait, in seconds; a scope around it may end it before."""

    connect: float
    read: float
    """For the first byte of the answer, and between bytes."""
    total: float = math.inf
    """For the exchange as a whole: kept by an engine that `keeps_time`, else by the scope."""

    def within(self, seconds: float) -> Patience:
        """Return the same, with another time for the whole."""
        return Patience(self.connect, self.read, seconds)


@attrs.frozen
class Page(Generic[T]):
    """Some items of a listing, and where the next ones are."""

    items: Sequence[T]
    next: Any | None = None
    """What to ask for the next page; None after the last."""
    total: int | None = None
    """How many items the whole listing has, if the server tells."""


# Methods that only read (RFC 9110, section 9.2.1; RFC 10008).
READING = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})


def usual(endpoint: Endpoint[Any]) -> Safety:
    """What nobody declared repeatable is sent once, unless its method only reads."""
    return Safety.SAFE if endpoint.method in READING else Safety.ONCE


@attrs.frozen
class Endpoint(Generic[T]):
    """What is the same in every call of one kind: one constant an endpoint."""

    name: str
    method: str
    template: str
    """The path, with {names} to be filled in, each one segment."""
    read: Callable[[Reply], T]
    """Return the value, or raise a TwofoldError that says what to do."""
    safety: Safety = attrs.field(default=attrs.Factory(usual, takes_self=True))
    """Left out: a method that only reads is safe, all else is sent once."""
    bucket: str = ""
    """Which limit of the server counts this call; most have one for all."""
    weight: int = 1
    ttl: float | None = None
    """Seconds that a cache may use an answer of which the server does not say for how long."""
    tags: tuple[str, ...] = ()
    """What answers to this can be taken out of a cache by."""
    invalidates: tuple[str, ...] = ()
    """Tags of what is out of date once this write may have happened."""

    def __attrs_post_init__(self) -> None:
        if self.method in ("GET", "HEAD") and self.safety is not Safety.SAFE:
            raise ValueError(f"{self.name}: {self.method} is safe by definition")

    def operation(
        self,
        *,
        query: Mapping[str, str] | None = None,
        json: object = None,
        body: bytes | Upload = b"",
        headers: Pairs = (),
        **places: str,
    ) -> Operation[T]:
        """Return one call: `places` fill the template, each one segment, whatever it holds.

        `json` is a body yet to be encoded, a Decimal as the number it is; None: there is none.
        What cannot be sent is an ArgumentError.
        """
        if json is not None:
            body = encoded(json)
            if not any(name.lower() == "content-type" for name, _ in headers):
                headers = (*AS_JSON, *headers)
        return Operation(self, path(self.template, **places), query or {}, as_body(body), headers)


def encoded(json: object) -> bytes:
    """Return what JSON can say of a value; what it cannot is refused."""
    try:
        text = ENCODER.encode(json)
        if b"NaN" in text or b"Infinity" in text:  # of a Decimal, if not within a text
            JSON.decode(text)
    except (TypeError, ValueError, msgspec.DecodeError) as error:
        raise ArgumentError(f"json cannot be encoded: {error}") from error
    return text


def as_body(body: object) -> bytes | Upload:
    if isinstance(body, bytes | Upload):
        return body
    raise ArgumentError(f"body must be bytes or what upload() makes, not {type(body).__name__}")


def sized(body: bytes | Upload) -> str:
    return f"<{len(body)} bytes>" if isinstance(body, bytes) else repr(body)


def named(query: Mapping[str, str]) -> str:
    """Show a query by its names alone: a value may be a token."""
    return repr(dict.fromkeys(query, MASK))


@attrs.frozen
class Operation(Generic[T]):
    """One call of an endpoint: its place, query and body."""

    endpoint: Endpoint[T]
    path: str = ""
    """The endpoint's template filled in: see `quoting.path`."""
    query: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=named)
    body: bytes | Upload = attrs.field(default=b"", repr=sized)
    headers: Pairs = attrs.field(default=(), repr=shown)

    @property
    def name(self) -> str:
        return self.endpoint.name

    def request(self, origin: Origin, base: str, headers: Pairs) -> Request:
        """Return what goes on the wire, under a base path, unsigned.

        `headers` are the client's own, which were checked when it was made; of one name those of
        the operation hold.
        """
        target = f"{base}{self.path}"
        if self.query:
            target = f"{target}?{query_string(self.query)}"
        fields = merged(headers, checked(self.headers)) if self.headers else headers
        method, body = self.endpoint.method, self.body
        once = self.endpoint.safety is Safety.ONCE
        if isinstance(body, Upload):
            return self._sending(body, Request(method, origin, target, fields, once=once))
        return Request(method, origin, target, fields, body, None, once)

    def _sending(self, upload: Upload, request: Request) -> Request:
        """Return a request with a body that is drawn; its type stands in the header, if known."""
        if upload.is_spent:
            raise spent()
        kind, headers = upload.content_type, request.headers
        if kind is not None and not any(name.lower() == "content-type" for name, _ in headers):
            headers = (*headers, *checked((("Content-Type", kind),)))
        return attrs.evolve(request, headers=headers, upload=upload)
