"""Faults of the proxy: the same list as an emulator's, whose names begin with `tcp_`.

    {"match": {"method", "path", "body"}, "nth", "times", "fault", ...}

`match` and all in it, `nth` (a number or a list, from 1) and `times` may be left out. `fault` is

    tcp_cut_before      closed without a byte; the request never reaches the server
    tcp_cut_after       closed without a byte; the server has answered
    tcp_stall           at?             silence: at "head" (the default), "body" or "mid_body"
    tcp_trickle         seconds, at?    a byte every so many seconds, from "head" or "body" on
    tcp_short_body                      half of the body, then the end
    tcp_reset_before    reset without a byte; the request never reaches the server
    tcp_reset_body                      half of the body, then a reset

and two that meet a connection before there is a request, and so have no `match`:

    tcp_reset_at_connect                accepted and reset at once
    tcp_refused         nth?, seconds?  no port is open: see `Refusal`

An answer without a body is whole with its head: half of it is all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from .fault_proxy_script import Count, Match, Refusal, Script, Share, Trouble
from .fields import Fields

PREFIX = "tcp_"


def is_ours(fault: object) -> bool:
    """Tell whether a fault of a list is for the proxy, by its name; it may be wrong otherwise."""
    name = cast("dict[str, Any]", fault).get("fault") if isinstance(fault, dict) else None
    return isinstance(name, str) and name.startswith(PREFIX)


def read(faults: Sequence[object]) -> Script:
    """Take the proxy's faults out of a list, and leave the rest; a bad one is a ValueError."""
    script = Script([], [], [])
    for at, each in enumerate(faults):
        if is_ours(each):
            _add(Fields(f"faults[{at}]", each), script)
    return script


def _add(fields: Fields, script: Script) -> None:
    name = fields.text("fault") or ""
    if name == "tcp_refused":
        script.refusals.append(_refusal(fields))
    elif name == "tcp_reset_at_connect":
        script.resets.append(_count(fields))
    elif name in _TROUBLES:
        match = Match()
        if fields.has("match"):
            match = _match(Fields(f"{fields.place}.match", fields.any("match")))
        script.requests.append((match, _count(fields), _TROUBLES[name](fields)))
    else:
        names = ", ".join([*_TROUBLES, "tcp_reset_at_connect", "tcp_refused"])
        raise fields.wrong("fault", f"must be one of {names}, not {name!r}")
    fields.finish()


def _match(fields: Fields) -> Match:
    method, path, body = fields.text("method"), fields.text("path"), fields.text("body")
    fields.finish()
    return Match(method and method.upper(), path, body.encode() if body else None)


def _count(fields: Fields) -> Count:
    return Count(fields.counts("nth"), fields.count("times"))


def _refusal(fields: Fields) -> Refusal:
    nth = fields.count("nth") or 1
    return Refusal(nth, fields.seconds("seconds") if fields.has("seconds") else None)


def _shown(fields: Fields, **allowed: Share) -> Share:
    at = fields.text("at") or "head"
    if at not in allowed:
        raise fields.wrong("at", f"must be one of {', '.join(allowed)}, not {at!r}")
    return allowed[at]


_TROUBLES: dict[str, Callable[[Fields], Trouble]] = {
    "tcp_cut_before": lambda _: Trouble("fin", is_asked=False),
    "tcp_cut_after": lambda _: Trouble("fin"),
    "tcp_stall": lambda fields: Trouble(
        "stall", _shown(fields, head="nothing", body="head", mid_body="half")
    ),
    "tcp_trickle": lambda fields: Trouble(
        "trickle", _shown(fields, head="nothing", body="head"), pace=fields.seconds("seconds")
    ),
    "tcp_short_body": lambda _: Trouble("fin", "half"),
    "tcp_reset_before": lambda _: Trouble("reset", is_asked=False),
    "tcp_reset_body": lambda _: Trouble("reset", "half"),
}
