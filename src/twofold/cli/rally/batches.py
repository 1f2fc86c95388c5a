"""What several Rally commands do over the blocking client; nothing here prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar, cast

from ..._sync.rally.client import RallyClient
from ...blocking import map_all
from ...errors import CredentialsError
from ...outcome import BatchResult
from ...rally import account
from ...rally.account import CONCURRENCY
from ...rally.ids import identify
from ...rally.models import Ticket
from ..entry import DONE, FAILED, PARTLY_FAILED
from ..output import Watch

UNAUTHORIZED = 401

T = TypeVar("T")


def checked(ids: Iterable[str]) -> list[str]:
    """Return ids, each once; one that is none is refused before anything is sent."""
    given = list(dict.fromkeys(map(str.strip, ids)))
    known = account.prefixes(None)
    for each in given:
        identify(each, known)
    return given


def look_up(rally: RallyClient, ids: Sequence[str], watch: Watch) -> BatchResult[str, Ticket]:
    """Read tickets by their ids, each type at once."""
    found = rally.get_tickets_by_id(ids, progress=watch("reading"))
    return cast("BatchResult[str, Ticket]", found)  # the items are those that were given


def for_each(
    call: Callable[[str], T], ids: Sequence[str], watch: Watch, work: str
) -> BatchResult[str, T]:
    """Do something for every ticket.  A key that is refused once is not tried for all of them."""
    refused: list[CredentialsError] = []

    def attempt(ticket: str) -> T:
        if refused:
            raise refused[0]
        try:
            return call(ticket)
        except CredentialsError as error:
            if error.status == UNAUTHORIZED:
                refused.append(error)
            raise

    result = map_all(attempt, ids, workers=CONCURRENCY, progress=watch(work))
    if refused:
        raise refused[0]
    return result


def ending(failed: int, total: int) -> int:
    """Return the exit code of a batch."""
    if not failed:
        return DONE
    return FAILED if failed == total else PARTLY_FAILED
