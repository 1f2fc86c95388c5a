"""What a ticket tool sends (the reference, section 16), over HTTP as a client of others does."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest
from emulators.rally.foreign import Foreign, inner, without_errors

pytestmark = pytest.mark.real_time

STORY, DEFECT, FEATURE = "/hierarchicalrequirement", "/defect", "/portfolioitem/feature"
ITERATION = {"order": "StartDate", "fetch": "Name,StartDate,EndDate,Project,State"}


def relative(row: dict[str, Any]) -> str:
    address: str = row["_ref"]
    return address.partition("/v2.0")[2]


def test_who_am_i(rally: Foreign) -> None:
    me = rally.read("/user", fetch="UserName,DisplayName,UserProfile")
    assert {"UserName", "DisplayName", "UserProfile", "_ref"} <= set(me)


def test_items_of_each_type_and_of_all(rally: Foreign) -> None:
    named = {"fetch": "FormattedID,Name,Owner", "order": "ObjectID"}
    listed = [rally.rows(path, **named) for path in (STORY, DEFECT, "/task")]
    types = "hierarchicalrequirement,defect,task"
    together = rally.rows("/artifact", types=types, **named)
    assert {row["_ref"] for rows in listed for row in rows} == {row["_ref"] for row in together}


def test_an_item_by_its_formatted_id_whose_prefix_must_be_compared(rally: Foreign) -> None:
    """The reference: "asking `/defect` for `US12` can answer DE12"."""
    assert rally.one(STORY, '(FormattedID = "US12")')["FormattedID"] == "US12"
    assert rally.one(DEFECT, '(FormattedID = "US12")')["FormattedID"] == "DE12"
    assert [row["FormattedID"] for row in rally.rows("/artifact", '(FormattedID = "us12")')] == [
        "US12"
    ]
    assert rally.rows(STORY, '(FormattedID = "US99999")') == []


def test_discussion_and_comment(rally: Foreign) -> None:
    story = rally.one(STORY)
    post = rally.create("/conversationpost", {"Artifact": story["_ref"], "Text": "<b>Hi</b>"})
    rows = rally.rows("/conversationpost", f"(Artifact = {relative(story)})", order="CreationDate")
    assert rows[-1]["_ref"] == post["_ref"]
    assert rally.again(story)["LatestDiscussionAgeInMinutes"] == 0


def test_iterations_past_current_and_future(rally: Foreign) -> None:
    project = rally.one("/project", "(Parent = null)")["_ref"]
    own = {"project": project, "projectScopeDown": False, **ITERATION}
    around = rally.rows("/iteration", "(EndDate >= today-30)", **own)
    query = "((StartDate <= today) AND (EndDate >= today))"
    (current,) = rally.rows("/iteration", query, **own)
    assert around[0]["EndDate"] < current["StartDate"] < around[-1]["StartDate"]
    everywhere = rally.rows("/iteration", f'(Name = "{current["Name"]}")', **ITERATION)
    assert len({row["Project"]["_ref"] for row in everywhere}) == len(everywhere) == 9


def test_backlog_and_my_items(rally: Foreign) -> None:
    rows = rally.rows(STORY)
    backlog = rally.rows(STORY, "(Iteration = null)")
    assert len(backlog) == sum(row["Iteration"] is None for row in rows) > 0
    me = rally.read("/user")
    mine = rally.rows("/artifact", f"(Owner = {relative(me)})", order="ObjectID")
    by_name = rally.rows("/artifact", f'(Owner.UserName = "{me["UserName"]}")', order="ObjectID")
    assert mine == by_name != []


def test_state_is_written_where_each_type_keeps_it(rally: Foreign) -> None:
    story, defect, task, feature = (rally.one(path) for path in (STORY, DEFECT, "/task", FEATURE))
    assert rally.update(story, ScheduleState="Accepted")["Object"]["AcceptedDate"] is not None
    both = rally.update(defect, State="Fixed", ScheduleState="Completed")["Object"]
    assert (both["State"], both["ScheduleState"]) == ("Fixed", "Completed")
    assert rally.update(task, State="Completed")["Object"]["State"] == "Completed"
    done = rally.one("/state", '((TypeDef.Name = "Feature") AND (Name = "Done"))')
    assert rally.update(feature, State=done["_ref"])["Object"]["State"]["_refObjectName"] == "Done"
    (error,) = rally.update(story, ScheduleState="Nope")["Errors"]
    assert error.startswith("Validation error: ")


def test_points_are_written_where_each_type_keeps_them(rally: Foreign) -> None:
    story, task, feature = (rally.one(path) for path in (STORY, "/task", FEATURE))
    assert rally.update(story, PlanEstimate=5.5)["Object"]["PlanEstimate"] == 5.5
    hours = rally.update(task, Estimate=8, ToDo=2, Actuals=6)["Object"]
    assert (hours["Estimate"], hours["ToDo"], hours["Actuals"]) == (8, 2, 6)
    size = rally.one("/preliminaryestimate", '(Name = "L")')
    sized = rally.update(feature, PreliminaryEstimate=size["_ref"], RefinedEstimate=13)["Object"]
    assert (sized["PreliminaryEstimate"]["_refObjectName"], sized["RefinedEstimate"]) == ("L", 13)
    case = rally.one("/testcase")
    assert rally.update(case, PlanEstimate=1)["Warnings"] != []


def test_parents_of_all_kinds(rally: Foreign) -> None:
    story, other = rally.rows(STORY, "(Children = null)")[:2]
    defect, task, feature = (rally.one(path) for path in (DEFECT, "/task", FEATURE))
    epic = rally.one("/portfolioitem/epic")
    for row, field, target in (
        (story, "Parent", other),
        (other, "PortfolioItem", feature),
        (defect, "PortfolioItem", feature),
        (defect, "Requirement", story),
        (task, "WorkProduct", defect),
        (feature, "Parent", epic),
    ):
        changed = rally.update(row, **{field: relative(target)})
        assert changed["Errors"] == []
        assert changed["Object"][field]["_ref"] == target["_ref"]
    assert other["_ref"] in [row["_ref"] for row in rally.below(feature, "UserStories")]
    assert rally.again(other)["Feature"]["_ref"] == feature["_ref"]


def test_owner_iteration_and_release_are_set_and_cleared(rally: Foreign) -> None:
    story = rally.one(STORY)
    project = relative(story["Project"])
    targets = {
        "Owner": rally.one("/user"),
        "Iteration": rally.one("/iteration", f"(Project = {project})"),
        "Release": rally.one("/release", f"(Project = {project})"),
    }
    for field, target in targets.items():
        changed = rally.update(story, **{field: target["_ref"]})["Object"]
        assert changed[field]["_ref"] == target["_ref"]
        assert rally.update(story, **{field: None})["Object"][field] is None


def test_tags_counted_and_created(rally: Foreign) -> None:
    tag = rally.create("/tag", {"Name": "fresh"})
    story = rally.one(STORY)
    assert rally.member(story, "Tags", "add", {"_ref": relative(tag)})["Errors"] == []
    assert rally.again(tag)["UsageCount"] == 1
    assert rally.rows("/artifact", '(Tags.Name = "fresh")')[0]["_ref"] == story["_ref"]
    assert rally.member(story, "Tags", "remove", {"_ref": relative(tag)})["Errors"] == []
    assert rally.again(tag)["UsageCount"] == 0


def test_search(rally: Foreign) -> None:
    made = rally.create(DEFECT, {"Name": "The Zebra's stripes", "Description": "<p>quagga</p>"})
    query = '((Name contains "zebra") OR ((Description contains "x1") OR (Notes contains "x2")))'
    assert [row["_ref"] for row in rally.rows("/artifact", query)] == [made["_ref"]]
    assert [row["_ref"] for row in rally.rows(DEFECT, search="quagga")] == [made["_ref"]]


def test_sprint_summary_agrees_with_local_sums(rally: Foreign) -> None:
    sprint = rally.one("/iteration", "((StartDate <= today) AND (EndDate >= today))")
    rows = rally.rows("/schedulableartifact", f"(Iteration = {relative(sprint)})")
    points = sum(row["PlanEstimate"] or 0 for row in rows)
    assert rally.again(sprint)["PlanEstimate"] == points
    (summed,) = rally.rows(
        "/iteration",
        f"(ObjectID = {sprint['ObjectID']})",
        fetch="WorkProducts:summary[ScheduleState]",
    )
    states = Counter(row["ScheduleState"] for row in rows)
    assert summed["WorkProducts"]["Summary"]["ScheduleState"] == dict(states)


def test_history(rally: Foreign) -> None:
    story = rally.one(STORY)
    rally.update(story, Name="Renamed")
    newest = rally.below(rally.again(story)["RevisionHistory"], "Revisions")[0]
    assert newest["Description"] == f"NAME changed from [{story['Name']}] to [Renamed]"


def test_a_copy_and_the_blocker(rally: Foreign) -> None:
    story = rally.one(STORY, "(Blocked = false)")
    blocked = rally.update(story, Blocked=True, BlockedReason="waits")["Object"]
    note = rally.http.get(blocked["Blocker"]["_ref"])
    assert without_errors(note)["WorkProduct"]["_ref"] == story["_ref"]
    answer = rally.http.post(f"{story['_ref']}/copy", params={"fetch": "true"})
    copy = without_errors(answer)["Object"]
    assert copy["FormattedID"] != story["FormattedID"]
    assert (copy["Name"], copy["BlockedReason"]) == (story["Name"], "waits")
    assert rally.update(story, Blocked=False)["Object"]["Blocker"] is None


def test_answers_for_people_are_indented(rally: Foreign) -> None:
    plain, pretty = (rally.get("/tag", pretty=flag) for flag in (False, True))
    assert pretty.json() == plain.json()
    assert pretty.text.count("\n") > plain.text.count("\n") == 0


def test_the_workspace_says_how_it_is_set_up(rally: Foreign) -> None:
    workspace = rally.one("/workspace")
    answer = rally.http.get(workspace["WorkspaceConfiguration"]["_ref"])
    assert without_errors(answer)["WorkDays"].startswith("Monday")


def test_a_level_that_is_not_there_is_named_in_full(rally: Foreign) -> None:
    error = rally.refused("/portfolioitem/capability")
    assert error == 'Requested type name "portfolioitem/capability" is unknown.'


def test_a_risk_hangs_on_what_it_affects(rally: Foreign) -> None:
    feature, risk = rally.one(FEATURE), rally.create("/risk", {"Name": "x"})
    assert rally.member(feature, "Risks", "add", {"_ref": risk["_ref"]})["Errors"] == []
    assert [row["_ref"] for row in rally.below(risk, "WorkItemsAffected")] == [feature["_ref"]]


@pytest.mark.parametrize("form", ["{ref}", "/{path}", "{path}", "/{kind}/{uuid}"])
def test_references_in_every_form(rally: Foreign, form: str) -> None:
    user, story = rally.one("/user", '(DisplayName = "Mei Tanaka")'), rally.one(STORY)
    text = form.format(
        ref=user["_ref"], path=relative(user)[1:], kind="user", uuid=user["ObjectUUID"]
    )
    for value in (text, {"_ref": text}):
        assert rally.update(story, Owner=None)["Errors"] == []
        answer = httpx.put(
            story["_ref"],
            json={"hierarchicalRequirement": {"Owner": value}},
            headers={"ZSESSIONID": rally.emulator.ready.api_key},
            trust_env=False,
        )
        assert inner(answer)["Errors"] == []
        assert rally.again(story)["Owner"]["_ref"] == user["_ref"]
