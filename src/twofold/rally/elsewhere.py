"""Refs of another server: what they name there is something else here, or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from ..core.request import Origin
from ..errors import ArgumentError
from .pointing import NAMED, TICKETS, reffed
from .query.fields import wire_name
from .query.values import Referable

ADDRESS = re.compile(r"(https?)://([^/?#\s]+)", re.ASCII | re.IGNORECASE)
REFERRING = frozenset({*NAMED, *TICKETS, "Tags", "State"})
USUAL = {"http": ":80", "https": ":443"}


def check_server(given: object, home: Origin) -> None:
    """Refuse the ref of another server; one without a server is of this one.

    The scheme is not compared, nor a port that is the usual one: a server behind a gateway may know
    another of itself than its clients do.
    """
    ref = given.ref if isinstance(given, Referable) else given
    there = host(ref) if isinstance(ref, str) else None
    if there is not None and there != host(str(home)):
        raise ArgumentError(f"{ref!r:.80} is the ref of another server than {home}")


def check_fields(fields: Mapping[str, object], home: Origin) -> None:
    """Refuse refs of another server in fields that refer to something; texts may hold any."""
    for name, value in fields.items():
        if wire_name(name) in REFERRING:
            each = cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
            for one in each:
                check_server(reffed(one), home)


def host(address: str) -> str | None:
    """Return host and port of an absolute address, unless the port is the usual one."""
    match = ADDRESS.match(address.strip())
    return None if match is None else match[2].lower().removesuffix(USUAL[match[1].lower()])
