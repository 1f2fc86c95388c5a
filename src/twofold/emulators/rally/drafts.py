"""What a body asks for: read and checked, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import attrs
import msgspec

from .conversion import converted
from .model import Attribute, ElementType, Kind, Record
from .refused import unparsable
from .store import Store


@attrs.frozen
class Draft:
    """What a body asks for, checked; the elements it could not use became warnings."""

    values: dict[str, Any]
    collections: dict[str, list[Record]]
    warnings: list[str]


def draft(type: ElementType, fields: Mapping[str, Any], store: Store) -> Draft:
    """Read the fields of a body; what is unknown or not to be written is only warned about."""
    made = Draft({}, {}, [])
    for name, value in fields.items():
        attribute = type.attributes.get(name)
        if name.startswith("_"):
            continue
        if attribute is None or attribute.read_only:
            made.warnings.append(ignored(type, name))
            continue
        kept = converted(type, attribute, value, store)
        place = made.collections if attribute.kind is Kind.COLLECTION else made.values
        place[attribute.alias_of or name] = kept
    return made


def element(body: bytes, type: ElementType) -> Mapping[str, Any]:
    """Return the fields under a type's name, in any letter case; a bare name will do."""
    document = _document(body)
    for name, value in document.items():
        if name.lower() in (type.path, type.element.lower()) and isinstance(value, dict):
            return cast("dict[str, Any]", value)
    seen = ", ".join(document) or "nothing"
    raise unparsable(f'expected an element named "{type.element}" but saw {seen}')


def items(body: bytes, attribute: Attribute) -> list[object]:
    """Return the elements that a change of a collection names."""
    document = _document(body)
    listed = document.get("CollectionItems", document.get(attribute.name))
    if not isinstance(listed, list):
        raise unparsable('expected a list named "CollectionItems"')
    return cast("list[object]", listed)


def without_ref(item: object) -> dict[str, Any] | None:
    """Return the fields of an element that is to be created on the fly; None for a reference."""
    if not isinstance(item, dict) or "_ref" in item:
        return None
    return cast("dict[str, Any]", item)


def _document(body: bytes) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise unparsable("the body is not JSON") from None
    if not isinstance(document, dict):
        raise unparsable("the body is not a JSON object")
    return cast("dict[str, Any]", document)


def ignored(type: ElementType, name: str) -> str:
    """Return the warning that a field was not written."""
    path = type.element.lower()
    return f"Ignored JSON element {path}.{name} during processing of this request."
