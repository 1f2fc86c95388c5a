"""Columns: one that no ticket has is empty, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.commands import Inside

pytestmark = pytest.mark.real_time


def warning(name: str) -> str:
    return f"warning: no ticket came with a field called {name}\n"


@pytest.mark.parametrize(
    "command",
    [
        ["tickets", "--limit=3"],
        ["tickets", "--type=story"],
        ["export", "-"],
        ["search", "US1"],
        ["features", "list"],
        ["features", "children", "F1"],
    ],
    ids=" ".join,
)
def test_a_column_that_no_ticket_has_is_said_beside_the_list(
    shared: Inside, command: list[str]
) -> None:
    columns = ["--field=formatted_id", "--field=Nope", "--field=Nope", "--field=points"]
    told = shared(*command, *columns, "--format=csv")
    assert (told.returncode, told.stderr) == (0, warning("Nope"))
    first, *lines = told.stdout.splitlines()
    assert first == "formatted_id,Nope,Nope,points"
    assert all(",,," in line for line in lines)
    assert lines


def test_a_file_is_written_all_the_same(shared: Inside, tmp_path: Path) -> None:
    file = tmp_path / "tasks.csv"
    told = shared("export", str(file), "--type=task", "--field=Nope", "--field=name")
    assert told.returncode == 0
    assert told.stderr.endswith(f"tickets in {file}\n{warning('Nope')}")
    assert file.read_text(encoding="utf-8").startswith("Nope,name\n,")


@pytest.mark.parametrize(
    "name", ["severity", "Severity", "PlanEstimate", "DragAndDropRank", "Iteration"]
)
def test_what_only_some_types_have_or_nobody_has_filled_in_is_no_slip(
    shared: Inside, name: str
) -> None:
    told = shared("tickets", "--type=story", "--limit=5", f"--field={name}", "--format=csv")
    assert (told.returncode, told.stderr) == (0, "")


def test_of_no_tickets_nothing_can_be_told(shared: Inside) -> None:
    told = shared("tickets", "--where=Name=nobody has this name", "--field=Nope", "--format=csv")
    assert (told.returncode, told.stdout, told.stderr) == (0, "Nope\n", "")
