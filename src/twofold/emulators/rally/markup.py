"""The markup that rich text may hold; whatever else is sent is refused, not cleaned."""

from __future__ import annotations

import re

ALLOWED = frozenset(
    (
        *("a", "abbr", "b", "big", "blockquote", "br", "caption", "center", "code", "col"),
        *("colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5"),
        *("h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span"),
        *("strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead"),
        *("tr", "tt", "u", "ul"),
    )
)

_TAG = re.compile(r"<\s*/?\s*([A-Za-z][A-Za-z0-9-]*)([^<>]*)>?")
_SCRIPT = re.compile(r"""(?:\s|["'/])on[a-z]+\s*=|(?:href|src)\s*=\s*["']?\s*javascript:""", re.I)


def forbidden(text: str) -> str | None:
    """Return the first tag that is not allowed, as `<script>`; None if all are."""
    for tag in _TAG.finditer(text):
        if tag[1].lower() not in ALLOWED or _SCRIPT.search(tag[2]):
            return f"<{tag[1].lower()}>"
    return None
