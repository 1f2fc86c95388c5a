"""Iterations, releases and milestones."""

from __future__ import annotations

from .. import computed
from ..attributes import date, decimal, derived, many, ref, state, string, text
from ..model import Kind
from .common import IN_WORKSPACE, RECORDED, element_type

ITERATION = element_type(
    "Iteration",
    *IN_WORKSPACE,
    *RECORDED,
    string("Name", required=True),
    date("StartDate", required=True),
    date("EndDate", required=True),
    state("State", ("Planning", "Committed", "Accepted"), "Planning"),
    text("Theme"),
    text("Notes"),
    decimal("PlannedVelocity"),
    derived("PlanEstimate", Kind.DECIMAL, computed.planned_points),
    ref("Project", "Project", required=True, inverse="Iterations"),
    many("WorkProducts", "SchedulableArtifact"),
    operations="CRUDQ",
)
RELEASE = element_type(
    "Release",
    *IN_WORKSPACE,
    *RECORDED,
    string("Name", required=True),
    date("ReleaseStartDate", required=True),
    date("ReleaseDate", required=True),
    state("State", ("Planning", "Active", "Accepted"), "Planning"),
    text("Theme"),
    text("Notes"),
    string("Version"),
    decimal("PlannedVelocity"),
    derived("PlanEstimate", Kind.DECIMAL, computed.planned_points),
    ref("Project", "Project", required=True, inverse="Releases"),
    many("WorkProducts", "SchedulableArtifact"),
    operations="CRUDQ",
)
MILESTONE = element_type(
    "Milestone",
    *IN_WORKSPACE,
    *RECORDED,
    string("FormattedID", read_only=True),
    date("LastUpdateDate", read_only=True),
    string("Name", required=True),
    text("Description"),
    text("Notes"),
    date("TargetDate"),
    ref("TargetProject", "Project"),
    string("DisplayColor"),
    many("Projects", "Project", writable=True),
    many("Artifacts", "Artifact", writable=True, inverse="Milestones"),
    operations="CRUDQ",
    prefix="MI",
)
