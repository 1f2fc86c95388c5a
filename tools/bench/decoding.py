"""Decoding a page of a thousand issues: our two ways beside pydantic and plain cattrs."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import attrs
import cattrs
import msgspec
import pydantic

from .contenders import Thing
from .measuring import Row, interleaved, medians, timed
from .origin import THING

HOW_MANY = 1_000
PAGE = json.dumps([{**THING, "id": number} for number in range(HOW_MANY)]).encode()


class UserOfPydantic(pydantic.BaseModel):
    login: str
    id: int
    type: str


class ThingOfPydantic(pydantic.BaseModel):
    id: int
    number: int
    title: str
    state: str
    locked: bool
    comments: int
    body: str
    labels: list[str]
    user: UserOfPydantic
    created_at: str
    updated_at: str


@attrs.frozen
class Kept:
    """The same with its unknown keys, as models that are written back have them."""

    thing: Thing
    extra: dict[str, Any]


STRAIGHT = msgspec.json.Decoder(list[Thing])
CONVERTER = cattrs.Converter(detailed_validation=False)
PYDANTIC = pydantic.TypeAdapter(list[ThingOfPydantic])
KNOWN = frozenset(THING)


def with_extras() -> list[Kept]:
    """Keep what is unknown, as `rally.structure` does it."""
    raws: list[dict[str, Any]] = msgspec.json.decode(PAGE)
    build = CONVERTER.get_structure_hook(Thing)
    return [
        Kept(build(raw, Thing), {name: raw[name] for name in raw.keys() - KNOWN}) for raw in raws
    ]


WAYS: dict[str, Callable[[], object]] = {
    "straight": partial(STRAIGHT.decode, PAGE),
    "keeping extras": with_extras,
    "pydantic": partial(PYDANTIC.validate_json, PAGE),
    "plain cattrs": lambda: cattrs.structure(json.loads(PAGE), list[Thing]),
}


def rows(rounds: int) -> list[Row]:
    contenders = {name: partial(timed, way) for name, way in WAYS.items()}
    taken = medians(interleaved(contenders, 4 * rounds + 1))
    theirs = taken["pydantic"]
    figures = [
        Row(f"decode {HOW_MANY:,} issues: {name}", f"{seconds * 1e3:.2f} ms")
        for name, seconds in taken.items()
    ]
    return [
        *figures,
        at_most_of("straight", taken["straight"] / theirs, 0.5),
        at_most_of("keeping extras", taken["keeping extras"] / theirs, 1.0),
    ]


def at_most_of(name: str, ratio: float, most: float) -> Row:
    what = f"decode {HOW_MANY:,} issues: {name} beside pydantic"
    return Row(what, f"{ratio:.2f}x", f"at most {most:g}x", ratio <= most)
