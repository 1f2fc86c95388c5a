"""Files on items: their bytes, how large they may be, and what they may be called."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

import attrs

from . import references
from .model import Record
from .parameters import Call
from .refused import inconvertible, invalid
from .served import Served, html
from .store import Store
from .table.around import ATTACHMENT

ROOT = "/slm/attachment/"
LARGEST = 50 * 1024 * 1024
"""Of the bytes themselves; their base64 is a third longer."""

_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?[\w.+-]+=[\w.+-]+)*", re.ASCII)


def asks_for_bytes(path: str) -> bool:
    return path.lower().startswith(ROOT)


def base64_text(value: object) -> str | None:
    """Check what a client sends as content; None if it is no base64 in one line."""
    if not isinstance(value, str) or len(value) % 4 or not _BASE64.fullmatch(value):
        return None
    if size(value) > LARGEST:
        raise invalid("AttachmentContent.Content should not be larger than 50 MB")
    return value


def size(content: str) -> int:
    """Return how many bytes a base64 text stands for."""
    return len(content) // 4 * 3 - content[-2:].count("=")


@attrs.frozen
class Attachments:
    """Checks attachments before they are made, and gives out their bytes."""

    store: Store
    extensions: Collection[str] | None = None
    """Those that a subscription allows, without dot; None allows all."""

    def beginnings(self, values: Mapping[str, Any], user: Record) -> dict[str, Any]:
        """Return what a new attachment gets if the caller does not say."""
        content: Record | None = values.get("Content")
        length = None if content is None else size(content.values["Content"])
        return {"User": user, "Size": length, "Date": self.store.now()}

    def check(self, values: Mapping[str, Any]) -> None:
        if not (values.get("Artifact") or values.get("TestCaseResult")):
            raise invalid("Attachment.Artifact should not be null")
        extension = str(values.get("Name") or "").rpartition(".")[2].lower()
        if self.extensions is not None and extension not in self.extensions:
            raise invalid(f'Attachment.Name should not have the extension "{extension}"')
        length = values.get("Size")
        if length is not None and not 0 <= length <= LARGEST:
            raise inconvertible(f"Attachment.Size cannot be {length}")

    def named(self, call: Call) -> Record | None:
        """Find what `{oid}/{name}` means; the name is for people, the number counts."""
        return references.by_id(self.store, call.path[len(ROOT) :].partition("/")[0])

    def download(self, call: Call, record: Record | None) -> Served:
        """Give the bytes of an attachment."""
        if call.method != "GET":
            return html(405, "This method is not allowed here.")
        if record is None or record.type != ATTACHMENT or record.values["Content"] is None:
            return html(404, "There is no attachment at this address.")
        body = base64.b64decode(record.values["Content"].values["Content"])
        kind = record.values["ContentType"]
        kind = kind if _MEDIA_TYPE.fullmatch(kind) else "application/octet-stream"
        disposition = f"attachment; filename*=UTF-8''{quote(record.values['Name'], safe='')}"
        headers = (("Content-Type", kind), ("Content-Disposition", disposition))
        return Served(200, headers, body, objects=1)
