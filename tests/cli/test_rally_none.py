"""`none` as a filter: what has no owner, or is in no iteration."""

from __future__ import annotations

import pytest
from cli.commands import Inside

pytestmark = pytest.mark.real_time


@pytest.mark.parametrize("name", ["owner", "iteration"])
def test_none_finds_what_has_none_and_only_that(shared: Inside, name: str) -> None:
    columns = ("--type=story", "--field=formatted_id", f"--field={name}")
    every = shared.rows("tickets", *columns)
    without = {row["formatted_id"] for row in every if row[name] is None}
    assert 0 < len(without) < len(every)
    found = shared.rows("tickets", *columns, f"--{name}=None")
    assert {row["formatted_id"] for row in found} == without
    lines = shared("export", "-", *columns, f"--{name}=none", "--format=csv").stdout.splitlines()
    assert {line.partition(",")[0] for line in lines[1:]} == without


def test_a_bulk_is_about_what_has_none_as_well(shared: Inside) -> None:
    (row,) = shared.rows("create", "story", "In no sprint", "--owner=none")
    filters = ["--type=story", "--where=Name=In no sprint", "--owner=none", "--iteration=none"]
    (changed,) = shared.rows("bulk", "points", "5", *filters, "--yes")
    assert (changed["formatted_id"], changed["points"]) == (row["formatted_id"], 5.0)
    (gone,) = shared.rows("bulk", "delete", *filters, "--yes")
    assert (gone["id"], gone["outcome"]) == (row["formatted_id"], "deleted")
