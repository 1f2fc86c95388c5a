# SPDX-License-Identifier: MIT
"""What attachments hold, against the emulator: both ways, both log-ins, whatever the name."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import attrs
import pytest
from _async.rally.filing import (
    ATTACH,
    CONTENT,
    LOGINS,
    PNG,
    REFUSED,
    attached,
    client,
    contents,
    fault,
    shown,
)
from guarded import KEY, Guarded
from wire_server import Line, wire_server

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time, move_on_after
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.request import Request
from twofold.emulators.exchange import Answer
from twofold.errors import (
    ArgumentError,
    ConflictError,
    CredentialsError,
    DeadlineError,
    Effect,
    NotFoundError,
    OfflineError,
    OutcomeUnknownError,
    RequestError,
    ServerError,
)
from twofold.rally.models import Reference
from twofold.rally.records import Attachment


@pytest.mark.parametrize("login", LOGINS)
async def test_what_is_uploaded_is_what_is_downloaded(login: str, tmp_path: Path) -> None:
    server = Guarded()
    async with client(server, login) as rally:
        made = await rally.upload_attachment(
            "US1", PNG, name="shot.png", description="as seen on Monday"
        )
        (listed,) = await rally.get_attachments("US1")
        path = await rally.download_attachment(listed, tmp_path)
        held = await rally.read_attachment(made)
    assert listed == made
    assert (made.name, made.content_type, made.size) == ("shot.png", "image/png", len(PNG))
    assert made.description == "as seen on Monday"
    assert path == tmp_path / "shot.png"
    assert path.read_bytes() == held == PNG
    assert [each.name for each in tmp_path.iterdir()] == ["shot.png"]


NAMES = [
    ("with blanks.txt", "with blanks.txt"),
    ("100%25 #1 & more?.txt", "100%25 #1 & more_.txt"),
    ("Übersicht 图 \U0001f600.txt", "Übersicht 图 \U0001f600.txt"),
    ("a/b\\c.txt", "a_b_c.txt"),
    ("../../etc/passwd", "_.._etc_passwd"),
    (".hidden", "hidden"),
    (".", "download"),
    ("..", "download"),
    ("...", "download"),
    ("NUL", "_NUL"),
    ('say "hi";.txt', "say _hi_;.txt"),
]


@pytest.mark.parametrize(("name", "file"), NAMES)
async def test_any_name_is_kept_there_and_harmless_here(
    name: str, file: str, tmp_path: Path
) -> None:
    folder = tmp_path / "within"
    folder.mkdir()
    async with client(Guarded()) as rally:
        made = await rally.upload_attachment("US1", b"text", name=name)
        assert made.name == name
        path = await rally.download_attachment(made, folder)
        assert await rally.read_attachment(made) == b"text"
    assert path == folder / file
    assert path.read_bytes() == b"text"
    assert list(tmp_path.rglob("*")) == [folder, path]


async def test_names_are_not_unique_and_nothing_is_replaced_in_a_folder(tmp_path: Path) -> None:
    async with client(Guarded()) as rally:
        for text in (b"one", b"two!", b"three"):
            await rally.upload_attachment("US1", text, name="log.txt")
        there = await rally.get_attachments("US1")
        paths = [await rally.download_attachment(each, tmp_path) for each in there]
        assert [path.read_bytes() for path in paths] == [b"one", b"two!", b"three"]
        assert [path.name for path in paths] == ["log.txt", "log (1).txt", "log (2).txt"]
        target = await rally.download_attachment(there[2], tmp_path / "log.txt")
    assert target.read_bytes() == b"three"
    assert len(list(tmp_path.iterdir())) == 3


async def test_without_a_target_it_is_the_folder_that_was_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with client(Guarded()) as rally:
        made = await rally.upload_attachment("US1", b"text", name="a.txt")
        assert await rally.download_attachment(made) == tmp_path / "a.txt"


async def test_a_file_is_known_by_its_path_or_as_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "notes.pdf").write_bytes(b"%PDF" * 100_001)
    told: list[int] = []
    async with client(Guarded()) as rally:
        one = await rally.upload_attachment("US1", tmp_path / "notes.pdf")
        two = await rally.upload_attachment(
            "US1", str(tmp_path / "notes.pdf"), progress=lambda now: told.append(now.done)
        )
        with (tmp_path / "notes.pdf").open("rb") as file:
            file.seek(4)
            three = await rally.upload_attachment("US1", file, content_type="text/x-part")
        four = await rally.upload_attachment("US1", io.BytesIO(b"12"), name="two bytes")
        five = await rally.upload_attachment("US1", iter([b"1", b"23"]), name="3.txt")
        assert await rally.read_attachment(one) == b"%PDF" * 100_001
        assert await rally.read_attachment(three) == b"%PDF" * 100_000
        assert await rally.read_attachment(five) == b"123"
    assert [each.name for each in (one, two, three)] == ["notes.pdf"] * 3
    assert [each.size for each in (one, two, three, four, five)] == [
        400_004,
        400_004,
        400_000,
        2,
        3,
    ]
    kinds = [each.content_type for each in (one, three, four, five)]
    assert kinds == ["application/pdf", "text/x-part", "application/octet-stream", "text/plain"]
    assert told[0] == 0
    assert told[-1] > 400_004 * 4 // 3


async def test_a_test_case_result_has_attachments_too() -> None:
    server = Guarded()
    async with client(server) as rally:
        result = await rally.iter("testcaseresult", page_size=1).first()
        assert result is not None
        made = await rally.upload_attachment(result, b"log", name="run.log")
        await rally.upload_attachment(result.ref, b"more", name="more.log")
        found = await rally.get(made.ref, fetch=["TestCaseResult", "Artifact"])
        assert await rally.read_attachment(made) == b"log"
    assert found["TestCaseResult"]["_ref"].endswith(result.ref)
    assert found["Artifact"] is None


async def test_a_deleted_attachment_is_gone_and_so_are_its_bytes() -> None:
    server = Guarded(faults=[fault({"method": "DELETE"}, nth=1, fault="cut_after")])
    async with client(server) as rally:
        made = await rally.upload_attachment("US1", b"text", name="a.txt")
        await rally.delete_attachment(made)
        assert not await rally.get_attachments("US1")
        with pytest.raises(NotFoundError):
            await rally.read_attachment(made)
        with pytest.raises(NotFoundError):
            await rally.delete_attachment(made.ref)
    assert list(contents(server).values()) == [False]


async def test_an_attachment_may_be_given_by_its_ref(tmp_path: Path) -> None:
    async with client(Guarded()) as rally:
        made = await rally.upload_attachment("US1", b"text", name="a.txt")
        for given in (made.ref, Reference(ref=made.ref)):
            assert await rally.read_attachment(given) == b"text"
            path = await rally.download_attachment(given, tmp_path)
            assert path.read_bytes() == b"text"
        assert {each.name for each in tmp_path.iterdir()} == {"a.txt", "a (1).txt"}
        with pytest.raises(NotFoundError):
            await rally.read_attachment("/attachment/4711")


class Large:
    """A file of that many bytes, none of which is there."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, most: int) -> bytes:
        size = min(most, self.left)
        self.left -= size
        return bytes(size)

    def seekable(self) -> bool:
        return False


LARGEST = 50 * 2**20


async def test_more_than_50_mb_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    server = Guarded()
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    large: list[Any] = [path, bytes(LARGEST + 1), Large(LARGEST * 2)]
    async with client(server) as rally:
        for content in large:
            with pytest.raises(ArgumentError, match="50 MB"):
                await rally.upload_attachment("US1", content, name="large.bin")
    assert server.requests == []


async def test_50_mb_are_taken(tmp_path: Path) -> None:
    server = Guarded()
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(LARGEST)
    async with client(server) as rally:
        made = await rally.upload_attachment("US1", path)
        assert made.size == LARGEST


@pytest.mark.parametrize(
    "given",
    [
        {"content": b"text"},
        {"content": b"text", "name": ""},
        {"content": b"text", "name": "half \ud800"},
        {"content": b"text", "name": "a", "content_type": "text"},
        {"content": b"text", "name": "a", "content_type": "text/plain\r\nX: y"},
        {"content": 7, "name": "a"},
        {"content": io.StringIO("text"), "name": "a"},
        {"content": b"text", "name": "a", "ticket": "hello"},
        {"content": b"text", "name": "a", "ticket": "/user/12"},
    ],
)
async def test_what_cannot_be_attached_is_refused_before_anything_is_sent(
    given: dict[str, Any],
) -> None:
    server = Guarded()
    ticket, others = given.get("ticket", "US1"), {**given}
    others.pop("ticket", None)
    async with client(server) as rally:
        with pytest.raises(ArgumentError):
            await rally.upload_attachment(ticket, **others)
        for wrong in ("US1", "/defect/12", None):
            with pytest.raises(ArgumentError):
                await rally.delete_attachment(wrong)  # type: ignore[arg-type]  # callers may not check types
            with pytest.raises(ArgumentError):
                await rally.read_attachment(wrong)  # type: ignore[arg-type]  # the same
    assert server.requests == []


async def test_a_path_that_is_no_file_is_the_systems_error(tmp_path: Path) -> None:
    server = Guarded()
    async with client(server) as rally:
        with pytest.raises(FileNotFoundError):
            await rally.upload_attachment("US1", tmp_path / "none")
        with pytest.raises(ArgumentError, match="not a file"):
            await rally.upload_attachment("US1", tmp_path)
    assert server.requests == []


# What goes wrong on the way.


async def test_if_the_second_step_is_refused_the_bytes_are_removed() -> None:
    server = Guarded(faults=[fault(ATTACH, **REFUSED)])
    async with client(server) as rally:
        with pytest.raises(RequestError, match="no such extension") as caught:
            await rally.upload_attachment("US1", b"text", name="a.exe")
    assert list(contents(server).values()) == [False]
    assert attached(server, "a.exe") == []
    assert not getattr(caught.value, "__notes__", [])


async def test_a_conflict_with_another_attachment_is_repeated() -> None:
    server = Guarded(faults=[fault(ATTACH, nth=1, fault="conflict")])
    async with client(server) as rally:
        await rally.upload_attachment("US1", b"text", name="a.txt")
    assert list(contents(server).values()) == [True]
    assert attached(server, "a.txt") == list(contents(server))


async def test_a_conflict_that_lasts_leaves_no_bytes() -> None:
    server = Guarded(faults=[fault(ATTACH, fault="conflict")])
    async with client(server) as rally:
        with pytest.raises(ConflictError):
            await rally.upload_attachment("US1", b"text", name="a.txt")
    assert list(contents(server).values()) == [False]


async def test_bytes_that_cannot_be_removed_are_told_of() -> None:
    removal = fault({"method": "DELETE"}, fault="status", status=500)
    server = Guarded(faults=[fault(ATTACH, **REFUSED), removal])
    async with client(server) as rally:
        with pytest.raises(RequestError, match="no such extension") as caught:
            await rally.upload_attachment("US1", b"text", name="a.exe")
    ((oid, is_there),) = contents(server).items()
    assert is_there
    assert f"may still be at /attachmentcontent/{oid}" in caught.value.__notes__[0]


@pytest.mark.parametrize("effect", ["cut_before", "cut_after"])
async def test_if_the_last_answer_is_lost_nobody_knows_and_nothing_is_removed(effect: str) -> None:
    server = Guarded(faults=[fault(ATTACH, fault=effect)])
    async with client(server) as rally:
        with pytest.raises(OutcomeUnknownError) as caught:
            await rally.upload_attachment("US1", b"text", name="a.txt")
        there = await rally.get_attachments("US1")
    ((oid, is_there),) = contents(server).items()
    assert is_there
    assert len(there) == (effect == "cut_after")
    assert f"/attachmentcontent/{oid}" in caught.value.__notes__[0]
    assert server.count("POST", "v2.0/attachment/create") == 1


async def test_if_the_first_answer_is_lost_nothing_is_attached() -> None:
    server = Guarded(faults=[fault(CONTENT, fault="cut_after")])
    async with client(server) as rally:
        with pytest.raises(OutcomeUnknownError) as caught:
            await rally.upload_attachment("US1", b"text", name="a.txt")
    assert "nothing was attached" in caught.value.__notes__[0]
    assert server.count("POST") == 1


async def test_time_that_is_over_in_the_first_step_attaches_nothing() -> None:
    server = Guarded(latency=1.0)
    async with client(server) as rally:
        story = await rally.get_ticket("US1")
        with pytest.raises(DeadlineError) as caught:
            await rally.upload_attachment(story, b"text", name="a.txt", timeout=0.5)
        assert caught.value.effect is Effect.UNKNOWN
    assert server.count("POST", "v2.0/attachment/create") == 0


async def test_a_cancellation_waits_for_the_step_that_is_under_way_but_not_for_ever() -> None:
    server = Guarded(faults=[fault(CONTENT, fault="delay", seconds=60)])
    async with client(server) as rally:
        story = await rally.get_ticket("US1")
        began = current_time()
        with move_on_after(1) as scope:
            await rally.upload_attachment(story, b"text", name="a.txt")
        assert scope.cancelled_caught
        assert current_time() - began == pytest.approx(6)


async def test_cancelled_between_the_steps_the_bytes_are_removed() -> None:
    server = Guarded(latency=1.0)
    async with client(server) as rally:
        story = await rally.get_ticket("US1")
        with move_on_after(0.5) as scope:
            await rally.upload_attachment(story, b"text", name="a.txt")
        assert scope.cancelled_caught
    assert list(contents(server).values()) == [False]
    assert server.count("POST", "v2.0/attachment/create") == 0


async def test_a_key_that_only_reads_uploads_nothing() -> None:
    server = Guarded(read_only_api_key="_read-only-9876543210")
    async with client(server, api_key="_read-only-9876543210") as rally:
        with pytest.raises(CredentialsError) as caught:
            await rally.upload_attachment("US1", b"text", name="a.txt")
    assert contents(server) == {}
    assert not getattr(caught.value, "__notes__", [])


async def test_a_warning_is_an_error_to_the_strict_after_it_is_attached() -> None:
    server = Guarded()
    server.change = warned
    async with client(server, strict=True) as rally:
        with pytest.raises(RequestError, match="soon") as caught:
            await rally.upload_attachment("US1", b"text", name="a.txt")
    assert caught.value.effect is Effect.DONE
    assert list(contents(server).values()) == [True]


def warned(request: Request, answer: Answer) -> Answer:
    if "v2.0/attachment/create" not in request.target:
        return answer
    said = answer.body.replace(b'"Warnings":[]', b'"Warnings":["It ends soon"]')
    return attrs.evolve(answer, body=said)


def halved(_: Request, answer: Answer) -> Answer:
    is_file = any(name == "Content-Disposition" for name, _ in answer.headers)
    return attrs.evolve(answer, body=answer.body[: len(answer.body) // 2]) if is_file else answer


async def test_a_body_that_is_cut_leaves_nothing_and_is_no_attachment(tmp_path: Path) -> None:
    server = Guarded()
    async with client(server) as rally:
        made = await rally.upload_attachment("US1", PNG, name="shot.png")
        server.change = halved
        with pytest.raises(ServerError, match="bytes") as caught:
            await rally.download_attachment(made, tmp_path)
        assert len(caught.value.attempts) == 3
        with pytest.raises(ServerError, match="bytes"):
            await rally.read_attachment(made)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.real_time
@pytest.mark.parametrize("engine", ["direct", "httpx"])
async def test_a_server_that_hangs_up_in_a_body_leaves_nothing(engine: str, tmp_path: Path) -> None:
    heads: list[str] = []

    def talk(line: Line) -> None:
        heads.append(line.head())
        line.say(f"HTTP/1.1 200 OK\nContent-Length: {len(PNG)}", PNG[:1000])

    made = Attachment(ref="/attachment/7", object_id=7, name="shot #1.png", size=len(PNG))
    with wire_server(talk) as server:
        rally = AsyncRallyClient(
            server=str(server.origin),
            api_key=KEY,
            transport=engine,  # type: ignore[arg-type]  # one of its names
            proxy=None,
            limits=Limits(),
            retry=Retry(base=0.001),
        )
        async with rally:
            with pytest.raises(ServerError):
                await rally.download_attachment(made, tmp_path)
            with pytest.raises(ServerError):
                await rally.read_attachment(made)
    assert len(heads) == 6
    assert all(head.startswith("GET /slm/attachment/7/shot%20%231.png HTTP") for head in heads)
    assert list(tmp_path.iterdir()) == []


async def test_a_body_that_is_cut_once_is_asked_for_again(tmp_path: Path) -> None:
    lost = fault({"path": "/slm/attachment/"}, nth=1, fault="truncated")
    server = Guarded(faults=[lost])
    async with client(server) as rally:
        made = await rally.upload_attachment("US1", PNG, name="shot.png")
        assert (await rally.download_attachment(made, tmp_path)).read_bytes() == PNG


async def test_another_file_in_its_place_is_refused(tmp_path: Path) -> None:
    async with client(Guarded()) as rally:
        made = await rally.upload_attachment("US1", PNG, name="shot.png")
        wrong = attrs.evolve(made, size=5)
        with pytest.raises(ServerError, match=r"not 5|of 5"):
            await rally.download_attachment(wrong, tmp_path)
        with pytest.raises(ServerError, match="not 5"):
            await rally.read_attachment(wrong)
        unsaid = attrs.evolve(made, size=None, name=None)
        assert await rally.read_attachment(unsaid) == PNG
        assert (await rally.download_attachment(unsaid, tmp_path)).name == "shot.png"


async def test_offline_all_of_it_is_an_offline_error(tmp_path: Path) -> None:
    server = Guarded()
    rally = AsyncCachingRallyClient(
        server="http://rally.example",
        api_key=KEY,
        transport=InProcessTransport(server),
        limits=Limits(clock=current_time),
        timeout=None,
        cache_file=tmp_path / "kept.db",
    )
    folder = tmp_path / "files"
    folder.mkdir()
    async with rally:
        made = await rally.upload_attachment("US1", PNG, name="shot.png")
        assert await rally.read_attachment(made) == PNG
        (kept,) = await rally.get_attachments("US1")
        rally.offline = True
        before = len(server.requests)
        with pytest.raises(OfflineError):
            await rally.read_attachment(kept)
        with pytest.raises(OfflineError):
            await rally.download_attachment(kept, folder)
        with pytest.raises(OfflineError):
            await rally.upload_attachment("/hierarchicalrequirement/12", b"x", name="x")
        with pytest.raises(OfflineError):
            await rally.delete_attachment(kept)
        with pytest.raises(OfflineError):
            await rally.download_embedded_image(shown(kept), folder)
        with pytest.raises(OfflineError):
            await rally.download_embedded_image("//a.example/a.png", folder, elsewhere=True)
    assert len(server.requests) == before
    assert list(folder.iterdir()) == []
