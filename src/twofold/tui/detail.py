"""All that is known of one ticket, as text: nothing in it is obeyed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import attrs
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from ..rally.models import Comment, Ticket
from ..rally.records import Attachment
from .board import name_of, parent_of
from .html_text import plain_text, without_controls
from .ticket_list import points


@attrs.frozen
class Beside:
    """What is fetched for one ticket alone; None: it is not there yet."""

    comments: Sequence[Comment] | None = None
    files: Sequence[Attachment] | None = None
    trouble: str = ""
    """What went wrong with this ticket, and what to do about it."""
    is_old: bool = False
    """Whether it is to be fetched again."""


class Detail(VerticalScroll):
    """The pane beside the list."""

    DEFAULT_CSS = """
    Detail { padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = Static(markup=False, expand=True)
        self._shown: str | None = None
        self._drawn: tuple[Ticket | None, Beside] | None = None

    def compose(self) -> ComposeResult:
        yield self._text

    def show(self, ticket: Ticket | None, beside: Beside) -> None:
        """Show a ticket, or that there is none; another one is shown from its top."""
        if self._drawn is not None and self._drawn[0] is ticket and self._drawn[1] == beside:
            return
        self._drawn = (ticket, beside)
        self._text.update(Text("No ticket.") if ticket is None else described(ticket, beside))
        ref = None if ticket is None else ticket.ref
        if ref != self._shown:
            self._shown = ref
            self.scroll_home(animate=False)


def described(ticket: Ticket, beside: Beside) -> Text:
    text = Text()
    if beside.trouble:
        text.append(f"! {without_controls(beside.trouble)}\n\n", "bold red")
    text.append(f"{ticket.formatted_id}  {without_controls(ticket.name)}\n", "bold")
    for title, value in facts(ticket):
        if value:
            text.append(f"{title:<11}", "dim").append(f"{without_controls(value)}\n")
    for title, html in (("Description", ticket.description), ("Notes", ticket.notes)):
        if html:
            text.append(f"\n{title}\n", "bold").append(f"{plain_text(html).plain}\n")
    text.append(files(beside.files)).append(discussion(beside.comments))
    return text


def facts(ticket: Ticket) -> Sequence[tuple[str, str]]:
    return (
        ("State", ticket.state or ""),
        ("Points", points(ticket)),
        ("Owner", name_of(ticket.owner)),
        ("Iteration", name_of(ticket.iteration)),
        ("Release", name_of(ticket.release)),
        ("Parent", name_of(parent_of(ticket))),
        ("Project", name_of(ticket.project)),
        ("Tags", ", ".join(ticket.tags)),
        ("Blocked", "yes" if ticket.blocked else ""),
        ("Created", moment(ticket.created)),
        ("Changed", moment(ticket.updated)),
    )


def files(attached: Sequence[Attachment] | None) -> Text:
    if not attached:
        return Text()
    text = Text("\nAttachments\n", "bold")
    for each in attached:
        text.append(f"{without_controls(each.name or '')}  {each.size or 0:,} bytes\n", "none")
    return text


def discussion(comments: Sequence[Comment] | None) -> Text:
    if comments is None:
        return Text("\nDiscussion ...\n", "dim")
    text = Text(f"\nDiscussion ({len(comments)})\n", "bold")
    for comment in comments:
        text.append(f"{name_of(comment.user)}, {moment(comment.created)}\n", "dim")
        text.append(f"{plain_text(comment.text).plain}\n\n", "none")
    return text


def moment(when: datetime | None) -> str:
    """Return a time to the minute, where the terminal is."""
    return "" if when is None else f"{when.astimezone():%Y-%m-%d %H:%M}"
