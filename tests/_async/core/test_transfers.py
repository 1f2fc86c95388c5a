# SPDX-License-Identifier: MIT
"""Downloads into files: whole or not at all, and gone on with where they broke off."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from scripted import Scripted, ScriptedServer
from wire_server import Line, field, wire_server

from twofold._async.core.client import AsyncClient
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._runtime.waiting.scopes import current_time, move_on_after
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.policy.timeout import Timeout
from twofold.core.request import Endpoint, Operation, Reply, Request, Safety
from twofold.core.uploads import upload
from twofold.core.wire.verdict import refusal
from twofold.errors import (
    ArgumentError,
    DeadlineError,
    NotFoundError,
    OutcomeUnknownError,
    ServerError,
)
from twofold.events import AttemptEnded, CallEnded, Event
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step


def read(reply: Reply) -> bytes:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    return reply.body


GET = Operation(Endpoint("test.fetch", "GET", "/files/a.bin", read), "/files/a.bin")
POST = Operation(Endpoint("test.make", "POST", "/files", read, Safety.ONCE), "/files", body=b"y")
PUT = Endpoint("test.put", "PUT", "/thing", read, Safety.REPEATABLE)
BODY = bytes(range(256)) * 3000
SHA = "sha256:" + hashlib.sha256(BODY).hexdigest()


def client(server: ScriptedServer, **options: Any) -> AsyncClient:
    # A worker writes, which virtual time takes for idleness: so there are no deadlines.
    given: dict[str, Any] = {
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
        "retry": Retry(uniform=lambda low, high: high),
        "timeout": None,
    }
    return AsyncClient("https://api.example", **{**given, **options})


def there(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_a_download_is_a_file_and_nothing_else(tmp_path: Path) -> None:
    server = ScriptedServer(Scripted(body=BODY))
    target = tmp_path / "mine.bin"
    path = await client(server).download(GET, target, size=len(BODY), digest=SHA, durable=True)
    assert path == target
    assert there(tmp_path) == {"mine.bin": BODY}
    assert server.field("accept-encoding") == ["identity"]
    assert server.field("range") == [None]


async def test_what_was_there_is_replaced_once_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "mine.bin"
    target.write_bytes(b"old")
    with pytest.raises(NotFoundError):
        await client(ScriptedServer(Scripted(404))).download(GET, target)
    assert there(tmp_path) == {"mine.bin": b"old"}
    await client(ScriptedServer(Scripted(body=BODY))).download(GET, str(target))
    assert there(tmp_path) == {"mine.bin": BODY}


@pytest.mark.parametrize(
    ("disposition", "names"),
    [
        (None, ["a.bin", "a (1).bin", "a (2).bin"]),
        ('attachment; filename="../../b.txt"', ["b.txt", "b (1).txt", "b (2).txt"]),
        ("attachment; filename=.profile", ["profile", "profile (1)", "profile (2)"]),
    ],
)
async def test_in_a_folder_the_server_names_the_file_and_replaces_none(
    disposition: str | None, names: list[str], tmp_path: Path
) -> None:
    headers = () if disposition is None else (("Content-Disposition", disposition),)
    api = client(ScriptedServer(Scripted(body=BODY, headers=headers)))
    paths = [await api.download(GET, tmp_path) for _ in names]
    assert paths == [tmp_path / name for name in names]
    assert there(tmp_path) == dict.fromkeys(names, BODY)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"size": len(BODY) + 1}, "768000 of 768001 bytes"),
        ({"size": len(BODY) - 1}, "768000 of 767999 bytes"),
        ({"most": len(BODY) - 1}, "more than 767999 bytes"),
        ({"digest": "sha256:" + "0" * 64}, "its sha256 is"),
    ],
)
async def test_what_is_not_what_was_wanted_leaves_nothing(
    wanted: dict[str, Any], why: str, tmp_path: Path
) -> None:
    api = client(ScriptedServer(Scripted(body=BODY)))
    with pytest.raises(ServerError, match=why):
        await api.download(GET, tmp_path / "mine.bin", retry=None, **wanted)
    assert there(tmp_path) == {}
    assert api.statistics().inside == 0


async def test_what_a_server_announces_is_looked_at_before_its_body(tmp_path: Path) -> None:
    server = ScriptedServer(Scripted(body=BODY, headers=(("Content-Length", str(len(BODY))),)))
    with pytest.raises(ServerError, match="it has 768000 bytes, not 5"):
        await client(server).download(GET, tmp_path / "mine.bin", size=5)
    assert len(server.requests) == 1
    assert there(tmp_path) == {}


@pytest.mark.parametrize("digest", ["", "sha256", "sha256:00", "sha256:" + "g" * 64, "crc:00"])
async def test_a_digest_that_cannot_be_is_refused(digest: str, tmp_path: Path) -> None:
    server = ScriptedServer()
    with pytest.raises(ArgumentError, match="digest must be like"):
        await client(server).download(GET, tmp_path / "mine.bin", digest=digest)
    assert server.requests == []


async def test_a_folder_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    server = ScriptedServer(Scripted(body=BODY))
    with pytest.raises(FileNotFoundError):
        await client(server).download(GET, tmp_path / "none" / "mine.bin")
    assert server.requests == []


async def test_a_disk_that_is_full_is_the_systems_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, write = client(ScriptedServer(Scripted(body=BODY))), os.write

    def full(file: int, data: Any) -> int:
        if len(data) > 1000:
            raise OSError(28, "No space left on device")
        return write(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            await api.download(GET, tmp_path / "mine.bin")
    assert there(tmp_path) == {}
    assert api.statistics().inside == 0


async def test_a_file_that_may_not_be_put_in_its_place_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(path: Path, target: Path) -> Path:
        raise PermissionError("not here")

    api = client(ScriptedServer(Scripted(body=BODY)))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", forbidden)
        with pytest.raises(PermissionError):
            await api.download(GET, tmp_path / "mine.bin")
        with pytest.raises(PermissionError):
            await api.download(GET, tmp_path)
    assert there(tmp_path) == {}


async def test_a_write_is_downloaded_once(tmp_path: Path) -> None:
    server = ScriptedServer(Scripted(cut="after"))
    with pytest.raises(OutcomeUnknownError):
        await client(server).download(POST, tmp_path / "mine.bin")
    assert len(server.requests) == 1


async def test_progress_tells_of_bytes(tmp_path: Path) -> None:
    """Invariant 12.6."""
    seen: list[tuple[int, int | None]] = []
    server = ScriptedServer(Scripted(body=BODY, headers=(("Content-Length", str(len(BODY))),)))
    await client(server).download(
        GET, tmp_path / "mine.bin", progress=lambda told: seen.append((told.done, told.total))
    )
    assert seen[0] == (0, None)
    assert seen[-1] == (len(BODY), len(BODY))
    assert seen == sorted(seen, key=lambda each: each[0])


# Broken off, and gone on with: over real sockets.

ENGINES = ["direct", "httpx"]


def real(origin: object, engine: str, **options: Any) -> AsyncClient:
    given: dict[str, Any] = {
        "transport": engine,
        "proxy": None,
        "limits": Limits(),
        "retry": Retry(base=0.001),
    }
    return AsyncClient(str(origin), **{**given, **options})


def begins(head: str) -> int:
    asked = field(head, "range")
    return 0 if asked is None else int(asked.removeprefix("bytes=").removesuffix("-"))


@attrs.define
class Store:
    """Serves a file, and hangs up in its midst as often as it is told to."""

    body: bytes = BODY
    cuts: list[int] = attrs.field(factory=lambda: [300_000, 500_000])
    etag: str | None = '"one"'
    heads: list[str] = attrs.field(factory=list)
    ranges: Callable[[int, int], str] = attrs.field(
        default=lambda begin, size: f"bytes {begin}-{size - 1}/{size}"
    )

    def talk(self, line: Line) -> None:
        while self.answer_one(line):
            pass

    def answer_one(self, line: Line) -> bool:
        """Answer a request, if there is one, as far as it goes; tell whether that was whole."""
        head = line.head()
        if not head:
            return False
        self.heads.append(head)
        end = self.cuts.pop(0) if self.cuts else len(self.body)
        begin = begins(head) if field(head, "if-range") == self.etag else 0
        self.answer(line, begin, end)
        return end >= len(self.body)

    def answer(self, line: Line, begin: int, end: int) -> None:
        size = len(self.body)
        told = f"Content-Length: {size - begin}" + (f"\nETag: {self.etag}" if self.etag else "")
        if begin:
            told = f"HTTP/1.1 206 Partial\nContent-Range: {self.ranges(begin, size)}\n{told}"
        else:
            told = f"HTTP/1.1 200 OK\n{told}"
        line.say(told, self.body[begin:end])

    @property
    def asked(self) -> list[str | None]:
        return [field(head, "range") for head in self.heads]


each_engine = pytest.mark.parametrize("engine", ENGINES)


@pytest.mark.real_time
@each_engine
async def test_a_download_goes_on_where_it_broke_off(engine: str, tmp_path: Path) -> None:
    events: list[Event] = []
    store, seen = Store(), list[int]()
    with wire_server(store.talk) as server:
        api = real(server.origin, engine, listener=events.append)
        path = await api.download(
            GET,
            tmp_path / "mine.bin",
            digest=SHA,
            progress=lambda told: seen.append(told.done),
        )
        assert api.statistics().inside == 0
        await api.aclose()
    assert path.read_bytes() == BODY
    assert there(tmp_path).keys() == {"mine.bin"}
    assert store.asked == [None, "bytes=300000-", "bytes=500000-"]
    assert [field(head, "if-range") for head in store.heads] == [None, '"one"', '"one"']
    assert {field(head, "accept-encoding") for head in store.heads} == {"identity"}
    assert seen == sorted(seen)
    assert seen[-1] == len(BODY)
    ended = [event for event in events if isinstance(event, AttemptEnded)]
    assert [event.error is None for event in ended] == [False, False, True]
    assert [event.error for event in events if isinstance(event, CallEnded)] == [None]


@pytest.mark.real_time
@each_engine
async def test_a_download_that_breaks_off_too_often_leaves_nothing(
    engine: str, tmp_path: Path
) -> None:
    store = Store(cuts=[100, 200, 300, 400])
    with wire_server(store.talk) as server:
        api = real(server.origin, engine)
        with pytest.raises(ServerError, match="lost") as caught:
            await api.download(GET, tmp_path / "mine.bin")
        await api.aclose()
    assert len(caught.value.attempts) == 3
    assert there(tmp_path) == {}


@pytest.mark.real_time
@each_engine
async def test_another_version_is_begun_anew(engine: str, tmp_path: Path) -> None:
    store = Store(cuts=[300_000])
    other = BODY[::-1]

    def talk(line: Line) -> None:
        store.talk(line)
        store.body, store.etag = other, '"two"'

    with wire_server(talk) as server:
        api = real(server.origin, engine)
        path = await api.download(GET, tmp_path / "mine.bin")
        await api.aclose()
    assert path.read_bytes() == other
    assert store.asked == [None, "bytes=300000-"]


@pytest.mark.real_time
@each_engine
@pytest.mark.parametrize("etag", [None, 'W/"one"', "one", '"'])
async def test_without_a_strong_validator_nothing_is_gone_on_with(
    engine: str, etag: str | None, tmp_path: Path
) -> None:
    store = Store(cuts=[300_000], etag=etag)
    with wire_server(store.talk) as server:
        api = real(server.origin, engine)
        path = await api.download(GET, tmp_path / "mine.bin", digest=SHA)
        await api.aclose()
    assert path.read_bytes() == BODY
    assert store.asked == [None, None]


@pytest.mark.real_time
@each_engine
@pytest.mark.parametrize(
    "ranges",
    [
        lambda begin, size: f"bytes {begin - 1}-{size - 1}/{size}",
        lambda begin, size: f"bytes {begin + 1}-{size - 1}/{size}",
        lambda begin, size: f"bytes {begin}-{size - 1}/{size + 1}",
        lambda begin, size: f"lines {begin}-{size - 1}/{size}",
        lambda begin, size: "bytes */*",
        lambda begin, size: "",
    ],
)
async def test_a_part_that_does_not_fit_is_not_taken(
    engine: str, ranges: Callable[[int, int], str], tmp_path: Path
) -> None:
    store = Store(cuts=[300_000], ranges=ranges)
    with wire_server(store.talk) as server:
        api = real(server.origin, engine)
        path = await api.download(GET, tmp_path / "mine.bin", digest=SHA)
        await api.aclose()
    assert path.read_bytes() == BODY
    assert store.asked == [None, "bytes=300000-", None]


@pytest.mark.real_time
@each_engine
async def test_a_server_that_has_no_such_part_is_asked_for_the_whole(
    engine: str, tmp_path: Path
) -> None:
    store = Store(cuts=[300_000])

    def talk(line: Line) -> None:
        if not store.heads:
            store.talk(line)
            return
        store.heads.append(line.head())
        line.say("HTTP/1.1 416 No\nContent-Range: bytes */5\nContent-Length: 0")
        store.talk(line)

    with wire_server(talk) as server:
        api = real(server.origin, engine)
        path = await api.download(GET, tmp_path / "mine.bin", digest=SHA)
        await api.aclose()
    assert path.read_bytes() == BODY
    assert store.asked == [None, "bytes=300000-", None]


async def test_a_part_that_nobody_asked_for_is_refused(tmp_path: Path) -> None:
    part = Scripted(206, BODY[5:], (("Content-Range", f"bytes 5-{len(BODY) - 1}/{len(BODY)}"),))
    with pytest.raises(ServerError, match="nobody asked for"):
        await client(ScriptedServer(part)).download(GET, tmp_path / "mine.bin")
    assert there(tmp_path) == {}


@pytest.mark.real_time
@each_engine
async def test_parts_that_do_not_make_up_the_whole_are_fetched_anew(
    engine: str, tmp_path: Path
) -> None:
    store = Store(cuts=[300_000])

    def talk(line: Line) -> None:
        # What it goes on with is of another version, though the tag is the same.
        store.body = BODY[::-1] if line.number == 1 else BODY
        store.answer_one(line)

    with wire_server(talk) as server:
        api = real(server.origin, engine)
        path = await api.download(GET, tmp_path / "mine.bin", digest=SHA)
        await api.aclose()
    assert path.read_bytes() == BODY
    assert store.asked == [None, "bytes=300000-", None]


@pytest.mark.real_time
@each_engine
async def test_a_coded_body_is_not_gone_on_with(engine: str, tmp_path: Path) -> None:
    packed = gzip.compress(BODY, mtime=0)
    heads: list[str] = []

    def talk(line: Line) -> None:
        heads.append(line.head())
        end = len(packed) // 2 if len(heads) == 1 else len(packed)
        head = f'HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: {len(packed)}\nETag: "1"'
        line.say(head, packed[:end])

    with wire_server(talk) as server:
        api = real(server.origin, engine)
        path = await api.download(GET, tmp_path / "mine.bin", digest=SHA)
        await api.aclose()
    assert path.read_bytes() == BODY
    assert [field(head, "range") for head in heads] == [None, None]


@pytest.mark.real_time
@each_engine
async def test_the_time_of_a_download_is_the_methods_own(engine: str, tmp_path: Path) -> None:
    """Invariant 1.1."""

    def talk(line: Line) -> None:
        line.head()
        line.say("HTTP/1.1 200 OK\nContent-Length: 10", b"12345")
        line.head()

    with wire_server(talk) as server:
        api = real(server.origin, engine, retry=None, timeout=Timeout(read=0.3))
        with pytest.raises(DeadlineError):
            await api.download(GET, tmp_path / "mine.bin", timeout=Timeout(total=0.1, read=0.3))
        with pytest.raises(ServerError, match="lost"):
            await api.download(GET, tmp_path / "mine.bin")
        assert api.statistics().inside == 0
        await api.aclose()
    assert there(tmp_path) == {}


@pytest.mark.real_time
@each_engine
async def test_who_gives_up_leaves_nothing(engine: str, tmp_path: Path) -> None:
    """Invariant 1.3, Invariant 12.4."""

    def talk(line: Line) -> None:
        line.head()
        line.say("HTTP/1.1 200 OK\nContent-Length: 10000000", b"1" * 1_000_000)
        line.head()

    with wire_server(talk) as server:
        api = real(server.origin, engine, timeout=Timeout(read=1))
        with move_on_after(0.3) as scope:
            await api.download(GET, tmp_path / "mine.bin")
        assert scope.cancelled_caught
        assert api.statistics().inside == 0
        await api.aclose()
    assert there(tmp_path) == {}


# Cancelled at every step.


class Desk:
    """A client, a server that fails once, and a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source.bin"
        self.source.write_bytes(BODY)
        tagged = (("ETag", '"one"'), ("Content-Length", str(len(BODY))))
        self.server = ScriptedServer(
            Scripted(502, after=0.1), Scripted(body=BODY, headers=tagged, after=0.1)
        )
        self.api = client(self.server)

    async def stream(self) -> None:
        async with self.api.open(GET) as answer:
            assert sum([len(piece) async for piece in answer]) == len(BODY)

    async def lines(self) -> None:
        async with self.api.open(GET) as answer:
            async for _ in answer.lines(encoding="latin-1"):
                break

    async def fetch(self) -> None:
        await self.api.download(GET, self.folder / "mine.bin", digest=SHA)

    async def send(self) -> None:
        assert await self.api.send(PUT.operation(body=upload(self.source))) == BODY

    async def is_clean(self) -> None:
        """There is no slot, and no half of a file."""
        assert self.api.statistics().inside == 0
        left = there(self.folder)
        assert left.pop("source.bin") == BODY
        assert left in ({}, {"mine.bin": BODY})
        for path in self.folder.iterdir():
            path.unlink()
        for request in self.server.requests:
            assert isinstance(request, Request)
            assert request.body in (b"", BODY)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("scenario", [Desk.stream, Desk.lines, Desk.fetch, Desk.send])
def test_transfers_stand_being_cancelled_at_every_step(
    runtime: Runtime, scenario: Callable[[Desk], Any], tmp_path: Path
) -> None:
    """Invariant 0.1, Invariant 12.4, Rule 14.1, Rule 14.6."""
    steps = every_step(scenario, given=lambda: Desk(tmp_path), check=Desk.is_clean, runtime=runtime)
    assert steps >= 4
