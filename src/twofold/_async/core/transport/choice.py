# SPDX-License-Identifier: MIT
"""Which engine sends: the one named, or the one around a transport that was handed in."""

from __future__ import annotations

from typing import Any

from ....core.options import Unset
from ....core.wire.connecting import Verify, checked_proxy, checked_verify
from ....errors import ArgumentError
from .engine import AsyncTransport

ENGINES = ("auto", "httpx")


def chosen(given: Any, verify: Verify, proxy: str | Unset | None) -> AsyncTransport:
    """Return the engine for a client's options.

    httpx is imported here and not before: a client over another engine does without it.
    """
    if hasattr(given, "exchange"):
        engine: AsyncTransport = given
        return engine
    from .httpx_engine import HttpxTransport

    checked = checked_verify(verify), checked_proxy(proxy)
    if hasattr(given, "handle_async_request"):
        return HttpxTransport(*checked, given)
    if given in ENGINES:
        return HttpxTransport(*checked)
    names = ", ".join(ENGINES)
    raise ArgumentError(f"transport must be one of {names}, or a transport, not {given!r}")
