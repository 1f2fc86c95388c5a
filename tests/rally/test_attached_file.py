"""A file on its way to a ticket: base64 in pieces, and what is refused."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.uploads import PIECE, Upload
from twofold.errors import ArgumentError, RequestError
from twofold.rally.attached_file import LARGEST, attached_file


def pieces(upload: Upload) -> list[bytes]:
    drawing, drawn = upload.begin(), list[bytes]()
    while piece := drawing.draw():
        drawn.append(piece)
    drawing.close()
    return drawn


@given(st.lists(st.binary(max_size=9)))
def test_however_it_comes_it_is_one_text_of_base64(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    upload = attached_file(iter(parts), "a", None, None).body(None)
    body = b"".join(pieces(upload))
    assert upload.length == len(body)
    assert json.loads(body) == {"AttachmentContent": {"Content": base64.b64encode(whole).decode()}}


@pytest.mark.parametrize("is_held", [True, False])
def test_no_more_than_a_piece_is_there_at_once(is_held: bool, tmp_path: Path) -> None:
    whole = bytes(range(256)) * 4 * 5000
    path = tmp_path / "a.bin"
    path.write_bytes(whole)
    upload = attached_file(whole if is_held else path, "a.bin", None, None).body(None)
    for _ in range(2):
        drawn = pieces(upload)
        assert base64.b64decode(b"".join(drawn)[33:-3]) == whole
        assert max(map(len, drawn)) <= PIECE
        assert len(drawn) > len(whole) // PIECE


def test_a_file_that_grows_meanwhile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one")
    upload = attached_file(path, None, None, None).body(None)
    path.write_bytes(b"another")
    with pytest.raises(RequestError, match="changed"):
        pieces(upload)


def test_of_a_pipe_no_more_is_read_than_is_needed_to_refuse_it() -> None:
    drawn: list[int] = []

    def endless() -> object:
        while True:
            drawn.append(2**20)
            yield bytes(2**20)

    with pytest.raises(ArgumentError, match="50 MB"):
        attached_file(endless(), "a", None, None)  # type: ignore[arg-type]  # of bytes it is
    assert sum(drawn) == LARGEST + 2**20


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", "image/png"),
        ("A.PDF", "application/pdf"),
        ("notes.txt", "text/plain"),
        ("a/b.json", "application/json"),
        ("none", "application/octet-stream"),
        ("http://a/b.exe?", "application/octet-stream"),
    ],
)
def test_the_type_is_told_by_the_name(name: str, kind: str) -> None:
    assert attached_file(b"", name, None, None).content_type == kind


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", 'text/x; a="b c"', "image/svg+xml"])
def test_a_type_may_have_parameters(kind: str) -> None:
    assert attached_file(b"", "a", kind, None).content_type == kind
