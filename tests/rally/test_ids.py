from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.errors import ArgumentError
from twofold.rally.ids import Located, Named, Numbered, identify, prefixes
from twofold.rally.kinds import DEFECT, STORY, TASK, kinds_named
from twofold.rally.models import Reference, Story

STANDARD = prefixes(None)
BASE = "https://rally1.rallydev.com/slm/webservice/v2.0"


@pytest.mark.parametrize(
    ("given_id", "identity"),
    [
        ("US12", Named(STORY, "US12")),
        ("s12", Named(STORY, "S12")),
        (" de7 ", Named(DEFECT, "DE7")),
        ("TA3", Named(TASK, "TA3")),
        (441863343664, Numbered(441863343664)),
        ("441863343664", Numbered(441863343664)),
        ("/defect/123", Located(DEFECT, 123)),
        ("hierarchicalrequirement/9", Located(STORY, 9)),
        (f"{BASE}/Task/5.js", Located(TASK, 5)),
        (Reference(ref="/defect/123"), Located(DEFECT, 123)),
        (
            Story(ref="/hierarchicalrequirement/1", object_id=1, formatted_id="US1", name="x"),
            Located(STORY, 1),
        ),
    ],
)
def test_every_way_to_name_a_ticket(given_id: object, identity: object) -> None:
    assert identify(given_id, STANDARD) == identity


@pytest.mark.parametrize(
    "given_id",
    ["", " ", "US", "US0", "12US", "XX1", "US12; DE3", "US-12", "../1", "/defect/", "/user/1",
     "/defect/1/Tasks", "http://evil.example/defect/1", "0", "-1", "1.5", 0, -1, True, 1.5, None,
     b"US1", ["US1"], "US" + "9" * 40, "US\uff11\uff12", "\uff35\uff3312"],
)  # fmt: skip
def test_what_names_no_ticket_is_refused(given_id: object) -> None:
    with pytest.raises(ArgumentError):
        identify(given_id, STANDARD)


@given(text=st.text())
def test_any_text_names_a_ticket_or_is_refused(text: str) -> None:
    try:
        identity = identify(text, STANDARD)
    except ArgumentError:
        return
    assert isinstance(identity, Named | Numbered | Located)


def test_a_workspace_has_prefixes_of_its_own() -> None:
    own = prefixes({"bug": "defect"})
    assert identify("BUG4", own) == Named(DEFECT, "BUG4")
    assert identify("US4", own) == Named(STORY, "US4")


@pytest.mark.parametrize("given_prefixes", [{"B1": "defect"}, {"BUG": "bug"}, {"": "task"}])
def test_a_prefix_that_is_none_is_refused(given_prefixes: dict[str, str]) -> None:
    with pytest.raises(ArgumentError):
        prefixes(given_prefixes)


def test_types_are_named_as_people_do() -> None:
    assert kinds_named(None) == (STORY, DEFECT, TASK)
    assert kinds_named("UserStory") == (STORY,)
    assert kinds_named(["tasks", "Defect", "task", "HierarchicalRequirement"]) == (
        TASK,
        DEFECT,
        STORY,
    )


@pytest.mark.parametrize(
    "names", [[], ["payjammas"], [3], "", "portfolioitem/", "portfolioitem/a b"]
)
def test_types_that_are_none_are_refused(names: Any) -> None:
    with pytest.raises(ArgumentError):
        kinds_named(names)
