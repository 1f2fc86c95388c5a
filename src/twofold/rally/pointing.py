"""Values of fields that refer to something: a ref, or a name that has to be looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import attrs

from ..core.text.shapes import is_object
from ..errors import ArgumentError
from .query.values import Referable, quoted
from .records import Iteration, Release
from .sendable import text
from .sought import (
    FLOW_STATE,
    ITERATION,
    PROJECT,
    RELEASE,
    SIZE,
    TAG,
    USER,
    Sought,
    Type,
)
from .structure import relative

# A number or a UUID: `front/end` is the name of a tag.
REF = re.compile(
    r"/?([a-z]\w*(?:/[a-z]\w*)?)/(-?[0-9]{1,19}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\.js)?",
    re.ASCII | re.IGNORECASE,
)

# The fields that refer to what people call by a name.
NAMED: Mapping[str, Type] = {
    "Owner": USER,
    "SubmittedBy": USER,
    "Iteration": ITERATION,
    "Release": RELEASE,
    "FlowState": FLOW_STATE,
    "PreliminaryEstimate": SIZE,
    "Project": PROJECT,
}
# Those that refer to other tickets.
TICKETS = frozenset(
    {"Parent", "PortfolioItem", "Feature", "Requirement", "WorkProduct", "TestCase"}
)


@attrs.frozen
class Several:
    """What a collection is to hold: refs, and what has to be looked up."""

    each: tuple[Sought | str, ...]


def pointed(type: Type, name: str, value: object) -> Sought | str | None:
    """Return the ref that a value means, or what has to be looked up; None is nothing."""
    given = reffed(value)
    if given is None:
        return None
    if isinstance(given, Referable):
        ref = checked_ref(type, name, given.ref)
        return timebox(type, ref, given) if isinstance(given, Iteration | Release) else ref
    if not isinstance(given, str) or not given.strip():
        raise ArgumentError(f"{name} must be a name or a ref of a {type.spoken}, not {value!r}")
    said = text(name, given.strip())
    quoted(said)  # refuses what cannot be asked for
    return checked_ref(type, name, said) if is_ref(type, said) else Sought(type, said)


def timebox(type: Type, ref: str, given: Iteration | Release) -> Sought | str:
    """Return what stands for the timebox of the same name and days in any project."""
    if not given.name or given.project is None:
        return ref
    days = (given.start_date, given.end_date)
    return Sought(type, given.name, ref, given.project.ref, days)


def tags(name: str, value: object) -> Several:
    """Return what tags a ticket is to have, in place of those that it has."""
    if not isinstance(value, list | tuple):
        raise ArgumentError(f"{name} takes a list of tags, not {value!r}")
    return Several(tuple(dict.fromkeys(tag(each) for each in cast("Sequence[object]", value))))


def tag(value: object) -> Sought | str:
    """Return the ref of a tag, or its name to be looked up."""
    found = pointed(TAG, "tag", value)
    if found is None:
        raise ArgumentError("tag must be a name or a ref of a tag, not None")
    return found


def reffed(value: object) -> Any:
    """Return the ref of an object such as Rally sends; anything else as it is."""
    return value["_ref"] if is_object(value) and "_ref" in value else value


def is_ref(type: Type, text: str) -> bool:
    """Tell whether a text is meant as a ref; any other may be a name, slashes and all."""
    match = REF.fullmatch(relative(text))
    is_address = text.startswith("/") or "/webservice/" in text
    return match is not None and (is_address or match[1].lower() == type.path)


def checked_ref(type: Type, name: str, given: str) -> str:
    match = REF.fullmatch(relative(given))
    if match is None or match[1].lower() != type.path:
        raise ArgumentError(f"{name}: {given} is not the ref of a {type.spoken}")
    return f"/{type.path}/{match[2]}"
