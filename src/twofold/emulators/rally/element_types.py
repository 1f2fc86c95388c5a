"""The table of types: which fields there are, what they hold, who may write them.

Source: the vendor's object model (WSAPI v2.0), as far as this emulator goes.
"""

from __future__ import annotations

from . import computed
from .attributes import (
    boolean,
    choice,
    date,
    decimal,
    derived,
    integer,
    many,
    ref,
    state,
    string,
    text,
)
from .model import Attribute, ElementType, Kind

SCHEDULE_STATES = ("Idea", "Defined", "In-Progress", "Completed", "Accepted")
DEFECT_STATES = ("Submitted", "Open", "Fixed", "Closed")
TASK_STATES = ("Defined", "In-Progress", "Completed")
SEVERITIES = ("Crash/Data Loss", "Major Problem", "Minor Problem", "Cosmetic")
PRIORITIES = ("Resolve Immediately", "High Attention", "Normal", "Low")
ENVIRONMENTS = ("Development", "Test", "Staging", "Production")
RESOLUTIONS = (
    "Architecture",
    "Code Change",
    "Configuration Change",
    "Database Change",
    "Duplicate",
    "Need More Information",
    "Not a Defect",
    "Software Limitation",
    "User Interface",
)

PERSISTABLE = (
    integer("ObjectID", read_only=True),
    string("ObjectUUID", read_only=True),
    date("CreationDate", read_only=True),
    string("VersionId", read_only=True),
    ref("Subscription", "Subscription", read_only=True),
)
IN_WORKSPACE = (*PERSISTABLE, ref("Workspace", "Workspace", read_only=True))

ARTIFACT = (
    *IN_WORKSPACE,
    string("FormattedID", read_only=True),
    string("Name", required=True),
    text("Description"),
    text("Notes"),
    ref("Owner", "User"),
    ref("CreatedBy", "User", read_only=True),
    ref("Project", "Project", required=True),
    many("Tags", "Tag", writable=True),
    many("Discussion", "ConversationPost"),
    boolean("Ready"),
    boolean("Expedite"),
    boolean("Blocked"),
    string("BlockedReason"),
    string("DisplayColor"),
    string("DragAndDropRank", read_only=True),
    date("LastUpdateDate", read_only=True),
    boolean("Recycled", read_only=True),
)
SCHEDULABLE = (
    *ARTIFACT,
    state("ScheduleState", SCHEDULE_STATES, "Defined"),
    derived("ScheduleStatePrefix", Kind.STRING, computed.schedule_prefix),
    decimal("PlanEstimate"),
    ref("Iteration", "Iteration", inverse="WorkProducts"),
    ref("Release", "Release", inverse="WorkProducts"),
    date("InProgressDate", read_only=True),
    date("AcceptedDate", read_only=True),
    string("Package"),
    many("Tasks", "Task"),
    derived("TaskStatus", Kind.STRING, computed.task_status),
    derived("TaskEstimateTotal", Kind.DECIMAL, computed.task_total("Estimate")),
    derived("TaskRemainingTotal", Kind.DECIMAL, computed.task_total("ToDo")),
    derived("TaskActualTotal", Kind.DECIMAL, computed.task_total("Actuals")),
)


def _type(
    name: str,
    *attributes: Attribute,
    prefix: str = "",
    label: str = "Name",
    java_class: str = "",
    writable: bool = False,
) -> ElementType:
    return ElementType(
        name,
        {each.name: each for each in attributes},
        prefix=prefix,
        label=label,
        java_class=java_class or name,
        is_creatable=writable,
        is_deletable=writable,
    )


STORY = _type(
    "HierarchicalRequirement",
    *SCHEDULABLE,
    ref("Parent", "HierarchicalRequirement", inverse="Children"),
    derived("HasParent", Kind.BOOLEAN, computed.has_parent),
    many("Children", "HierarchicalRequirement"),
    derived("DirectChildrenCount", Kind.INTEGER, computed.children_count),
    many("Defects", "Defect"),
    derived("DefectStatus", Kind.STRING, computed.defect_status),
    prefix="US",
    java_class="UserStory",
    writable=True,
)
DEFECT = _type(
    "Defect",
    *SCHEDULABLE,
    state("State", DEFECT_STATES, "Submitted"),
    choice("Severity", SEVERITIES),
    choice("Priority", PRIORITIES),
    choice("Environment", ENVIRONMENTS),
    choice("Resolution", RESOLUTIONS),
    ref("SubmittedBy", "User"),
    string("FoundInBuild"),
    string("FixedInBuild"),
    string("VerifiedInBuild"),
    string("TargetBuild"),
    date("TargetDate"),
    date("OpenedDate", read_only=True),
    date("ClosedDate", read_only=True),
    boolean("AffectsDoc"),
    boolean("ReleaseNote"),
    ref("Requirement", "HierarchicalRequirement", inverse="Defects"),
    prefix="DE",
    writable=True,
)
TASK = _type(
    "Task",
    *ARTIFACT,
    state("State", TASK_STATES, "Defined"),
    decimal("Estimate"),
    decimal("ToDo"),
    decimal("Actuals"),
    integer("TaskIndex"),
    ref("WorkProduct", "SchedulableArtifact", required=True, inverse="Tasks"),
    derived("Iteration", Kind.OBJECT, computed.of_work_product("Iteration"), target="Iteration"),
    derived("Release", Kind.OBJECT, computed.of_work_product("Release"), target="Release"),
    prefix="TA",
    writable=True,
)
CONVERSATION_POST = _type(
    "ConversationPost",
    *IN_WORKSPACE,
    ref("Artifact", "Artifact", required=True, inverse="Discussion"),
    text("Text", required=True),
    ref("User", "User"),
    integer("PostNumber", read_only=True),
    label="",
    writable=True,
)
ITERATION = _type(
    "Iteration",
    *IN_WORKSPACE,
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
    writable=True,
)
RELEASE = _type(
    "Release",
    *IN_WORKSPACE,
    string("Name", required=True),
    date("ReleaseStartDate", required=True),
    date("ReleaseDate", required=True),
    state("State", ("Planning", "Active", "Accepted"), "Planning"),
    text("Theme"),
    text("Notes"),
    string("Version"),
    decimal("PlannedVelocity"),
    ref("Project", "Project", required=True, inverse="Releases"),
    many("WorkProducts", "SchedulableArtifact"),
    writable=True,
)
TAG = _type(
    "Tag",
    *PERSISTABLE,
    ref("Workspace", "Workspace", read_only=True, inverse="Tags"),
    string("Name", required=True),
    boolean("Archived"),
    writable=True,
)
USER = _type(
    "User",
    *PERSISTABLE,
    string("UserName", required=True),
    string("DisplayName"),
    string("FirstName"),
    string("LastName"),
    string("EmailAddress"),
    boolean("Disabled"),
    boolean("SubscriptionAdmin", read_only=True),
    ref("UserProfile", "UserProfile", read_only=True),
    label="DisplayName",
)
USER_PROFILE = _type(
    "UserProfile",
    *PERSISTABLE,
    ref("DefaultWorkspace", "Workspace"),
    ref("DefaultProject", "Project"),
    string("TimeZone"),
    string("DateFormat"),
    label="",
)
PROJECT = _type(
    "Project",
    *PERSISTABLE,
    ref("Workspace", "Workspace", read_only=True, inverse="Projects"),
    string("Name", required=True),
    text("Description"),
    ref("Owner", "User"),
    ref("Parent", "Project", inverse="Children"),
    many("Children", "Project"),
    state("State", ("Open", "Closed"), "Open"),
    many("Iterations", "Iteration"),
    many("Releases", "Release"),
    many("TeamMembers", "User"),
)
WORKSPACE = _type(
    "Workspace",
    *PERSISTABLE[:-1],
    ref("Subscription", "Subscription", read_only=True, inverse="Workspaces"),
    string("Name", required=True),
    text("Description"),
    ref("Owner", "User"),
    state("State", ("Open", "Closed"), "Open"),
    many("Projects", "Project"),
    many("Tags", "Tag"),
)
SUBSCRIPTION = _type(
    "Subscription",
    *PERSISTABLE[:-1],
    string("Name", required=True),
    integer("SubscriptionID", read_only=True),
    string("SubscriptionType", read_only=True),
    many("Workspaces", "Workspace"),
)

WORK_ITEMS = (STORY, DEFECT, TASK)

CONCRETE = {
    each.path: each
    for each in (
        *WORK_ITEMS,
        CONVERSATION_POST,
        ITERATION,
        RELEASE,
        TAG,
        USER,
        USER_PROFILE,
        PROJECT,
        WORKSPACE,
        SUBSCRIPTION,
    )
}
ABSTRACT = {"artifact": WORK_ITEMS, "schedulableartifact": (STORY, DEFECT)}


def concrete(name: str) -> tuple[ElementType, ...]:
    """Return the types that a name, concrete or abstract, stands for; none if it is unknown."""
    found = CONCRETE.get(name.lower())
    return (found,) if found is not None else ABSTRACT.get(name.lower(), ())
