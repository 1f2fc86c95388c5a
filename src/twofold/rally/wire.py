"""Rally's envelopes: status 200 says little, the texts in the body say what happened.

Source: the error catalogue of the Rally WSAPI v2.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Self, TypeVar, cast

import attrs

from ..core.remarks import Clean
from ..core.request import Reply
from ..core.text.shapes import is_array, is_object
from ..core.wire.verdict import refusal
from ..errors import (
    ConflictError,
    CredentialsError,
    Effect,
    NotFoundError,
    RequestError,
    ServerError,
    TwofoldError,
)

T = TypeVar("T")


@attrs.frozen
class Answered(Generic[T]):
    """A value, and what the server remarked with it."""

    value: T
    warnings: tuple[str, ...] = ()

    def cleaned(self, clean: Clean) -> Self:
        """Return the same, each remark cleaned: the value may hold them too."""
        warnings = tuple(map(clean, self.warnings))
        return attrs.evolve(self, value=with_warnings(self.value, warnings), warnings=warnings)


def with_warnings(value: T, warnings: tuple[str, ...]) -> T:
    """Return a model that says itself what the server remarked when it answered with it."""
    if not warnings or not hasattr(value, "warnings"):
        return value
    return cast("T", attrs.evolve(cast("Any", value), warnings=warnings))


def opened(reply: Reply) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Open the envelope of an answer: return what is inside and the warnings, or raise."""
    refused = refusal(reply)
    if refused is not None:
        raise refused
    content = inside(reply)
    errors = texts(content, "Errors")
    if errors:
        raise application_error(errors, reply)
    return content, texts(content, "Warnings")


def inside(reply: Reply) -> Mapping[str, Any]:
    """Return the one object that the envelope holds, errors and warnings beside it included."""
    envelope = reply.json()
    fields: Mapping[str, Any] = envelope if is_object(envelope) else {}
    objects = [value for value in fields.values() if is_object(value)]
    if len(objects) != 1:
        raise ServerError(
            f"{reply.request.origin} answered {reply.status} with JSON that is no Rally answer: "
            f"{reply.extract()}",
            status=reply.status,
            effect=Effect.UNKNOWN,
        )
    beside = {name: fields[name] for name in ("Errors", "Warnings") if name in fields}
    return {**beside, **objects[0]}


def texts(content: Mapping[str, Any], name: str) -> tuple[str, ...]:
    said = content.get(name)
    return tuple(str(text) for text in said) if is_array(said) else ()


def application_error(errors: Sequence[str], reply: Reply) -> TwofoldError:
    """Return the error for texts in the body: what it is depends on how the first one begins."""
    first = errors[0]
    message = "Rally refused: " + "; ".join(errors)
    if first.startswith("Concurrency conflict:"):
        # The write did not happen, and what was in its way is over in a moment.
        return ConflictError(message, status=reply.status, texts=errors, transient=True)
    if first.startswith(INVALID_KEY):
        return stale(message, errors, reply)
    for beginning, error in CATALOGUE:
        if first.startswith(beginning):
            return error(message, status=reply.status, texts=errors)
    return RequestError(message, status=reply.status, texts=errors)


def stale(message: str, errors: Sequence[str], reply: Reply) -> CredentialsError:
    """Nothing was done: the write lacks the token of its session, or brought a former one."""
    error = CredentialsError(message, status=reply.status, texts=errors)
    error.stale = True
    return error


INVALID_KEY = "Not authorized to perform action: Invalid key"

CATALOGUE: Sequence[tuple[str, type[TwofoldError]]] = (
    ("Not authorized to", CredentialsError),
    ("Could not read: Could not read all", RequestError),
    ("Could not read:", NotFoundError),
    ("Cannot find object to read", NotFoundError),
)
