"""Our cache and hishel's, side by side on generated histories: RFC 9111 read twice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

import attrs
import hishel
import pytest
from hishel import _sync_rfc
from hishel._core import _spec
from hypothesis import given
from hypothesis import strategies as st
from scripted import Scripted, fields

from twofold._sync.core.caching import Caching
from twofold._sync.core.pipeline import Pipeline
from twofold._sync.core.shelf import Shelf
from twofold._sync.core.store.memory import MemoryStore
from twofold._sync.core.transport.in_process import InProcessTransport
from twofold.core.cache.settings import Cache
from twofold.core.cache.statistics import Counters
from twofold.core.credentials import Anonymous
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request, Safety
from twofold.events import CacheOutcome

HOME = Origin("https", "api.example", 443)
BEGINNING = 1_700_000_000


@attrs.frozen
class Get:
    """Somebody reads."""

    language: str | None
    control: str | None


@attrs.frozen
class Put:
    """Somebody writes."""

    status: int


@attrs.frozen
class Change:
    """The origin has something else from now on."""

    status: int
    headers: tuple[tuple[str, str], ...]
    has_tag: bool


@attrs.frozen
class Pass:
    """Time passes."""

    seconds: int


lifetimes = st.sampled_from(["max-age=0", "max-age=3", "max-age=10", "max-age=100", ""])
words = st.sets(
    st.sampled_from(["no-cache", "no-store", "must-revalidate", "private", "public"]), max_size=2
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    control = ", ".join(filter(None, [draw(lifetimes), *sorted(draw(words))]))
    headers = [("Cache-Control", control)] if control else []
    if draw(st.booleans()):
        ahead = draw(st.sampled_from([-5, 0, 4, 50]))
        headers.append(("Expires", formatdate(BEGINNING + ahead, usegmt=True)))
    if draw(st.booleans()):
        headers.append(("Vary", "Accept-Language"))
    # hishel keeps a 5xx in place of what was there before, and we what was there before.
    status = draw(st.sampled_from([200, 200, 200, 203, 204, 302, 404, 410]))
    return Change(status, tuple(headers), draw(st.booleans()))


gets = st.builds(
    Get, st.sampled_from([None, None, "de", "fr"]), st.sampled_from([None, None, None, "no-cache"])
)
steps = st.one_of(
    gets,
    gets,
    st.builds(Put, st.sampled_from([204, 404])),
    changes(),
    st.builds(Pass, st.sampled_from([1, 2, 3, 7, 11, 100])),
)


class Site:
    """The origin of both caches."""

    def __init__(self) -> None:
        self.now = BEGINNING
        self.version = 1
        self.state = Change(200, (("Cache-Control", "max-age=3"),), True)
        self.written = 204
        self.shown = 0

    def change(self, state: Change) -> None:
        self.now += 1  # of two answers of one second hishel takes the older
        self.version += 1
        self.state = state

    def reply(self, method: str, sent: dict[str, str]) -> Scripted:
        if method == "PUT":
            return Scripted(self.written, b"")
        self.shown = self.version
        varies = ("Vary", "Accept-Language") in self.state.headers
        language = sent.get("accept-language") if varies else None
        tag = f'"{self.version}-{language}"'
        said = (("Date", formatdate(self.now, usegmt=True)), *self.state.headers)
        if self.state.has_tag:
            said = (*said, ("ETag", tag))
            if sent.get("if-none-match") == tag:
                return Scripted(304, b"", said)
        return Scripted(self.state.status, f"{self.version} {language}".encode(), said)

    # As our in-process server:

    def answer(self, request: Request, now: float) -> Scripted:
        return self.reply(request.method, dict(fields(request.headers)))

    def left(self, answer: Scripted, now: float) -> None:
        raise AssertionError("nobody hangs up")


class Ours:
    """Our cache in our line."""

    def __init__(self, site: Site) -> None:
        settings = Cache(wall=lambda: float(site.now), heuristic=False)
        self.line = Pipeline(
            origin=HOME,
            base="",
            transport=InProcessTransport(site),
            credentials=Anonymous(),
            terms=Terms(None, None),
            concurrency=10,
            limits=Limits(),
            cache=Caching(settings, Shelf(MemoryStore(), Counters(), lambda: 0.0)),
        )

    def get(self, step: Get) -> tuple[bool, int, bytes]:
        headers = tuple(sent(step).items())
        endpoint = Endpoint("test.get", "GET", "/thing", itself)
        reply = self.line.send(Operation(endpoint, "/thing", headers=headers))
        return reply.cached is CacheOutcome.FRESH, reply.status, reply.body

    def put(self) -> None:
        endpoint = Endpoint("test.put", "PUT", "/thing", itself, Safety.REPEATABLE)
        self.line.send(Operation(endpoint, "/thing"))


def itself(reply: Reply) -> Reply:
    return reply


def sent(step: Get) -> dict[str, str]:
    said = {"Accept-Language": step.language, "Cache-Control": step.control}
    return {name: value for name, value in said.items() if value is not None}


class Theirs:
    """The state machine of hishel with a list to store in."""

    options = hishel.CacheOptions(shared=False, supported_methods=["GET"], allow_stale=False)

    def __init__(self, site: Site) -> None:
        self.site = site
        self.entries: dict[uuid.UUID, hishel.Entry] = {}

    def get(self, step: Get) -> tuple[bool, int, bytes]:
        response, status = self._handle("GET", sent(step))
        is_fresh = status["from_cache"] and not status["revalidated"]
        return is_fresh, response.status_code, b"".join(response.stream or ())

    def put(self) -> None:
        self._handle("PUT", {})

    def _handle(self, method: str, headers: dict[str, str]) -> Any:
        request = hishel.Request(method, f"{HOME}/thing", hishel.Headers(headers))
        return _sync_rfc.handle_request_with_rfc(request, self._send, self, "", self.options)  # type: ignore[arg-type]

    def _send(self, request: hishel.Request) -> hishel.Response:
        reply = self.site.reply(request.method, dict(fields(request.headers.items())))
        return hishel.Response(
            reply.status,
            hishel.Headers(dict(reply.headers)),
            [reply.body],  # type: ignore[arg-type]
        )

    # As its storage:

    def get_entries(self, key: str) -> list[hishel.Entry]:
        return list(self.entries.values())

    def create_entry(self, request: Any, response: Any, key: str, **limits: Any) -> hishel.Entry:
        entry = hishel.Entry(uuid.uuid4(), request, response)
        self.entries[entry.id] = entry
        return entry

    def update_headers(self, which: uuid.UUID, headers: Any) -> None:
        self.entries[which].response.headers = headers

    def remove_entry(self, which: uuid.UUID) -> None:
        self.entries.pop(which, None)


def version(body: bytes) -> int:
    return int(body.split()[0])


@pytest.fixture(autouse=True)
def _hishels_clock() -> Iterator[None]:
    """Hishel asks the module `time`; here its state machine asks the site."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_spec, "time", SimpleNamespace(time=lambda: CLOCK[0].now))
        yield


CLOCK: list[Site] = [Site()]


@given(st.lists(steps, min_size=3, max_size=40))
def test_both_caches_answer_every_history_alike(
    history: list[Get | Put | Change | Pass],
) -> None:
    """Invariant 9.6"""
    site = CLOCK[0] = Site()
    ours, theirs = Ours(site), Theirs(site)
    for step in history:
        match step:
            case Get():
                mine, yours = ours.get(step), theirs.get(step)
                if mine[0] and not yours[0]:
                    # Of several that fit hishel may take an older one, and ask about it.
                    assert len(theirs.entries) > 1
                    return
                if mine != yours:
                    # Told to ask again, hishel goes on using what it had if that lives longer.
                    is_used, _, body = yours
                    assert is_used
                    assert version(body) < site.shown == version(mine[2])
                    return
            case Put():
                site.written = step.status
                ours.put()
                theirs.put()
                site.change(site.state)
            case Change():
                site.change(step)
            case Pass():
                site.now += step.seconds
