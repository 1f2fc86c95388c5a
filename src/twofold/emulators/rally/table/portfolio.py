"""Portfolio items: features and the levels above them, each with states of its own."""

from __future__ import annotations

from .. import rollups
from ..attributes import boolean, choice, date, decimal, derived, integer, many, ref, string
from ..model import Attribute, ElementType, Kind
from .common import ARTIFACT, IN_WORKSPACE, element_type

LEVELS = (("Feature", "F"), ("Epic", "E"), ("Initiative", "I"), ("Theme", "T"))
"""From the lowest; all of them can be renamed, so a client must not count on these."""
PORTFOLIO_ITEM = "PortfolioItem"
STATES = ("Discovering", "Developing", "Measuring", "Done")

_ITEM = (
    *ARTIFACT,
    ref("State", "State"),
    date("StateChangedDate", read_only=True),
    date("PlannedStartDate"),
    date("PlannedEndDate"),
    derived("ActualStartDate", Kind.DATE, rollups.first_start),
    derived("ActualEndDate", Kind.DATE, rollups.last_end),
    ref("PreliminaryEstimate", "PreliminaryEstimate"),
    decimal("RefinedEstimate"),
    derived("LeafStoryCount", Kind.INTEGER, rollups.leaf_count),
    derived("LeafStoryPlanEstimateTotal", Kind.DECIMAL, rollups.leaf_points),
    derived("AcceptedLeafStoryCount", Kind.INTEGER, rollups.accepted_leaf_count),
    derived("PercentDoneByStoryCount", Kind.DECIMAL, rollups.done_by_count),
    derived("PercentDoneByStoryPlanEstimate", Kind.DECIMAL, rollups.done_by_points),
    derived("DirectChildrenCount", Kind.INTEGER, rollups.parts_count),
    boolean("Archived"),
    choice("InvestmentCategory", ("Strategic Growth", "Cost Savings", "Maintenance")),
    ref("PortfolioItemType", "TypeDefinition", read_only=True),
    derived("PortfolioItemTypeName", Kind.STRING, rollups.element_name),
    many("Risks", "Risk", writable=True, inverse="WorkItemsAffected"),
    decimal("WSJFScore"),
)


def _level(ordinal: int, name: str, prefix: str) -> ElementType:
    return element_type(
        f"PortfolioItem/{name}",
        *_ITEM,
        *_below(ordinal),
        *_above(ordinal),
        operations="CRUDQ",
        copyable=True,
        prefix=prefix,
        java_class="PortfolioItem",
        parent=PORTFOLIO_ITEM,
        ordinal=ordinal,
    )


def _below(ordinal: int) -> tuple[Attribute, ...]:
    if ordinal:
        return (many("Children", f"PortfolioItem/{LEVELS[ordinal - 1][0]}"),)
    return (
        many("UserStories", "HierarchicalRequirement"),
        ref("Release", "Release"),
        many("Predecessors", "PortfolioItem/Feature", writable=True, inverse="Successors"),
        many("Successors", "PortfolioItem/Feature", writable=True, inverse="Predecessors"),
    )


def _above(ordinal: int) -> tuple[Attribute, ...]:
    if ordinal == len(LEVELS) - 1:
        return ()
    return (ref("Parent", f"PortfolioItem/{LEVELS[ordinal + 1][0]}", inverse="Children"),)


PORTFOLIO = tuple(_level(place, *names) for place, names in enumerate(LEVELS))
FEATURE = PORTFOLIO[0]

STATE = element_type(
    "State",
    *IN_WORKSPACE,
    string("Name", required=True),
    integer("OrderIndex"),
    ref("TypeDef", "TypeDefinition", required=True),
    boolean("Enabled"),
    boolean("AcceptedMarker"),
    boolean("InProgressMarker"),
    string("Description"),
    integer("WIPLimit"),
    operations="CRUDQ",
    usual_order="OrderIndex",
)
PRELIMINARY_ESTIMATE = element_type(
    "PreliminaryEstimate",
    *IN_WORKSPACE,
    string("Name", required=True),
    decimal("Value"),
    string("Description"),
    operations="CRUDQ",
)
