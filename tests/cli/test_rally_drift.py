"""`twofold rally drift`: over a server of our own whose answers are changed, on a real socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

import pytest
from cli.commands import Inside, one_line
from drifting import KEY, Change, Drifting, emulator, put
from wire_server import Line, field, wire_server

from twofold.core.request import Origin, Request

pytestmark = pytest.mark.real_time

Serve: TypeAlias = Callable[[str, Change], AbstractContextManager[Inside]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Serve:
    """Return what runs the command on a server that changes objects of a type."""

    @contextmanager
    def serving(type: str, change: Change) -> Generator[Inside]:
        server = Drifting(type, change, emulator())
        with wire_server(lambda line: talk(server, line)) as wire:
            ready = {"url": str(wire.origin), "api_key": KEY}
            yield Inside(ready, monkeypatch, capfdbinary)

    return serving


def talk(server: Drifting, line: Line) -> None:
    while head := line.head():
        method, target, _ = head.partition("\r\n")[0].split()
        names = ("zsessionid", "accept", "content-type")
        headers = tuple((name, value) for name in names if (value := field(head, name)))
        body = line.body(int(field(head, "content-length") or 0))
        request = Request(method, Origin("http", "127.0.0.1", 80), target, headers, body)
        answer = server.answer(request, time.monotonic())
        line.say(f"HTTP/1.1 {answer.status} -\nContent-Length: {len(answer.body)}", answer.body)


def test_a_server_that_is_known_has_no_drift(serve: Serve) -> None:
    with serve("", put()) as rally:
        assert rally.rows("drift", "--strict") == []
        assert rally("drift", "--format=csv").stdout == "model,key,kind,times,operation,path\n"


def test_drift_is_listed_and_with_strict_it_is_a_failure(serve: Serve) -> None:
    with serve("Defect", put(Mood="secret\x1b[31m")) as rally:
        found = rally.rows("drift", "--type=defect", "--type=task")
        assert rally.rows("drift", "--strict", code=1)
        shown = rally("drift", "--type=defect")
    (row,) = found
    assert (row["model"], row["key"], row["kind"]) == ("Defect", "Mood", "unknown key")
    assert (row["operation"], row["path"]) == ("rally.query", "Results[0].Mood")
    assert row["times"] > 1
    assert "secret" not in shown.stdout
    assert "Results[0].Mood" in shown.stdout


def test_no_more_is_read_of_a_type_than_asked_for(serve: Serve) -> None:
    with serve("Task", put(Mood=1)) as rally:
        (row,) = rally.rows("drift", "--type=task", "--size=2")
    assert row["times"] == 4  # and of one of them, found and read by itself


def test_a_type_that_this_workspace_has_not_is_left_out(serve: Serve) -> None:
    with serve("Task", put(Mood=1)) as rally:
        told = rally("drift", "--type=portfolioitem/castle", "--type=task", "--format=json")
    assert told.returncode == 0
    assert told.stderr.startswith("portfolioitem/castle left out: ")
    assert "Mood" in told.stdout


def test_a_key_that_is_refused_ends_it(serve: Serve) -> None:
    with serve("", put()) as rally:
        rally.variables["RALLY_APIKEY"] = "_wrong"
        one_line(rally("drift"), 1)
