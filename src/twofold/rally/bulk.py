"""Many writes to tickets: how they are to be carried out, what they touch, what became of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

import attrs
import msgspec

from ..core.options import CallOptions, known
from ..core.policy.checks import whole
from ..core.request import Operation
from ..core.text.shapes import is_object
from ..errors import ArgumentError
from ..outcome import BatchResult
from ..progress import ProgressCallback
from .bulk_file import Job
from .bulk_record import BulkRecord
from .finding import PARENTS
from .ids import Identity, Located
from .models import Ticket
from .query.values import Referable
from .structure import relative
from .wire import Answered

I_co = TypeVar("I_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)

ENTRIES = 25
"""Writes in one request, unless another number is asked for; the server's limit is not known."""


@attrs.frozen(repr=False)
class BulkResult(BatchResult[I_co, T_co]):
    """The outcomes of many writes, one for each item, in the order given."""

    def __repr__(self) -> str:
        return super().__repr__().replace("BatchResult", "BulkResult", 1)

    @property
    def success_count(self) -> int:
        return len(self.succeeded)

    @property
    def failed_count(self) -> int:
        return len(self.failed)

    @property
    def updated_tickets(self) -> list[Ticket]:
        """The tickets that were written to, as they were then, in the order given."""
        return [one.value for one in self.succeeded if isinstance(one.value, Ticket)]

    @property
    def errors(self) -> list[Exception]:
        """What went wrong, in the order given."""
        return [failure.error for failure in self.failed]


class BulkOptions(CallOptions, total=False):
    """What a bulk takes for itself, beside what every method takes; for `**how`."""

    concurrency: int | None
    """Requests under way at once, at most; None: as many as the client may have."""
    batch: bool | int
    """True: 25 writes in one request; a number: as many.  Each has an outcome of its own."""
    progress: ProgressCallback | None
    """Told how many are done, ten times a second at most."""
    record: BulkRecord | None
    """Told of each outcome; given again with the same arguments, the bulk goes on from there."""


@attrs.frozen
class Manner:
    """How a bulk is to be carried out."""

    concurrency: int | None = None
    batch: bool | int = False
    progress: ProgressCallback | None = None
    record: BulkRecord | None = None

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.batch, bool):
            whole("batch", self.batch, 1)
        if not (self.progress is None or callable(self.progress)):
            raise ArgumentError(f"progress must be callable, not {self.progress!r}")
        if not (self.record is None or isinstance(self.record, BulkRecord)):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
            raise ArgumentError(f"record must be a BulkRecord, not {self.record!r}")

    @property
    def most(self) -> int:
        """How many writes go in one request."""
        return ENTRIES if self.batch is True else int(self.batch) or 1


def taken_apart(how: BulkOptions) -> tuple[CallOptions, Manner]:
    """Return what each request takes, and what the bulk does; refuse what neither knows."""
    known(how, (*(field.name for field in attrs.fields(Manner)), *CallOptions.__annotations__))
    manner = Manner(
        how.get("concurrency"), how.get("batch", False), how.get("progress"), how.get("record")
    )
    call = {name: given for name, given in how.items() if name in CallOptions.__annotations__}
    return cast("CallOptions", call), manner


@attrs.frozen
class Write(Generic[T_co]):
    """One write, and which objects it touches: two that touch the same must not overlap."""

    operation: Operation[Answered[T_co]]
    touches: frozenset[str] = frozenset()


def touched(place: Located | None, body: Mapping[str, Any]) -> frozenset[str]:
    """Return the ObjectIDs of a ticket and of all that it is under, before and afterwards."""
    before = [] if place is None else [place.ref, *place.parents]
    after = (ref_of(body.get(field)) for field in PARENTS)
    return frozenset(ref.rpartition("/")[2] for ref in (*before, *after) if ref)


def ref_of(value: object) -> str | None:
    found = value.get("_ref") if is_object(value) else value
    return found if isinstance(found, str) else None


def job(
    method: str, where: Iterable[str | None], given: Mapping[str, object], names: Sequence[str]
) -> Job:
    """Describe a bulk, so that it is known again: the server, what is written, to what."""
    said = [method, *where, plain(given), *names]
    digest = hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()
    return Job(method, digest, tuple(names))


def plain(value: object) -> object:
    """Return an argument as it stands for itself, however it was spelled."""
    match value:
        case None | bool() | str():
            return value
        case Referable(ref=str() as ref):
            return relative(ref)
        case Mapping():
            fields = cast("Mapping[object, object]", value)
            return {str(name): plain(each) for name, each in fields.items()}
        case list() | tuple():
            return [plain(each) for each in cast("Sequence[object]", value)]
        case _:
            return str(value)


def called(identity: Identity) -> str:
    """Return what a ticket was called when it was given."""
    return identity.ref if isinstance(identity, Located) else str(identity.asked)
