"""What a scenario did, call by call, as plain data: to be compared, and to be read by people."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, cast

import attrs

from twofold.errors import TwofoldError
from twofold.outcome import BatchResult, Failure, Outcome
from twofold.rally.models import ItemList, Reference, Ticket
from twofold.rally.records import Attachment

T = TypeVar("T")

SERVER = re.compile(r"http://(?:rally\.invalid|rally\.example|127\.0\.0\.1:\d+|localhost)")
SHORT = 1000  # characters; what is longer is written down once
WORD = re.compile(r"\w+")


class Minutes:
    """One line for each call of a client, in the order of calls."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.called: Counter[str] = Counter()
        """How often each method was called."""
        self._last = ""
        self._names: dict[str, str] = {}
        self._texts: dict[str, int] = {}

    def watched(self, client: T) -> T:
        """Return the same client; whatever is called of it is counted."""
        return cast("T", Watched(client, self))

    def tell(self, method: str) -> None:
        self.called[method] += 1
        self._last = method

    def note(self, value: object) -> None:
        """Write down what the last call gave, or which error it raised."""
        said = self._with_names(plain(value))
        text = json.dumps(said, ensure_ascii=False)
        first = self._texts.setdefault(text, len(self.lines) + 1)
        if first <= len(self.lines) and len(text) > SHORT:
            said = f"as in line {first}"
        self.lines.append(json.dumps({self._last: said}, ensure_ascii=False))

    def name(self, name: str, made: Ticket | Attachment) -> None:
        """Call an object by a name: what is made at the same time as others has any id."""
        self._names[str(made.object_id)] = name
        if isinstance(made, Ticket):
            self._names[made.formatted_id] = name

    def _with_names(self, said: Any) -> Any:
        match said:
            case dict():
                return {name: self._with_names(each) for name, each in cast("Any", said).items()}
            case list():
                return [self._with_names(each) for each in said]
            case str():
                return WORD.sub(lambda word: self._names.get(word[0], word[0]), said)
            case _:
                return self._names.get(str(said), said)


class Watched:
    """A client whose calls are counted by their names."""

    def __init__(self, client: object, minutes: Minutes) -> None:
        self._client = client
        self._minutes = minutes

    def __getattr__(self, name: str) -> Any:
        self._minutes.tell(name)
        return getattr(self._client, name)


def plain(value: object) -> Any:
    """Return a value as JSON has it, and everything of it; what is empty in a model is left out."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return SERVER.sub("<server>", value)
        case TwofoldError():
            return error(value)
        case BatchResult():
            return [outcome(each) for each in value]
        case Decimal() | Enum():
            return str(value)
        case datetime():
            return value.isoformat()
        case bytes():
            return value.decode("latin-1")
        case Path():
            return {value.name: plain(value.read_bytes())}
        case _:
            return several(value)


def several(value: object) -> Any:
    if isinstance(value, ItemList):
        kind = {"list": type(value).__name__, "warnings": list(value.warnings)}
        return [kind, *map(plain, cast("Iterable[object]", value))]
    if isinstance(value, Reference) and not value.extra:
        return " ".join(each or "?" for each in (value.ref, value.type, value.name))
    if attrs.has(type(value)):
        return {"a": type(value).__name__, **fields(cast("attrs.AttrsInstance", value))}
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in cast("Any", value).items()}
    if isinstance(value, Sequence):
        return [plain(each) for each in cast("Sequence[object]", value)]
    raise TypeError(f"nobody said how {value!r} is written down")


def fields(value: attrs.AttrsInstance) -> dict[str, Any]:
    said = ((each.name, getattr(value, each.name)) for each in attrs.fields(type(value)))
    return {name: plain(each) for name, each in said if each not in (None, (), {}, "")}


def outcome(given: Outcome[Any, Any]) -> list[Any]:
    item = plain(given.item)
    return [item, plain(given.error if isinstance(given, Failure) else given.value)]


def error(raised: TwofoldError) -> dict[str, Any]:
    facts = {
        "status": raised.status,
        "effect": raised.effect.value,
        "attempts": len(raised.attempts),
        "texts": plain(raised.texts),
    }
    return {"error": type(raised).__name__, "says": plain(str(raised)), **facts}
