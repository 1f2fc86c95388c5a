"""Rally's query language, condition by condition."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.rally.desk import Desk, quoted
from hypothesis import given
from hypothesis import strategies as st

STORY = "/hierarchicalrequirement"
STATES = ["Idea", "Defined", "In-Progress", "Completed", "Accepted"]


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(tickets=700)


@pytest.fixture(scope="module")
def stories(desk: Desk) -> list[dict[str, Any]]:
    return desk.rows(STORY, fetch="true")


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["FormattedID"] for row in rows]


VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(
    str.strip
)
HARD = st.lists(
    st.sampled_from(['"', "\\", "(", ")", " AND ", " or ", "%", "&", "null", "=", "'", "é", ","]),
    min_size=1,
).map("".join)

FRESH = Desk(tickets=70)
FRESH_OID = FRESH.oid(STORY, "US3")


@given(VALUES | HARD.filter(str.strip))
def test_any_quoted_value_finds_exactly_what_is_equal_to_it(value: str) -> None:
    assert FRESH.update("hierarchicalrequirement", FRESH_OID, {"Name": value})["Errors"] == []
    names = {row["FormattedID"]: row["Name"] for row in FRESH.rows(STORY)}
    equal = [each for each, name in names.items() if name == value]
    assert "US3" in equal
    assert FRESH.ids(STORY, f"(Name = {quoted(value)})") == equal
    others = [each for each, name in names.items() if name != value]
    assert FRESH.ids(STORY, f"(Name != {quoted(value)})") == others
    assert "US3" in FRESH.ids(STORY, f"(Name contains {quoted(value)})")


def test_an_awkward_name_is_found_and_not_injected(desk: Desk) -> None:
    name = 'State = "Open") OR (Name != ""'
    rows = desk.rows("/artifact", f"(Name = {quoted(name)})", types="hierarchicalrequirement,task")
    assert {row["Name"] for row in rows} == {name}


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            '((Name = "a") AND (Name = "b") AND (Name = "c"))',
            'Error parsing expression -- expected ")" but saw "AND" instead.',
        ),
        ("(ScheduleState=Defined)", 'Unknown operator ")"'),
        ("(Name ~ x)", 'Unknown operator "~"'),
        ("Name = x", 'Error parsing expression -- expected "(" but saw "Name" instead.'),
        ("(Name = x", 'Error parsing expression -- expected ")" but saw "" instead.'),
        ('((Name = "a") AND (Name = "b")', "Error parsing"),
        ('(Name = "a"))', "Error parsing expression -- expected the end of the query"),
        ("(Name = a b)", 'Error parsing expression -- expected ")" but saw "b" instead.'),
        ("(Name = x AND Owner = null)", 'expected ")" but saw "AND" instead.'),
        ('((Name = "a") XOR (Name = "b"))', 'expected "AND" or "OR" but saw "XOR"'),
        ('((Name = "a"))', 'expected "AND" or "OR" but saw ")"'),
        ('(Name = "a)', "a quoted value has no end"),
        ("()", "expected an attribute"),
        ("(Name = )", "expected a value"),
        ("(c_Nope = 1)", 'Unknown attribute "c_Nope" of type HierarchicalRequirement'),
        ("(Owner.Nope = 1)", 'Unknown attribute "Owner.Nope"'),
        ("(PlanEstimate > many)", 'Cannot convert "many"'),
        ("(Iteration = Sprint)", 'Cannot convert "Sprint"'),
        ("(CreationDate > yesterday)", 'Cannot convert "yesterday"'),
        ("(ScheduleState < Dunno)", '"Dunno" is not a value of ScheduleState'),
    ],
)
def test_what_cannot_be_parsed_is_said_in_the_servers_words(
    desk: Desk, query: str, error: str
) -> None:
    result = desk.query(STORY, query)
    (text,) = result["Errors"]
    assert text.startswith("Could not parse: ")
    assert error in text
    assert result["Results"] == []


def test_hundreds_of_nested_groups_are_no_problem(desk: Desk) -> None:
    query = '(FormattedID = "US1")'
    for number in range(2, 401):
        query = f'({query} OR (FormattedID = "US{number}"))'
    assert desk.ids(STORY, query) == [f"US{number}" for number in range(1, 401)]


def test_alternate_nesting_beyond_all_reason_is_refused_politely(desk: Desk) -> None:
    query = "(Ready = true)"
    for level in range(3000):
        query = f"({query} {('AND', 'OR')[level % 2]} (Ready = false))"
    (error,) = desk.errors(STORY, query)
    assert error.startswith("Could not parse: ")


def test_words_of_the_language_are_read_in_any_case(desk: Desk) -> None:
    small = '((Name contains "the") and (Owner != null))'
    large = '((Name CONTAINS "THE") AND (Owner != null))'
    assert desk.ids(STORY, small) == desk.ids(STORY, large) != []


def test_equality_minds_case_and_contains_does_not(
    desk: Desk, stories: list[dict[str, Any]]
) -> None:
    name = next(row["Name"] for row in stories if row["Name"].swapcase() != row["Name"])
    assert name in [row["Name"] for row in desk.rows(STORY, f"(Name = {quoted(name)})")]
    assert desk.ids(STORY, f"(Name = {quoted(name.swapcase())})") == []
    part = quoted(name[2:8].upper())
    both = desk.ids(STORY, f"(Name contains {part})") + desk.ids(STORY, f"(Name !contains {part})")
    assert sorted(both) == sorted(ids(stories))


def test_states_compare_by_their_position(desk: Desk, stories: list[dict[str, Any]]) -> None:
    early = [row for row in stories if STATES.index(row["ScheduleState"]) < 3]
    assert desk.ids(STORY, "(ScheduleState < Completed)") == ids(early)
    late = [row for row in stories if STATES.index(row["ScheduleState"]) >= 2]
    assert desk.ids(STORY, '(ScheduleState >= "In-Progress")') == ids(late)


def test_in_takes_a_list_without_spaces(desk: Desk, stories: list[dict[str, Any]]) -> None:
    some = [row for row in stories if row["ScheduleState"] in ("Defined", "In-Progress")]
    assert desk.ids(STORY, '(ScheduleState in "Defined,In-Progress")') == ids(some)
    assert desk.ids(STORY, "(ScheduleState IN Defined,In-Progress)") == ids(some)
    assert desk.ids(STORY, '(FormattedID in "US7,US3,US9999")') == ["US3", "US7"]


def test_numbers_compare_as_numbers(desk: Desk, stories: list[dict[str, Any]]) -> None:
    big = [row for row in stories if (row["PlanEstimate"] or 0) >= 2.5]
    assert desk.ids(STORY, "(PlanEstimate >= 2.5)") == ids(big)
    none = [row for row in stories if row["PlanEstimate"] is None]
    assert desk.ids(STORY, "(PlanEstimate = null)") == ids(none)


def test_formatted_ids_compare_by_number_and_a_typed_query_ignores_the_prefix(desk: Desk) -> None:
    assert desk.ids("/defect", "(FormattedID >= DE198)") == ["DE198", "DE199", "DE200"]
    assert desk.ids("/defect", '(FormattedID = "US12")') == ["DE12"]
    assert desk.ids("/defect", "(FormattedID = 12)") == ["DE12"]
    assert desk.ids("/defect", "(FormattedID = none)") == []
    assert desk.ids("/artifact", '(FormattedID = "DE12")') == ["DE12"]
    every = {"types": "hierarchicalrequirement,defect,task"}
    assert sorted(desk.ids("/artifact", "(FormattedID = 12)", **every)) == ["DE12", "TA12", "US12"]


def test_an_index_never_hides_what_other_conditions_find(
    desk: Desk, stories: list[dict[str, Any]]
) -> None:
    ready = [row for row in stories if row["Ready"]]
    first = next(row for row in stories if not row["Ready"])
    oid, uuid = first["ObjectID"], first["ObjectUUID"]
    for known in (f'FormattedID = "{first["FormattedID"]}"', f"ObjectID = {oid}",
                  f'ObjectUUID = "{uuid}"', f"ObjectID in {oid},1"):  # fmt: skip
        either = desk.ids(STORY, f"(({known}) OR (Ready = true))")
        assert sorted(either) == sorted([*ids(ready), first["FormattedID"]])
        assert desk.ids(STORY, f"(({known}) AND (Ready = true))") == []
        assert desk.ids(STORY, f"((Ready = false) AND ({known}))") == [first["FormattedID"]]


def test_null_means_unset(desk: Desk, stories: list[dict[str, Any]]) -> None:
    backlog = [row for row in stories if row["Iteration"] is None]
    assert desk.ids(STORY, "(Iteration = null)") == ids(backlog)
    assert desk.ids(STORY, '(Iteration.Name = "")') == ids(backlog)
    assert len(desk.ids(STORY, "(Iteration != null)")) == len(stories) - len(backlog)
    unset = [row for row in desk.rows("/defect", fetch="true") if row["Severity"] == "None"]
    assert desk.ids("/defect", "(Severity = null)") == ids(unset)
    assert desk.ids("/defect", '(Severity = "None")') == ids(unset)


def test_a_reference_may_be_spelled_in_every_form(
    desk: Desk, stories: list[dict[str, Any]]
) -> None:
    owner = next(row["Owner"] for row in stories if row["Owner"])
    oid = owner["_ref"].rsplit("/", 1)[1]
    owned = [row for row in stories if row["Owner"] and row["Owner"]["_ref"] == owner["_ref"]]
    for form in (owner["_ref"], f"/user/{oid}", f"user/{oid}", f"/user/{owner['_refObjectUUID']}"):
        assert desk.ids(STORY, f"(Owner = {form})") == ids(owned)
        assert desk.ids(STORY, f'(Owner = "{form}")') == ids(owned)
    assert desk.ids(STORY, "(Owner = /user/1)") == []


def test_paths_lead_across_references(desk: Desk, stories: list[dict[str, Any]]) -> None:
    owner = desk.rows("/user", '(DisplayName = "Amara Okafor")', fetch="UserName")[0]
    mine = [row for row in stories if (row["Owner"] or {}).get("_refObjectName") == "Amara Okafor"]
    assert desk.ids(STORY, f'(Owner.UserName = "{owner["UserName"]}")') == ids(mine) != []
    tasks = desk.rows("/task", '(WorkProduct.Project.Name = "Firmware")', fetch="Project")
    assert {row["Project"]["_refObjectName"] for row in tasks} == {"Firmware"}
    # A field that only some of the types behind a reference have.
    severe = desk.rows("/task", '(WorkProduct.Severity = "Cosmetic")', fetch="WorkProduct")
    assert {row["WorkProduct"]["_type"] for row in severe} == {"Defect"}


def test_a_condition_on_a_collection_holds_if_any_element_meets_it(
    desk: Desk, stories: list[dict[str, Any]]
) -> None:
    def tags(row: dict[str, Any]) -> set[str]:
        return {tag["Name"] for tag in row["Tags"]["_tagsNameArray"]}

    spikes = [row for row in stories if "spike" in tags(row)]
    assert desk.ids(STORY, '(Tags.Name = "spike")') == ids(spikes) != []
    others = [row for row in stories if tags(row) - {"spike"}]
    assert desk.ids(STORY, '(Tags.Name != "spike")') == ids(others)
    both = '((Tags.Name = "spike") AND (Tags.Name = "R&D"))'
    assert desk.ids(STORY, both) == ids([r for r in stories if {"spike", "R&D"} <= tags(r)])
    bare = [row for row in stories if not tags(row)]
    assert desk.ids(STORY, "(Tags = null)") == desk.ids(STORY, "(Tags.Name = null)") == ids(bare)
    tag = spikes[0]["Tags"]["_tagsNameArray"][0]
    assert spikes[0]["FormattedID"] in desk.ids(STORY, f"(Tags = {tag['_ref']})")


@pytest.mark.parametrize("today", ["today", "2026-01-14", '"2026-01-14T00:00:00.000Z"', "TODAY-0"])
def test_today_is_the_day_of_the_clock(desk: Desk, today: str) -> None:
    query = f"((StartDate <= {today}) AND (EndDate >= {today}))"
    current = desk.rows("/iteration", query, fetch="StartDate,EndDate,State")
    assert len(current) == len(desk.rows("/project"))
    assert {row["State"] for row in current} == {"Committed"}


def test_today_moves_by_days_with_or_without_spaces(desk: Desk) -> None:
    soon = desk.rows("/iteration", "(StartDate > today+14)")
    assert soon == desk.rows("/iteration", "(StartDate > today + 14)")
    assert soon == desk.rows("/iteration", "(StartDate > 2026-01-28)")
    assert len(soon) < len(desk.rows("/iteration", "(StartDate > today - 7)"))


def test_booleans_are_words(desk: Desk, stories: list[dict[str, Any]]) -> None:
    ready = [row for row in stories if row["Ready"]]
    assert desk.ids(STORY, "(Ready = true)") == desk.ids(STORY, '(Ready = "TRUE")') == ids(ready)


def test_the_abstract_type_needs_its_types_for_what_is_not_common(desk: Desk) -> None:
    query = '(ScheduleState = "Accepted")'
    assert desk.errors("/artifact", query) == [
        "Could not read: could not read all instances of class com.f4tech.slm.domain.Artifact"
    ]
    rows = desk.rows("/artifact", query, types="hierarchicalrequirement,defect")
    assert {row["_type"] for row in rows} == {"HierarchicalRequirement", "Defect"}
    assert desk.errors("/artifact", types="payjammas") == [
        'Requested type name "payjammas" is unknown.'
    ]
