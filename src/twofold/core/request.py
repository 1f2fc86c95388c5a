"""A request described, not made: what to send, how to read the answer, what may be repeated."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar

import attrs
import msgspec

from ..errors import Effect, ServerError
from .text.extract import extract
from .text.headers import Headers, Pairs, checked, redacted
from .text.quoting import query_string

T = TypeVar("T")

JSON = msgspec.json.Decoder(float_hook=Decimal)


class Safety(enum.Enum):
    """How often a request may arrive (RFC 9110, section 9.2)."""

    SAFE = "safe"
    """It only reads: repeat at will."""
    REPEATABLE = "repeatable"
    """It writes, and twice is as good as once."""
    ONCE = "once"
    """It writes, and twice is twice."""


@attrs.frozen
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
    headers: Pairs = attrs.field(default=(), repr=lambda pairs: repr(redacted(pairs)))
    body: bytes = attrs.field(default=b"", repr=lambda body: f"<{len(body)} bytes>")

    def with_headers(self, headers: Pairs) -> Request:
        """Return the same request with other fields."""
        return Request(self.method, self.origin, self.target, headers, self.body)

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
    """How long an engine may wait, in seconds; the scope around it is the authority."""

    connect: float
    read: float
    """For the first byte of the answer, and between bytes."""


@attrs.frozen
class Page(Generic[T]):
    """Some items of a listing, and where the next ones are."""

    items: Sequence[T]
    next: Any | None = None
    """What to ask for the next page; None after the last."""
    total: int | None = None
    """How many items the whole listing has, if the server tells."""


@attrs.frozen
class Endpoint(Generic[T]):
    """What is the same in every call of one kind: one constant an endpoint."""

    name: str
    method: str
    template: str
    """The path, with {names} to be filled in, each one segment."""
    read: Callable[[Reply], T]
    """Return the value, or raise a TwofoldError that says what to do."""
    safety: Safety = Safety.SAFE
    bucket: str = ""
    """Which limit of the server counts this call; most have one for all."""
    weight: int = 1
    ttl: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.method in ("GET", "HEAD") and self.safety is not Safety.SAFE:
            raise ValueError(f"{self.name}: {self.method} is safe by definition")


@attrs.frozen
class Operation(Generic[T]):
    """One call of an endpoint: its place, query and body."""

    endpoint: Endpoint[T]
    path: str = ""
    """The endpoint's template filled in: see `quoting.path`."""
    query: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: bytes = attrs.field(default=b"", repr=lambda body: f"<{len(body)} bytes>")
    headers: Pairs = attrs.field(default=(), repr=lambda pairs: repr(redacted(pairs)))

    @property
    def name(self) -> str:
        return self.endpoint.name

    def request(self, origin: Origin, base: str, headers: Pairs) -> Request:
        """Return what goes on the wire, under a base path, unsigned.

        `headers` are the client's own, which were checked when it was made.
        """
        query = query_string(self.query)
        target = f"{base}{self.path}" + (f"?{query}" if query else "")
        fields = headers + checked(self.headers) if self.headers else headers
        return Request(self.endpoint.method, origin, target, fields, self.body)
