"""What became of the items of a batch: one success or failure each, in the order of the items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Generic, Literal, NoReturn, TypeAlias, TypeVar, overload

import attrs
import msgspec

# Outcomes are structs of msgspec: a batch makes one for each item, and a frozen class of attrs
# takes four times as long to make one.
I_co = TypeVar("I_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)

MOST_NAMED = 10
"""How many further failures are named in the notes of the one that is raised."""


class Success(msgspec.Struct, Generic[I_co, T_co], frozen=True):
    """An item whose call returned.

    `outcome.error is None` tells it from a failure, for type checkers too; so does `match`.
    """

    index: int
    """The place of the item in the batch, from 0."""
    item: I_co
    value: T_co
    error: ClassVar[None] = None
    is_success: ClassVar[Literal[True]] = True

    def unwrap(self) -> T_co:
        """Return the value."""
        return self.value


class Failure(msgspec.Struct, Generic[I_co], frozen=True):
    """An item whose call raised; never a cancellation, which ends the batch instead."""

    index: int
    """The place of the item in the batch, from 0."""
    item: I_co
    error: Exception
    is_success: ClassVar[Literal[False]] = False

    def unwrap(self) -> NoReturn:
        """Raise the error, as it is."""
        raise self.error


Outcome: TypeAlias = Success[I_co, T_co] | Failure[I_co]


@attrs.frozen(repr=False)
class BatchResult(Sequence[Outcome[I_co, T_co]]):
    """The outcomes of a batch, one for each item, in the order of the items.

    ::

        result = map_all(client.get_ticket, ids)
        for failure in result.failed:
            print(failure.item, failure.error)
    """

    _outcomes: tuple[Outcome[I_co, T_co], ...] = ()

    @overload
    def __getitem__(self, index: int) -> Outcome[I_co, T_co]: ...
    @overload
    def __getitem__(self, index: slice) -> BatchResult[I_co, T_co]: ...
    def __getitem__(self, index: int | slice) -> Outcome[I_co, T_co] | BatchResult[I_co, T_co]:
        if isinstance(index, slice):
            return BatchResult(self._outcomes[index])
        return self._outcomes[index]

    def __len__(self) -> int:
        return len(self._outcomes)

    def __iter__(self) -> Iterator[Outcome[I_co, T_co]]:
        return iter(self._outcomes)

    def __repr__(self) -> str:
        failed = self.failed
        counts = f"{len(self) - len(failed)} succeeded, {len(failed)} failed"
        named = "".join(f", {one.index}: {one.error!r}" for one in failed[:3])
        return f"<BatchResult {counts}{named}{', ...' if len(failed) > 3 else ''}>"

    @property
    def succeeded(self) -> list[Success[I_co, T_co]]:
        return [outcome for outcome in self._outcomes if outcome.error is None]

    @property
    def failed(self) -> list[Failure[I_co]]:
        return [outcome for outcome in self._outcomes if outcome.error is not None]

    def values(self) -> list[T_co]:
        """Return every value, in the order of the items.

        If any item failed, raise the error of the first of them instead, with notes that say which
        item it was and what became of the others.
        """
        failed = self.failed
        if failed:
            raise noted(failed[0], failed[1:])
        return [success.value for success in self.succeeded]


def noted(first: Failure[object], others: Iterable[Failure[object]] = ()) -> Exception:
    """Return the error of a failure, noted with its place and with the failures beside it."""
    rest = list(others)
    named = [f"item {one.index} failed too: {one.error!r}" for one in rest[:MOST_NAMED]]
    more = [f"{len(rest) - MOST_NAMED} more items failed"] if len(rest) > MOST_NAMED else []
    for note in [f"this was item {first.index} of the batch", *named, *more]:
        if note not in getattr(first.error, "__notes__", ()):
            first.error.add_note(note)
    return first.error
