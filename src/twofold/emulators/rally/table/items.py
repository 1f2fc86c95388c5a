"""What is planned and worked on: stories, defects, tasks, suites, risks."""

from __future__ import annotations

from .. import computed
from ..attributes import (
    alias,
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
)
from ..model import Kind
from .common import ARTIFACT, BLOCKABLE, IN_WORKSPACE, SCHEDULABLE, element_type

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
ROOT_CAUSES = ("Requirements", "Design", "Code", "Third Party")

_FEATURE = ref("PortfolioItem", "PortfolioItem/Feature", inverse="UserStories")

STORY = element_type(
    "HierarchicalRequirement",
    *SCHEDULABLE,
    ref("Parent", "HierarchicalRequirement", inverse="Children"),
    _FEATURE,
    alias("Feature", _FEATURE),
    derived("HasParent", Kind.BOOLEAN, computed.has_parent),
    many("Children", "HierarchicalRequirement"),
    derived("DirectChildrenCount", Kind.INTEGER, computed.children_count),
    many("Defects", "Defect"),
    derived("DefectStatus", Kind.STRING, computed.defect_status),
    many("TestCases", "TestCase"),
    derived("TestCaseStatus", Kind.STRING, computed.test_case_status),
    many("Predecessors", "HierarchicalRequirement", writable=True, inverse="Successors"),
    many("Successors", "HierarchicalRequirement", writable=True, inverse="Predecessors"),
    integer("c_BusinessValue"),
    operations="CRUDQ",
    copyable=True,
    prefix="US",
    java_class="UserStory",
    display="User Story",
    parent="Requirement",
)
DEFECT = element_type(
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
    ref("PortfolioItem", "PortfolioItem/Feature"),
    ref("TestCase", "TestCase"),
    ref("TestCaseResult", "TestCaseResult"),
    many("TestCases", "TestCase"),
    many("Duplicates", "Defect", writable=True, inverse="Duplicates"),
    many("DefectSuites", "DefectSuite", writable=True, inverse="Defects"),
    choice("c_RootCause", ROOT_CAUSES),
    many("c_Platforms", "AllowedAttributeValue", writable=True),
    operations="CRUDQ",
    copyable=True,
    prefix="DE",
    parent="SchedulableArtifact",
)
TASK = element_type(
    "Task",
    *ARTIFACT,
    *BLOCKABLE,
    state("State", TASK_STATES, "Defined"),
    decimal("Estimate"),
    decimal("ToDo"),
    decimal("Actuals"),
    integer("TaskIndex"),
    ref("WorkProduct", "SchedulableArtifact", required=True, inverse="Tasks"),
    derived("Iteration", Kind.OBJECT, computed.of_work_product("Iteration"), target="Iteration"),
    derived("Release", Kind.OBJECT, computed.of_work_product("Release"), target="Release"),
    operations="CRUDQ",
    copyable=True,
    prefix="TA",
    parent="Artifact",
)
DEFECT_SUITE = element_type(
    "DefectSuite",
    *SCHEDULABLE,
    many("Defects", "Defect", writable=True, inverse="DefectSuites"),
    derived("DefectStatus", Kind.STRING, computed.defect_status),
    many("TestCases", "TestCase"),
    operations="CRUDQ",
    prefix="DS",
    parent="SchedulableArtifact",
)
BLOCKER = element_type(
    "Blocker",
    *IN_WORKSPACE,
    ref("WorkProduct", "SchedulableArtifact", read_only=True),
    ref("BlockedBy", "User", read_only=True),
    label="",
)
RISK = element_type(
    "Risk",
    *ARTIFACT,
    many("WorkItemsAffected", "PortfolioItem", writable=True, inverse="Risks"),
    choice("Impact", ("High", "Medium", "Low")),
    choice("Probability", ("High", "Medium", "Low")),
    operations="CRUDQ",
    copyable=True,
    prefix="RI",
    parent="Artifact",
)
