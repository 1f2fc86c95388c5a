"""What is to be written, checked against the kinds of the tickets as far as they are known unsent.

What only some of the tickets cannot have is no misuse: it fails for those, each in its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...rally import account
from ...rally.drafts import Draft, draft
from ...rally.ids import Numbered, identify
from ...rally.kinds import PORTFOLIO_ITEM, Kind, kind_named


def drafted(given: Mapping[str, object]) -> Draft:
    """Check fields by themselves; ids among them may begin as they do in this workspace only."""
    return draft(given, account.prefixes(None))


def check_ids(made: Draft, ids: Iterable[str]) -> None:
    """Refuse what none of these tickets can have, unless the kind of one is not told by its id."""
    identities = [identify(each, made.prefixes) for each in ids]
    kinds = [each.kind for each in identities if not isinstance(each, Numbered)]
    if len(kinds) == len(identities):
        check_kinds(made, kinds)


def check_types(made: Draft, types: Iterable[str]) -> None:
    """Refuse what no ticket of these types can have."""
    check_kinds(made, [kind_named(each) for each in types])


def check_kinds(made: Draft, kinds: list[Kind]) -> None:
    """Refuse what none of these kinds can have; of portfolio items the level must be known."""
    if kinds and PORTFOLIO_ITEM not in kinds and not made.fitting(kinds):
        made.check(kinds[0])
