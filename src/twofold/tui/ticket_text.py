"""All that is known of one ticket, as lines of a width: nothing in it is obeyed.

They come one by one, the facts first, so that whoever needs no more draws no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ..rally.models import Comment, Ticket
from ..rally.records import Attachment
from .beside import Beside
from .blocks import Paragraph, Table
from .columns import points
from .controls import in_one_line
from .html_text import blocks
from .relations import name_of, parent_of
from .tables import table_lines
from .wrapping import Line, Step, lines_of

LABEL = 11  # cells
EMPTY = Line("")


def described(ticket: Ticket | None, beside: Beside, width: int) -> Iterator[Step]:
    """Yield the lines of a ticket, or that there is none."""
    if ticket is None:
        yield from said("No ticket.", width)
        return
    if beside.trouble:
        yield from said(f"! {in_one_line(beside.trouble)}", width, "trouble")
        yield EMPTY
    yield from said(f"{ticket.formatted_id}  {in_one_line(ticket.name)}", width, "title")
    for label, value in facts(ticket):
        if value:
            yield from fact(label, value, width)
    for title, html in (("Description", ticket.description), ("Notes", ticket.notes)):
        if html:
            yield from headed(title, width)
            yield from rich(html, width)
    yield from attached(beside.files or (), width)
    yield from discussion(beside.comments, width)


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


def moment(when: datetime | None) -> str:
    """Return a time to the minute, where the terminal is."""
    return "" if when is None else f"{when.astimezone():%Y-%m-%d %H:%M}"


def said(text: str, width: int, style: str = "") -> Iterator[Line]:
    return lines_of(Paragraph(text), width, style)


def fact(label: str, value: str, width: int) -> Iterator[Line]:
    paragraph = Paragraph(in_one_line(value), f"{label:<{LABEL}}", " " * LABEL)
    return lines_of(paragraph, width, label=LABEL)


def headed(title: str, width: int, style: str = "heading") -> Iterator[Line]:
    yield EMPTY
    yield from said(title, width, style)


def rich(html: str, width: int) -> Iterator[Step]:
    """Yield the lines of rich text."""
    for block in blocks(html):
        if block is None:
            yield None
        elif isinstance(block, Table):
            yield from table_lines(block, width)
        else:
            yield from lines_of(block, width)


def attached(files: Sequence[Attachment], width: int) -> Iterator[Step]:
    if files:
        yield from headed("Attachments", width)
    for each in files:
        name = in_one_line(each.name or "")
        yield from said(f"{name}  {each.size or 0:,} bytes", width)


def discussion(comments: Sequence[Comment] | None, width: int) -> Iterator[Step]:
    if comments is None:
        yield from headed("Discussion ...", width, "quiet")
        return
    yield from headed(f"Discussion ({len(comments)})", width)
    for place, comment in enumerate(comments):
        if place:
            yield EMPTY
        name = in_one_line(name_of(comment.user))
        yield from said(f"{name}, {moment(comment.created)}", width, "quiet")
        yield from rich(comment.text, width)
