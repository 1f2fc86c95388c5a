"""Test cases, what they are gathered in, and what running them gave."""

from __future__ import annotations

from .. import computed
from ..attributes import choice, date, decimal, derived, integer, many, ref, state, string, text
from ..model import Kind
from .common import ARTIFACT, IN_WORKSPACE, SCHEDULABLE, element_type

VERDICTS = ("Pass", "Fail", "Blocked", "Error", "Inconclusive", "Not Applicable")

TEST_CASE = element_type(
    "TestCase",
    *ARTIFACT,
    state("Type", ("Acceptance", "Functional", "Regression", "Performance"), "Acceptance"),
    state("Method", ("Manual", "Automated"), "Manual"),
    choice("Priority", ("Critical", "Important", "Useful")),
    choice("Risk", ("High", "Medium", "Low")),
    text("PreConditions"),
    text("PostConditions"),
    text("Objective"),
    text("ValidationInput"),
    text("ValidationExpectedResult"),
    many("Steps", "TestCaseStep"),
    many("Results", "TestCaseResult"),
    derived("LastVerdict", Kind.STRING, computed.of_last_result("Verdict", "")),
    derived("LastRun", Kind.DATE, computed.of_last_result("Date", None)),
    derived("LastBuild", Kind.STRING, computed.of_last_result("Build", "")),
    derived("LastResult", Kind.OBJECT, computed.last_result, target="TestCaseResult"),
    ref("WorkProduct", "Artifact", inverse="TestCases"),
    ref("TestFolder", "TestFolder", inverse="TestCases"),
    many("TestSets", "TestSet", writable=True, inverse="TestCases"),
    operations="CRUDQ",
    copyable=True,
    prefix="TC",
    parent="Artifact",
)
TEST_CASE_STEP = element_type(
    "TestCaseStep",
    *IN_WORKSPACE,
    integer("StepIndex"),
    text("Input"),
    text("ExpectedResult"),
    ref("TestCase", "TestCase", required=True, inverse="Steps"),
    operations="CRUDQ",
    copyable=True,
    label="",
    usual_order="StepIndex",
)
TEST_CASE_RESULT = element_type(
    "TestCaseResult",
    *IN_WORKSPACE,
    string("Build", required=True),
    date("Date", required=True),
    state("Verdict", VERDICTS, ""),
    ref("TestCase", "TestCase", required=True, inverse="Results"),
    ref("TestSet", "TestSet"),
    ref("Tester", "User"),
    decimal("Duration"),
    text("Notes"),
    many("Attachments", "Attachment"),
    operations="CRUDQ",
    label="",
)
TEST_SET = element_type(
    "TestSet",
    *SCHEDULABLE,
    many("TestCases", "TestCase", writable=True, inverse="TestSets"),
    derived("TestCaseStatus", Kind.STRING, computed.test_case_status),
    operations="CRUDQ",
    copyable=True,
    prefix="TS",
    parent="SchedulableArtifact",
)
TEST_FOLDER = element_type(
    "TestFolder",
    *ARTIFACT,
    ref("Parent", "TestFolder", inverse="Children"),
    many("Children", "TestFolder"),
    many("TestCases", "TestCase"),
    operations="CRUDQ",
    copyable=True,
    prefix="TF",
    parent="Artifact",
)
