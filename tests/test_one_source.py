"""The generator, as a translation: what a source becomes, and what it may not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from twofold.one_source import BANNER, RefusedError, translate

SPDX = "# SPDX-License-Identifier: MIT\n"

SOURCE = (
    SPDX
    + '''"""Pages, e.g. of `AsyncClient.pages`; see `twofold.waiting` and `_async`.

    async with AsyncClient() as client:
        print(await client.get(1))
    await client.aclose()
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager

from .._runtime.waiting.scopes import sleep
from ..core import _async as tree

__all__ = ["AsyncPages", "aclose"]
Given = "AsyncPages | httpx.AsyncBaseTransport | 'waiting for _async'"


class AsyncPages:
    size: int
    """How many an `AsyncPages` holds."""

    async def __aenter__(self) -> AsyncPages:
        return self  # await nothing, return AsyncPages

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncIterator[int]:
        return self

    async def __anext__(self) -> int:
        raise StopAsyncIteration

    async def aclose(self) -> None: ...


class _AsyncPage: ...


@asynccontextmanager
async def opened(pages: AsyncPages) -> AsyncGenerator[list[int]]:
    async with pages.aclose() as these, tree.lock as lock:
        yield [page async for page in these if await sleep(1)]
    text = f"{len(these)!r:>{lock} } waiting for {{AsIs}} \\N{BULLET} {text  !r}"
    print(await sleep(1), not await  sleep(2), "\\tAs it is", b"aclose")
'''
)

BLOCKING = (
    BANNER.format(source="src/duo/_async/pages.py")
    + '''
"""Pages, e.g. of `Client.pages`; see `twofold.blocking` and `_sync`.

    with Client() as client:
        print(client.get(1))
    client.close()
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Iterator
from contextlib import contextmanager

from .._runtime.blocking.scopes import sleep
from ..core import _sync as tree

__all__ = ["Pages", "close"]
Given = "Pages | httpx.BaseTransport | 'waiting for _sync'"


class Pages:
    size: int
    """How many an `Pages` holds."""

    def __enter__(self) -> Pages:
        return self  # nothing, return Pages

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        raise StopIteration

    def close(self) -> None: ...


class _Page: ...


@contextmanager
def opened(pages: Pages) -> Generator[list[int]]:
    with pages.close() as these, tree.lock as lock:
        yield [page for page in these if sleep(1)]
    text = f"{len(these)!r:>{lock} } waiting for {{AsIs}} \\N{BULLET} {text  !r}"
    print(sleep(1), not sleep(2), "\\tAs it is", b"close")
'''
)


def blocking(root: Path, code: str) -> str:
    """Translate one source, below line 1."""
    source = root / "src" / "duo" / "_async" / "pages.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(code, encoding="utf-8")
    return translate(root, "src/duo/_async")[Path("src/duo/_sync/pages.py")]


def test_a_source_loses_its_colour_in_code_in_strings_and_in_prose(tmp_path: Path) -> None:
    assert blocking(tmp_path, SOURCE) == BLOCKING


def test_a_class_loses_its_prefix_wherever_another_file_names_it(tmp_path: Path) -> None:
    (tmp_path / "src" / "duo" / "_async").mkdir(parents=True)
    (tmp_path / "src" / "duo" / "_async" / "other.py").write_text(SPDX + "class AsyncPage: ...\n")
    assert "# Page\n" in blocking(tmp_path, SPDX + "x = 1  # AsyncPage\n")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        # the seam's own name
        ("waiting = 1", "waiting may be named in imports only"),
        ("x = progress.waiting", "waiting may be named in imports only"),
        ("x = 'waiting'", "waiting may be named in imports only"),
        ("import a; waiting = a", "waiting may be named in imports only"),
        ("x = f'{waiting}'", "waiting in an f-string: assign it first"),
        ("x = '/services/AsyncJobs/{id}'", "/services/AsyncJobs/{id} would become another place"),
        ("x = '/_async/search'", "/_async/search would become another place"),
        ("x = f'{x[\"waiting\"]}'", "waiting in an f-string: assign it first"),
        # f-strings, which before Python 3.12 are one token
        ("async def f(): return f'{await g()}'", "await in an f-string: assign it first"),
        ("async def f(): return f'{[x async for x in g()]}'", "async in an f-string: assign"),
        ("x = f'{AsyncThing}'", "AsyncThing in an f-string: assign it first"),
        ("x = f'{y:{AsyncThing}}'", "AsyncThing in an f-string: assign it first"),
        ("x = f'an AsyncThing {y}'", "AsyncThing in an f-string: assign it first"),
        ("x = f'await{y}'", "await in an f-string: assign it first"),
        ("x = f'{y}await'", "await in an f-string: assign it first"),
        ("x = f'{y[\"aclose\"]}'", "aclose in an f-string: assign it first"),
        ("x = f'{y.__aexit__}'", "__aexit__ in an f-string: assign it first"),
        ("x = f'{trio.run}'", "trio in an f-string: assign it first"),
        ('x = f"""\n{AsyncThing}"""', "AsyncThing in an f-string: assign it first"),
        # what has no blocking twin
        ("import asyncio", "asyncio would be left"),
        ("import x as trio", "trio would be left"),
        ("from anyio import sleep", "anyio would be left"),
        ("x: Awaitable[int]", "Awaitable would be left"),
        ("x: Callable[[], Coroutine[None, None, int]]", "Coroutine would be left"),
        ("x = isawaitable(y)", "isawaitable would be left"),
        ("x = is_async", "is_async would be left"),
        ("x = get_AsyncThing", "get_AsyncThing would be left"),
        ("x(aread=1)", "aread would be left"),
        ("x = anext(y)", "anext would be left"),
        ("match x:\n    case {**trio}: pass", "trio would be left"),
        ("x.push_async_exit(y)", "push_async_exit would be left"),
        # strings that no list of words can turn
        ("x = 'await it'", "await would be left"),
        (r"x = '\nAsyncThing'", "AsyncThing would be left"),
        (r"x = '\nawait it'", "await would be left"),
        # prose
        ("x = 1  # to await, or not", "await would be left"),
        ('def f():\n    """Is async."""', "async would be left"),
        # two names that would be one
        ("class AsyncOne: ...\nclass One: ...", "AsyncOne and One would both be One"),
        ("from a import One\nfrom b import AsyncOne", "One and AsyncOne would both be One"),
        (
            "class A:\n    async def aclose(self): ...\n    def close(self): ...",
            "aclose and close would both be close",
        ),
        ("def f(aclose, close): ...", "duplicate argument 'close' in function definition once"),
        ("f(aclose=1, close=2)", "keyword argument repeated: close once translated"),
        # what unasync would break
        ("async def f():\n    await(g())", "a blank must follow await"),
        ("async def f(): return (await\n    g())", "a blank must follow await"),
        ("async def f():\n    await\\\n g()", "a blank must follow await"),
        # no Python at all
        ("def f(:", "invalid syntax in the source"),
        ("await x", "'await' outside function in the source"),
    ],
)
def test_what_cannot_be_translated_is_refused_with_file_and_line(
    tmp_path: Path, line: str, why: str
) -> None:
    code = f"{SPDX}x = 1\n{line}\n"
    with pytest.raises(RefusedError) as refused:
        blocking(tmp_path, code)
    place, _, said = str(refused.value).partition(": ")
    source, _, number = place.rpartition(":")
    assert source == "src/duo/_async/pages.py"
    assert 3 <= int(number) <= code.count("\n")
    assert said.startswith(why)


def test_the_first_line_must_be_a_comment_since_the_banner_takes_its_place(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"^src/duo/_async/pages.py:1: line 1 must be a comment"):
        blocking(tmp_path, "x = 1\n")


def test_a_class_of_httpx_has_a_twin_with_a_prefix_of_its_own(tmp_path: Path) -> None:
    assert "httpx.SyncByteStream" in blocking(tmp_path, f"{SPDX}x = httpx.AsyncByteStream\n")


def test_a_name_may_be_bound_twice_if_it_was_before(tmp_path: Path) -> None:
    twice = "if x:\n    from a import One\nelse:\n    from b import One\n"
    assert blocking(tmp_path, SPDX + twice).endswith(twice)


@pytest.mark.parametrize("line", ["x = f'still waiting for {y}'", "x = 'waiting for trio'"])
def test_a_word_of_prose_is_left_alone(tmp_path: Path, line: str) -> None:
    assert blocking(tmp_path, f"{SPDX}{line}\n").endswith(f"\n{line}\n")
