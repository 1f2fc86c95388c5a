"""When the server says to come back: Retry-After in both forms (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from .headers import Headers

NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)

# Longer than this is a mistake, or a clock gone wrong; ignored like other garbage.
LONGEST = 366 * 86400.0


def retry_after(headers: Headers, wall: float) -> float | None:
    """Return the seconds to wait from now on; None if nothing sensible was said.

    `wall` is the time of receipt in seconds since 1970.  A date is compared with the answer's own
    Date field where there is one, so that a client whose clock is wrong waits no longer.
    """
    milliseconds = number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return bounded(milliseconds / 1000)
    said = headers.get("retry-after")
    seconds = number(said)
    if seconds is not None:
        return bounded(seconds)
    until = http_date(said)
    if until is None:
        return None
    answered = http_date(headers.get("date"))
    return bounded(until - (wall if answered is None else answered))


def number(text: str | None) -> float | None:
    """Read a non-negative number; signs, exponents, NaN and the like are not numbers here."""
    text = "" if text is None else text.strip()
    return float(text) if NUMBER.fullmatch(text) else None


def http_date(text: str | None) -> float | None:
    """Read an HTTP date as seconds since 1970."""
    if text is None:
        return None
    from email.utils import parsedate_to_datetime  # slow to import, and dates are rare

    try:
        date = parsedate_to_datetime(text)
        # HTTP dates are in GMT whether or not they say so.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def bounded(seconds: float) -> float | None:
    return seconds if 0 <= seconds <= LONGEST else None


def moment(wall: float, seconds: float) -> datetime:
    """Return the aware time that lies some seconds after `wall`."""
    return datetime.fromtimestamp(wall + seconds, UTC)
