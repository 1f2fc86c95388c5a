"""Several writes in one request: what is sent, and what became of each.

Source: Rally WSAPI v2.0, batch: entries are carried out in order, each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any, Generic, Self, TypeVar

import attrs
import msgspec

from ..core.drift_watch import within
from ..core.remarks import Clean
from ..core.request import ENCODER, Endpoint, Operation, Reply, Safety
from ..core.text.shapes import is_array, is_object
from ..core.wire.reading import read
from ..errors import Effect, ServerError, TwofoldError
from .operations import TICKETS
from .structure import Raw
from .wire import Answered, opened

T = TypeVar("T")


@attrs.frozen
class Together(Generic[T]):
    """What became of the entries of one request, in their order."""

    each: Sequence[Answered[T] | TwofoldError]
    warnings: tuple[str, ...] = ()

    def cleaned(self, clean: Clean) -> Self:
        each = [one.cleaned(clean) if isinstance(one, Answered) else one for one in self.each]
        return attrs.evolve(self, each=each, warnings=tuple(map(clean, self.warnings)))


def together(writes: Sequence[Operation[Answered[T]]], safety: Safety) -> Operation[Together[T]]:
    """Return several writes of one kind as one request."""
    endpoint = Endpoint(
        "rally.batch",
        "POST",
        "/batch",
        partial(read_batch, writes),
        safety,
        invalidates=TICKETS,
    )
    scope = {name: writes[0].query[name] for name in SCOPE if name in writes[0].query}
    entries = [{"Entry": entry(write)} for write in writes]
    return endpoint.operation(query={**scope, "fetch": fetched(writes)}, json={"Batch": entries})


SCOPE = ("workspace", "project")


def entry(write: Operation[Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"Path": write.path, "Method": write.endpoint.method}
    if isinstance(write.body, bytes) and write.body:
        said["Body"] = msgspec.Raw(write.body)
    return said


def fetched(writes: Sequence[Operation[Any]]) -> str:
    """Return all fields that any of the writes wants: one list counts for all entries."""
    return ",".join(dict.fromkeys(name for write in writes for name in wanted(write)))


def wanted(write: Operation[Any]) -> list[str]:
    return [name for name in write.query.get("shallowFetch", "").split(",") if name]


def read_batch(writes: Sequence[Operation[Answered[T]]], reply: Reply) -> Together[T]:
    content, warnings = opened(reply)
    results = content.get("Results")
    if not is_array(results) or len(results) != len(writes):
        raise ServerError(
            f"{reply.request.origin} did not answer each of {len(writes)} entries of a batch: "
            f"{reply.extract()}",
            status=reply.status,
            effect=Effect.UNKNOWN,
        )
    all_wanted = {name for write in writes for name in wanted(write)}
    each = [
        read_entry(write, said, all_wanted, reply)
        for write, said in zip(writes, results, strict=True)
    ]
    remarks = [text for one in each if isinstance(one, Answered) for text in one.warnings]
    return Together(each, (*warnings, *remarks))


def read_entry(
    write: Operation[Answered[T]], said: object, all_wanted: AbstractSet[str], reply: Reply
) -> Answered[T] | TwofoldError:
    """Read what became of one entry as if it had been answered alone."""
    if is_object(said) and is_object(said.get("Object")):
        others = all_wanted - {*wanted(write)}
        said = {**said, "Object": own(said["Object"], others)}
    body = ENCODER.encode({"OperationResult": said})
    try:
        return read(write, Reply(reply.status, reply.headers, body, reply.request), within())
    except TwofoldError as error:
        return error


def own(raw: Raw, others: AbstractSet[str]) -> Raw:
    """Return an object without the fields that only other entries wanted.

    Nor has what it refers to any fields: those that were wanted came along at every level.
    """
    return {name: bare(value) for name, value in raw.items() if name not in others}


def bare(value: object) -> object:
    if not is_object(value) or "_ref" not in value:
        return value
    return {name: each for name, each in value.items() if name.startswith("_")}
