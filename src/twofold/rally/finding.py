"""Look-ups for many tickets at once: one question for each type, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from ..core.request import Operation
from ..core.text.shapes import is_object
from ..errors import NotFoundError
from .asking import Scope, reading
from .ids import ABOVE, Identity, Located, Named, Numbered
from .kinds import find_kind
from .operations import FIND, RawRows, only_workspace
from .query.expression import one_of
from .query.fields import wire_name
from .sizes import LARGEST_PAGE
from .structure import Raw, relative

# So that a query stays well below the 8,000 characters that an address may have.
AT_ONCE = 200

PARENTS = tuple(wire_name(field) for field in ABOVE)
"""The fields that may name what a ticket is under, the nearest first."""

FETCH = ",".join(("ObjectID", "FormattedID", "Project", *PARENTS))


@attrs.frozen
class LookUp:
    """One question, and whose it is."""

    types: str
    field: str
    identities: tuple[Identity, ...]

    def operation(self, scope: Scope) -> Operation[RawRows]:
        """Ask for the rows; whose type and ObjectID are known may be in any project."""
        if self.types != "artifact" and self.field == "ObjectID":
            scope = everywhere(scope)
        query = one_of(self.field, [identity.asked for identity in self.identities])
        said = {"shallowFetch": FETCH, "order": "ObjectID", "pagesize": str(LARGEST_PAGE)}
        return reading(FIND, {**said, "query": str(query), **scope}, {"type": self.types})


def everywhere(scope: Scope) -> Scope:
    """Return the whole workspace of a scope."""
    return {**only_workspace(scope), "project": "null"}


def look_ups(identities: Iterable[Identity]) -> list[LookUp]:
    """Return the questions that locate all of these, each asked once."""
    alike: dict[tuple[str, str], list[Identity]] = {}
    for identity in dict.fromkeys(identities):
        alike.setdefault(asked_of(identity), []).append(identity)
    return [
        LookUp(types, field, tuple(some[start : start + AT_ONCE]))
        for (types, field), some in alike.items()
        for start in range(0, len(some), AT_ONCE)
    ]


def asked_of(identity: Identity) -> tuple[str, str]:
    """Return which type is asked for a ticket, and by which field."""
    if isinstance(identity, Numbered):
        return "artifact", "ObjectID"
    return identity.kind.path, "FormattedID" if isinstance(identity, Named) else "ObjectID"


def located(look_up: LookUp, rows: RawRows) -> Mapping[Identity, Located]:
    """Say where each ticket is; a row counts only if it answers exactly what was asked.

    On a typed query the prefix of a FormattedID may be ignored: `US12` can find `DE12`.
    """
    by_key = {str(row[name]): row for row in rows for name in ("FormattedID", "ObjectID")}
    found: dict[Identity, Located] = {}
    for identity in look_up.identities:
        row = by_key.get(identity.key)
        place = None if row is None else placed(row)
        if place is not None:
            found[identity] = place
    return found


def placed(row: Raw) -> Located | None:
    """Return where a row says that it is; None: it is no ticket."""
    kind = find_kind(str(row["_type"]))
    if kind is None:
        return None
    above = [ref(row.get(name)) for name in PARENTS]
    parents = tuple(each for each in above if each is not None)
    return Located(kind, int(row["ObjectID"]), ref(row.get("Project")), parents)


def ref(value: object) -> str | None:
    return relative(str(value["_ref"])) if is_object(value) and "_ref" in value else None


def missing(identity: Named | Numbered) -> NotFoundError:
    """Return the error of a look-up that found nothing."""
    if isinstance(identity, Named):
        name = f"no {identity.kind.name} {identity.formatted_id}"
    else:
        name = f"no ticket with the ObjectID {identity.object_id}"
    return NotFoundError(f"there is {name}, or these credentials cannot see it")
