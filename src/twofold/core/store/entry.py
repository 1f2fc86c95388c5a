"""What a cache keeps of an answer, and its form in a file.

When it may be used is decided elsewhere.
"""

from __future__ import annotations

from functools import cached_property

import attrs
import msgspec

from ..cache.freshness import Freshness, freshness
from ..text.headers import SECRET, Pairs, redacted

FORMAT = 1

# Bytes beside what is counted: objects, table rows.
OVERHEAD = 512

# Of one key: a server that varies its answer with a field that never repeats fills no store.
MOST_VARIANTS = 32


@attrs.frozen
class Entry:
    """One stored answer."""

    key: str
    """Partition, method and URL, a line each: see `partition` and `url`."""
    variant: str
    """A digest of `vary`: of one key and variant there is one entry."""
    url: str
    tags: tuple[str, ...]
    status: int
    headers: Pairs = attrs.field(repr=lambda pairs: repr(redacted(pairs)))
    body: bytes = attrs.field(repr=lambda body: f"<{len(body)} bytes>")
    requested: float
    """When the request was about to be sent, in seconds since 1970."""
    received: float
    """When the answer was complete, in seconds since 1970."""
    vary: Pairs = ()
    """The request's fields that `Vary` names; values of secret ones are digests."""

    @property
    def partition(self) -> str:
        """Return whose entry it is: a digest of the account."""
        return self.key.partition("\n")[0]

    @cached_property
    def freshness(self) -> Freshness:
        """Return what the answer says of its own age."""
        return freshness(self.status, self.headers, self.requested, self.received)

    @cached_property
    def ageless(self) -> Pairs:
        """Return the fields but `Age`, which is anew each time."""
        return tuple(pair for pair in self.headers if pair[0].lower() != "age")

    @property
    def size(self) -> int:
        """Return about how many bytes it takes."""
        texts = sum(len(name) + len(value) for name, value in (*self.headers, *self.vary))
        return (
            OVERHEAD
            + len(self.key)
            + len(self.url)
            + sum(map(len, self.tags))
            + texts
            + len(self.body)
        )


@attrs.frozen
class Usage:
    """What a store holds."""

    entries: int
    bytes: int
    evicted: int = 0
    """Entries that went to make room, since the store was made or opened."""


class Head(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """All of an entry but its body, as it stands in a file."""

    format: int
    length: int
    digest: str
    key: str
    variant: str
    url: str
    tags: tuple[str, ...]
    status: int
    headers: tuple[tuple[str, str], ...]
    requested: float
    received: float
    vary: tuple[tuple[str, str], ...]


# Made once, when this is imported: threads that make the first decoder of a struct at once may see
# it half made (msgspec 0.22).
HEAD = msgspec.msgpack.Decoder(Head)


def encode(entry: Entry) -> tuple[bytes, bytes]:
    """Return an entry's head and body for a file; fields that may hold a secret are left out.

    ValueError: it holds text that cannot be written.
    """
    public = tuple(pair for pair in entry.headers if pair[0].lower() not in SECRET)
    head = Head(
        format=FORMAT,
        length=len(entry.body),
        digest=digest(entry.body),
        key=entry.key,
        variant=entry.variant,
        url=entry.url,
        tags=entry.tags,
        status=entry.status,
        headers=public,
        requested=entry.requested,
        received=entry.received,
        vary=entry.vary,
    )
    return msgspec.msgpack.encode(head), entry.body


def decode(head: bytes, body: bytes) -> Entry:
    """Return what was encoded.  ValueError: it is damaged, or of another version of twofold."""
    try:
        read = HEAD.decode(head)
    except msgspec.DecodeError as error:
        raise ValueError(f"this is no entry of a cache: {error}") from error
    if (read.format, read.length, read.digest) != (FORMAT, len(body), digest(body)):
        raise ValueError("the entry is damaged, or of another version")
    return Entry(
        read.key,
        read.variant,
        read.url,
        read.tags,
        read.status,
        read.headers,
        body,
        read.requested,
        read.received,
        read.vary,
    )


def digest(body: bytes) -> str:
    import hashlib  # takes 2 MiB, and only a store in a file needs it

    return hashlib.blake2b(body, digest_size=16).hexdigest()
