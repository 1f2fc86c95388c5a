"""Under which key an answer is kept, and which of its variants fits a request.

First whose it is, then method and URL, then the fields that `Vary` names: nothing that was kept for
one account is ever looked at for another, whatever the server says of it.  An account is whom the
credentials speak for; where fields of a client's own do, they are part of it, and those of a single
request count as if every `Vary` named them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..credentials import digest, mark
from ..request import Operation, Request
from ..store.entry import Entry
from ..text.headers import TRACES, Headers, Pairs, public

# A name that no field can have: such an answer fits no request (RFC 9111, 4.1).
ANY = "*"

# Another one: under it stands the digest of all secret fields of a request.
WHOSE = "\n"


def deciding(headers: Pairs) -> Pairs:
    """Return the fields that an answer may hang on, but for the secret ones: see `mark`."""
    return tuple([pair for pair in public(headers) if pair[0].lower() not in TRACES])


def key(partition: str, url: str) -> str:
    """Return the key of what GET finds under a URL, for one account."""
    return f"{partition}\nGET\n{url}"


def tags(operation: Operation[Any]) -> tuple[str, ...]:
    """Return what an answer can be found by: its operation's name, and its own tags."""
    return (named(operation.name), *operation.endpoint.tags)


def named(operation: str) -> str:
    """Return the tag of all answers to one operation; no tag of an endpoint's can be the same."""
    return f"\n{operation}"


def varying(headers: Headers) -> tuple[str, ...]:
    """Return the names that `Vary` lists, in lower case, each once."""
    listed = (headers.get("vary") or "").lower().split(",")
    return tuple(sorted({name.strip() for name in listed} - {""}))


def selected(names: Iterable[str], request: Request) -> Pairs:
    """Return a request's fields of these names, as they are compared; a missing one is empty.

    Blanks around commas do not count, nor in how many lines a list was sent (4.1).  Secret fields
    count always, all of them together.
    """
    plain, whose = Headers(public(request.headers)), mark(request.headers)
    chosen = tuple((name, comparable(plain.get(name))) for name in names)
    return (*chosen, (WHOSE, whose)) if whose else chosen


def comparable(value: str | None) -> str:
    if value is None:
        return ""
    return f"={','.join(part.strip() for part in value.split(','))}"


def variant(vary: Pairs) -> str:
    """Return a short name for what was selected; empty if the answer does not vary."""
    return digest("\n".join(f"{name}:{value}" for name, value in vary)) if vary else ""


def fitting(entries: Sequence[Entry], seen: Request) -> Entry | None:
    """Return the entry that fits a request; of several the latest (4.1)."""
    whose = mark(seen.headers)
    if len(entries) == 1 and not entries[0].vary and not whose:
        return entries[0]  # as it is nearly always
    headers = Headers(public(seen.headers))
    fit = (entry for entry in entries if fits(entry, headers, whose))
    return max(fit, key=written, default=None)


def fits(entry: Entry, headers: Headers, whose: str) -> bool:
    return dict(entry.vary).get(WHOSE, "") == whose and all(
        comparable(headers.get(name)) == value for name, value in entry.vary if name != WHOSE
    )


def written(entry: Entry) -> tuple[float, float]:
    fresh = entry.freshness
    return (fresh.received - fresh.initial_age, fresh.received)
