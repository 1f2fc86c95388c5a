"""FormattedIDs such as US12, which the server compares by their number."""

from __future__ import annotations

import re

from .model import Record

_FORM = re.compile(r"([A-Za-z]*)(\d{1,15})")


def number(text: str | None) -> int | None:
    """Return the number in `US12`, `us12` or `12`; None if the text has another form."""
    match = _FORM.fullmatch((text or "").strip())
    return int(match[2]) if match else None


def prefix(text: str | None) -> str:
    """Return `US` of `us12`, and nothing of `12`."""
    match = _FORM.fullmatch((text or "").strip())
    return match[1].upper() if match else ""


def own_number(record: Record) -> int:
    return int(record.values["FormattedID"][len(record.type.prefix) :])
