"""Look-ups for many tickets at once: one question for each type, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from ..errors import NotFoundError
from .ids import Identity, Located, Named, Numbered
from .kinds import Kind, find_kind
from .operations import RawRows
from .query.expression import Query, one_of

# So that a query stays well below the 8,000 characters that an address may have.
AT_ONCE = 200


@attrs.frozen
class LookUp:
    """One question, and whose it is."""

    types: str
    query: Query
    identities: tuple[Named | Numbered, ...]


def look_ups(identities: Iterable[Identity]) -> list[LookUp]:
    """Return the questions that locate all of these, each asked once."""
    wanted = dict.fromkeys(identities)
    named = [identity for identity in wanted if isinstance(identity, Named)]
    numbered = [identity for identity in wanted if isinstance(identity, Numbered)]
    by_kind: dict[Kind, list[Named | Numbered]] = {}
    for one in named:
        by_kind.setdefault(one.kind, []).append(one)
    return [
        LookUp(kind.path, matching("FormattedID", some), some)
        for kind, same in by_kind.items()
        for some in chunks(same)
    ] + [LookUp("artifact", matching("ObjectID", some), some) for some in chunks(numbered)]


def matching(field: str, identities: Sequence[Named | Numbered]) -> Query:
    return one_of(field, [identity.asked for identity in identities])


def chunks(identities: Sequence[Named | Numbered]) -> list[tuple[Named | Numbered, ...]]:
    starts = range(0, len(identities), AT_ONCE)
    return [tuple(identities[start : start + AT_ONCE]) for start in starts]


def located(look_up: LookUp, rows: RawRows) -> Mapping[Identity, Located]:
    """Say where each ticket is; a row counts only if it answers exactly what was asked.

    On a typed query the prefix of a FormattedID may be ignored: `US12` can find `DE12`.
    """
    by_key = {str(row[name]): row for row in rows for name in ("FormattedID", "ObjectID")}
    found: dict[Identity, Located] = {}
    for identity in look_up.identities:
        row = by_key.get(identity.key)
        kind = None if row is None else find_kind(str(row["_type"]))
        if row is not None and kind is not None:
            found[identity] = Located(kind, int(row["ObjectID"]))
    return found


def missing(identity: Named | Numbered) -> NotFoundError:
    """Return the error of a look-up that found nothing."""
    if isinstance(identity, Named):
        name = f"no {identity.kind.name} {identity.formatted_id}"
    else:
        name = f"no ticket with the ObjectID {identity.object_id}"
    return NotFoundError(f"there is {name}, or these credentials cannot see it")
