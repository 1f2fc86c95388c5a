"""What no text of a server may do to a terminal."""

from __future__ import annotations

import re

# Controls, what turns the direction of writing, and what has no width but where terminals disagree.
CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
BLANKS = re.compile(r"[ \t\n\r\f\u2028\u2029]+")


def without_controls(text: str) -> str:
    """Take out what a terminal would obey, and what turns the direction of writing."""
    return CONTROL.sub("", text)


def in_one_line(text: str) -> str:
    """Return text that takes one line, whatever it holds: blanks in a row are one."""
    return without_controls(BLANKS.sub(" ", text))
