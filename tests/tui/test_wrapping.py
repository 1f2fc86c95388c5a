"""Text in lines that fit."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from twofold.tui.blocks import Paragraph
from twofold.tui.wrapping import Line, copied, lines_of, wrapped, wrapped_narrow, wrapped_wide

PARTS = [
    "a",
    "bc",
    "defghij",
    " ",
    "  ",
    "-",
    "\xe9",
    "\u6f22\u5b57",
    "\u3042",
    "\uac00",
    "x\u0301",
]
ROCKET = "\U0001f469\u200d\U0001f680"
SIGNS = [ROCKET, "\U0001f1e9\U0001f1ea", "\U0001f600"]
texts = st.lists(st.sampled_from(PARTS + SIGNS)).map(lambda parts: "".join(parts).strip(" "))


@given(texts, st.integers(4, 30))
def test_every_piece_fits_and_together_they_are_the_text(text: str, width: int) -> None:
    pieces = list(wrapped(text, width))
    assert "".join(joint + piece for piece, joint in pieces) == f"\n{text}"
    assert all(cell_len(piece) <= width for piece, _ in pieces)


@given(st.text(alphabet="ab c").map(lambda text: text.strip(" ")), st.integers(4, 12))
def test_letters_of_one_cell_are_wrapped_as_all_others_are(text: str, width: int) -> None:
    assert list(wrapped_narrow(text, width)) == list(wrapped_wide(text, width))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("see http://example.com now", ["see", "http://e", "xample.c", "om now"]),
        ("\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57", ["\u6f22\u5b57\u6f22\u5b57", "\u6f22\u5b57"]),
        ("a \u6f22\u5b57\u6f22\u5b57", ["a \u6f22\u5b57\u6f22", "\u5b57"]),
        (ROCKET * 5, [ROCKET * 4, ROCKET]),
        ("", [""]),
    ],
)  # fmt: skip
def test_lines_end_between_words_where_that_is_possible(text: str, lines: list[str]) -> None:
    assert [piece for piece, _ in wrapped(text, 8)] == lines


@pytest.mark.parametrize("part", ["word ", "\u6f22", "\U0001f600", "x", "x\u0301", " \xe9"])
def test_of_a_long_text_the_first_lines_are_there_before_the_last_are_made(part: str) -> None:
    whole = part * (200_000 // len(part))
    first = list(islice(wrapped(whole, 60), 3))
    assert "".join(piece for piece, _ in first).replace(" ", "") in whole.replace(" ", "")
    assert len(first) == 3


def test_further_lines_of_an_item_stand_below_its_text() -> None:
    item = Paragraph("one two three", "  - ", "    ")
    assert [line.text for line in lines_of(item, 11)] == ["  - one two", "    three"]


def test_what_is_indented_beyond_half_of_the_width_is_not() -> None:
    item = Paragraph("one two", " " * 40 + "- ", " " * 42)
    assert [line.text for line in lines_of(item, 8)] == ["  - one", "    two"]


def test_tabs_lead_to_the_next_stop() -> None:
    (line,) = lines_of(Paragraph("a\tb"), 40)
    assert line.text == "a       b"


def test_lines_are_copied_as_they_were_before_they_were_broken() -> None:
    lines = [*lines_of(Paragraph("one two three", "- ", "  "), 9), Line("next")]
    assert copied(lines) == "- one two three\nnext"
    assert copied(lines, 2, 2) == "one two three\nne"
    assert copied(lines[1:2], 0, 4) == "th"
    assert copied([]) == ""
