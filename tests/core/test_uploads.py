"""Bodies that are drawn piece by piece."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.forms import Attachment, multipart
from twofold.core.request import Endpoint, Origin, Safety
from twofold.core.uploads import PIECE, Upload, upload
from twofold.errors import ArgumentError, Effect, RequestError

SEND = Endpoint("test.send", "PUT", "/thing", lambda reply: reply, Safety.REPEATABLE)
HOME = Origin("https", "api.example", 443)


def drawn(body: Upload) -> bytes:
    drawing = body.begin()
    pieces = list(iter(drawing.draw, b""))
    drawing.close()
    assert all(len(piece) <= PIECE for piece in pieces)
    return b"".join(pieces)


def stored(folder: Path, body: bytes) -> Path:
    path = folder / "a file.bin"
    path.write_bytes(body)
    return path


BODY = bytes(range(256)) * 4000


@pytest.mark.parametrize("kind", ["bytes", "path", "text", "file", "memory", "list", "unbuffered"])
def test_what_can_be_sent_again_gives_the_same_bytes_each_time(kind: str, tmp_path: Path) -> None:
    """Invariant 2.5."""
    path = stored(tmp_path, BODY)
    with path.open("rb") as file, path.open("rb", buffering=0) as raw:
        content: dict[str, Any] = {
            "bytes": BODY,
            "path": path,
            "text": str(path),
            "file": file,
            "memory": io.BytesIO(BODY),
            "list": [BODY[:10], bytearray(BODY[10:20]), memoryview(BODY[20:])],
            "unbuffered": raw,
        }
        body = upload(content[kind])
        assert body.length == len(BODY)
        assert not body.is_spent
        assert [drawn(body) for _ in range(3)] == [BODY] * 3
        assert not body.is_spent


def test_an_open_file_is_sent_from_where_it_stood() -> None:
    """Invariant 2.5."""
    file = io.BytesIO(b"header" + BODY)
    file.seek(6)
    body = upload(file)
    assert body.length == len(BODY)
    assert drawn(body) == drawn(body) == BODY


def test_an_iterator_gives_its_pieces_once() -> None:
    """Invariant 2.5."""
    body = upload(iter([b"ab", b"", b"c"]))
    assert body.length is None
    assert not body.is_spent
    assert drawn(body) == b"abc"
    assert body.is_spent
    with pytest.raises(RequestError, match="cannot be sent again"):
        body.begin()
    with pytest.raises(RequestError, match="cannot be sent again"):
        SEND.operation(body=body).request(HOME, "", ())


def test_an_iterator_of_which_nothing_was_drawn_can_still_be_sent() -> None:
    body = upload(iter([b"ab"]))
    body.begin().close()
    assert not body.is_spent
    assert drawn(body) == b"ab"


def test_a_pipe_is_sent_as_it_comes_and_once() -> None:
    near, far = os.pipe()
    with os.fdopen(near, "rb") as pipe, os.fdopen(far, "wb", buffering=0) as end:
        body = upload(pipe)
        drawing = body.begin()
        end.write(b"first")
        assert drawing.draw() == b"first"
        end.write(b"second")
        assert drawing.draw() == b"second"
        end.close()
        assert drawing.draw() == b""
    assert body.is_spent


def test_a_generator_is_ended_with_its_request() -> None:
    ended = []

    def pieces() -> Iterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            ended.append(True)

    drawing = upload(pieces()).begin()
    assert drawing.draw() == b"a"
    drawing.close()
    assert ended == [True]


def test_a_body_of_the_length_that_was_announced_is_sent_whole() -> None:
    assert drawn(upload(iter([b"ab", b"c", b"def", b""]), length=6)) == b"abcdef"


@pytest.mark.parametrize("length", [0, 1, 2, 3, 5, 7, 100])
def test_a_body_of_another_length_than_announced_is_never_complete(length: int) -> None:
    drawing, seen = upload(iter([b"ab", b"c", b"def"]), length=length).begin(), b""
    with pytest.raises(RequestError) as caught:
        while piece := drawing.draw():
            seen += piece
    assert caught.value.effect is Effect.UNKNOWN
    assert len(seen) < max(length, 1)


@pytest.mark.parametrize("change", [b"x" * 300_000, b"", b"y" * 299_999])
def test_a_file_that_changes_while_it_is_sent_is_an_error_before_its_end(
    change: bytes, tmp_path: Path
) -> None:
    path = stored(tmp_path, b"x" * 299_999)
    os.utime(path, (1, 1))
    drawing = upload(path).begin()
    seen = len(drawing.draw())
    path.write_bytes(change)
    with pytest.raises(RequestError, match=r"has changed|ended after|longer than"):
        while piece := drawing.draw():
            seen += len(piece)
    assert seen < 299_999


def test_a_file_that_changed_between_two_attempts_is_an_error(tmp_path: Path) -> None:
    """Invariant 2.5."""
    path = stored(tmp_path, b"one")
    os.utime(path, (1, 1))
    body = upload(path)
    assert drawn(body) == b"one"
    path.write_bytes(b"two")
    with pytest.raises(RequestError, match="has changed"):
        drawn(body)


def test_one_open_file_serves_one_call_at_a_time() -> None:
    body = upload(io.BytesIO(BODY))
    first = body.begin()
    assert first.draw()
    with pytest.raises(RequestError, match="two calls at once"):
        body.begin().draw()
    first.close()
    assert drawn(body) == BODY


@pytest.mark.parametrize("wrong", [3, None, object(), io.StringIO("text"), ["text"]])
def test_what_holds_no_bytes_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError):
        upload(wrong)


def test_a_piece_that_is_no_bytes_is_refused_where_it_comes() -> None:
    pieces: Any = iter([b"a", "b"])
    with pytest.raises(ArgumentError, match="not str"):
        drawn(upload(pieces))


def test_a_missing_file_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        upload(tmp_path / "none")
    with pytest.raises(ArgumentError, match="not a file"):
        upload(tmp_path)


def test_a_request_says_what_its_body_is_unless_the_caller_did() -> None:
    body = upload(b"a", content_type="text/plain")
    request = SEND.operation(body=body).request(HOME, "", ())
    assert request.headers == (("Content-Type", "text/plain"),)
    assert request.upload is body
    own = SEND.operation(body=body, headers=(("content-type", "text/css"),))
    assert own.request(HOME, "", ()).headers == (("content-type", "text/css"),)


# Forms.


def parsed(form: Upload) -> list[EmailMessage]:
    """Read a form with the standard library's parser of mail."""
    body = drawn(form)
    assert form.length == len(body)
    head = f"MIME-Version: 1.0\r\nContent-Type: {form.content_type}\r\n\r\n"
    message = message_from_bytes(head.encode() + body, policy=HTTP)
    assert not message.defects
    return [part for part in message.walk() if isinstance(part, EmailMessage)][1:]


def told(part: EmailMessage, name: str) -> str:
    """Return a parameter of a part's Content-Disposition as it was sent, unescaped."""
    raw = dict(part.raw_items())["Content-Disposition"]
    text = str(raw).encode("ascii", "surrogateescape").decode()
    return (
        text.partition(f'; {name}="')[2]
        .partition('"')[0]
        .replace("%22", '"')
        .replace("%0D", "\r")
        .replace("%0A", "\n")
    )


names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.sampled_from('";\\'), min_size=1
).filter(lambda name: "%" not in name)


@given(
    st.lists(st.tuples(names, st.binary())),
    st.lists(st.tuples(names, names, st.binary()), min_size=1),
)
def test_a_form_is_read_as_it_was_written(
    fields: list[tuple[str, bytes]], files: list[tuple[str, str, bytes]]
) -> None:
    form = multipart(fields, [(name, Attachment(body, file)) for name, file, body in files])
    parts = parsed(form)
    assert [told(part, "name") for part in parts] == [name for name, *_ in [*fields, *files]]
    assert [told(part, "filename") for part in parts[len(fields) :]] == [
        file for _, file, _ in files
    ]
    assert bodies(drawn(form), form) == [body for *_, body in [*fields, *files]]


def bodies(body: bytes, form: Upload) -> list[bytes]:
    """Cut a form at its boundary: mail's parser makes all newlines alike."""
    boundary = str(form.content_type).partition("boundary=")[2].encode()
    first, *parts, last = (b"\r\n" + body).split(b"\r\n--" + boundary)
    assert (first, last) == (b"", b"--\r\n")
    return [part.partition(b"\r\n\r\n")[2] for part in parts]


def test_a_form_with_files_knows_its_length_without_reading_them(tmp_path: Path) -> None:
    path = stored(tmp_path, BODY)
    form = multipart({"kind": "photo"}, {"file": path, "note": io.BytesIO(b"note")})
    assert drawn(form) == drawn(form)
    assert form.length == len(drawn(form))
    kind, file, note = parsed(form)
    assert (told(kind, "name"), kind.get_payload(decode=True)) == ("kind", b"photo")
    assert (told(file, "filename"), file.get_content_type()) == (
        "a file.bin",
        "application/octet-stream",
    )
    assert told(note, "filename") == "note"


def test_a_form_with_a_pipe_has_no_length_and_is_sent_once() -> None:
    form = multipart(files={"file": Attachment(iter([b"a", b"b"]), "a.txt", "text/plain")})
    assert form.length is None
    assert bodies(drawn(form), form) == [b"ab"]
    assert form.is_spent
    told_length = multipart(files={"file": Attachment(iter([b"a", b"b"]), length=3)})
    with pytest.raises(RequestError, match="2 of 3 bytes"):
        drawn(told_length)


@pytest.mark.parametrize("name", ["a\0b", "a\x1bb", "\ud800"])
def test_a_name_that_cannot_be_sent_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError):
        multipart({name: "value"})
    with pytest.raises(ArgumentError):
        multipart(files={"file": Attachment(b"", name)})


def test_nothing_can_be_smuggled_into_a_form() -> None:
    form = multipart({'a"\r\nX-Evil: 1\r\n\r\n': "b"})
    (part,) = parsed(form)
    assert part.keys() == ["Content-Disposition"]
    with pytest.raises(ArgumentError):
        multipart(files={"a": Attachment(b"", content_type="text/plain\r\nX-Evil: 1")})


def test_no_two_forms_have_one_boundary() -> None:
    assert len({multipart({}).content_type for _ in range(50)}) == 50
