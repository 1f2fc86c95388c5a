"""Which tickets are toured, and what the server holds of them afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from twofold.rally import Comment, Defect, RallyClient, Story, Task, Ticket

TYPES = ("story", "defect", "task")


@attrs.frozen
class Chosen:
    """Tickets for what is to be written; each is for one thing alone."""

    pictured: Ticket
    """Has an image attached, which its notes show."""
    stories: Sequence[Ticket]
    """Of no child, and not the first of the list."""


def choose(ready: Mapping[str, str]) -> Chosen:
    with RallyClient(server=ready["url"], api_key=ready["api_key"]) as client:
        tickets = client.get_tickets(TYPES)
    stories = [ticket for ticket in tickets if isinstance(ticket, Story)]
    above = {
        each.work_product.ref for each in tickets if isinstance(each, Task) and each.work_product
    }
    above |= {each.parent.ref for each in stories if each.parent}
    above |= {
        each.requirement.ref for each in tickets if isinstance(each, Defect) and each.requirement
    }
    pictured = next(story for story in stories if "<img" in (story.notes or ""))
    plain = [story for story in stories if story.ref not in above and not story.notes]
    # Of three digits, so that no id is found within another.
    return Chosen(pictured, [story for story in plain if len(story.formatted_id) == len("US123")])


@attrs.frozen
class Kept:
    """What the server holds."""

    tickets: Mapping[str, Ticket]
    comments: Sequence[Comment]
    files: Sequence[str]


def kept(ready: Mapping[str, str], talked: Ticket, attached: Ticket) -> Kept:
    """Ask the server itself."""
    with RallyClient(server=ready["url"], api_key=ready["api_key"]) as client:
        return Kept(
            {ticket.formatted_id: ticket for ticket in client.get_tickets(TYPES)},
            client.get_discussions(talked),
            [each.name or "" for each in client.get_attachments(attached)],
        )
