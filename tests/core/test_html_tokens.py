"""HTML as text and tags."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twofold.core.text.html_tokens import Tag, tokens


def written(html: str) -> list[str]:
    """Return tokens as they would be written, each apart."""
    return [
        f"<{'/' * token.is_end}{token.name}>" if isinstance(token, Tag) else token
        for token in tokens(html)
    ]


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("", []),
        ("text", ["text"]),
        ("a<B>c</b >d<br/>", ["a", "<b>", "c", "</b>", "d", "<br>"]),
        ("&lt;b&gt; &amp;amp;", ["<b> &amp;"]),
        ("1 < 2 <3", ["1 ", "< 2 ", "<3"]),
        ("a<", ["a", "<"]),
        ("a</", ["a", "</"]),
        ("<b", ["<b"]),
        ("<a title='>'>x", ["<a>", "x"]),
        ("<a title=it's>x</a>", ["<a>", "x", "</a>"]),
        ("<a title='>x</a>", ["<a>", "x", "</a>"]),
        ("a<!-- <b> -->c<!-->d", ["a", "c", "d"]),
        ("a<!-- b", ["a", "<!-- b"]),
        ("<!DOCTYPE html>a<?x y?>b<![CDATA[c]]>d</>e</ f>g", ["a", "b", "d", "e", "g"]),
        ("a<script>if (a<b) '</b>'</SCRIPT\n>c", ["a", "<script>", "</script>", "c"]),
        ("<style>never closed", ["<style>", "never closed"]),
        ("</scripted>", ["</scripted>"]),
    ],
)
def test_what_a_browser_takes_for_a_tag_is_one_and_all_else_is_text(
    html: str, found: list[str]
) -> None:
    assert written(html) == found


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("<a>", {}),
        ('<a b="1>2" C=\'d\' e=f g h = "i">', {"b": "1>2", "c": "d", "e": "f", "g": "", "h": "i"}),
        ("<a b=1 b=2/>", {"b": "1"}),
        ("<img src=/a/b.png alt='&quot;x&quot;'/>", {"src": "/a/b.png", "alt": '"x"'}),
    ],
)
def test_attributes_are_those_that_a_browser_finds(tag: str, attributes: dict[str, str]) -> None:
    (found,) = tokens(tag)
    assert isinstance(found, Tag)
    # A slash before the end belongs to a value that has no quotes, as in browsers.
    assert {name: value.rstrip("/") for name, value in found.attributes.items()} == attributes


# Each of these once cost a time that grew with the square of their number: hours, for so many.
@pytest.mark.parametrize(
    "part",
    ["<a ", "<a", "</a ", '<a ="', "<a =\"<b ='", "<!--", "<!", "<?", "<script>", "<title></", "<"],
)
@pytest.mark.parametrize("end", ["", '">'])
def test_what_never_ends_is_looked_for_once(part: str, end: str) -> None:
    assert list(tokens(part * 100_000 + end + "<b>end"))[-1] == "end"


PARTS = ["<a", "</a", "<!", "<!--", "-->", "<?", "<script>", "</script", "<title></", "&#", "&am"]
LONG = 1_000_000


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from([*PARTS, *"< >=\"'&/x;1"]), min_size=1, max_size=6).map("".join))
def test_a_million_characters_of_anything_are_read(part: str) -> None:
    """With steps that grow with the square of the length, one example would take hours."""
    html = (part * LONG)[:LONG]
    found = 0
    for token in tokens(html):
        found += 1
        if isinstance(token, Tag):
            assert len(token.attributes) <= len(token.written)
    assert found <= LONG


def test_a_number_that_no_character_has_is_none_however_long_it_is() -> None:
    long = f"a&#{'9' * 4_000};b"
    assert "".join(written(long)) == "a\ufffdb"
    (tag,) = tokens(f"<a b='&#{'9' * 10_000}'>")
    assert isinstance(tag, Tag)
    assert tag.attributes == {"b": "\ufffd"}


def test_a_long_text_comes_in_pieces_and_no_entity_is_cut() -> None:
    for before in range(4050, 4100):
        text = "x" * before + "&amp;" * 20 + "y" * 9000
        pieces = [token for token in tokens(text) if isinstance(token, str)]
        assert len(pieces) > 2
        assert "".join(pieces) == "x" * before + "&" * 20 + "y" * 9000


@given(st.text(alphabet=st.sampled_from(list("<>/!-='\" abscript"))))
def test_nothing_is_refused_and_text_without_a_tag_stays_as_it_is(html: str) -> None:
    found = list(tokens(html))
    if "<" not in html:
        assert "".join(token for token in found if isinstance(token, str)) == html
