"""What is wrong in a command that writes is said before anything is sent, as far as ids tell it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.commands import Inside, one_line

pytestmark = pytest.mark.real_time

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["update", "US1", "--field=PlanEstimate=3", "--points=4"], "one field of a story"),
        (["update", "US1", "DE1", "--parent=TA1"], "a story cannot be under a task"),
        (["update", "/task/12", "--parent=none"], "a task is always under something"),
        (["update", "TA1", "TC1", "--iteration=Sprint 1"], "a task has no iteration"),
        (["update", "US1", "--field=severity=Major", "--dry-run"], "a story has no severity"),
        (["bulk", "parent", "TA1", "--type=story", "--yes"], "a story cannot be under a task"),
        (["bulk", "points", "1", "--type=testcase", "--dry-run"], "a test case has no points"),
        (["delete"], "no tickets"),
        (["delete", "nonsense"], "nonsense"),
    ],
    ids=str,
)
def test_what_none_of_the_tickets_can_have_is_misuse(
    shared: Inside, arguments: list[str], why: str
) -> None:
    shared.variables["RALLY_SERVER"] = NOWHERE
    assert why in one_line(shared(*arguments), 2)


@pytest.mark.parametrize(
    "arguments",
    [
        # One of them can.
        ["update", "US1", "TA1", "--iteration=Sprint 1"],
        ["bulk", "points", "1", "--where=Name=x", "--yes"],
        # What these are is known to the server only.
        ["update", "TA1", "12345678", "--iteration=Sprint 1"],
        ["update", "/portfolioitem/12", "--parent=/portfolioitem/13"],
        ["bulk", "parent", "/portfolioitem/13", "--type=portfolioitem", "--yes"],
    ],
    ids=" ".join,
)
def test_what_one_of_them_may_have_is_asked_for(shared: Inside, arguments: list[str]) -> None:
    shared.variables["RALLY_SERVER"] = NOWHERE
    told = shared(*arguments)
    assert told.returncode == 1
    assert "ArgumentError" not in told.stdout + told.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["update", "F1", "--parent=QX1"], None),
        (["create", "feature", "x", "--parent=QX1"], None),
        (["bulk", "parent", "QX1", "--type=feature", "--yes"], None),
        (["update", "QX1", "--iteration=Sprint 1"], "epic has no iteration"),
    ],
    ids=str,
)
def test_an_id_may_begin_as_in_this_workspace_only(
    shared: Inside, tmp_path: Path, arguments: list[str], why: str | None
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[rally.prefixes]\nQX = "portfolioitem/epic"\n', encoding="utf-8")
    shared.variables |= {"RALLY_SERVER": NOWHERE, "TWOFOLD_CONFIG": str(settings)}
    told = shared(*arguments)
    if why is None:
        assert told.returncode == 1
    else:
        assert why in one_line(told, 2)
