"""The errors of those whom a gate does not let in: nothing was sent."""

from __future__ import annotations

import math

from ...errors import RetryLaterError
from ..text.retry_after import moment


def circuit_open(seconds: float, wall: float) -> RetryLaterError:
    """Return the error of one who may try in so many seconds; infinity: nobody knows."""
    if seconds == math.inf:
        error = RetryLaterError("the circuit was opened by hand: nothing is sent")
    else:
        error = RetryLaterError(
            "the circuit is open: the origin failed too often to be asked now",
            retry_at=moment(wall, max(seconds, 0.0)),
        )
    error.withheld = True
    return error


def store_failed(seconds: float, wall: float) -> RetryLaterError:
    """Return the error of one whose rate nobody counts, until the store is asked again."""
    error = RetryLaterError(
        "the store that counts the rate for all processes could not be asked",
        retry_at=moment(wall, max(seconds, 0.0)),
    )
    error.withheld = True
    return error


def turn_too_late(seconds: float, wall: float) -> RetryLaterError:
    """Return the error of one who cannot wait for so many seconds: its deadline is before."""
    error = RetryLaterError(
        f"it would have to wait {seconds:.1f} s for its turn, and its deadline is before",
        retry_at=moment(wall, seconds),
    )
    error.withheld = error.hurried = True
    return error
