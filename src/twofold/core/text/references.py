"""Addresses as they may be shown: user, parameters, query and fragment may hold tokens."""

from __future__ import annotations

import re

PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?([/\\]{2}[^/\\?#]*)?([^?#;]*)", re.DOTALL)
HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:@]*)(:\d*)?")
HIDDEN = "***"


def bare(reference: str) -> str:
    """Return scheme, host and path of an address or a relative reference, on one line."""
    scheme, authority, path = PARTS.findall(reference)[0]  # each of them may be empty
    if authority:
        host = authority[2:].rpartition("@")[2]
        text = f"{scheme}//{host if HOST.fullmatch(host) else HIDDEN}{path}"
    else:
        # `https:user:password@host` is no address, and yet some make one of it.
        text = f"{scheme}{path.rpartition('@')[2] if scheme else path}"
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
