"""Addresses: from text to an origin and a path, and where a redirect leads."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import attrs

from ...errors import ArgumentError
from ..request import Origin, Reply, Request
from ..text.headers import public
from ..text.names import as_utf8
from ..text.references import bare

PORTS = {"http": 80, "https": 443}

REDIRECTS = frozenset({301, 302, 303, 307, 308})

# Methods whose redirects with 301 and 302 are followed as they are (RFC 9110, 15.4).
FOLLOWED = frozenset({"GET", "HEAD"})

# What may stand in a path (RFC 3986, 3.3), and what is encoded already.
PATH = "/%:@!$&'()*+,;=~-._"

# What describes a body: it goes when the body goes.
OF_BODY = frozenset({"content-type", "content-length", "content-encoding"})


def split(text: str, *, scheme: str = "https") -> tuple[Origin, str]:
    """Split a host or a URL into its origin and its path, without a slash at the end.

    The path is percent-encoded where it is not yet: every engine then sends the same.
    A user name or password in a URL is refused: it would end up in logs.
    """
    text = text if "://" in text else f"{scheme}://{text}"
    parts = checked(text)
    if parts.query or parts.fragment:
        raise ArgumentError(f"an address may not hold a query or fragment: {bare(text)}")
    return origin(parts), quote(parts.path.rstrip("/"), safe=PATH)


def checked(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ArgumentError(
            "this is not an address of the form https://host[:port]/path"
        ) from error
    if parts.username is not None or parts.password is not None:
        raise ArgumentError(f"an address may not hold a user name or password: {bare(text)}")
    if parts.scheme not in PORTS or not parts.hostname or port == 0:
        form = "https://host[:port]/path"
        raise ArgumentError(f"{bare(text)!r} is not an address of the form {form}")
    if any(c.isspace() or not c.isprintable() for c in text):
        raise ArgumentError(f"{bare(text)!r} holds a blank or a control character")
    return parts


def origin(parts: SplitResult) -> Origin:
    return Origin(parts.scheme, str(parts.hostname), parts.port or PORTS[parts.scheme])


def redirected(request: Request, reply: Reply) -> Request | None:
    """Return the request that a redirect asks for; None if it is not to be followed.

    `request` is the unsigned one: what was signed for one origin never goes to another, and no
    field of its own that may hold a credential does.

    307 and 308 keep method and body; 303 becomes GET; 301 and 302 are followed for GET and HEAD
    only, since what servers mean by them after a write differs (RFC 9110, section 15.4).  Never
    from https to http.
    """
    if reply.status not in REDIRECTS:
        return None
    location = reply.headers.get("location")
    if location is None:
        return None
    if reply.status in (301, 302) and request.method not in FOLLOWED:
        return None
    try:
        parts = checked(urljoin(reply.request.url, as_utf8(location)))
    except (ArgumentError, ValueError):
        return None
    if reply.request.origin.scheme == "https" and parts.scheme == "http":
        return None
    following = led(request, origin(parts), target(parts))
    return (
        without_body(following) if reply.status == 303 and request.method != "HEAD" else following
    )


def led(request: Request, place: Origin, way: str) -> Request:
    """Return a request for another place; what may hold a credential stays within its origin."""
    headers = request.headers if place == request.origin else public(request.headers)
    return attrs.evolve(request, origin=place, target=way, headers=headers)


def unsigned(following: Request, plain: Request, signed: Request) -> Request:
    """Take out of a redirect's address what signing added to the query: servers repeat it there."""
    added = parameters(signed) - parameters(plain)
    if not added:
        return following
    path, _, query = following.target.partition("?")
    kept = "&".join(part for part in query.split("&") if unquote(part) not in added)
    return attrs.evolve(following, target=f"{path}?{kept}" if kept else path)


def parameters(request: Request) -> set[str]:
    return {unquote(part) for part in request.target.partition("?")[2].split("&")}


def target(parts: SplitResult) -> str:
    """Return path and query, anything not fit for a request line percent-encoded."""
    path = quote(parts.path or "/", safe=PATH)
    query = quote(parts.query, safe=f"{PATH}?")
    return f"{path}?{query}" if query else path


def without_body(request: Request) -> Request:
    headers = tuple(pair for pair in request.headers if pair[0].lower() not in OF_BODY)
    return attrs.evolve(request, method="GET", headers=headers, body=b"", upload=None, once=False)
