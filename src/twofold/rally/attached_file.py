"""A file on its way to a ticket: checked before anything is sent, then sent as base64 in JSON.

No more than a piece of it is held in either form, unless it is given as bytes or from a pipe.
"""

from __future__ import annotations

import mimetypes
import re
from binascii import b2a_base64
from collections.abc import Generator
from contextlib import closing
from functools import cache
from pathlib import PurePath
from typing import Any

import attrs

from ..core.uploads import PATH, Content, Held, Joined, Material, Upload, exact, material_of, sliced
from ..errors import ArgumentError
from ..progress import Meter, ProgressCallback
from .sendable import text

LARGEST = 50 * 2**20
"""Bytes that an attachment may have; its base64 is a third longer."""

UNKNOWN_TYPE = "application/octet-stream"

# A type with its parameters (RFC 9110, 8.3.1).
MEDIA_TYPE = re.compile(
    r'[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;\s*[\w.+-]+=(?:[\w.+-]+|"[^"\\\r\n]*"))*', re.ASCII
)


@attrs.frozen(eq=False)
class AttachedFile:
    """What is to be attached, and all that is said of it."""

    material: Material = attrs.field(repr=False)
    size: int
    """Bytes."""
    name: str
    content_type: str
    description: str | None

    def body(self, progress: ProgressCallback | None) -> Upload:
        """Return what makes the content: JSON around base64 without line breaks."""
        encoded = Base64(self.material, self.size)
        parts: list[Material] = [Held(b'{"AttachmentContent":{"Content":"'), encoded, Held(b'"}}')]
        joined = Joined([(part, part.length) for part in parts])
        return Upload(
            joined, joined.length, "application/json", Meter(progress, total=joined.length)
        )


def attached_file(
    content: Content, name: str | None, content_type: str | None, description: str | None
) -> AttachedFile:
    """Check what is to be attached; of a pipe all is read, of anything else nothing yet."""
    said = named(content, name)
    material = material_of(content)
    length = material.length
    if length is None:
        material = read(material)
        length = material.length
    if length > LARGEST:
        raise too_large(said)
    kind = guessed_type(said) if content_type is None else content_type
    if not isinstance(kind, str) or not MEDIA_TYPE.fullmatch(kind):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"content_type must be like image/png, not {kind!r}")
    about = None if description is None else text("description", description)
    return AttachedFile(material, length, said, kind, about)


def named(content: Any, name: str | None) -> str:
    """Return what the attachment is called: as the caller says, else as the file."""
    own: Any = content if isinstance(content, PATH) else getattr(content, "name", None)
    # The name of a file that was opened by its number is that number.
    found = (isinstance(own, PATH) and PurePath(own).name) if name is None else name
    if not isinstance(found, str) or not found.strip():
        raise ArgumentError("name must say what the attachment is called: what is given has none")
    return text("name", found)


def read(material: Material) -> Held:
    """Read what nobody knows the length of, as far as an attachment may go and a piece beyond."""
    pieces: list[bytes] = []
    size = 0
    with closing(material.pieces()) as drawn:
        for piece in drawn:
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST:
                break
    return Held(b"".join(pieces))


def too_large(name: str) -> ArgumentError:
    return ArgumentError(
        f"{name} is too large: an attachment has {LARGEST} bytes (50 MB) at most; nothing was sent"
    )


def guessed_type(name: str) -> str:
    return types().guess_type(PurePath(name).name)[0] or UNKNOWN_TYPE


@cache
def types() -> mimetypes.MimeTypes:
    """Return Python's own table, which is the same on every machine."""
    return mimetypes.MimeTypes()


@attrs.frozen(eq=False)
class Base64:
    """Material as base64, without line breaks: with one, Rally takes none of it."""

    material: Material
    size: int
    """Of the material, in bytes."""

    @property
    def length(self) -> int:
        return (self.size + 2) // 3 * 4

    @property
    def is_at_hand(self) -> bool:
        return self.material.is_at_hand

    @property
    def is_spent(self) -> bool:
        return self.material.is_spent

    def pieces(self) -> Generator[bytes]:
        rest = b""  # what does not fill three bytes would end the text
        with closing(exact(sliced(self.material.pieces()), self.size)) as drawn:
            for piece in drawn:
                held = rest + piece
                whole = len(held) // 3 * 3
                rest = held[whole:]
                yield b2a_base64(memoryview(held)[:whole], newline=False)
        if rest:
            yield b2a_base64(rest, newline=False)
