"""Rally: tickets, read completely and written safely."""

from __future__ import annotations

from typing import TYPE_CHECKING

PUBLIC = {
    "AllowedValue": ".records",
    "AsyncCachingRallyClient": ".._async.rally.caching.client",
    "AsyncMockRallyClient": ".._async.rally.mock",
    "AsyncRallyClient": ".._async.rally.client",
    "AsyncRallyClientProtocol": ".._async.rally.protocol",
    "Attachment": ".records",
    "BulkOptions": ".bulk",
    "BulkRecord": ".bulk_record",
    "BulkResult": ".bulk",
    "CachingRallyClient": ".._sync.rally.caching.client",
    "Comment": ".models",
    "DataState": ".freshness",
    "Defect": ".models",
    "DefectSuite": ".models",
    "Field": ".query.fields",
    "Freshness": ".freshness",
    "FreshnessChanged": ".freshness",
    "ItemList": ".models",
    "ItemState": ".bulk_file",
    "Iteration": ".records",
    "MockRallyClient": ".._sync.rally.mock",
    "PortfolioItem": ".models",
    "Q": ".query.fields",
    "Query": ".query.expression",
    "RallyClient": ".._sync.rally.client",
    "RallyClientProtocol": ".._sync.rally.protocol",
    "Record": ".records",
    "RecordedItem": ".bulk_record",
    "Reference": ".models",
    "Release": ".records",
    "ResultRefreshed": ".freshness",
    "Revision": ".records",
    "SprintSummary": ".sprint",
    "Story": ".models",
    "Tag": ".records",
    "Task": ".models",
    "TestCase": ".models",
    "TestSet": ".models",
    "Ticket": ".models",
    "TicketId": ".ids",
    "TicketList": ".models",
    "User": ".records",
    "all_of": ".query.expression",
    "any_of": ".query.expression",
    "condition": ".query.expression",
    "images_in": ".images",
    "today": ".query.values",
}

if TYPE_CHECKING:
    from .._async.rally.caching.client import AsyncCachingRallyClient as AsyncCachingRallyClient
    from .._async.rally.client import AsyncRallyClient as AsyncRallyClient
    from .._async.rally.mock import AsyncMockRallyClient as AsyncMockRallyClient
    from .._async.rally.protocol import AsyncRallyClientProtocol as AsyncRallyClientProtocol
    from .._sync.rally.caching.client import CachingRallyClient as CachingRallyClient
    from .._sync.rally.client import RallyClient as RallyClient
    from .._sync.rally.mock import MockRallyClient as MockRallyClient
    from .._sync.rally.protocol import RallyClientProtocol as RallyClientProtocol
    from .bulk import BulkOptions as BulkOptions
    from .bulk import BulkResult as BulkResult
    from .bulk_file import ItemState as ItemState
    from .bulk_record import BulkRecord as BulkRecord
    from .bulk_record import RecordedItem as RecordedItem
    from .freshness import DataState as DataState
    from .freshness import Freshness as Freshness
    from .freshness import FreshnessChanged as FreshnessChanged
    from .freshness import ResultRefreshed as ResultRefreshed
    from .ids import TicketId as TicketId
    from .images import images_in as images_in
    from .models import Comment as Comment
    from .models import Defect as Defect
    from .models import DefectSuite as DefectSuite
    from .models import ItemList as ItemList
    from .models import PortfolioItem as PortfolioItem
    from .models import Reference as Reference
    from .models import Story as Story
    from .models import Task as Task
    from .models import TestCase as TestCase
    from .models import TestSet as TestSet
    from .models import Ticket as Ticket
    from .models import TicketList as TicketList
    from .query.expression import Query as Query
    from .query.expression import all_of as all_of
    from .query.expression import any_of as any_of
    from .query.expression import condition as condition
    from .query.fields import Field as Field
    from .query.fields import Q as Q
    from .query.values import today as today
    from .records import AllowedValue as AllowedValue
    from .records import Attachment as Attachment
    from .records import Iteration as Iteration
    from .records import Record as Record
    from .records import Release as Release
    from .records import Revision as Revision
    from .records import Tag as Tag
    from .records import User as User
    from .sprint import SprintSummary as SprintSummary
else:
    __all__ = sorted(PUBLIC)

    def __getattr__(name):
        from .._public import find

        return find(__name__, PUBLIC, name)

    def __dir__():
        return sorted({*globals(), *PUBLIC})
