"""Look-ups for many tickets at once: one question for each type, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from ..core.request import Operation
from ..core.text.shapes import is_object
from ..errors import NotFoundError
from .asking import Rows, Scope, reading
from .ids import ABOVE, Identity, Located, Named, Numbered, Unnumbered
from .kinds import find_kind
from .operations import FIND, RawRows, only_workspace, sought
from .query.expression import one_of
from .query.fields import wire_name
from .structure import Raw, relative

# So that a query stays well below the 8,000 characters that an address may have.
AT_ONCE = 200

PARENTS = tuple(wire_name(field) for field in ABOVE)
"""The fields that may name what a ticket is under, the nearest first."""

KEYS = ("FormattedID", "ObjectID", "ObjectUUID")
"""What a ticket may be asked for by."""

FETCH = ",".join((*KEYS, "Project", *PARENTS))


@attrs.frozen
class LookUp:
    """One question, and whose it is."""

    types: str
    field: str
    identities: tuple[Identity, ...]

    def operation(self, scope: Scope, start: int = 1) -> Operation[Rows[Raw]]:
        """Ask for the rows in all projects: an id finds its ticket wherever that is."""
        query = one_of(self.field, [identity.asked for identity in self.identities])
        said = {"shallowFetch": FETCH, **sought(query, start), **everywhere(scope)}
        return reading(FIND, said, {"type": self.types})


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
    if isinstance(identity, Unnumbered):
        return identity.kind.path, "ObjectUUID"
    return identity.kind.path, "FormattedID" if isinstance(identity, Named) else "ObjectID"


def located(look_up: LookUp, rows: RawRows) -> Mapping[Identity, Located]:
    """Say where each ticket is; a row counts only if it answers exactly what was asked.

    On a typed query the prefix of a FormattedID may be ignored: `US12` can find `DE12`.
    """
    by_key = {str(row.get(name)): row for row in rows for name in KEYS}
    found: dict[Identity, Located] = {}
    for identity in look_up.identities:
        row = by_key.get(identity.key)
        place = None if row is None else placed(row)
        if place is not None:
            found[identity] = place
    return found


def placed(row: Raw) -> Located | None:
    """Return where a row says that it is; None: it is no ticket."""
    kind = find_kind(str(row.get("_type")))
    if kind is None or "ObjectID" not in row:
        return None
    above = [ref(row.get(name)) for name in PARENTS]
    parents = tuple(each for each in above if each is not None)
    return Located(kind, int(row["ObjectID"]), ref(row.get("Project")), parents)


def ref(value: object) -> str | None:
    return relative(str(value["_ref"])) if is_object(value) and "_ref" in value else None


def missing(identity: Identity) -> NotFoundError:
    """Return the error of a look-up that found nothing."""
    match identity:
        case Named(kind, formatted_id):
            name = f"no {kind.name} {formatted_id}"
        case Located():
            name = f"no {identity.kind.name} {identity.ref}"
        case Unnumbered(kind, uuid):
            name = f"no {kind.name} {uuid}"
        case Numbered(object_id):
            name = f"no ticket with the ObjectID {object_id}"
    return NotFoundError(f"there is {name}, or these credentials cannot see it")
