# SPDX-License-Identifier: MIT
"""Which engine sends: the one named, or the one around a transport that was handed in."""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

from ....core.unset import Unset
from ....core.wire.connecting import Verify, checked_proxy, checked_verify, has_proxies
from ....errors import ArgumentError
from .direct import DirectTransport
from .engine import AsyncTransport

ENGINES = ("auto", "direct", "httpx")

VARIABLE = "TWOFOLD_TRANSPORT"
"""Names the engine of every client that is not told which to take."""

# Whoever loads one of these wants to see, or to answer, what httpx sends.
INTERCEPTORS = ("respx", "pytest_httpx", "vcr")


class Choice(NamedTuple):
    """An engine, and why it is this one; no word of that where it was handed in."""

    engine: AsyncTransport
    name: str
    reason: str


def chosen(given: Any, verify: Verify, proxy: str | Unset | None) -> Choice:
    """Return the engine for a client's options.

    httpx is imported where its engine is chosen, and not before: others do without it.
    """
    if hasattr(given, "exchange"):
        return Choice(given, "", "")
    verify, proxy = checked_verify(verify), checked_proxy(proxy)
    if hasattr(given, "handle_async_request"):
        return Choice(over_httpx(verify, proxy, given), "", "")
    name, reason = named(given)
    if name == "direct" and isinstance(proxy, str):
        raise ArgumentError("transport 'direct' takes no proxy; 'httpx' does")
    if name == "auto":
        called_for = calls_for_httpx(proxy)
        name, reason = ("httpx", called_for) if called_for else ("direct", "nothing else is needed")
    if name == "direct":
        return Choice(DirectTransport(verify), name, reason)
    return Choice(over_httpx(verify, proxy, None), name, reason)


def over_httpx(verify: Verify, proxy: str | Unset | None, given: Any) -> AsyncTransport:
    from .httpx_engine import HttpxTransport

    return HttpxTransport(verify, proxy, given)


def is_handed_in(given: object) -> bool:
    """Tell whether a client was given its engine: others may use it too."""
    return hasattr(given, "exchange") or hasattr(given, "handle_async_request")


def named(given: object) -> tuple[str, str]:
    """Return the engine's name, and who says so: the environment's takes the place of `auto`."""
    variable = os.environ.get(VARIABLE) if given == "auto" else None
    name, where = (variable, VARIABLE) if variable else (given, "transport")
    if not isinstance(name, str) or name not in ENGINES:
        names = ", ".join(ENGINES)
        raise ArgumentError(f"{where} must be one of {names}, or a transport, not {name!r}")
    return name, f"{where} says so"


def calls_for_httpx(proxy: str | Unset | None) -> str:
    """Say what calls for httpx: a proxy, or somebody who intercepts it; nothing: an empty text."""
    for module in INTERCEPTORS:
        if module in sys.modules:
            return f"{module} is loaded"
    if isinstance(proxy, str):
        return "proxy says so"
    return "the environment names a proxy" if proxy is not None and has_proxies() else ""
