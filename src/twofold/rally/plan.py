"""How a complete read is cut into pages, and the proof afterwards that it is complete."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import attrgetter

import attrs

from ..errors import ConflictError
from .asking import R, Rows
from .models import ItemList
from .sizes import LARGEST_PAGE

REF = attrgetter("ref")

SMALLEST_FIRST = 2
"""Rows: no page but the first begins with row 1, though it begins with the last row of that."""

SMALLEST_PAGE = 50
"""Rows: cutting smaller pages than this costs more than it gains."""


@attrs.frozen
class Span:
    """Rows of one question: `size` of them from row `start`, counted from 1."""

    question: int
    start: int
    size: int

    @property
    def end(self) -> int:
        """The row after the last one."""
        return self.start + self.size

    @property
    def repeated(self) -> int:
        """How many rows of it another page has too: the one before, which must still be there."""
        return int(self.start > 1)


def rest(totals: Sequence[int], first: int, pages: int, largest: int = LARGEST_PAGE) -> list[Span]:
    """Cut the rows that the first pages left into about `pages` spans of balanced length.

    The longest span decides how long the read takes, so each further cut goes to the question
    whose spans are the longest.  No span is longer than the server's `largest` page.  Each begins
    with the last row of the one before: if that is another row by then, the rows have moved, even
    if there are as many as before.
    """
    left = {index: total - first for index, total in enumerate(totals) if total > first}
    cuts = {index: math.ceil(rows / (largest - 1)) for index, rows in left.items()}
    longest = [(-rows / cuts[index], index) for index, rows in left.items()]
    heapq.heapify(longest)
    spare = pages - sum(cuts.values())
    while spare > 0 and longest and -longest[0][0] > SMALLEST_PAGE:
        _, index = heapq.heappop(longest)
        cuts[index] += 1
        heapq.heappush(longest, (-left[index] / cuts[index], index))
        spare -= 1
    return [span for index in left for span in spans(index, first, left[index], cuts[index])]


def spans(question: int, first: int, rows: int, count: int) -> list[Span]:
    """Cut the rows after the first page into spans whose lengths differ by one at most.

    The row before comes with each of them.
    """
    edges = [first + rows * part // count for part in range(count + 1)]
    return [Span(question, begin, end - begin + 1) for begin, end in pairwise(edges)]


def largest_given(pages: Sequence[tuple[Span, Rows[R]]]) -> int:
    """Return how many rows the server gives at once, as far as these pages show it."""
    given = [len(rows.items) for span, rows in pages if is_cut(span, rows)]
    return min(given, default=LARGEST_PAGE)


def left_out(pages: Sequence[tuple[Span, Rows[R]]]) -> list[Span]:
    """Return what the server left out of pages that were larger than it gives, cut so that it fits.

    A server may give fewer rows at once than Rally says: what came counts, not what was asked for.
    """
    return [
        each
        for span, rows in pages
        if is_cut(span, rows)
        for each in remaining(span, len(rows.items), due(span, rows) - len(rows.items))
    ]


def is_cut(span: Span, rows: Rows[R]) -> bool:
    """Tell whether rows are left out at the end, and whether it helps to ask for them.

    Each page begins with the last row of the one before: by one row at a time nobody gets on.
    """
    return SMALLEST_FIRST <= len(rows.items) < due(span, rows)


def due(span: Span, rows: Rows[R]) -> int:
    """Return how many rows of a span there are."""
    return min(span.size, (rows.total or 0) - span.start + 1)


def remaining(span: Span, given: int, left: int) -> list[Span]:
    last = span.start + given - 1
    return spans(span.question, last, left, math.ceil(left / (given - 1)))


def complete(pages: Sequence[tuple[Span, Rows[R]]], totals: Sequence[int]) -> ItemList[R]:
    """Return what all pages say together, each warning once; ConflictError: they do not agree."""
    ordered = in_order(pages)
    warnings = dict.fromkeys(text for _, rows in ordered for text in rows.warnings)
    return ItemList(assembled(ordered, totals), tuple(warnings))


def in_order(pages: Sequence[tuple[Span, Rows[R]]]) -> list[tuple[Span, Rows[R]]]:
    return sorted(pages, key=lambda page: (page[0].question, page[0].start))


def assembled(pages: Sequence[tuple[Span, Rows[R]]], totals: Sequence[int]) -> tuple[R, ...]:
    """Join pages in order; raise ConflictError unless every row is there, and there once."""
    ordered = in_order(pages)
    for span, rows in ordered:
        if rows.total != totals[span.question]:
            raise changed(f"there were {totals[span.question]} items, then {rows.total}")
    items = tuple(joined(ordered))
    distinct = len(set(map(REF, items)))
    if distinct != len(items):
        raise changed(f"{len(items) - distinct} of them came twice")
    if distinct != sum(totals):
        raise changed(f"{distinct} of {sum(totals)} came")
    return items


def joined(pages: Sequence[tuple[Span, Rows[R]]]) -> Iterator[R]:
    """Yield every row once; what two pages share must be the same row in both."""
    before: tuple[Span, Rows[R]] | None = None
    for page in pages:
        shared = 0 if before is None else in_both(before, page)
        yield from page[1].items[shared:]
        before = page


def in_both(before: tuple[Span, Rows[R]], page: tuple[Span, Rows[R]]) -> int:
    """Return how many rows at the end of one page are those at the beginning of the next."""
    (earlier, past), (span, rows) = before, page
    shared = earlier.start + len(past.items) - span.start
    if earlier.question != span.question or shared <= 0 or not rows.items:
        return 0
    if refs(past.items[-shared:]) != refs(rows.items[:shared]):
        raise changed("rows moved from one page to another")
    return shared


def refs(items: Sequence[R]) -> list[str]:
    return [REF(each) for each in items]


def changed(how: str) -> ConflictError:
    return ConflictError(f"the list changed while it was read: {how}; read it again")
