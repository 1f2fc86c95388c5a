"""Commands that ask for objects and print a row for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ..formats import Format
from ..output import show, writable
from .options import reaching

if TYPE_CHECKING:
    from ..._sync.rally.client import RallyClient


def listed(
    ask: Callable[[RallyClient], Iterable[object]],
    columns: Sequence[str],
    format: Format,
    server: str | None,
    workspace: str | None,
    project: str | None,
) -> None:
    """Print what a client answers; it is not asked where the format cannot be written."""
    from .rows import object_rows

    writable(format)
    with reaching(server, workspace, project) as (rally, _):
        found = ask(rally)
    show(object_rows(found, columns), format, columns)
