"""Images in descriptions: found, and where they lie."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.request import Origin
from twofold.errors import ArgumentError
from twofold.rally import images_in
from twofold.rally.images import located

HOME = Origin("https", "rally.example", 443)


@pytest.mark.parametrize(
    ("html", "sources"),
    [
        ("", ()),
        ("no image", ()),
        (
            '<p><img src="/slm/attachment/1/a.png"> <IMG SRC=b.png></p>',
            ("/slm/attachment/1/a.png", "b.png"),
        ),
        ("<img src='a&amp;b.png'/><img alt=x><img src><img src='  '>", ("a&b.png",)),
        ('<img src="a.png"><img src="a.png">', ("a.png",)),
        ('<img src="a.png" src="b.png">', ("a.png",)),
        ('<img src=" DATA:image/png;base64,AA"><img src=" a b.png ">', ("a b.png",)),
        ("<!-- <img src=a.png> --><image src=b.png><a src=c.png>", ()),
        ("<![foo[ x ]]><img src=a.png>", ("a.png",)),
        ('<img src="a.png', ()),
    ],
)
def test_the_images_of_a_text_are_found_in_their_order(html: str, sources: tuple[str, ...]) -> None:
    assert images_in(html) == sources


def test_a_million_characters_of_broken_tags_are_read_once() -> None:
    assert images_in("<a <a" * 200_000 + "><img src=a.png>") == ("a.png",)


def test_an_entity_that_is_no_character_spoils_no_other_image() -> None:
    html = f"<img src='&#{'9' * 5_000};'><img src=a.png>"
    assert images_in(html) == ("\ufffd", "a.png")


@given(st.text(alphabet="<>!-[]&;/ abimgsrc='\"=\n"))
def test_any_text_is_taken(html: str) -> None:
    assert all(source.strip() for source in images_in(html))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("/slm/attachment/1/a.png", "/slm/attachment/1/a.png"),
        (" /slm/attachment/1/a b%20c%23.png ", "/slm/attachment/1/a%20b%20c%23.png"),
        ("slm/attachment/1/ü.png", "/slm/attachment/1/%C3%BC.png"),
        ("/slm/../x/./a.png?b=c d#e", "/x/a.png?b=c%20d"),
        ("HTTPS://Rally.Example:443/a.png", "/a.png"),
        ("//rally.example/a.png", "/a.png"),
        (r"/\evil.example/a.png", "/%5Cevil.example/a.png"),
    ],
)
def test_what_lies_at_home(source: str, target: str) -> None:
    found = located(source, HOME)
    assert (found.origin, found.target) == (HOME, target)


@pytest.mark.parametrize(
    "source",
    [
        "http://rally.example/a.png",
        "https://rally.example:444/a.png",
        "https://rally.example./a.png",
        "https://rally.example.evil.example/a.png",
        "//evil.example/a.png",
        "///evil.example/a.png",
        "https:\t//evil.example/a.png",
    ],
)
def test_what_does_not_is_never_taken_for_it(source: str) -> None:
    try:
        found = located(source, HOME)
    except ArgumentError:
        return
    assert found.origin != HOME or "evil" in found.target


@pytest.mark.parametrize(
    "source", ["https://a:b@rally.example/a.png", "https://[::1/a.png", "https://a:x/"]
)
def test_what_is_no_address_is_refused(source: str) -> None:
    with pytest.raises(ArgumentError):
        located(source, HOME)
