"""Rich text as plain text: what a description says, for a terminal.

Nothing of it is markup afterwards: what looks like a command to a terminal is taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

import attrs

from ..core.text.html_tokens import Tag, Token, tokens
from .blocks import Block, Paragraph
from .controls import in_one_line
from .controls import without_controls as without_controls
from .flow import Flow
from .html_rows import Rows

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
SPACED = HEADINGS | {"p", "table", "blockquote"}
"""What has an empty line before and after it."""
BLOCKS = SPACED | frozenset(
    [
        *["address", "article", "aside", "caption", "center", "dd", "div", "dl", "dt", "fieldset"],
        *["figure", "footer", "form", "header", "hr", "li", "main", "nav", "ol", "pre", "section"],
        *["tbody", "td", "tfoot", "th", "thead", "tr", "ul"],
    ]
)
ADDRESSES = ("http://", "https://", "ftp://", "mailto:")
MOST = 400_000  # characters of one text; Rally itself keeps some tens of thousands
STEP = 16  # tokens
CUT = Paragraph("[There is more than is shown here. A browser shows all.]")


@attrs.frozen
class Text:
    """What rich text says, and the addresses of the images in it, in their order."""

    plain: str
    images: tuple[str, ...]


def plain_text(html: str) -> Text:
    """Return what HTML says; lists, tables and images keep a form that can be read."""
    reader = Reader()
    said = (block.plain for block in reader.read(html) if block is not None)
    return Text("\n".join(said), tuple(reader.images))


def blocks(html: str) -> Iterator[Block | None]:
    """Yield what HTML says as it is read; None: nothing yet, so that one may leave off.

    What is longer than some 400,000 characters is cut, and says so.
    """
    return Reader().read(html)


class Reader:
    """Knows what each tag means."""

    def __init__(self) -> None:
        self.images: list[str] = []
        self._flow = Flow()
        self._kept = 0
        """How many elements are open that keep blanks."""
        self._link = ("", 0)
        """The address of the link that is open, and where in its line it began."""

    def read(self, html: str) -> Iterator[Block | None]:
        for number, token in enumerate(tokens(html)):
            self._take(token)
            yield from self._flow.drained()
            if number % STEP == 0:
                yield None
            if self._is_too_long:
                break
        self._end(is_cut=self._is_too_long)
        yield from self._flow.drained()

    @property
    def _is_too_long(self) -> bool:
        return self._flow.size > MOST

    def _end(self, *, is_cut: bool) -> None:
        self._flow.end_line()
        self._flow.end_table()
        if is_cut:
            self._flow.end_line(gap=True)
            self._flow.put(CUT)

    def _take(self, token: Token) -> None:
        if isinstance(token, str):
            self._say(token)
        elif token.name not in BLOCKS:
            self._take_inline(token)
        elif token.is_end:
            self._flow.end_line()
            self._end_block(token.name)
            self._flow.end_line(gap=token.name in SPACED)
        else:
            self._flow.end_line(gap=token.name in SPACED)
            self._begin_block(token)

    def _say(self, text: str) -> None:
        if self._kept:
            self._flow.say_kept(text)
        else:
            self._flow.say(text)

    def _take_inline(self, tag: Tag) -> None:
        match tag.name, tag.is_end:
            case "br", False:
                self._flow.break_line()
            case "img", False:
                self._image(tag)
            case "a", False:
                self._link = (address_of(tag), self._flow.place)
            case "a", True:
                self._end_link()
            case _:
                pass

    def _begin_block(self, tag: Tag) -> None:
        self._flow.is_heading = tag.name in HEADINGS
        match tag.name:
            case "ul" | "ol":
                self._flow.begin_list(has_numbers=tag.name == "ol")
            case "li":
                self._flow.begin_item()
            case "pre":
                self._kept += 1
            case "blockquote":
                self._flow.quoted += 1
            case "hr":
                self._flow.say("----")
                self._flow.end_line()
            case "table" | "tr" | "td" | "th":
                self._begin_in_table(tag)
            case _:
                pass

    def _begin_in_table(self, tag: Tag) -> None:
        """A table within another ends it: what is around a table is how a text is laid out."""
        if tag.name == "table":
            self._flow.end_table()
            self._flow.end_line(gap=True)
        rows = self._flow.rows = self._flow.rows or Rows()
        if tag.name == "tr":
            rows.end_row()
        elif tag.name != "table":
            rows.begin_cell(tag.name, tag.attributes)

    def _end_block(self, name: str) -> None:
        self._flow.is_heading = False
        match name:
            case "ul" | "ol":
                self._flow.end_list()
            case "li":
                self._flow.end_item()
            case "pre":
                self._kept = max(0, self._kept - 1)
            case "blockquote":
                self._flow.quoted = max(0, self._flow.quoted - 1)
            case "table":
                self._flow.end_table()
            case _:
                self._end_in_table(name)

    def _end_in_table(self, name: str) -> None:
        if self._flow.rows is not None and name == "tr":
            self._flow.rows.end_row()
        elif self._flow.rows is not None and name in ("td", "th"):
            self._flow.rows.end_cell()

    def _image(self, tag: Tag) -> None:
        source = tag.attributes.get("src", "")
        name = tag.attributes.get("alt") or file_of(source) or "image"
        self.images.append(source)
        self._flow.say(f"[image {len(self.images)}: {name}]")

    def _end_link(self) -> None:
        """Say where a link leads, unless its text has said it."""
        (address, place), self._link = self._link, ("", 0)
        if address not in self._flow.said_since(place):
            self._flow.say(f" ({address})")


def address_of(tag: Tag) -> str:
    """Return where a link leads if that is a place that one can go to, else nothing."""
    address = in_one_line(tag.attributes.get("href", "")).strip()
    return address.removeprefix("mailto:") if address.startswith(ADDRESSES) else ""


def file_of(address: str) -> str:
    """Return the name of a file, from its address."""
    path = re.split("[?#]", address, maxsplit=1)[0]
    return "" if path.startswith("data:") else unquote(path.rpartition("/")[2])
