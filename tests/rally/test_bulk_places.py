"""What is known of where a ticket is, and what must be asked."""

from __future__ import annotations

import pytest

from twofold.errors import ArgumentError
from twofold.rally.batches import together
from twofold.rally.bulk import Manner, touched
from twofold.rally.finding import located, look_ups, placed
from twofold.rally.ids import Identity, Located, Named, Numbered, identify, known, prefixes
from twofold.rally.kinds import DEFECT, STORY, TASK
from twofold.rally.models import Defect, Reference, Story, Task
from twofold.rally.operations import update

BASE = "https://rally1.rallydev.com/slm/webservice/v2.0"
SCOPE = {"workspace": "/workspace/1", "project": "/project/2", "projectScopeDown": "true"}
PROJECT = Reference(ref="/project/2")


def test_what_is_known_of_a_place_makes_it_no_other() -> None:
    bare = Located(TASK, 5)
    whole = Located(TASK, 5, "/project/2", ("/defect/1",))
    assert bare == whole
    assert len({bare, whole}) == 1
    assert (bare.parent, whole.parent) == (None, "/defect/1")
    assert bare != Located(DEFECT, 5)


def test_a_ticket_that_was_read_says_where_it_is() -> None:
    defect = Defect(
        ref="/defect/1", object_id=1, formatted_id="DE1", name="x", project=PROJECT,
        requirement=Reference(ref="/hierarchicalrequirement/7"),
    )  # fmt: skip
    assert known(defect).parents == ("/hierarchicalrequirement/7",)
    assert known(defect).project == "/project/2"
    story = Story(
        ref="/hierarchicalrequirement/7", object_id=7, formatted_id="US7", name="x",
        parent=Reference(ref="/hierarchicalrequirement/8"),
        feature=Reference(ref="/portfolioitem/feature/9"),
    )  # fmt: skip
    place = identify(story, prefixes(None))
    assert isinstance(place, Located)
    assert place.parents == ("/hierarchicalrequirement/8", "/portfolioitem/feature/9")
    assert place.project is None
    with pytest.raises(ArgumentError, match="is not the ref of a ticket"):
        known(Task(ref="/task/x", object_id=0, formatted_id="TA1", name="x"))


def test_each_type_is_asked_once_by_each_of_its_names() -> None:
    given: list[Identity] = [
        Named(STORY, "US1"),
        Numbered(5),
        Named(STORY, "US2"),
        Located(STORY, 9),
        Named(DEFECT, "DE1"),
        Numbered(6),
        Named(STORY, "US1"),
    ]
    asked = [(each.types, each.field, len(each.identities)) for each in look_ups(given)]
    assert asked == [
        ("hierarchicalrequirement", "FormattedID", 2),
        ("artifact", "ObjectID", 2),
        ("hierarchicalrequirement", "ObjectID", 1),
        ("defect", "FormattedID", 1),
    ]
    many = look_ups(Named(STORY, f"US{number}") for number in range(1, 451))
    assert [len(each.identities) for each in many] == [200, 200, 50]


def test_what_has_an_id_may_be_in_any_project() -> None:
    for look_up in look_ups([Named(STORY, "US1"), Located(STORY, 9), Numbered(5)]):
        assert look_up.operation(SCOPE).query["project"] == "null"
        assert look_up.operation(SCOPE).query["workspace"] == "/workspace/1"
        assert look_up.operation({}).query["project"] == "null"


def test_a_row_counts_only_if_it_is_what_was_asked_for() -> None:
    row = {"_type": "Defect", "ObjectID": 12, "FormattedID": "DE12",
           "Project": {"_ref": f"{BASE}/project/2"}, "PortfolioItem": None,
           "Requirement": {"_ref": f"{BASE}/hierarchicalrequirement/7"}}  # fmt: skip
    (asked,) = look_ups([Named(STORY, "US12")])
    assert located(asked, [row]) == {}
    (asked,) = look_ups([Named(DEFECT, "DE12")])
    (found,) = located(asked, [row]).values()
    assert (found.ref, found.project) == ("/defect/12", "/project/2")
    assert found.parents == ("/hierarchicalrequirement/7",)
    assert placed({"_type": "User", "ObjectID": 1}) is None


def test_a_write_touches_the_ticket_and_what_it_is_under_before_and_after() -> None:
    place = Located(TASK, 5, "/project/2", ("/defect/1",))
    assert touched(place, {"Name": "x"}) == {"5", "1"}
    assert touched(place, {"WorkProduct": f"{BASE}/defect/3"}) == {"5", "1", "3"}
    assert touched(place, {"WorkProduct": {"_ref": "/defect/3"}}) == {"5", "1", "3"}
    assert touched(place, {"WorkProduct": None}) == {"5", "1"}
    assert touched(None, {"Parent": "/hierarchicalrequirement/2"}) == {"2"}
    assert touched(None, {"Name": "x"}) == frozenset()


def test_how_many_go_in_one_request() -> None:
    assert [Manner(batch=each).most for each in (False, True, 1, 50)] == [1, 25, 1, 50]
    for wrong in (0, -1, "all", 2.5):
        with pytest.raises(ArgumentError, match="batch"):
            Manner(batch=wrong)  # type: ignore[arg-type]  # refused for that


def test_a_batch_says_what_each_write_would_have_said() -> None:
    writes = [
        update(Located(STORY, 1), {"Name": "a"}, SCOPE),
        update(Located(TASK, 2), {"Name": "b"}, SCOPE),
    ]
    batch = together(writes, writes[0].endpoint.safety)
    assert batch.query["workspace"] == "/workspace/1"
    fields = batch.query["fetch"].split(",")
    assert {"ScheduleState", "WorkProduct"} <= {*fields}
    assert len(fields) == len({*fields})
    assert batch.body == (
        b'{"Batch":[{"Entry":{"Path":"/hierarchicalrequirement/1","Method":"POST",'
        b'"Body":{"HierarchicalRequirement":{"Name":"a"}}}},'
        b'{"Entry":{"Path":"/task/2","Method":"POST","Body":{"Task":{"Name":"b"}}}}]}'
    )
