# SPDX-License-Identifier: MIT
"""No key, password, token or cookie in whatever is written, shown, or sent to anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _async.rally.scenario import Day, play
from guarded import KEY, PASSWORD, USER, Guarded, moved
from minutes import Minutes
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from searched import Stranger, everything_logged, found, in_files, shown

from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold.core.policy.limits import Limits
from twofold.core.request import Request
from twofold.emulators.aside import served_aside
from twofold.emulators.exchange import Answer
from twofold.errors import TwofoldError
from twofold.events import Event, Redirected
from twofold.monitoring.logs import LoggingListener
from twofold.monitoring.otel import OpenTelemetryListener, traced

LOGINS = {"key": {"api_key": KEY}, "password": {"username": USER, "password": PASSWORD}}


class Diary(Minutes):
    """Minutes that keep the errors too, as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.values: list[object] = []

    def note(self, value: object) -> None:
        super().note(value)
        self.values.append(value)

    @property
    def errors(self) -> list[TwofoldError]:
        return [each for each in self.values if isinstance(each, TwofoldError)]


class World:
    """A server, a stranger to whom it leads, and a client that tells everybody what it does."""

    def __init__(self, login: str, engine: Any, url: str, folder: Path) -> None:
        self.events: list[Event] = []
        self.spans = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.spans))
        options: dict[str, Any] = {"transport": engine, "limits": Limits(), **LOGINS[login]}
        self.rally = AsyncCachingRallyClient(
            server=url,
            cache_file=folder / "cache.db",
            listener=self.events.append,
            prepare=traced,
            **options,
        )
        for each in (LoggingListener(), OpenTelemetryListener(tracer_provider=provider), fails):
            self.rally.listeners.add(each)
        self.diary = Diary()
        self.folder = folder

    def names(self) -> Iterator[str]:
        """All that a program could print of the client and of what it is made of."""
        line = self.rally._line
        yield from (repr(self.rally), repr(vars(self.rally)), repr(self.rally._session))
        yield from (repr(line), repr(line.credentials), line.credentials.account)
        yield from (repr(line.credentials.issuer), repr(line.member), repr(line.limits))

    def texts(self) -> Iterator[str]:
        yield from self.diary.lines
        yield from (text for error in self.diary.errors for text in shown(error))
        yield from (each for event in self.events for each in (repr(event), str(event)))
        yield from (str(span.to_json()) for span in self.spans.get_finished_spans())
        yield from self.names()
        yield from in_files(self.folder)


def fails(event: Event) -> None:
    """Listen, and fail: what a listener was told is logged then."""
    assert not isinstance(event, Redirected), f"a listener of {event!r}"


async def stray(world: World, server: Guarded, url: str) -> None:
    """Be led elsewhere, and hear the server repeat whatever it was told."""
    rally, note = world.rally, world.diary.note
    day = Day(world.diary.watched(rally), world.diary, world.folder)
    story = await rally.get_ticket("US1")
    note(await rally.download_embedded_image(f"{url}/a.png", world.folder, elsewhere=True))
    for status in (302, 307):
        server.change = leading(status, f"{url}/slm/webservice/v2.0/moved?x=1")
        note(await rally.download_embedded_image("/slm/attachment/1/a.png", world.folder))
        await day.fails(lambda: rally.iter("tag").all())
        await day.fails(lambda: rally.update_points(story, 5, retry=None))
        await day.fails(lambda: rally.add_comment(story, "text"))
    server.change = repeated
    await day.fails(lambda: rally.iter("tag").all())
    await day.fails(lambda: rally.update_points(story, 5, retry=None))
    await day.fails(lambda: rally.bulk_update_points(["US1", "US2"], 5, batch=True, retry=None))
    await day.fails(lambda: rally.upload_attachment(story, b"text", name="a.txt", retry=None))
    server.change = lambda _, answer: answer


def leading(status: int, place: str) -> Any:
    return lambda *_: moved(status, place)


def repeated(request: Request, answer: Answer) -> Answer:
    said = f"<h1>{request.target}</h1> {dict(request.headers)} {answer.body!r}"
    return Answer(500, (("Content-Type", "text/html"), *answer.headers[:1]), said.encode())


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("login", "engine"), [("key", "httpx"), ("password", "httpx"), ("password", "direct")]
)
async def test_no_secret_is_written_shown_or_sent_elsewhere(
    login: str, engine: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Invariant 10.4"""
    server, stranger = Guarded(tickets=28), Stranger()
    with (
        everything_logged() as written,
        served_aside(server) as home,
        served_aside(stranger) as url,
    ):
        world = World(login, engine, home, tmp_path)
        async with world.rally:
            await stray(world, server, url)
        await play(world.rally, world.diary, tmp_path)
    secrets = server.secrets() if login == "password" else {KEY}
    assert found(secrets, world.texts()) == []
    assert found(secrets, written.texts) == []
    assert found(secrets, stranger.heard()) == []
    assert found(secrets, capfd.readouterr()) == []
    assert len(secrets) > 3 or login == "key"
    assert all(source for source in (world.events, world.diary.errors, world.names()))
    assert {"twofold", "twofold.events", *loggers(engine)} <= written.names
    assert len(stranger.requests) >= 3
    assert world.spans.get_finished_spans()
    assert {"cache.db", "record.jsonl", "sent.txt"} <= {each.name for each in tmp_path.iterdir()}


def loggers(engine: str) -> set[str]:
    return {"httpcore.http11", "httpcore.connection"} if engine == "httpx" else set()


def test_what_is_looked_for_would_be_found(tmp_path: Path) -> None:
    """The search itself is tried: each place, and each form."""
    (tmp_path / "log").write_text(f"key={KEY}")
    said = [PASSWORD, "s%3Acret-that-nobody-may-see", "czpjcmV0LXRoYXQtbm9ib2R5LW1heS1zZWU"]
    assert len(found([PASSWORD], said)) >= 3
    assert found([KEY], in_files(tmp_path))
