"""What a status says about who must do what: the part that all systems share."""

from __future__ import annotations

from ...errors import (
    ConflictError,
    CredentialsError,
    Effect,
    NotFoundError,
    RequestError,
    RetryLaterError,
    ServerError,
    TwofoldError,
)
from ..request import READING, Reply
from ..text.references import bare
from ..text.retry_after import moment, retry_after

CREDENTIALS = frozenset({401, 403, 407})
NOT_FOUND = frozenset({404, 410})
CONFLICT = frozenset({409, 412})

# The server says that it did not process the request (RFC 9110, 15.5.20; RFC 8470, 5.2).
UNPROCESSED = frozenset({421, 425})

# Trouble that passes: the gateway's, and the time-outs of the server and of those in front of it.
PASSING = frozenset({408, 502, 503, 504, 520, 521, 522, 523, 524})


def refusal(reply: Reply) -> TwofoldError | None:
    """Return the error that an answer's status means, or None if it means success."""
    status = reply.status
    if 200 <= status < 300:
        return None
    hint = retry_after(reply.headers, reply.wall)
    if status == 429 or (status == 503 and hint is not None):
        return throttled(reply, hint)
    message = f"{reply.request.origin} answered {status}: {reply.extract()}"
    if status in CREDENTIALS:
        return CredentialsError(message, status=status)
    if status in NOT_FOUND:
        return NotFoundError(message, status=status)
    if status in CONFLICT:
        return ConflictError(message, status=status)
    if status in UNPROCESSED:
        return ServerError(message, status=status, transient=True)
    if status in PASSING or status >= 500:
        transient = status in PASSING
        return ServerError(message, status=status, effect=Effect.UNKNOWN, transient=transient)
    if 300 <= status < 400:
        return RequestError(unfollowed(reply), status=status, effect=effect_of(reply))
    return RequestError(message, status=status)


def effect_of(reply: Reply) -> Effect:
    """Say what an answer did that leads elsewhere: 301, 302 and 303 often come after a write."""
    may_be_done = reply.status in (301, 302, 303) and reply.request.method not in READING
    return Effect.UNKNOWN if may_be_done else Effect.NONE


def throttled(reply: Reply, hint: float | None) -> RetryLaterError:
    """429 says that the request was refused (RFC 6585, 4); 503 leaves open what was done."""
    return RetryLaterError(
        f"{reply.request.origin} answered {reply.status} and asks to come back later: "
        f"{reply.extract()}",
        status=reply.status,
        effect=Effect.NONE if reply.status == 429 else Effect.UNKNOWN,
        after=hint,
        retry_at=None if hint is None else moment(reply.wall, hint),
        transient=True,
        pauses_bucket=True,
    )


def unfollowed(reply: Reply) -> str:
    """Say where a redirect led that is not followed: all but scheme, host and path may be a token.

    304 leads nowhere: it answers a condition that the request itself made (RFC 9110, 15.4.5).
    """
    said = f"{reply.request.origin} answered {reply.status}"
    if reply.status == 304:
        return f"{said}: what the request's own condition names has not changed, so it is not sent"
    location = reply.headers.get("location")
    place = "nowhere" if location is None else bare(location)
    return f"{said}, redirecting to {place}: not followed"
