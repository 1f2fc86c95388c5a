"""What `/search` finds: objects of a type of its own, with the names of what they are.

Source: the official Python toolkit, which compares `Project` with a project's name.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .model import Record

PATH = "search"


def search_object(record: Record, row: bytes) -> bytes:
    """Turn the shell of an object into a result of a search."""
    shown: dict[str, Any] = msgspec.json.decode(row)
    values = record.values
    return msgspec.json.encode(
        shown
        | {
            "_type": "SearchObject",
            "ObjectID": record.oid,
            "FormattedID": values["FormattedID"],
            "Name": values["Name"],
            "Project": values["Project"].values["Name"],
            "LastUpdateDate": values["LastUpdateDate"],
            "MatchingText": values["Name"],
            "ArtifactType": record.type.name,
        }
    )
