# SPDX-License-Identifier: MIT
"""Images that a description shows: the credentials go to the exact origin, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from _async.rally.filing import HOME, LOGINS, PNG, ROOT, client, shown
from guarded import Guarded, field, moved

from twofold.core.request import Request
from twofold.emulators.exchange import Answer
from twofold.errors import (
    ArgumentError,
    CredentialsError,
    NotFoundError,
    ServerError,
)
from twofold.rally.images import images_in


@pytest.mark.parametrize("login", LOGINS)
async def test_an_image_in_a_description_is_fetched_with_the_credentials(
    login: str, tmp_path: Path
) -> None:
    server = Guarded()
    async with client(server, login) as rally:
        made = await rally.upload_attachment("US1", PNG, name="my shot.png")
        sources = (
            shown(made),
            f"http://rally.example{shown(made)}",
            f"//RALLY.example:80{shown(made)}",
        )
        html = "".join(f'<p><img src="{source}" alt="x"></p>' for source in sources)
        story = await rally.update_ticket("US1", {"description": html})
        assert images_in(story.description or "") == sources
        paths = [await rally.download_embedded_image(source, tmp_path) for source in sources]
    assert [path.name for path in paths] == ["my shot.png", "my shot (1).png", "my shot (2).png"]
    assert {path.read_bytes() for path in paths} == {PNG}


ELSEWHERE = [
    "https://rally.example/slm/attachment/1/a.png",
    "http://rally.example:8080/slm/attachment/1/a.png",
    "http://rally.example.evil.example/slm/attachment/1/a.png",
    "//images.example/a.png",
    "http://images.example/a b.png?x=1&y=ü#part",
]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("source", ELSEWHERE)
async def test_an_image_of_another_origin_is_fetched_only_if_told_and_without_credentials(
    login: str, source: str, tmp_path: Path
) -> None:
    server, before = Guarded(), 0
    async with client(server, login) as rally:
        await rally.upload_attachment("US1", b"x", name="x")  # there are cookies and a token
        before = len(server.requests)
        server.change = lambda _, __: Answer(200, (("Content-Type", "image/png"),), PNG)
        with pytest.raises(ArgumentError, match="elsewhere=True"):
            await rally.download_embedded_image(source, tmp_path)
        assert len(server.requests) == before
        path = await rally.download_embedded_image(source, tmp_path, elsewhere=True)
    (sent,) = server.requests[before:]
    assert path.read_bytes() == PNG
    assert sent.origin != HOME
    assert {name.lower() for name, _ in sent.headers} <= {"user-agent", "accept-encoding"}
    assert not any(secret in repr_of(sent) for secret in server.secrets())


def repr_of(request: Request) -> str:
    """All that goes on the wire, secrets included."""
    return f"{request.url} {request.headers!r} {request.body!r}"


@pytest.mark.parametrize("login", LOGINS)
async def test_a_redirect_to_another_origin_takes_no_credentials_along(
    login: str, tmp_path: Path
) -> None:
    server = Guarded()

    def change(request: Request, answer: Answer) -> Answer:
        if request.origin != HOME:
            return Answer(200, (("Content-Type", "image/png"),), PNG)
        is_file = request.target.startswith("/slm/attachment/")
        return moved(302, "http://files.example/a.png") if is_file else answer

    async with client(server, login) as rally:
        made = await rally.upload_attachment("US1", PNG, name="shot.png")
        server.change = change
        paths = [
            await rally.download_embedded_image(shown(made), tmp_path),
            await rally.download_attachment(made, tmp_path),
        ]
    abroad = [request for request in server.requests if request.origin != HOME]
    assert [path.read_bytes() for path in paths] == [PNG, PNG]
    assert len(abroad) == 2
    for request in abroad:
        assert not any(secret in repr_of(request) for secret in server.secrets())
        assert field(request, "cookie") is None


async def test_a_stranger_cannot_send_a_request_back_with_the_key(tmp_path: Path) -> None:
    server = Guarded()
    server.change = lambda request, answer: (
        answer if request.origin == HOME else moved(302, f"{HOME}{ROOT}/user")
    )
    async with client(server) as rally:
        with pytest.raises(CredentialsError):
            await rally.download_embedded_image("http://a.example/a.png", tmp_path, elsewhere=True)
    assert [field(request, "zsessionid") for request in server.requests] == [None, None]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "source",
    [
        "",
        " ",
        "data:image/png;base64,AAAA",
        "ftp://a/b.png",
        "https://",
        "http://ann:secret@rally.example/a.png",
        "javascript:alert(1)",
        "http://bücher.example/a.png",
        7,
    ],
)
async def test_what_is_no_address_of_an_image_is_refused(source: Any, tmp_path: Path) -> None:
    server = Guarded()
    async with client(server) as rally:
        with pytest.raises(ArgumentError) as caught:
            await rally.download_embedded_image(source, tmp_path, elsewhere=True)
    assert "secret" not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize("kind", ["text/html", "application/json", "", "image", "imagery/png"])
async def test_what_is_no_image_leaves_nothing(kind: str, tmp_path: Path) -> None:
    server = Guarded()
    server.change = lambda _, __: Answer(200, (("Content-Type", kind),), b"<html>")
    async with client(server) as rally:
        with pytest.raises(ServerError, match="not an image"):
            await rally.download_embedded_image("/slm/attachment/1/a.png", tmp_path)
    assert len(server.requests) == 1
    assert list(tmp_path.iterdir()) == []


async def test_an_image_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    async with client(Guarded()) as rally:
        with pytest.raises(NotFoundError):
            await rally.download_embedded_image("/slm/attachment/1/a.png", tmp_path)
    assert list(tmp_path.iterdir()) == []
