# SPDX-License-Identifier: MIT
"""Which engine sends: the one named, or the one around a transport that was handed in."""

from __future__ import annotations

import os
import sys
from typing import Any

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


def chosen(given: Any, verify: Verify, proxy: str | Unset | None) -> AsyncTransport:
    """Return the engine for a client's options.

    httpx is imported where its engine is chosen, and not before: others do without it.
    """
    if hasattr(given, "exchange"):
        engine: AsyncTransport = given
        return engine
    verify, proxy = checked_verify(verify), checked_proxy(proxy)
    if not hasattr(given, "handle_async_request"):
        name = named(given)
        if name == "direct" and isinstance(proxy, str):
            raise ArgumentError("transport 'direct' takes no proxy; 'httpx' does")
        if name == "direct" or (name == "auto" and is_plain(proxy)):
            return DirectTransport(verify)
        given = None
    from .httpx_engine import HttpxTransport

    return HttpxTransport(verify, proxy, given)


def named(given: object) -> object:
    """Return the engine's name: the one given, or the environment's in place of `auto`."""
    name = os.environ.get(VARIABLE) or given if given == "auto" else given
    if name not in ENGINES:
        where = "transport" if name is given else VARIABLE
        names = ", ".join(ENGINES)
        raise ArgumentError(f"{where} must be one of {names}, or a transport, not {name!r}")
    return name


def is_plain(proxy: str | Unset | None) -> bool:
    """Tell whether nothing calls for httpx: no proxy, and nobody who intercepts it."""
    if any(module in sys.modules for module in INTERCEPTORS):
        return False
    return proxy is None or (isinstance(proxy, Unset) and not has_proxies())
