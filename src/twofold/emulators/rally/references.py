"""References as clients send them: addresses, paths, ids, objects with a `_ref`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from .model import Record
from .store import Store

_TAIL = re.compile(r"(?:^|/)([A-Za-z]+)/(-?\d+|[0-9A-Fa-f-]{36}|\d+u\d+[wp]1)(?:\.js)?/?$")
_NUMBER = re.compile(r"-?\d{1,19}", re.ASCII)
_PERMISSION = re.compile(r"\d+u\d+[wp]1", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def is_reference(text: str) -> bool:
    """Whether a text has the form of a reference, of an ObjectID or of a UUID."""
    return _id_in(text) is not None


def resolved(store: Store, text: str) -> Record | None:
    """Find what a reference means; the server and the type in it are not compared."""
    return by_id(store, _id_in(text) or "")


def by_id(store: Store, text: str) -> Record | None:
    """Find a record by ObjectID, UUID or, if it is a permission, by its composite id."""
    if _NUMBER.fullmatch(text):
        return store.by_oid(int(text))
    return store.by_uuid(text)


def sent(value: object) -> str | None:
    """Return the text of a reference in a body; None if the value is none."""
    if isinstance(value, Mapping):
        value = cast("Mapping[str, object]", value).get("_ref")
    return value if isinstance(value, str) and is_reference(value) else None


def _id_in(text: str) -> str | None:
    text = text.strip()
    match = _TAIL.search(text)
    if match:
        return match[2]
    forms = (_NUMBER, _UUID, _PERMISSION)
    return text if any(form.fullmatch(text) for form in forms) else None
