# SPDX-License-Identifier: MIT
"""How a method comes to what carries it out, without showing it to those who only name methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from ....core.options import CallOptions
    from ....rally.bulk import BulkOptions, Manner
    from ..session import Session


class Owner(Protocol):
    """Any client that is more than a name for its methods."""

    _session: Session
    _reading: Session


def session_of(client: object, call: CallOptions) -> Session:
    """Return what a client's methods share, on the terms of one call of a method."""
    # The methods are the client's own, though they stand in modules of their own.
    session = cast("Owner", client)._session  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return session.under(call)


def reading_of(client: object, call: CallOptions) -> Session:
    """Return the same for a method that only reads, whose answers a client may have kept.

    A method that writes looks up what it needs in the other one, which asks the server always.
    """
    session = cast("Owner", client)._reading  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return session.under(call)


def bulk_of(client: object, how: BulkOptions) -> tuple[Session, Manner]:
    """Return what a client's methods share, and how a bulk is to be carried out."""
    from ....rally.bulk import taken_apart

    call, manner = taken_apart(how)
    return session_of(client, call), manner
