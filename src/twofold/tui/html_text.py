"""Rich text as plain text: what a description says, for a terminal.

Nothing of it is markup afterwards: what looks like a command to a terminal is taken out.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import attrs

from ..core.text.markup import LenientParser

BLOCKS = frozenset(
    [
        *["address", "article", "blockquote", "div", "dl", "dt", "fieldset", "figure", "footer"],
        *["form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p"],
        *["pre", "section", "table", "tr", "ul"],
    ]
)
HIDDEN = frozenset({"script", "style", "head", "title", "template"})
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
BLANKS = re.compile(r"[ \t\n\r\f]+")
MANY_LINES = re.compile(r"\n{3,}")


@attrs.frozen
class Text:
    """What rich text says, and the addresses of the images in it, in their order."""

    plain: str
    images: tuple[str, ...]


def plain_text(html: str) -> Text:
    """Return what HTML says; lists, tables and images keep a form that can be read."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    lines = (line.rstrip() for line in "".join(reader.said).split("\n"))
    return Text(MANY_LINES.sub("\n\n", "\n".join(lines)).strip("\n"), tuple(reader.images))


def without_controls(text: str) -> str:
    """Take out what a terminal would obey, and what turns the direction of writing."""
    return CONTROL.sub("", text)


class Reader(LenientParser):
    """Collects what is said."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.images: list[str] = []
        self._lists: list[int | None] = []
        self._hidden = 0
        self._kept = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self.said.append("\n")
        elif tag == "img":
            self._image(dict(attrs))
        elif tag == "li":
            self._item()
        elif tag in ("td", "th"):
            self._cell()
        elif tag in BLOCKS:
            self._block(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._line()
        elif tag == "pre":
            self._kept = max(0, self._kept - 1)
            self._line()
        elif tag in BLOCKS:
            self._line(blank=tag in ("p", "table") or (tag[0] == "h" and tag != "hr"))

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        text = without_controls(data)
        if not self._kept:
            text = BLANKS.sub(" ", text)
            text = text.lstrip() if self._at_start() else text
        if text:
            self.said.append(text)

    def _block(self, tag: str) -> None:
        self._line()
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "pre":
            self._kept += 1
        elif tag == "hr":
            self.said.append("----\n")

    def _item(self) -> None:
        self._line()
        number = self._lists[-1] if self._lists else None
        indent = "  " * max(0, len(self._lists) - 1)
        self.said.append(f"{indent}- " if number is None else f"{indent}{number}. ")
        if number is not None:
            self._lists[-1] = number + 1

    def _cell(self) -> None:
        if not self._at_line():
            self.said.append(" | ")

    def _image(self, given: dict[str, str | None]) -> None:
        source = given.get("src") or ""
        name = given.get("alt") or unquote(urlsplit(source).path.rpartition("/")[2]) or "image"
        self.images.append(source)
        self.said.append(f"[image {len(self.images)}: {without_controls(name)}]")

    def _line(self, *, blank: bool = False) -> None:
        """End the line, if one was begun; `blank` leaves an empty one after it."""
        if self.said and not self._at_line():
            self.said.append("\n")
        if blank and self.said and not "".join(self.said[-2:]).endswith("\n\n"):
            self.said.append("\n")

    def _at_line(self) -> bool:
        return not self.said or self.said[-1].endswith("\n")

    def _at_start(self) -> bool:
        """Tell whether a blank would be the first of its line, or the second in a row."""
        return not self.said or self.said[-1].endswith((" ", "\n"))
