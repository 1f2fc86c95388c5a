"""What is shown in a box."""

from __future__ import annotations

from decimal import Decimal

from tui.tickets import defect, reference, story

from twofold.rally.models import PortfolioItem, Task
from twofold.tui.panels import team


def test_only_points_are_added_up_as_points() -> None:
    mia = reference("user", "Mia")
    tickets = [
        story(1, owner="Mia", plan_estimate=Decimal(3)),
        story(2, owner="Mia"),
        Task(ref="/task/3", object_id=3, formatted_id="TA3", name="Hours", owner=mia,
             estimate=Decimal(40)),
        PortfolioItem(ref="/portfolioitem/feature/4", object_id=4, formatted_id="F4", name="All",
                      owner=mia, refined_estimate=Decimal(100)),
        defect(5),
    ]  # fmt: skip
    first, second = team(tickets)
    assert (first.name, first.count) == ("Mia", 4)
    assert (first.points, first.mean) == (Decimal(3), Decimal(3))
    assert (second.name, second.count, second.points) == ("", 1, Decimal(2))
