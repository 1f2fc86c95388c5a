"""Where things are: subscription, workspaces, projects, and the states that work flows through."""

from __future__ import annotations

from ..attributes import boolean, integer, many, ref, state, string, text
from .common import IN_WORKSPACE, PERSISTABLE, RECORDED, SCHEDULE_STATES, element_type

OPEN_OR_CLOSED = ("Open", "Closed")

PROJECT = element_type(
    "Project",
    *PERSISTABLE,
    *RECORDED,
    ref("Workspace", "Workspace", read_only=True, inverse="Projects"),
    string("Name", required=True),
    text("Description"),
    text("Notes"),
    ref("Owner", "User"),
    ref("Parent", "Project", inverse="Children"),
    many("Children", "Project"),
    state("State", OPEN_OR_CLOSED, "Open"),
    many("Iterations", "Iteration"),
    many("Releases", "Release"),
    many("FlowStates", "FlowState"),
    many("TeamMembers", "User", writable=True, inverse="TeamMemberships"),
    many("Editors", "User"),
    many("Viewers", "User"),
    operations="CRUQ",
)
WORKSPACE = element_type(
    "Workspace",
    *PERSISTABLE[:-1],
    ref("Subscription", "Subscription", read_only=True, inverse="Workspaces"),
    string("Name", required=True),
    text("Description"),
    text("Notes"),
    ref("Owner", "User"),
    state("State", OPEN_OR_CLOSED, "Open"),
    many("Projects", "Project"),
    many("Tags", "Tag"),
    many("TypeDefinitions", "TypeDefinition"),
    ref("WorkspaceConfiguration", "WorkspaceConfiguration", read_only=True),
    operations="CRUQ",
)
WORKSPACE_CONFIGURATION = element_type(
    "WorkspaceConfiguration",
    *PERSISTABLE,
    ref("Workspace", "Workspace", read_only=True),
    string("DateFormat"),
    string("DateTimeFormat"),
    string("TimeZone"),
    string("WorkDays"),
    boolean("DragDropRankingEnabled"),
    string("IterationEstimateUnitName"),
    string("ReleaseEstimateUnitName"),
    string("TaskUnitName"),
    operations="RUQ",
    label="",
)
SUBSCRIPTION = element_type(
    "Subscription",
    *PERSISTABLE[:-1],
    string("Name", required=True),
    integer("SubscriptionID", read_only=True),
    string("SubscriptionType", read_only=True),
    many("Workspaces", "Workspace"),
    operations="RUQ",
)
FLOW_STATE = element_type(
    "FlowState",
    *IN_WORKSPACE,
    string("Name", required=True),
    state("ScheduleStateMapping", SCHEDULE_STATES, "Defined"),
    integer("OrderIndex"),
    ref("Project", "Project", required=True, inverse="FlowStates"),
    integer("WIPLimit"),
    text("ExitPolicy"),
    operations="CRUDQ",
    usual_order="OrderIndex",
)
