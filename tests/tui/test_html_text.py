"""Rich text as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.tui.controls import CONTROL
from twofold.tui.html_text import CUT, MOST, blocks, plain_text


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
        ("<table><tr><td rowspan=2>a<td>b<tr><td>c<tr><td colspan=2>d</table>",
         "a | b\n | c\nd"),
        ("<table><tr><td>a<p>b</p><td><ul><li>c</table>", "a / b | - c"),
        ("<table><tr><td>laid out<table><tr><td>1<td>2</table>so</table>",
         "laid out\n\n1 | 2\n\nso"),
        ("<table><tr><td>one</td></tr><tr><td>column</td></tr></table>", "one\n\ncolumn"),
        ("<td>no<td>table", "no | table"),
        ("a<table><tr><td>1<td>2</table>b", "a\n\n1 | 2\n\nb"),
        ("<h2>Title</h2>text<br><br><br>more", "Title\n\ntext\n\nmore"),
        ("<div>a</div><div><br></div><div>&nbsp;</div><div>b</div>", "a\n\nb"),
        ("<p>&nbsp;&nbsp;in&nbsp;by two</p>", "  in by two"),
        ("<ul><li>a<p>b</p><li>c</ul>d", "- a\n\n  b\n\n- c\nd"),
        ("<ol><li>a<ol><li>b</ol></ol>", "1. a\n   1. b"),
        ("</ul><li>a</li>b", "- a\nb"),
        ("<blockquote>said<br>before</blockquote>now", "> said\n> before\n\nnow"),
        ("<hr>", "----"),
        ('<a href="https://x.example/?a=1&amp;b">here</a>', "here (https://x.example/?a=1&b)"),
        ('<a href="https://x.example/">https://x.example/</a>', "https://x.example/"),
        ('<a href="mailto:a@x.example">Ada</a>', "Ada (a@x.example)"),
        ('<a href="javascript:alert(1)">here</a> <a name=x>b</a>', "here b"),
        ("\u200fright\u200e to\xad left\u2028line", "right to left line"),
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


def test_an_address_that_is_none_is_named_all_the_same() -> None:
    text = plain_text("<img src='http://[x'><img src='data:image/png;base64,/abc'><img>")
    assert text.plain == "[image 1: [x][image 2: image][image 3: image]"


@pytest.mark.parametrize(
    "part",
    [
        *["some words ", "<p>text</p>", "text<br>", "<ul><li>deep", "<blockquote>x", "<h1>x"],
        *["<table><tr><td>x<td>y", "<td>", "<td>x", "<tr><td colspan=99 rowspan=999>x<td>y"],
        *[
            "<img src=a.png>",
            "<a href=http://x.y>x</a>",
            "<pre>\n",
            "\u6f22",
            "&amp;",
            "<a ",
            "<!--",
        ],
    ],
)
def test_a_million_characters_are_read_and_what_is_too_much_is_left_out(part: str) -> None:
    said = [block for block in blocks(part * (1_000_000 // len(part))) if block is not None]
    assert sum(len(block.plain) for block in said) <= 3 * MOST
    says_little = part in ("<pre>\n", "&amp;")
    assert (said[-1:] == [CUT]) is not says_little


def test_one_may_leave_off_at_any_time() -> None:
    steps = blocks("<b>x</b> " * 10_000)
    assert [next(steps) for _ in range(100)] == [None] * 100


@given(st.text(alphabet=st.sampled_from(list("<>/&;=\"' abpli\n\x1b\u202e"))))
def test_no_text_is_refused_and_none_can_command_a_terminal(html: str) -> None:
    assert not CONTROL.search(plain_text(html).plain.replace("\n", ""))
