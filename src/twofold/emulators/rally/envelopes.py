"""The wrappers around results; each is one JSON text."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

VERSION = b'"_rallyAPIMajor":"2","_rallyAPIMinor":"0"'
QUERY = "QueryResult"
CREATE = "CreateResult"
OPERATION = "OperationResult"
BATCH = "BatchResult"


def found(
    rows: bytearray, *, total: int, start: int, pagesize: int, warnings: Sequence[str]
) -> bytes:
    """A page of a query; `start` counts from 1."""
    counts = b'"TotalResultCount":%d,"StartIndex":%d,"PageSize":%d' % (total, start, pagesize)
    opening = _wrapped(QUERY, _reports((), warnings), counts)[:-2]
    # One copy of the rows, which may be megabytes.
    return b"".join((opening, b',"Results":[', rows, b"]}}"))


def one(name: str, row: bytes, warnings: Sequence[str]) -> bytes:
    """An object read alone: what was reported stands inside of it."""
    return b'{"' + name.encode() + b'":' + row[:-1] + b"," + _reports((), warnings) + b"}}"


def written(envelope: str, row: bytes, warnings: Sequence[str]) -> bytes:
    return _wrapped(envelope, _reports((), warnings), b'"Object":' + row)


def done(warnings: Sequence[str]) -> bytes:
    return _wrapped(OPERATION, _reports((), warnings))


def results(rows: bytearray, warnings: Sequence[str]) -> bytes:
    """What a change of a collection answers."""
    return _wrapped(OPERATION, _reports((), warnings), b'"Results":[' + bytes(rows) + b"]")


def failed(envelope: str, errors: Sequence[str], warnings: Sequence[str] = ()) -> bytes:
    reports = _reports(errors, warnings)
    if envelope != QUERY:
        return _wrapped(envelope, reports)
    counts = b'"TotalResultCount":0,"StartIndex":0,"PageSize":0'
    return _wrapped(QUERY, reports, counts, b'"Results":[]')


def batch(entries: Sequence[object]) -> bytes:
    """What became of each entry stands in `Results`, in their order."""
    return _wrapped(BATCH, _reports((), ()), b'"Results":' + msgspec.json.encode(entries))


def token(text: str) -> bytes:
    return _wrapped(OPERATION, _reports((), ()), b'"SecurityToken":' + msgspec.json.encode(text))


def _wrapped(name: str, *parts: bytes) -> bytes:
    return b'{"' + name.encode() + b'":{' + b",".join((VERSION, *parts)) + b"}}"


def _reports(errors: Sequence[str], warnings: Sequence[str]) -> bytes:
    encode = msgspec.json.encode
    return b'"Errors":' + encode(list(errors)) + b',"Warnings":' + encode(list(warnings))
