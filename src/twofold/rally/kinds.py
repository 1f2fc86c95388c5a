"""The kinds of work item, and where each keeps what people call its state and its points.

Source: Rally WSAPI v2.0, object model; prefixes are the defaults of a workspace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from ..errors import ArgumentError
from .several import several


@attrs.frozen
class Kind:
    """One type of work item."""

    name: str
    """What people say: story, defect, task."""
    path: str
    """The type in addresses: `defect`, `portfolioitem/feature`."""
    element: str
    """The type in `_type`: `Defect`, `PortfolioItem/Feature`."""
    prefix: str
    """How FormattedIDs of this type begin by default; empty: only the workspace knows."""
    state_field: str | None
    """Where the state is written to; None: it has none."""
    points_field: str | None
    """Where the size is written to; None: it has none."""

    @property
    def body(self) -> str:
        """The type around an object that is sent: bare, also for portfolio items."""
        return self.element.rpartition("/")[2]

    @property
    def is_portfolio(self) -> bool:
        return self.element.startswith(PORTFOLIO)


PORTFOLIO = "PortfolioItem"
LEVEL = re.compile(r"portfolioitem/[a-z]\w{0,63}", re.ASCII | re.IGNORECASE)


def portfolio(level: str, prefix: str = "") -> Kind:
    """Return the kind of a level of portfolio items, which a workspace names as it likes."""
    path, element = f"portfolioitem/{level.lower()}", f"{PORTFOLIO}/{level}"
    return Kind(level.lower(), path, element, prefix, "State", "RefinedEstimate")


STORY = Kind(
    "story", "hierarchicalrequirement", "HierarchicalRequirement", "US", "ScheduleState",
    "PlanEstimate",
)  # fmt: skip
DEFECT = Kind("defect", "defect", "Defect", "DE", "State", "PlanEstimate")
TASK = Kind("task", "task", "Task", "TA", "State", "Estimate")
TEST_CASE = Kind("test case", "testcase", "TestCase", "TC", None, None)
TEST_SET = Kind("test set", "testset", "TestSet", "TS", "ScheduleState", "PlanEstimate")
DEFECT_SUITE = Kind(
    "defect suite", "defectsuite", "DefectSuite", "DS", "ScheduleState", "PlanEstimate"
)
FEATURE = portfolio("Feature", "F")
PORTFOLIO_ITEM = Kind(
    "portfolio item", "portfolioitem", PORTFOLIO, "", "State", "RefinedEstimate"
)  # fmt: skip
"""Portfolio items of every level: they can be read together, not written."""

USUAL = (STORY, DEFECT, TASK)
"""What is meant where no types are named."""

LEVELS = (FEATURE, portfolio("Epic", "E"), portfolio("Initiative", "I"), portfolio("Theme", "T"))
KINDS = (*USUAL, TEST_CASE, TEST_SET, DEFECT_SUITE, *LEVELS)

BY_NAME = {
    spelled: kind
    for kind in (*KINDS, PORTFOLIO_ITEM)
    for name in (kind.name, kind.path)
    for spelled in (name.replace(" ", ""), f"{name.replace(' ', '')}s")
} | {"stories": STORY, "userstory": STORY, "userstories": STORY}

STANDARD_PREFIXES = {kind.prefix: kind for kind in KINDS} | {"S": STORY}


def kind_named(name: object) -> Kind:
    """Return the kind of a name such as `story`, `Defect` or `PortfolioItem/Epic`.

    Letter case, blanks and underscores make no difference.
    """
    kind = find_kind(name) if isinstance(name, str) else None
    if kind is None:
        known = ", ".join(kind.name for kind in (*KINDS, PORTFOLIO_ITEM))
        raise ArgumentError(
            f"{name!r} is not a type of ticket; there are {known}, and portfolioitem/<level>"
        )
    return kind


def find_kind(name: str) -> Kind | None:
    """Return the kind of a name; any level of portfolio items is one."""
    plain = re.sub(r"[\s_]", "", name).lower()
    if plain in BY_NAME or not LEVEL.fullmatch(name.strip()):
        return BY_NAME.get(plain)
    return portfolio(name.strip().rpartition("/")[2])


def kinds_named(names: Iterable[str] | str | None) -> tuple[Kind, ...]:
    """Return kinds in the order given, each once; None means stories, defects and tasks.

    A level of portfolio items is left out where those of every level are meant: it is among them.
    """
    if names is None:
        return USUAL
    kinds = map(kind_named, [names] if isinstance(names, str) else several("types", names))
    by_path = {kind.path: kind for kind in kinds}
    if not by_path:
        raise ArgumentError("types must name at least one type of ticket")
    return tuple(kind for kind in by_path.values() if not is_among(kind, by_path.values()))


def is_among(kind: Kind, others: Iterable[Kind]) -> bool:
    """Tell whether tickets of a kind are found with another one of these."""
    return kind.is_portfolio and kind != PORTFOLIO_ITEM and PORTFOLIO_ITEM in others
