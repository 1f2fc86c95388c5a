"""Header fields: found by name whatever its case, and secret ones never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeAlias

import attrs

from ...errors import ArgumentError
from .references import bare
from .secrets import MASK, Secret

Pairs: TypeAlias = tuple[tuple[str, str], ...]

# Fields that are, or may hold, a credential.
SECRET = frozenset(
    {
        "authorization",
        "cookie",
        "private-token",
        "proxy-authorization",
        "set-cookie",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-xsrf-token",
        "zsessionid",
    }
)

# Words of a name that say so of any other field.
TELLTALE = frozenset(
    {
        *("auth", "authentication", "authorization", "bearer", "cookie", "credential"),
        *("credentials", "csrf", "jwt", "passphrase", "passwd", "password", "pat", "session"),
        *("sid", "signature", "xsrf"),
    }
)
ENDINGS = ("key", "secret", "sessionid", "token")

# It names a request, not who makes it.
HARMLESS = frozenset({"idempotency-key"})

# Fields that hold addresses, which may hold tokens.
REFERRING = frozenset({"content-location", "link", "location", "referer"})
LINK = re.compile(r"<([^<>]*)>")

# What joins a request to a trace, or names it in logs; it decides nothing and tells nobody
# anything.  `baggage` is not among them: it holds what an application puts there.
TRACES = frozenset(
    {
        "b3",
        "correlation-id",
        "request-id",
        "sentry-trace",
        "traceparent",
        "tracestate",
        "uber-trace-id",
        "x-amzn-trace-id",
        "x-b3-flags",
        "x-b3-parentspanid",
        "x-b3-sampled",
        "x-b3-spanid",
        "x-b3-traceid",
        "x-cloud-trace-context",
        "x-correlation-id",
        "x-datadog-parent-id",
        "x-datadog-sampling-priority",
        "x-datadog-trace-id",
        "x-request-id",
    }
)

# What says where a request goes and where its body ends: the engine's affair.
FRAMING = frozenset({"content-length", "host", "transfer-encoding"})

NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
UNSENDABLE = re.compile(r"[\r\n\0]")

# Of the words of a secret field; what is shorter is no secret, `Bearer` say.
SHORTEST = 7
WORDS = re.compile(r"[^\s;,]+")


@lru_cache(maxsize=1024)
def names_secret(name: str) -> bool:
    """Tell whether a field of this name is, or may hold, a credential."""
    lower = name.lower()
    if lower in SECRET:
        return True
    words = re.split(r"[-_.]", lower)
    return lower not in HARMLESS and (not TELLTALE.isdisjoint(words) or words[-1].endswith(ENDINGS))


def is_secret(name: str, value: str) -> bool:
    """Tell whether a field is, or may hold, a credential: its name says so, or its value's type."""
    return isinstance(value, Secret) or names_secret(name)


def secret(pairs: Pairs) -> Pairs:
    """Return the fields that are, or may hold, credentials."""
    return tuple([pair for pair in pairs if is_secret(pair[0], pair[1])])


def public(pairs: Pairs) -> Pairs:
    """Return the other ones."""
    return tuple([pair for pair in pairs if not is_secret(pair[0], pair[1])])


def secrets_in(pairs: Pairs) -> tuple[str, ...]:
    """Return what texts must not show of the secret fields: values, and the words in them."""
    values = [value for _, value in secret(pairs)]
    words = [word for value in values for word in WORDS.findall(value)]
    words += [word.partition("=")[2] for word in words]
    found = [text for text in (*values, *words) if len(text) >= SHORTEST]
    return tuple(sorted(set(found), key=len, reverse=True))


def merged(pairs: Pairs, others: Pairs) -> Pairs:
    """Return the fields of both; of one name those of the others hold."""
    names = {name.lower() for name, _ in others}
    return (*[pair for pair in pairs if pair[0].lower() not in names], *others)


def redacted(pairs: Pairs) -> Pairs:
    """Return the fields with the values of secret ones replaced, and addresses cut short."""
    return tuple((name, redaction(name, value)) for name, value in pairs)


def redaction(name: str, value: str) -> str:
    if is_secret(name, value):
        return MASK
    if name.lower() not in REFERRING:
        return value
    return LINK.sub(linked, value) if name.lower() == "link" else bare(value)


def linked(found: re.Match[str]) -> str:
    return f"<{bare(found[1])}>"


def shown(pairs: Pairs) -> str:
    return repr(redacted(pairs))


def checked(pairs: Pairs) -> Pairs:
    """Refuse what would end the field or the header early (RFC 9110, sections 5.1 and 5.5).

    Refused too is what the engine says itself, of the place and of the body: two of them would
    contradict each other.
    """
    for name, value in pairs:
        if not NAME.fullmatch(name):
            raise ArgumentError(f"{name!r} is not the name of a header field")
        if name.lower() in FRAMING:
            raise ArgumentError(f"{name} is not to be given: it follows from the request itself")
        if UNSENDABLE.search(value):
            raise ArgumentError(f"the value of {name} holds a line break or NUL")
    return pairs


@attrs.frozen(repr=False)
class Headers:
    """The fields of an answer, in the order they came."""

    pairs: Pairs = ()

    def __repr__(self) -> str:
        return f"Headers({shown(self.pairs)})"

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def get(self, name: str) -> str | None:
        """Return the value; several fields of one name are one list (RFC 9110, 5.3)."""
        wanted = name.lower()
        found = [value for field, value in self.pairs if field.lower() == wanted]
        return ", ".join(found) if found else None
