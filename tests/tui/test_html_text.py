"""Rich text as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.tui.html_text import CONTROL, plain_text


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("", ""),
        ("just text", "just text"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("a   b\n c", "a b c"),
        ("<b>bold</b> and <i>not</i>", "bold and not"),
        ("&lt;script&gt; &amp; &eacute;", "<script> & \u00e9"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n  - b"),
        ("<table><tr><th>x</th><th>y</th></tr><tr><td>1</td><td>2</td></tr></table>",
         "x | y\n1 | 2"),
        ("<pre>a\n  b</pre>c", "a\n  b\nc"),
        ("<script>alert(1)</script>safe<style>p {}</style>", "safe"),
        ("\x1b[31mred\x07", "[31mred"),
        ("\u202egnp.exe", "gnp.exe"),
        ("<b>never closed", "never closed"),
        ("<![foo[x]]>y<!DOCTYPE z>w<!-- v -->u", "ywu"),
        ("a</b></table></ul>b", "a\n\nb"),
    ],
)  # fmt: skip
def test_what_is_said_stays_and_what_is_markup_goes(html: str, plain: str) -> None:
    assert plain_text(html).plain == plain


def test_images_are_named_where_they_stand_and_listed() -> None:
    text = plain_text('see <img src="/slm/attachment/12/my%20shot.png"> and <img src="x" alt="y">')
    assert text.plain == "see [image 1: my shot.png] and [image 2: y]"
    assert text.images == ("/slm/attachment/12/my%20shot.png", "x")


def test_a_description_as_long_as_rally_allows_is_read_to_its_end() -> None:
    html = "<table><tr><td>x</td><td><img src=a></td></tr></table>" * 600
    assert len(plain_text(html).images) == 600


@given(st.text(alphabet=st.sampled_from(list("<>/&;=\"' abpli\n\x1b\u202e"))))
def test_no_text_is_refused_and_none_can_command_a_terminal(html: str) -> None:
    assert not CONTROL.search(plain_text(html).plain.replace("\n", ""))
