"""A terminal without Unicode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from twofold.tui.plain_terminal import knows_unicode, plain, refusal


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\x1b[1mplain", "\x1b[1mplain"),
        ("\u256d\u2500\u256e", "+-+"),
        ("Gr\xf6\xdfe", "Gro?e"),
        ("\u6f22\u5b57", "????"),
        ("\uff01", "! "),
        ("\u2026 \u201cx\u201d", '. "x"'),
    ],
)
def test_what_is_drawn_arrives_in_ascii(text: str, said: str) -> None:
    assert plain(text) == said


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"])))
def test_nothing_but_ascii_arrives_and_it_is_as_wide(text: str) -> None:
    said = plain(text)
    assert said.isascii()
    assert cell_len(said) == sum(map(cell_len, text))


@pytest.mark.parametrize(
    ("environment", "knows"),
    [
        ({"LANG": "en_GB.UTF-8"}, True),
        ({"LANG": "C.utf8"}, True),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": ""}, True),
        ({"LC_CTYPE": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "C"}, False),
        ({}, False),
    ],
)
def test_the_locale_says_whether_it_knows_unicode(environment: dict[str, str], knows: bool) -> None:
    assert knows_unicode(environment) is knows


@pytest.mark.parametrize(
    ("environment", "is_terminal", "said"),
    [
        ({"TERM": "xterm"}, True, None),
        ({}, True, None),
        ({"TERM": "xterm"}, False, "needs a terminal"),
        ({"TERM": "dumb"}, True, "TERM=dumb"),
    ],
)
def test_what_cannot_be_drawn_on_is_refused(
    environment: dict[str, str], is_terminal: bool, said: str | None
) -> None:
    refused = refusal(environment, is_terminal=is_terminal)
    assert refused is None if said is None else said in (refused or "")
