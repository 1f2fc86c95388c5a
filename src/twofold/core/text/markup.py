"""HTML, read as browsers read it: nothing that a server stores is refused."""

from __future__ import annotations

from html.parser import HTMLParser


class LenientParser(HTMLParser):
    """The standard library's parser, without the one thing that it refuses."""

    def parse_html_declaration(self, i: int) -> int:
        """Skip `<![`, as browsers do: the standard library knows a few such, and asserts."""
        if self.rawdata.startswith("<![", i):
            return self.parse_bogus_comment(i)
        return super().parse_html_declaration(i)
