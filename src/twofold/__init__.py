"""Clients for the systems engineering teams live in: one source, three runtimes.

Nothing is imported before it is named: `from twofold import RallyClient` loads the blocking client
and what it needs, `AsyncRallyClient` the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

PUBLIC = {
    "ArgumentError": ".errors",
    "AsyncListing": "._async.core.listing",
    "AsyncOptions": "._async.core.options",
    "AsyncRallyClient": "._async.rally.client",
    "AttemptEnded": ".events",
    "AttemptStarted": ".events",
    "BatchResult": ".outcome",
    "CallEnded": ".events",
    "CallStarted": ".events",
    "ConflictError": ".errors",
    "CredentialsError": ".errors",
    "DeadlineError": ".errors",
    "Effect": ".errors",
    "Endpoint": ".core.request",
    "Event": ".events",
    "Failure": ".outcome",
    "Headers": ".core.text.headers",
    "Limits": ".core.policy.limits",
    "Listing": "._sync.core.listing",
    "NotEnteredError": ".errors",
    "NotFoundError": ".errors",
    "Operation": ".core.request",
    "Options": "._sync.core.options",
    "Origin": ".core.request",
    "Outcome": ".outcome",
    "OutcomeUnknownError": ".errors",
    "Page": ".core.request",
    "Patience": ".core.request",
    "Progress": ".progress",
    "RallyClient": "._sync.rally.client",
    "Redirected": ".events",
    "Reply": ".core.request",
    "Request": ".core.request",
    "RequestError": ".errors",
    "Retry": ".core.policy.retry",
    "RetryLaterError": ".errors",
    "RetryScheduled": ".events",
    "Safety": ".core.request",
    "ServerError": ".errors",
    "Statistics": ".core.policy.gate",
    "Success": ".outcome",
    "Timeout": ".core.policy.timeout",
    "Try": ".errors",
    "TwofoldError": ".errors",
    "Warned": ".events",
    "refusal": ".core.wire.verdict",
}

if TYPE_CHECKING:
    from ._async.core.listing import AsyncListing as AsyncListing
    from ._async.core.options import AsyncOptions as AsyncOptions
    from ._async.rally.client import AsyncRallyClient as AsyncRallyClient
    from ._sync.core.listing import Listing as Listing
    from ._sync.core.options import Options as Options
    from ._sync.rally.client import RallyClient as RallyClient
    from .core.policy.gate import Statistics as Statistics
    from .core.policy.limits import Limits as Limits
    from .core.policy.retry import Retry as Retry
    from .core.policy.timeout import Timeout as Timeout
    from .core.request import Endpoint as Endpoint
    from .core.request import Operation as Operation
    from .core.request import Origin as Origin
    from .core.request import Page as Page
    from .core.request import Patience as Patience
    from .core.request import Reply as Reply
    from .core.request import Request as Request
    from .core.request import Safety as Safety
    from .core.text.headers import Headers as Headers
    from .core.wire.verdict import refusal as refusal
    from .errors import ArgumentError as ArgumentError
    from .errors import ConflictError as ConflictError
    from .errors import CredentialsError as CredentialsError
    from .errors import DeadlineError as DeadlineError
    from .errors import Effect as Effect
    from .errors import NotEnteredError as NotEnteredError
    from .errors import NotFoundError as NotFoundError
    from .errors import OutcomeUnknownError as OutcomeUnknownError
    from .errors import RequestError as RequestError
    from .errors import RetryLaterError as RetryLaterError
    from .errors import ServerError as ServerError
    from .errors import Try as Try
    from .errors import TwofoldError as TwofoldError
    from .events import AttemptEnded as AttemptEnded
    from .events import AttemptStarted as AttemptStarted
    from .events import CallEnded as CallEnded
    from .events import CallStarted as CallStarted
    from .events import Event as Event
    from .events import Redirected as Redirected
    from .events import RetryScheduled as RetryScheduled
    from .events import Warned as Warned
    from .outcome import BatchResult as BatchResult
    from .outcome import Failure as Failure
    from .outcome import Outcome as Outcome
    from .outcome import Success as Success
    from .progress import Progress as Progress
else:
    __all__ = sorted(PUBLIC)

    def __getattr__(name):
        from ._public import find

        return find(__name__, PUBLIC, name)

    def __dir__():
        return sorted({*globals(), *PUBLIC})
