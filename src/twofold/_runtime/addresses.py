"""The order in which the addresses of a name are tried (RFC 8305)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

A = TypeVar("A")

HEAD_START = 0.25
"""Seconds that an address has to answer before the next one is tried too (RFC 8305, 5)."""


def interleaved(addresses: Sequence[A], family: Callable[[A], object]) -> list[A]:
    """Take the families in turn, so that one that leads nowhere holds up only one address."""
    one = [address for address in addresses if family(address) == family(addresses[0])]
    other = [address for address in addresses if family(address) != family(addresses[0])]
    turns = max(len(one), len(other))
    return [a for n in range(turns) for a in (*one[n : n + 1], *other[n : n + 1])]
