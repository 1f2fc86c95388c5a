"""The list of tickets: each takes one line, whatever it is called."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from tui.tickets import story

from twofold.tui.ticket_list import TicketList

pytestmark = pytest.mark.real_time


class Alone(App[None]):
    """A list, and nothing beside it."""

    def compose(self) -> ComposeResult:
        yield TicketList()


async def test_a_ticket_takes_one_line_whatever_it_is_called() -> None:
    app = Alone()
    async with app.run_test(size=(120, 6)):
        shown = app.query_one(TicketList)
        shown.show(
            [
                story(1, "one\ntwo\r\nthree\tfour", owner="A\tB", iteration="Sprint\n1"),
                story(2, "plain"),
            ]
        )
        lines = [shown.render_line(y) for y in range(3)]
    assert "one two three four" in lines[1].text
    assert "A B" in lines[1].text
    assert "Sprint 1" in lines[1].text
    assert not set("\n\r\t") & set("".join(line.text for line in lines))
    # The columns stand under one another, and no line is longer than another.
    assert lines[1].text.index("one two") == lines[2].text.index("plain")
    assert len({line.cell_length for line in lines}) == 1
