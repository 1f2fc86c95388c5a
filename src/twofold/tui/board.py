"""Which tickets there are, and which of them are shown.

It knows no terminal and no server: what it answers depends on what it was given alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from operator import attrgetter

import attrs

from ..rally.kinds import Kind
from ..rally.models import Ticket
from .ordering import KEYS, Order, in_slices, ordered
from .relations import owner_ref
from .rows import Row, Where, latest
from .searches import Found, Searches
from .views import Shown, Span, View, covers

WHERE: Callable[[Row], Where] = attrgetter("where")


@attrs.frozen
class Whose:
    """Whose tickets, and in which order."""

    order: Order
    owner: str | None
    """A ref; None: everybody's."""


@attrs.define
class Board:
    """Every ticket that was read, the latest of each.

    Searching is by words: each must be part of the id, the name, the owner or the state.
    """

    me: str | None = None
    """The ref of whom `mine` means."""
    spans: Mapping[str, Span] = attrs.field(factory=dict[str, Span])
    """When each iteration is, by its name: of the same name there is one in each project."""
    _rows: dict[str, Row] = attrs.field(factory=dict[str, Row])
    _ordered: dict[Order, list[Row]] = attrs.field(factory=dict[Order, list[Row]])
    _searches: Searches[Whose] = attrs.field(factory=Searches["Whose"])
    _meanwhile: dict[str, Ticket | None] = attrs.field(factory=dict[str, Ticket | None])
    """What was put and dropped since tickets began to be replaced the last time."""

    _gone: set[str] = attrs.field(factory=set[str])
    """What was dropped: a read that was under way then has it still."""

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, ref: str) -> Ticket | None:
        row = self._rows.get(ref)
        return None if row is None else row.ticket

    def replace(self, tickets: Sequence[Ticket], kind: Kind | None = None) -> None:
        """Forget all that was there, or all of a kind, and take these."""
        for _ in self.replacing(tickets, kind):
            pass

    def replacing(self, tickets: Sequence[Ticket], kind: Kind | None = None) -> Generator[None]:
        """Do the same a slice at a time; nothing of it is seen before the last step.

        One at a time: what is put meanwhile stays, what another one replaces would be lost.
        """
        self._meanwhile.clear()
        order = Order.RECENT if self._searches.among is None else self._searches.among.order
        rows = yield from self._with(tickets, kind)
        recent = yield from ordered([*rows.values()], KEYS[Order.RECENT])
        known = {Order.RECENT: recent}
        if order is not Order.RECENT:
            known[order] = yield from ordered(recent, KEYS[order])
        self._rows, self._ordered = rows, known
        self._searches.forget()
        self._catch_up()

    def _with(
        self, tickets: Sequence[Ticket], kind: Kind | None
    ) -> Generator[None, None, dict[str, Row]]:
        """Return what there will be once these tickets are all there are of their kind."""
        before, rows = self._rows, dict[str, Row]()
        if kind is not None:
            for some in in_slices([*before.values()]):
                rows |= {row.ticket.ref: row for row in some if not covers(kind, row.where.kind)}
                yield
        for part in in_slices(tickets):
            there = [ticket for ticket in part if ticket.ref not in self._gone]
            rows |= {ticket.ref: latest(before.get(ticket.ref), ticket) for ticket in there}
            yield
        return rows

    def believe(self) -> None:
        """Take what is read from now on for what there is, what was dropped before included."""
        self._gone.clear()

    def _catch_up(self) -> None:
        """Do again what was done since these tickets were taken."""
        done = dict(self._meanwhile)
        self.put(*(ticket for ticket in done.values() if ticket is not None))
        self.drop(*(ref for ref, ticket in done.items() if ticket is None))

    def put(self, *tickets: Ticket) -> None:
        """Add tickets, or what they have become."""
        rows = {ticket.ref: latest(self._rows.get(ticket.ref), ticket) for ticket in tickets}
        self._meanwhile |= {ref: row.ticket for ref, row in rows.items()}
        self._gone.difference_update(rows)
        self._change(rows.keys(), rows)

    def drop(self, *refs: str) -> None:
        """Take tickets out; those that are not there are not missed."""
        self._meanwhile |= dict.fromkeys(refs)
        self._gone.update(refs)
        self._change(refs, {})

    def _change(self, gone: Collection[str], rows: Mapping[str, Row]) -> None:
        """Keep the order of what has not changed: what is nearly in order is soon sorted."""
        if not gone:
            return
        out = {id(self._rows[ref]) for ref in gone if ref in self._rows}
        rest = [row for row in self._in_order(Order.RECENT) if id(row) not in out]
        for ref in gone:
            self._rows.pop(ref, None)
        self._rows |= rows
        recent = sorted([*rest, *rows.values()], key=KEYS[Order.RECENT])
        self._ordered = {Order.RECENT: recent}
        self._searches.forget()

    def show(self, view: View) -> Shown:
        rows = self._found(view).rows
        counts = Counter(map(WHERE, rows))
        of_span, of_kind = self._counted(counts, view)
        wanted = {each for each in counts if self._is_wanted(each, view)}
        if len(wanted) < len(counts):
            rows = [row for row in rows if row.where in wanted]
        return Shown([row.ticket for row in rows], len(self), of_span, of_kind)

    def _counted(
        self, counts: Mapping[Where, int], view: View
    ) -> tuple[Mapping[Span, int], Mapping[str, int]]:
        of_span, of_kind = dict.fromkeys(Span, 0), dict.fromkeys((each.kind for each in counts), 0)
        for each, count in counts.items():
            kind, span = each.kind, self._span(each)
            if view.kind in ("", kind):
                of_span[Span.ALL] += count
                if span is not None:
                    of_span[span] += count
            if view.span in (Span.ALL, span):
                of_kind[kind] += count
        return of_span, of_kind

    def _is_wanted(self, one: Where, view: View) -> bool:
        return view.kind in ("", one.kind) and view.span in (Span.ALL, self._span(one))

    def _span(self, one: Where) -> Span | None:
        """Return when an iteration is; None: nothing is known of it."""
        return Span.BACKLOG if one.iteration is None else self.spans.get(one.iteration)

    def _found(self, view: View) -> Found:
        """Return what is searched for, of whatever span and type."""
        whose = Whose(view.order, self.me or "" if view.mine else None)
        return self._searches.find(tuple(view.search.lower().split()), whose, self._of)

    def _of(self, whose: Whose) -> Sequence[Row]:
        rows, owner = self._in_order(whose.order), whose.owner
        return rows if owner is None else [row for row in rows if owner_ref(row.ticket) == owner]

    def ordering(self, order: Order) -> Generator[None]:
        """Find an order a slice at a time, if it is not known; what changes meanwhile voids it."""
        recent = self._in_order(Order.RECENT)
        if order not in self._ordered:
            found = yield from ordered(recent, KEYS[order])
            if self._ordered.get(Order.RECENT) is recent:
                self._ordered[order] = found

    def _in_order(self, order: Order) -> list[Row]:
        known = self._ordered.get(order)
        if known is None:
            is_first = order is Order.RECENT
            by_time = self._rows.values() if is_first else self._in_order(Order.RECENT)
            known = self._ordered[order] = sorted(by_time, key=KEYS[order])
        return known
