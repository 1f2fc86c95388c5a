"""HTML cut into text and tags, in time that grows with its length and no faster.

The standard library's parser looks for the end of a tag again from every one that has none: 30,000
characters of `<a <a` cost it ten seconds.  Nothing is refused here; what no browser would take for
a tag is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import NamedTuple, TypeAlias

LONG = 4096  # characters of a text that comes at once
LONGEST = 40  # characters that an entity takes at most
# A number that no character has, and that `int` may refuse to read: four thousand digits are its
# limit, and a program may set it to 640.
TOO_LONG = re.compile(rf"&#[0-9]{{{LONGEST},}};?")

# Nothing in these is tried twice, so that they are linear.  A `>` in quotes after `=` ends no tag;
# where the quotes are not closed, it does.
BEGIN = re.compile(r"</?[a-zA-Z]")
TAG = re.compile(r"""</?([a-zA-Z][^\s/>]*+)((?>[^>=]++|=\s*+(?>"[^"]*+"|'[^']*+')?+)*+)>""")
UNQUOTED = re.compile(r"</?([a-zA-Z][^\s/>]*+)([^>]*+)>")
ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+(?>"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""")
ENDS = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "template")
}
"""What browsers do not show, and where it ends: no other tag is one in it."""


class Tag(NamedTuple):
    """The beginning of an element, or its end."""

    name: str
    is_end: bool
    written: str
    """Its attributes as they stand there."""

    @property
    def attributes(self) -> Mapping[str, str]:
        """Of two of one name the first counts, as in browsers."""
        found: dict[str, str] = {}
        for name, *values in ATTRIBUTE.findall(self.written):
            found.setdefault(name.lower(), read("".join(values)))
        return found


Token: TypeAlias = str | Tag


def tokens(html: str) -> Iterator[Token]:
    """Yield text, its entities read, and tags; comments and what is hidden are left out."""
    return Scanner(html).tokens()


def read(written: str) -> str:
    """Return text as it is shown, with the characters that its entities mean."""
    return unescape(TOO_LONG.sub("\ufffd", written)) if "&" in written else written


class Scanner:
    """Goes through a text once.

    A search that found nothing to the end of the text is never begun again: that keeps it linear.
    """

    def __init__(self, html: str) -> None:
        self._html = html
        self._at = 0
        self._tag = TAG
        self._lost: set[str] = set()
        """What stands nowhere in the rest of the text."""

    def tokens(self) -> Iterator[Token]:
        while self._at < len(self._html):
            begin = self._at
            token = self._markup() if self._html[begin] == "<" else None
            if token is not None:
                yield token
            elif self._at == begin:
                yield self._text()

    def _text(self) -> str:
        """Read up to what may be the next tag; a `<` that begins none is text.

        What is long comes in pieces, none of which ends within an entity.
        """
        begin = self._at
        end = self._html.find("<", begin + 1)
        self._at = len(self._html) if end < 0 else end
        if self._at - begin > LONG:
            entity = self._html.rfind("&", begin + LONG - LONGEST, begin + LONG)
            self._at = begin + LONG if entity < 0 else entity
        return read(self._html[begin : self._at])

    def _markup(self) -> Tag | None:
        """Read one tag; None: there is none, but something to be left out may have been passed."""
        begin = self._at
        if BEGIN.match(self._html, begin):
            return self._element()
        if self._html.startswith("<!--", begin):
            # `<!-->` is a whole comment.
            self._pass("-->", begin + 2)
        elif self._html[begin + 1 : begin + 2] in ("!", "?", "/"):
            self._pass(">", begin + 1)
        return None

    def _element(self) -> Tag | None:
        match = self._matched()
        if match is None:
            return None
        name, is_end = match[1].lower(), match[0][1] == "/"
        self._at = match.end()
        if name in ENDS and not is_end:
            self._pass_hidden(name)
        return Tag(name, is_end, match[2])

    def _matched(self) -> re.Match[str] | None:
        if ">" in self._lost:
            return None
        match = self._tag.match(self._html, self._at)
        if match is None:
            # Quotes swallow every `>` that there is.
            self._tag = UNQUOTED
            match = self._tag.match(self._html, self._at)
        if match is None:
            self._lost.add(">")
        return match

    def _pass(self, end: str, begin: int) -> None:
        found = -1 if end in self._lost else self._html.find(end, begin)
        if found < 0:
            self._lost.add(end)
        else:
            self._at = found + len(end)

    def _pass_hidden(self, name: str) -> None:
        """Go to the end of what is hidden; without one it is shown."""
        found = None if name in self._lost else ENDS[name].search(self._html, self._at)
        if found is None:
            self._lost.add(name)
        else:
            self._at = found.start()
