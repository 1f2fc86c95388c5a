"""Streams of objects between tasks of one loop."""

from __future__ import annotations

from anyio import (
    BrokenResourceError,
    ClosedResourceError,
    EndOfStream,
    WouldBlock,
    create_memory_object_stream,
)
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

__all__ = [
    "BrokenResourceError",
    "ClosedResourceError",
    "EndOfStream",
    "MemoryObjectReceiveStream",
    "MemoryObjectSendStream",
    "WouldBlock",
    "create_memory_object_stream",
]
