"""Decoding a page of a thousand issues: our two ways beside pydantic and plain cattrs.

The issue is the one in GitHub's documentation, which has far more fields than a model of it.
Pydantic drops these unless told otherwise; we learn from the first page which ones to keep.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import GenericAlias
from typing import Any, get_type_hints

import attrs
import cattrs
import msgspec
import pydantic

from twofold.core.columns import Column
from twofold.core.reader import Reader

from .measuring import Row, interleaved, medians

HOW_MANY = 1_000

API, SITE = "https://api.github.com", "https://github.com"
REPOSITORY = f"{API}/repos/octocat/Hello-World"
PERSON = {
    "login": "octocat",
    "id": 1,
    "node_id": "MDQ6VXNlcjE=",
    "avatar_url": f"{SITE}/images/error/octocat_happy.gif",
    "gravatar_id": "",
    "url": f"{API}/users/octocat",
    "html_url": f"{SITE}/octocat",
    "followers_url": f"{API}/users/octocat/followers",
    "following_url": f"{API}/users/octocat/following{{/other_user}}",
    "gists_url": f"{API}/users/octocat/gists{{/gist_id}}",
    "starred_url": f"{API}/users/octocat/starred{{/owner}}{{/repo}}",
    "subscriptions_url": f"{API}/users/octocat/subscriptions",
    "organizations_url": f"{API}/users/octocat/orgs",
    "repos_url": f"{API}/users/octocat/repos",
    "events_url": f"{API}/users/octocat/events{{/privacy}}",
    "received_events_url": f"{API}/users/octocat/received_events",
    "type": "User",
    "site_admin": False,
}
LABEL = {
    "id": 208_045_946,
    "node_id": "MDU6TGFiZWwyMDgwNDU5NDY=",
    "url": f"{REPOSITORY}/labels/bug",
    "name": "bug",
    "description": "Something isn't working",
    "color": "f29513",
    "default": True,
}
ISSUE = {
    "id": 1,
    "node_id": "MDU6SXNzdWUx",
    "url": f"{REPOSITORY}/issues/1347",
    "repository_url": REPOSITORY,
    "labels_url": f"{REPOSITORY}/issues/1347/labels{{/name}}",
    "comments_url": f"{REPOSITORY}/issues/1347/comments",
    "events_url": f"{REPOSITORY}/issues/1347/events",
    "html_url": f"{SITE}/octocat/Hello-World/issues/1347",
    "number": 1347,
    "state": "open",
    "title": "Found a bug",
    "body": "I'm having a problem with this. " * 6,
    "user": PERSON,
    "labels": [LABEL],
    "assignee": PERSON,
    "assignees": [PERSON],
    "milestone": None,
    "locked": True,
    "active_lock_reason": "too heated",
    "comments": 0,
    "pull_request": {
        "url": f"{REPOSITORY}/pulls/1347",
        "html_url": f"{SITE}/octocat/Hello-World/pull/1347",
        "diff_url": f"{SITE}/octocat/Hello-World/pull/1347.diff",
        "patch_url": f"{SITE}/octocat/Hello-World/pull/1347.patch",
    },
    "closed_at": None,
    "created_at": "2011-04-22T13:33:48Z",
    "updated_at": "2011-04-22T13:33:48Z",
    "author_association": "COLLABORATOR",
}
PAGE = json.dumps([{**ISSUE, "id": number} for number in range(HOW_MANY)]).encode()


@attrs.frozen
class Person:
    login: str
    id: int
    type: str


@attrs.frozen
class Label:
    id: int
    name: str
    color: str
    description: str | None = None


@attrs.frozen
class Issue:
    id: int
    number: int
    title: str
    state: str
    user: Person
    created_at: datetime
    updated_at: datetime
    html_url: str
    labels: tuple[Label, ...] = ()
    assignees: tuple[Person, ...] = ()
    body: str | None = None
    locked: bool = False
    comments: int = 0
    closed_at: datetime | None = None


@attrs.frozen
class KeptIssue(Issue):
    """The same with its unknown fields, as models that are written back have them."""

    extra: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


class PersonOfPydantic(pydantic.BaseModel):
    login: str
    id: int
    type: str


class LabelOfPydantic(pydantic.BaseModel):
    id: int
    name: str
    color: str
    description: str | None = None


class IssueOfPydantic(pydantic.BaseModel):
    id: int
    number: int
    title: str
    state: str
    user: PersonOfPydantic
    created_at: datetime
    updated_at: datetime
    html_url: str
    labels: tuple[LabelOfPydantic, ...] = ()
    assignees: tuple[PersonOfPydantic, ...] = ()
    body: str | None = None
    locked: bool = False
    comments: int = 0
    closed_at: datetime | None = None


class KeptOfPydantic(IssueOfPydantic):
    model_config = pydantic.ConfigDict(extra="allow")


STRAIGHT = msgspec.json.Decoder(list[Issue])
CONVERTER = cattrs.Converter()
CONVERTER.register_structure_hook(datetime, lambda sent, _: datetime.fromisoformat(sent))

COLUMNS = [
    Column(
        field.name,
        get_type_hints(Issue)[field.name],
        msgspec.NODEFAULT if field.default is attrs.NOTHING else field.default,
        field=field.name,
    )
    for field in attrs.fields(Issue)
]


KEEPING = Reader(
    KeptIssue, COLUMNS, around=lambda row: GenericAlias(list, (row,)), rows=lambda page: page
)

WAYS: dict[str, Callable[[], object]] = {
    "straight": partial(STRAIGHT.decode, PAGE),
    "keeping extras": partial(KEEPING.read, PAGE),
    "pydantic": partial(pydantic.TypeAdapter(list[IssueOfPydantic]).validate_json, PAGE),
    "pydantic keeping extras": partial(
        pydantic.TypeAdapter(list[KeptOfPydantic]).validate_json, PAGE
    ),
    "plain cattrs": lambda: CONVERTER.structure(json.loads(PAGE), list[Issue]),
}


def rows(rounds: int) -> list[Row]:
    contenders = {name: partial(worked, way) for name, way in WAYS.items()}
    taken = medians(interleaved(contenders, 4 * rounds + 1))
    theirs = taken["pydantic"]
    figures = [
        Row(f"decode {HOW_MANY:,} issues: {name}", f"{seconds * 1e3:.2f} ms")
        for name, seconds in taken.items()
    ]
    return [
        *figures,
        at_most_of("straight", taken["straight"] / theirs, 0.5),
        at_most_of("keeping extras", taken["keeping extras"] / theirs, 1.0),
    ]


def worked(call: Callable[[], object]) -> float:
    """Return the seconds of CPU that a call takes; it waits for nothing."""
    began = time.process_time()
    call()
    return time.process_time() - began


def at_most_of(name: str, ratio: float, most: float) -> Row:
    what = f"decode {HOW_MANY:,} issues: {name} beside pydantic"
    return Row(what, f"{ratio:.2f}x", f"at most {most:g}x", ratio <= most)
