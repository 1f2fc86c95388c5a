"""Clients for the systems engineering teams live in: one source, three runtimes.

Nothing is imported before it is named: `from twofold import RallyClient` loads the blocking client
and what it needs, `AsyncRallyClient` the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

PUBLIC = {
    "Adaptive": ".core.policy.adaptive",
    "ArgumentError": ".errors",
    "AsyncBackgroundTask": "._async.core.background",
    "AsyncBackgroundTasks": "._async.core.background",
    "AsyncCacheView": "._async.core.cache_view",
    "AsyncCachingRallyClient": "._async.rally.caching.client",
    "AsyncClient": "._async.core.client",
    "AsyncEvents": "._async.core.watching",
    "AsyncLines": "._async.core.streaming",
    "AsyncListing": "._async.core.listing",
    "AsyncMemoryStore": "._async.core.store.memory",
    "AsyncMockRallyClient": "._async.rally.mock",
    "AsyncOptions": "._async.core.options",
    "AsyncRallyClient": "._async.rally.client",
    "AsyncRallyClientProtocol": "._async.rally.protocol",
    "AsyncRateStore": "._async.core.store.store",
    "AsyncSQLiteStore": "._async.core.store.sqlite",
    "AsyncStore": "._async.core.store.store",
    "AsyncStream": "._async.core.streaming",
    "Attachment": ".core.forms",
    "AttemptAbandoned": ".events",
    "AttemptEnded": ".events",
    "AttemptStarted": ".events",
    "Background": ".core.task",
    "BackgroundTask": "._sync.core.background",
    "BackgroundTasks": "._sync.core.background",
    "BatchResult": ".outcome",
    "Bounds": ".monitoring.health",
    "Breaker": ".core.policy.breaker",
    "Budget": ".core.policy.budget",
    "Cache": ".core.cache.settings",
    "CacheAnswered": ".events",
    "CacheOutcome": ".events",
    "CacheStatistics": ".core.cache.statistics",
    "CacheView": "._sync.core.cache_view",
    "CachingRallyClient": "._sync.rally.caching.client",
    "CallEnded": ".events",
    "CallOptions": ".core.options",
    "CallStarted": ".events",
    "CircuitChanged": ".events",
    "CircuitSwitch": ".core.policy.switch",
    "Claim": ".core.policy.lease",
    "Client": "._sync.core.client",
    "Condition": ".monitoring.health",
    "ConflictError": ".errors",
    "Credentials": ".core.credentials",
    "CredentialsError": ".errors",
    "DeadlineError": ".errors",
    "Drift": ".errors",
    "DriftCounts": ".core.drift_watch",
    "DriftError": ".errors",
    "DriftKind": ".errors",
    "DriftSeen": ".events",
    "Effect": ".errors",
    "Endpoint": ".core.request",
    "EngineChosen": ".events",
    "Entry": ".core.store.entry",
    "Event": ".events",
    "Events": "._sync.core.watching",
    "Failure": ".outcome",
    "Fault": ".errors",
    "FlightJoined": ".events",
    "HeaderKey": ".core.credentials",
    "Headers": ".core.text.headers",
    "Health": ".monitoring.health",
    "Hedge": ".core.policy.hedge",
    "HedgeSent": ".events",
    "HedgeUnavailable": ".events",
    "LimitChanged": ".events",
    "Limits": ".core.policy.limits",
    "Lines": "._sync.core.streaming",
    "Listeners": ".core.listeners",
    "Listing": "._sync.core.listing",
    "LoggingListener": ".monitoring.logs",
    "MemoryStore": "._sync.core.store.memory",
    "MockRallyClient": "._sync.rally.mock",
    "Monitor": ".monitoring.monitor",
    "NotEnteredError": ".errors",
    "NotFoundError": ".errors",
    "OfflineError": ".errors",
    "Operation": ".core.request",
    "Options": "._sync.core.options",
    "Origin": ".core.request",
    "Outcome": ".outcome",
    "OutcomeUnknownError": ".errors",
    "Page": ".core.request",
    "Patience": ".core.request",
    "Progress": ".progress",
    "RallyClient": "._sync.rally.client",
    "RallyClientProtocol": "._sync.rally.protocol",
    "Rate": ".core.policy.rate",
    "RateStore": "._sync.core.store.store",
    "Redirected": ".events",
    "Refusal": ".events",
    "Reply": ".core.request",
    "Request": ".core.request",
    "RequestError": ".errors",
    "Retry": ".core.policy.retry",
    "RetryLaterError": ".errors",
    "RetryRefused": ".events",
    "RetryScheduled": ".events",
    "SQLiteStore": "._sync.core.store.sqlite",
    "Safety": ".core.request",
    "Secret": ".core.text.secrets",
    "ServerError": ".errors",
    "Signed": ".core.credentials",
    "Snapshot": ".monitoring.monitor",
    "Statistics": ".core.policy.gate",
    "Store": "._sync.core.store.store",
    "StoreError": ".errors",
    "StoreFailed": ".events",
    "Stream": "._sync.core.streaming",
    "Success": ".outcome",
    "TaskState": ".core.task",
    "Throttled": ".events",
    "Timeout": ".core.policy.timeout",
    "Tokens": ".core.policy.lease",
    "Try": ".errors",
    "TwofoldError": ".errors",
    "Upload": ".core.uploads",
    "Usage": ".core.store.entry",
    "Warned": ".events",
    "multipart": ".core.forms",
    "refusal": ".core.wire.verdict",
    "upload": ".core.uploads",
}

if TYPE_CHECKING:
    from ._async.core.background import AsyncBackgroundTask as AsyncBackgroundTask
    from ._async.core.background import AsyncBackgroundTasks as AsyncBackgroundTasks
    from ._async.core.cache_view import AsyncCacheView as AsyncCacheView
    from ._async.core.client import AsyncClient as AsyncClient
    from ._async.core.listing import AsyncListing as AsyncListing
    from ._async.core.options import AsyncOptions as AsyncOptions
    from ._async.core.store.memory import AsyncMemoryStore as AsyncMemoryStore
    from ._async.core.store.sqlite import AsyncSQLiteStore as AsyncSQLiteStore
    from ._async.core.store.store import AsyncRateStore as AsyncRateStore
    from ._async.core.store.store import AsyncStore as AsyncStore
    from ._async.core.streaming import AsyncLines as AsyncLines
    from ._async.core.streaming import AsyncStream as AsyncStream
    from ._async.core.watching import AsyncEvents as AsyncEvents
    from ._async.rally.caching.client import AsyncCachingRallyClient as AsyncCachingRallyClient
    from ._async.rally.client import AsyncRallyClient as AsyncRallyClient
    from ._async.rally.mock import AsyncMockRallyClient as AsyncMockRallyClient
    from ._async.rally.protocol import AsyncRallyClientProtocol as AsyncRallyClientProtocol
    from ._sync.core.background import BackgroundTask as BackgroundTask
    from ._sync.core.background import BackgroundTasks as BackgroundTasks
    from ._sync.core.cache_view import CacheView as CacheView
    from ._sync.core.client import Client as Client
    from ._sync.core.listing import Listing as Listing
    from ._sync.core.options import Options as Options
    from ._sync.core.store.memory import MemoryStore as MemoryStore
    from ._sync.core.store.sqlite import SQLiteStore as SQLiteStore
    from ._sync.core.store.store import RateStore as RateStore
    from ._sync.core.store.store import Store as Store
    from ._sync.core.streaming import Lines as Lines
    from ._sync.core.streaming import Stream as Stream
    from ._sync.core.watching import Events as Events
    from ._sync.rally.caching.client import CachingRallyClient as CachingRallyClient
    from ._sync.rally.client import RallyClient as RallyClient
    from ._sync.rally.mock import MockRallyClient as MockRallyClient
    from ._sync.rally.protocol import RallyClientProtocol as RallyClientProtocol
    from .core.cache.settings import Cache as Cache
    from .core.cache.statistics import CacheStatistics as CacheStatistics
    from .core.credentials import Credentials as Credentials
    from .core.credentials import HeaderKey as HeaderKey
    from .core.credentials import Signed as Signed
    from .core.drift_watch import DriftCounts as DriftCounts
    from .core.forms import Attachment as Attachment
    from .core.forms import multipart as multipart
    from .core.listeners import Listeners as Listeners
    from .core.options import CallOptions as CallOptions
    from .core.policy.adaptive import Adaptive as Adaptive
    from .core.policy.breaker import Breaker as Breaker
    from .core.policy.budget import Budget as Budget
    from .core.policy.gate import Statistics as Statistics
    from .core.policy.hedge import Hedge as Hedge
    from .core.policy.lease import Claim as Claim
    from .core.policy.lease import Tokens as Tokens
    from .core.policy.limits import Limits as Limits
    from .core.policy.rate import Rate as Rate
    from .core.policy.retry import Retry as Retry
    from .core.policy.switch import CircuitSwitch as CircuitSwitch
    from .core.policy.timeout import Timeout as Timeout
    from .core.request import Endpoint as Endpoint
    from .core.request import Operation as Operation
    from .core.request import Origin as Origin
    from .core.request import Page as Page
    from .core.request import Patience as Patience
    from .core.request import Reply as Reply
    from .core.request import Request as Request
    from .core.request import Safety as Safety
    from .core.store.entry import Entry as Entry
    from .core.store.entry import Usage as Usage
    from .core.task import Background as Background
    from .core.task import TaskState as TaskState
    from .core.text.headers import Headers as Headers
    from .core.text.secrets import Secret as Secret
    from .core.uploads import Upload as Upload
    from .core.uploads import upload as upload
    from .core.wire.verdict import refusal as refusal
    from .errors import ArgumentError as ArgumentError
    from .errors import ConflictError as ConflictError
    from .errors import CredentialsError as CredentialsError
    from .errors import DeadlineError as DeadlineError
    from .errors import Drift as Drift
    from .errors import DriftError as DriftError
    from .errors import DriftKind as DriftKind
    from .errors import Effect as Effect
    from .errors import Fault as Fault
    from .errors import NotEnteredError as NotEnteredError
    from .errors import NotFoundError as NotFoundError
    from .errors import OfflineError as OfflineError
    from .errors import OutcomeUnknownError as OutcomeUnknownError
    from .errors import RequestError as RequestError
    from .errors import RetryLaterError as RetryLaterError
    from .errors import ServerError as ServerError
    from .errors import StoreError as StoreError
    from .errors import Try as Try
    from .errors import TwofoldError as TwofoldError
    from .events import AttemptAbandoned as AttemptAbandoned
    from .events import AttemptEnded as AttemptEnded
    from .events import AttemptStarted as AttemptStarted
    from .events import CacheAnswered as CacheAnswered
    from .events import CacheOutcome as CacheOutcome
    from .events import CallEnded as CallEnded
    from .events import CallStarted as CallStarted
    from .events import CircuitChanged as CircuitChanged
    from .events import DriftSeen as DriftSeen
    from .events import EngineChosen as EngineChosen
    from .events import Event as Event
    from .events import FlightJoined as FlightJoined
    from .events import HedgeSent as HedgeSent
    from .events import HedgeUnavailable as HedgeUnavailable
    from .events import LimitChanged as LimitChanged
    from .events import Redirected as Redirected
    from .events import Refusal as Refusal
    from .events import RetryRefused as RetryRefused
    from .events import RetryScheduled as RetryScheduled
    from .events import StoreFailed as StoreFailed
    from .events import Throttled as Throttled
    from .events import Warned as Warned
    from .monitoring.health import Bounds as Bounds
    from .monitoring.health import Condition as Condition
    from .monitoring.health import Health as Health
    from .monitoring.logs import LoggingListener as LoggingListener
    from .monitoring.monitor import Monitor as Monitor
    from .monitoring.monitor import Snapshot as Snapshot
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
