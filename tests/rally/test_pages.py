"""Where people find a ticket with a browser."""

from __future__ import annotations

import pytest

from twofold.rally import Defect, PortfolioItem, Story, Task, Ticket
from twofold.rally.pages import page_of


@pytest.mark.parametrize(
    ("model", "path", "shown"),
    [
        (Story, "hierarchicalrequirement", "userstory"),
        (Defect, "defect", "defect"),
        (Task, "task", "task"),
        (PortfolioItem, "portfolioitem/feature", "portfolioitem/feature"),
    ],
)
@pytest.mark.parametrize("below", ["", "/slm/webservice/v2.0"])
def test_a_page_is_called_as_people_call_the_type(
    model: type[Ticket], path: str, shown: str, below: str
) -> None:
    ticket = model(ref=f"/{path}/7", object_id=7, formatted_id="X7", name="x")
    page = page_of(ticket, f"https://rally1.rallydev.com{below}")
    assert page == f"https://rally1.rallydev.com/#/detail/{shown}/7"
