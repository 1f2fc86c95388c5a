"""Entries for tests of stores."""

from __future__ import annotations

from twofold.core.store.entry import OVERHEAD, Entry


def entry(
    path: str = "/thing",
    body: bytes = b"answer",
    *,
    whose: str = "me",
    variant: str = "",
    tags: tuple[str, ...] = (),
) -> Entry:
    url = f"https://api.example{path}"
    return Entry(
        key=key(path, whose),
        variant=variant,
        url=url,
        tags=tags,
        status=200,
        headers=(("Content-Type", "text/plain"), ("ETag", '"1"')),
        body=body,
        requested=1_000_000.25,
        received=1_000_000.5,
        vary=(("accept", "text/plain"),) if variant else (),
    )


def key(path: str = "/thing", whose: str = "me") -> str:
    return f"{whose}\nGET\nhttps://api.example{path}"


def sized(path: str, size: int) -> Entry:
    """An entry of exactly so many bytes."""
    empty = entry(path, b"")
    assert size >= OVERHEAD
    return entry(path, b"x" * (size - empty.size))
