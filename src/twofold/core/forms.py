"""Forms with files: multipart/form-data (RFC 7578)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, TypeAlias, TypeVar

import attrs

from ..errors import ArgumentError
from ..progress import Meter, ProgressCallback
from .text.headers import checked
from .uploads import PATH, Content, Held, Joined, Material, Upload, material_of

V = TypeVar("V")

Named: TypeAlias = "Mapping[str, V] | Sequence[tuple[str, V]]"

CONTROLS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")

# What the living standard of HTML escapes, and how (4.10.21.8).
ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


@attrs.frozen
class Attachment:
    """A file in a form."""

    content: Content = attrs.field(repr=False)
    name: str | None = None
    """The file name that the server is told; None: the file's own, else that of the field."""
    content_type: str = "application/octet-stream"
    length: int | None = None
    """In bytes, where that cannot be known."""


def multipart(
    fields: Named[str | bytes] = (),
    files: Named[Content | Attachment] = (),
    *,
    progress: ProgressCallback | None = None,
) -> Upload:
    """Return a form as a body, fields before files, each in the order given.

    A name may stand more than once, in pairs.  A file is what `upload` takes, or an `Attachment`.
    The length is known if those of all files are; else the form is sent in chunks.
    """
    boundary = secrets.token_hex(16)  # 128 bits of chance: no file holds it
    parts: list[tuple[Material, int | None]] = []
    for name, value in pairs(fields):
        body = value.encode() if isinstance(value, str) else value
        parts += section(boundary, f"name={quoted_name(name)}", None, Held(body), None)
    for name, given in pairs(files):
        file = given if isinstance(given, Attachment) else Attachment(given)
        told = f"name={quoted_name(name)}; filename={quoted_name(file_name(file, name))}"
        parts += section(boundary, told, file.content_type, material_of(file.content), file.length)
    parts.append(held(f"--{boundary}--\r\n"))
    joined = Joined(parts)
    form: Material = Held(b"".join(joined.pieces())) if joined.is_at_hand else joined
    kind = f"multipart/form-data; boundary={boundary}"
    return Upload(form, form.length, kind, Meter(progress, total=form.length))


def pairs(named: Any) -> Iterable[tuple[str, Any]]:
    items: Iterable[tuple[str, Any]] = named.items() if hasattr(named, "items") else named
    return items


def section(
    boundary: str, told: str, content_type: str | None, body: Material, length: int | None
) -> Generator[tuple[Material, int | None]]:
    """Yield the parts that one field or file takes."""
    lines = [f"--{boundary}", f"Content-Disposition: form-data; {told}"]
    if content_type is not None:
        checked((("Content-Type", content_type),))
        lines.append(f"Content-Type: {content_type}")
    yield held("\r\n".join(lines) + "\r\n\r\n")
    yield body, body.length if length is None else length
    yield held("\r\n")


def held(text: str) -> tuple[Material, int | None]:
    body = Held(text.encode())
    return body, body.length


def quoted_name(text: str) -> str:
    """Quote a name as browsers do: UTF-8, quotes and line ends percent-encoded, nothing else."""
    if CONTROLS.search(text):
        raise ArgumentError(f"{text!r} holds a control character and cannot name a part of a form")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ArgumentError(f"{text!r} holds half a character and cannot be sent") from error
    return f'"{text.translate(ESCAPES)}"'


def file_name(file: Attachment, field: str) -> str:
    """Return the name that a server is told: never a folder of ours."""
    if file.name is not None:
        return file.name
    content: Any = file.content
    own: Any = content if isinstance(content, PATH) else getattr(content, "name", None)
    # The name of a file that was opened by its number is that number.
    return (isinstance(own, PATH) and PurePath(own).name) or field
