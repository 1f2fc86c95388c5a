"""A short text from a body that is not what was expected, for an error's message."""

from __future__ import annotations

import re

HIDDEN = re.compile(r"<(script|style|head)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
MARKUP = re.compile(r"<[^<>]*>")

# Only the beginning is looked at: a page of megabytes must not cost more than a short one.
LOOKED_AT = 8192


def extract(body: bytes, most: int = 120) -> str:
    """Return the first words of a body as one line, markup and control characters left out."""
    import html  # its table of entities takes as long to import as all of this module

    text = body[:LOOKED_AT].decode("utf-8", "replace")
    text = html.unescape(MARKUP.sub(" ", HIDDEN.sub(" ", text)))
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not text:
        return f"{len(body)} bytes without text" if body else "an empty body"
    return text if len(text) <= most else f"{text[: most - 1]}…"
