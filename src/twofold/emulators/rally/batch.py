"""Many requests in one: each is carried out by itself, in order, whatever became of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import attrs
import msgspec

from . import envelopes
from .parameters import Call, pairs
from .refused import Refused, unparsable
from .routes import ROOT
from .served import JSON_TYPE, Served, json

PATH = "batch"
METHODS = ("GET", "POST", "PUT", "DELETE")
INHERITED = ("workspace", "project", "fetch")

CarryOut = Callable[[Call], Served]


def batch(call: Call, carry_out: CarryOut) -> Served:
    """Answer `{"Batch": [{"Entry": {"Path", "Method", "Body"}}, ...]}`."""
    if call.method not in ("POST", "PUT"):
        raise Refused("A batch must be sent by POST")
    results = [_result(each, call, carry_out) for each in _entries(call.body)]
    return json(envelopes.batch(results), objects=len(results))


def _entries(body: bytes) -> list[object]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise unparsable("the body is not JSON") from None
    entries = _mapping(document).get("Batch")
    if not isinstance(entries, list):
        raise unparsable('expected a list named "Batch"')
    return cast("list[object]", entries)


def _result(entry: object, call: Call, carry_out: CarryOut) -> dict[str, Any]:
    try:
        served = carry_out(_inner(_mapping(_mapping(entry).get("Entry")), call))
    except Refused as refused:
        return {"Errors": [refused.text], "Warnings": []}
    if served.headers[:1] != (JSON_TYPE,):
        return {"Errors": [f"The entry was answered with status {served.status}"], "Warnings": []}
    return _flat(msgspec.json.decode(served.body))


def _inner(entry: Mapping[str, Any], call: Call) -> Call:
    path, _, query = str(entry.get("Path", "")).partition("?")
    method = str(entry.get("Method", "")).upper()
    if method not in METHODS:
        raise Refused(f'Method "{entry.get("Method")}" is not allowed in a batch')
    path = "/" + path.strip("/")
    if not path.lower().startswith(ROOT):
        path = ROOT + path
    given = {name: call.parameters[name] for name in INHERITED if name in call.parameters}
    body = msgspec.json.encode(entry.get("Body"))
    return attrs.evolve(
        call, method=method, path=path, target=path, parameters=given | pairs(query), body=body
    )


def _flat(document: dict[str, Any]) -> dict[str, Any]:
    """Take an answer out of its envelope; an object read alone stands inside of one."""
    ((name, inner),) = document.items()
    reports = {each: inner.pop(each, []) for each in ("Errors", "Warnings")}
    if name in (envelopes.CREATE, envelopes.OPERATION, envelopes.QUERY):
        for version in ("_rallyAPIMajor", "_rallyAPIMinor"):
            inner.pop(version, None)
        return {**inner, **reports}
    return {"Object": inner} | reports


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
