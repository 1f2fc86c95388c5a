"""Under which key an answer is kept, and which of its variants fits a request.

First whose it is, then method and URL, then the fields that `Vary` names: nothing that was kept for
one account is ever looked at for another, whatever the server says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..request import Operation, Request
from ..store.entry import Entry
from ..text.headers import SECRET, Headers, Pairs

# A name that no field can have: such an answer fits no request (RFC 9111, 4.1).
ANY = "*"


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

    Blanks around commas do not count, nor in how many lines a list was sent (4.1).
    """
    headers = Headers(request.headers)
    return tuple((name, comparable(name, headers.get(name))) for name in names)


def comparable(name: str, value: str | None) -> str:
    if value is None:
        return ""
    plain = ",".join(part.strip() for part in value.split(","))
    return digest(plain) if name in SECRET else f"={plain}"


def variant(vary: Pairs) -> str:
    """Return a short name for what was selected; empty if the answer does not vary."""
    return digest("\n".join(f"{name}:{value}" for name, value in vary)) if vary else ""


def fitting(entries: Sequence[Entry], seen: Callable[[], Request]) -> Entry | None:
    """Return the entry that fits a request; of several the latest (4.1)."""
    if len(entries) == 1 and not entries[0].vary:
        return entries[0]  # as it is nearly always
    headers = Headers(seen().headers)
    return max((entry for entry in entries if fits(entry, headers)), key=written, default=None)


def fits(entry: Entry, headers: Headers) -> bool:
    return all(comparable(name, headers.get(name)) == value for name, value in entry.vary)


def written(entry: Entry) -> tuple[float, float]:
    fresh = entry.freshness
    return (fresh.received - fresh.initial_age, fresh.received)


def digest(text: str) -> str:
    import hashlib  # takes 2 MiB, and only answers that vary need it

    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
