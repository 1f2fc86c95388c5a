"""Which fields a request asks for."""

from __future__ import annotations

import attrs


@attrs.frozen
class Fetch:
    """`names` of None means all fields, and shells of whatever they refer to."""

    names: frozenset[str] | None


EVERYTHING = Fetch(None)
SHELLS = Fetch(frozenset())


def wanted(text: str | None, absent: Fetch) -> Fetch:
    """Read the `fetch` parameter: `true`, `false`, or names, perhaps in literal quotes.

    A summary such as `Tasks:summary[State]` asks for its collection only.
    """
    if text is None:
        return absent
    names = text.strip().strip('"').strip()
    if names.lower() in ("true", "false"):
        return EVERYTHING if names.lower() == "true" else SHELLS
    return Fetch(frozenset(each.partition(":")[0].strip() for each in names.split(",")) - {""})
