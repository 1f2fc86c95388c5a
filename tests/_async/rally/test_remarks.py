# SPDX-License-Identifier: MIT
"""A server that repeats in its warnings whatever it was told: nobody is shown a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from guarded import KEY, PASSWORD, USER, Guarded
from searched import found, in_files, shown

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.policy.limits import Limits
from twofold.core.request import Request
from twofold.emulators.exchange import Answer
from twofold.errors import RequestError
from twofold.rally.bulk_record import BulkRecord
from twofold.rally.freshness import DataState

LOGINS = {"key": {"api_key": KEY}, "password": {"username": USER, "password": PASSWORD}}
STORIES = ["US1", "US2", "US3"]


def repeated(request: Request, answer: Answer) -> Answer:
    """Warn of all that was sent, in the answer and in each entry of a batch."""
    if b'"SecurityToken"' in answer.body:
        return answer
    body = json.loads(answer.body)
    (content,) = body.values()
    told = f"you sent {dict(request.headers)} to {request.target}, {PASSWORD} and {KEY}"
    each = content["Results"] if "BatchResult" in body else []
    for one in (content, *each):
        one["Warnings"] = [told]
    return Answer(answer.status, answer.headers, json.dumps(body).encode(), answer.after)


def client(server: Guarded, login: str, kind: Callable[..., Any], **options: Any) -> Any:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
    }
    return kind(**{**given, **LOGINS[login], **options})


def told(server: Guarded, login: str) -> set[str]:
    """What nobody must be shown: with a password, what the session was opened with too."""
    return server.secrets() - {KEY} if login == "password" else {KEY}


@pytest.mark.parametrize("login", LOGINS)
async def test_warnings_are_kept_and_hold_no_secret(login: str, tmp_path: Path) -> None:
    server = Guarded(tickets=28)
    server.change = repeated
    async with client(server, login, AsyncRallyClient) as rally:
        record = BulkRecord(tmp_path / "record.jsonl")
        said = [
            (await rally.get_tickets("story")).warnings,
            (await rally.get_ticket("US1")).warnings,
            (await rally.update_points("US1", 5)).warnings,
            (await rally.add_comment("US1", "text")).warnings,
        ]
        for batch in (False, True):
            result = await rally.bulk_update_points(STORIES, 3, batch=batch)
            said += [ticket.warnings for ticket in result.updated_tickets]
        await rally.bulk_update_points(STORIES, 4, record=record)
    assert [len(warnings) for warnings in said] == [1] * len(said)
    assert found(told(server, login), [repr(said), repr(record.items), *in_files(tmp_path)]) == []
    assert all("you sent" in warnings[0] for warnings in said)


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("batch", [False, True])
async def test_warnings_that_are_errors_hold_no_secret(
    login: str, batch: bool, tmp_path: Path
) -> None:
    server = Guarded(tickets=28)
    errors: list[Exception] = []
    async with client(server, login, AsyncRallyClient, strict="warnings") as rally:
        story = await rally.get_ticket("US1")
        server.change = repeated
        calls: list[Callable[[], Any]] = [
            lambda: rally.get_tickets("story"),
            lambda: rally.iter_tickets("story").all(),
            lambda: rally.update_points(story, 5),
            lambda: rally.create_ticket("story", "new"),
        ]
        for call in calls:
            with pytest.raises(RequestError, match="you sent") as caught:
                await call()
            errors.append(caught.value)
        record = BulkRecord(tmp_path / "record.jsonl")
        stories = [story.ref]
        server.change = lambda request, answer: (
            answer if request.method == "GET" else repeated(request, answer)
        )
        result = await rally.bulk_update_points(stories, 3, batch=batch, record=record)
        errors += result.errors
    assert len(errors) == 5
    texts = [text for error in errors for text in shown(error)]
    assert found(told(server, login), [*texts, repr(record.items), *in_files(tmp_path)]) == []


@pytest.mark.parametrize("login", LOGINS)
async def test_results_that_are_kept_hold_no_secret(login: str, tmp_path: Path) -> None:
    server = Guarded(tickets=28)
    server.change = repeated
    file = tmp_path / "cache.db"
    async with client(server, login, AsyncCachingRallyClient, cache_file=file) as rally:
        said = [
            (await rally.get_tickets("story")).warnings,
            (await rally.get_tickets("story")).warnings,
            (await rally.get_ticket("US1")).warnings,
            (await rally.get_ticket("US1")).warnings,
        ]
        assert rally.freshness.state is DataState.CACHED
    assert found(told(server, login), [repr(said), *in_files(tmp_path)]) == []
    assert [len(warnings) for warnings in said] == [1] * 4
