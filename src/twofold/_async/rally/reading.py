# SPDX-License-Identifier: MIT
"""Complete reads: every item that several questions find, in pages fetched side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import attrs

from ..._runtime.waiting.scopes import current_time
from ..._runtime.waiting.tasks import Call
from ...core.policy.allowance import Allowance
from ...core.request import Page
from ...progress import Reporter
from ...rally.asking import Question, R, Rows
from ...rally.models import ItemList
from ...rally.plan import (
    SMALLEST_FIRST,
    Span,
    complete,
    largest_given,
    left_out,
    rest,
)
from ..core.batch import map_unnoted

Fetch: TypeAlias = Call[[Question[R], int, int], Rows[R]]
"""Fetch the rows of a question from a row on, so many of them."""


async def read_all(
    fetch: Fetch[R],
    questions: Sequence[Question[R]],
    *,
    first: int,
    pages: int,
    workers: int,
    allowance: Allowance,
    reporter: Reporter | None = None,
) -> ItemList[R]:
    """Return every item: a first page of each question at once, then the rest in balanced pages.

    If the server gives less of a page than was asked for, what it left out is asked for as well.
    A page that fails fails the read; a list that changed meanwhile raises ConflictError.  What is
    returned is complete.
    """

    async def page(span: Span) -> tuple[Span, Rows[R]]:
        rows = await fetch(questions[span.question], span.start, span.size)
        if reporter is not None:
            reporter.succeeded(current_time(), max(0, len(rows.items) - span.repeated))
        return span, rows

    first = max(first, SMALLEST_FIRST)
    beginnings = [Span(index, 1, first) for index in range(len(questions))]
    read = await map_unnoted(page, beginnings, workers=workers, allowance=allowance)
    totals = [rows.total or 0 for _, rows in read]
    if reporter is not None:
        reporter.expect(sum(totals))
    spans = [*left_out(read), *rest(totals, first, pages, largest_given(read))]
    while spans:
        more = await map_unnoted(page, spans, workers=workers, allowance=allowance)
        read += more
        spans = left_out(more)
    return complete(read, totals)


@attrs.frozen
class Cursor:
    """Where the next page of a listing begins: which question, which row."""

    question: int = 0
    start: int = 1


async def page_at(
    cursor: Cursor, questions: Sequence[Question[R]], size: int, fetch: Fetch[R]
) -> Page[R]:
    """Fetch one page, and say where the next one begins: in the same question or the next."""
    rows = await fetch(questions[cursor.question], cursor.start, size)
    return Page(rows.items, following(cursor, rows, len(questions)), rows.total)


def following(cursor: Cursor, rows: Rows[R], questions: int) -> Cursor | None:
    start = cursor.start + len(rows.items)
    if rows.items and start <= (rows.total or 0):
        return Cursor(cursor.question, start)
    if cursor.question + 1 < questions:
        return Cursor(cursor.question + 1)
    return None
