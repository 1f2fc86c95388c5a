"""What a fault does in place of, before or after carrying out a request.

The request is not carried out, unless the fault says `applied`: then the change is made and its
answer is lost. `truncated`, `delay` and `cut_after` carry it out by their nature.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import attrs

from ...exchange import Cut, Pairs
from .. import conflicts, envelopes
from ..served import HTML_TYPE, JSON_TYPE, Served, html, json
from .subject import Subject

BODILESS = (204, 205, 304)
GARBAGE = b'\x1f\x8b<<not {"json": \xff\xfe'

CarryOut = Callable[[], Served]


@attrs.frozen
class Outcome:
    """What the caller gets, after so many seconds more than usual."""

    served: Served
    delay: float = 0.0
    cut: Cut | None = None


Effect = Callable[[CarryOut, Subject], Outcome]


def status(code: int, body: str | None, retry_after: str | None, *, applied: bool) -> Effect:
    headers: Pairs = () if retry_after is None else (("Retry-After", retry_after),)
    if code in BODILESS:
        return _instead(Served(code, headers, b""), applied=applied)
    if body is None:
        return _instead(html(code, "The emulator was told to answer so.", headers), applied=applied)
    kind = JSON_TYPE if body.lstrip().startswith(("{", "[")) else HTML_TYPE
    return _instead(Served(code, (kind, *headers), body.encode()), applied=applied)


def errors(texts: Sequence[str], *, applied: bool) -> Effect:
    def report(subject: Subject) -> Served:
        return json(envelopes.failed(subject.envelope, texts))

    return partial(_reported, report, applied)


def conflict() -> Effect:
    return partial(_reported, _conflict, False)


def beforehand(change: Callable[[], None]) -> Effect:
    """Change the data first, as somebody else would between two pages."""

    def changed(carry_out: CarryOut, _: Subject) -> Outcome:
        change()
        return Outcome(carry_out())

    return changed


def empty(*, applied: bool) -> Effect:
    return _instead(Served(200, (JSON_TYPE,), b""), applied=applied)


def garbage(*, applied: bool) -> Effect:
    return _instead(Served(200, (JSON_TYPE,), GARBAGE), applied=applied)


def truncated() -> Effect:
    """The first half of the true answer, with a length that fits: well-formed HTTP, bad JSON."""

    def halve(carry_out: CarryOut, _: Subject) -> Outcome:
        served = carry_out()
        return Outcome(attrs.evolve(served, body=served.body[: len(served.body) // 2]))

    return halve


def delay(seconds: float) -> Effect:
    return lambda carry_out, _: Outcome(carry_out(), delay=seconds)


def cut_before() -> Effect:
    def drop(_: CarryOut, __: Subject) -> Outcome:
        return Outcome(Served(0, (), b""), cut="before")

    return drop


def cut_after() -> Effect:
    return lambda carry_out, _: Outcome(Served(0, (), b"", carry_out().objects), cut="after")


def _instead(served: Served, *, applied: bool) -> Effect:
    return partial(_reported, lambda _: served, applied)


def _reported(
    report: Callable[[Subject], Served], applied: bool, carry_out: CarryOut, subject: Subject
) -> Outcome:
    if applied:
        carry_out()
    return Outcome(report(subject))


def _conflict(subject: Subject) -> Served:
    java_class = subject.types[0].java_class if subject.types else "Artifact"
    text = conflicts.conflict(java_class, subject.record.oid if subject.record else 0)
    return json(envelopes.failed(subject.envelope, [text]))
