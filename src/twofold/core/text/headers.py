"""Header fields: found by name whatever its case, and secret ones never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import attrs

from ...errors import ArgumentError

Pairs: TypeAlias = tuple[tuple[str, str], ...]

# Fields that are, or may hold, a credential.
SECRET = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-api-key",
        "x-auth-token",
        "zsessionid",
    }
)

NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
UNSENDABLE = re.compile(r"[\r\n\0]")


def redacted(pairs: Pairs) -> Pairs:
    """Return the fields with the values of secret ones replaced."""
    return tuple((name, "***" if name.lower() in SECRET else value) for name, value in pairs)


def checked(pairs: Pairs) -> Pairs:
    """Refuse what would end the field or the header early (RFC 9110, sections 5.1 and 5.5)."""
    for name, value in pairs:
        if not NAME.fullmatch(name):
            raise ArgumentError(f"{name!r} is not the name of a header field")
        if UNSENDABLE.search(value):
            raise ArgumentError(f"the value of {name} holds a line break or NUL")
    return pairs


@attrs.frozen(repr=False)
class Headers:
    """The fields of an answer, in the order they came."""

    pairs: Pairs = ()

    def __repr__(self) -> str:
        return f"Headers({redacted(self.pairs)!r})"

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def get(self, name: str) -> str | None:
        """Return the value; several fields of one name are one list (RFC 9110, 5.3)."""
        wanted = name.lower()
        found = [value for field, value in self.pairs if field.lower() == wanted]
        return ", ".join(found) if found else None
