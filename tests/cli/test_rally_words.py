"""What a shell is offered without asking a server."""

from __future__ import annotations

import pytest
import typer

from twofold.cli.app import app
from twofold.cli.rally.words import TYPES, states, types, values
from twofold.rally.kinds import kind_named


def context(**given: object) -> typer.Context:
    """Return the state of a command line up to the word that is completed."""
    made = typer.Context(typer.main.get_command(app))
    made.params = dict(given)
    return made


def test_every_type_that_is_offered_is_one() -> None:
    assert types("") == list(TYPES)
    assert [kind_named(name).name.replace(" ", "") for name in TYPES] == list(TYPES)


@pytest.mark.parametrize(
    ("given", "start", "offered"),
    [
        ({"type": ["defect"]}, "", ["Submitted", "Open", "Fixed", "Closed"]),
        ({"type": ["DE", "task"]}, "", ["Defined", "In-Progress", "Completed"]),
        ({"type": "story"}, "a", ["Accepted"]),
        ({"type": ("feature",)}, "D", ["Discovering", "Developing", "Done"]),
        ({"type": ["testcase"]}, "", []),
        ({}, "in", ["In-Progress"]),
    ],
)
def test_states_are_those_of_the_types_that_are_named(
    given: dict[str, object], start: str, offered: list[str]
) -> None:
    assert states(context(**given), start) == offered


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        (
            {"action": "state", "type": ["story"]},
            ["Defined", "In-Progress", "Completed", "Accepted"],
        ),
        ({"action": "owner"}, ["me", "none"]),
        ({"action": "points"}, ["none"]),
    ],
)
def test_what_a_bulk_may_be_given_depends_on_its_action(
    given: dict[str, object], offered: list[str]
) -> None:
    assert values(context(**given), "") == offered
