# SPDX-License-Identifier: MIT
"""One behaviour, whatever a store keeps its entries in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from stored import entry, key, sized

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.store.sqlite import AsyncSQLiteStore
from twofold._async.core.store.store import AsyncStore
from twofold._runtime.waiting.scopes import CancelScope
from twofold._runtime.waiting.tasks import create_task_group
from twofold.core.store.entry import MOST_VARIANTS, Usage
from twofold.core.store.removal import REMEMBERED

# Files are real, and those who read them do so in real time.
pytestmark = pytest.mark.real_time

Made = Callable[..., AsyncStore]


@pytest.fixture(params=["memory", "sqlite"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Made:
    if request.param == "memory":
        return AsyncMemoryStore
    return lambda **options: AsyncSQLiteStore(tmp_path / "cache.db", **options)


async def put(store: AsyncStore, *entries: Any) -> None:
    for one in entries:
        await store.put(one, await store.stamp(one.key))


async def test_what_was_put_is_found_as_it_was(made: Made) -> None:
    """Invariant 9.5: body and all else are equal."""
    store = made()
    whole = entry(body=bytes(range(256)) * 10, tags=("a", "b"), variant="v")
    assert await store.find(whole.key) == ()
    await put(store, whole)
    assert await store.find(whole.key) == (whole,)
    assert await store.usage() == Usage(1, whole.size)
    await store.aclose()


async def test_of_each_variant_there_is_the_last(made: Made) -> None:
    store = made()
    await put(store, entry(body=b"1"), entry(variant="v"), entry(body=b"2"))
    found = await store.find(key())
    assert {(one.variant, one.body) for one in found} == {("", b"2"), ("v", b"answer")}
    await store.aclose()


async def test_variants_of_one_key_are_bounded_and_the_oldest_goes(made: Made) -> None:
    store = made()
    variants = [f"v{number}" for number in range(MOST_VARIANTS + 3)]
    await put(store, *(entry(variant=variant) for variant in variants))
    found = await store.find(key())
    assert sorted(one.variant for one in found) == sorted(variants[3:])
    assert (await store.usage()).evicted == 3
    await store.aclose()


async def test_nobody_finds_or_removes_what_is_anothers(made: Made) -> None:
    """Invariant 9.1: an entry is in its partition, and nowhere else."""
    store = made()
    mine, yours = entry(tags=("t",)), entry(whose="you", tags=("t",))
    await put(store, mine, yours)
    assert await store.find(yours.key) == (yours,)
    await store.remove_tagged("me", "t")
    await store.remove_prefixed("me", "https://")
    await store.clear("me")
    assert await store.find(mine.key) == ()
    assert await store.find(yours.key) == (yours,)
    await store.aclose()


@attrs.frozen
class Taken:
    """A way to take out `/items/1`, and what it leaves of the others."""

    how: Callable[[AsyncStore], Any]
    left: tuple[str, ...]


ALL = ("/items/1", "/items/2", "/items_/1", "/other")
WAYS = {
    "key": Taken(lambda store: store.remove(key("/items/1")), ALL[1:]),
    "tag": Taken(lambda store: store.remove_tagged("me", "odd"), ("/items/2", "/other")),
    "prefix": Taken(
        lambda store: store.remove_prefixed("me", "https://api.example/items/"), ALL[2:]
    ),
    "prefix in the midst of a name": Taken(
        lambda store: store.remove_prefixed("me", "https://api.example/it"), ALL[3:]
    ),
    "prefix that is a pattern elsewhere": Taken(
        lambda store: store.remove_prefixed("me", "https://api.example/%"), ALL
    ),
    "partition": Taken(lambda store: store.clear("me"), ()),
    "everything": Taken(lambda store: store.clear(), ()),
}


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_taken_out_is_gone_and_nothing_else_is(made: Made, way: str) -> None:
    store = made()
    for path in ALL:
        await put(store, entry(path, tags=("odd",) if path.endswith("1") else ("even",)))
    await WAYS[way].how(store)
    left = [path for path in ALL if await store.find(key(path))]
    assert tuple(left) == WAYS[way].left
    assert (await store.usage()).entries == len(left)
    await store.aclose()


@pytest.mark.parametrize("way", [way for way in WAYS if "pattern" not in way])
async def test_an_answer_asked_for_before_a_removal_is_not_kept_after_it(
    made: Made, way: str
) -> None:
    """Invariant 9.4: it may be older than what took the other one out."""
    store = made()
    old = entry("/items/1", tags=("odd",))
    stamp = await store.stamp(old.key)
    await WAYS[way].how(store)
    await store.put(old, stamp)
    assert await store.find(old.key) == ()
    await put(store, old)
    assert await store.find(old.key) == (old,)
    await store.aclose()


async def test_a_removal_that_does_not_concern_an_answer_does_not_hinder_it(made: Made) -> None:
    store = made()
    stamp = await store.stamp(key())
    await store.remove(key("/other"))
    await store.remove_tagged("me", "t")
    await store.remove_prefixed("me", "https://api.example/things")
    await store.clear("you")
    await store.put(entry(), stamp)
    assert await store.find(key()) == (entry(),)
    await store.aclose()


async def test_a_stamp_older_than_anything_remembered_is_refused(made: Made) -> None:
    store = made()
    stamp = await store.stamp(key())
    for _ in range(REMEMBERED):
        await store.remove(key("/other"))
    await store.put(entry(), stamp)
    assert await store.find(key()) == (entry(),)
    await store.remove(key("/other"))
    await store.put(entry(body=b"newer"), stamp)
    assert await store.find(key()) == (entry(),)
    await store.aclose()


async def test_a_stamp_that_was_never_given_is_refused(made: Made) -> None:
    store = made()
    await store.put(entry(), await store.stamp(key()) + 1)
    await store.put(entry(), -1)
    assert await store.find(key()) == ()
    await store.aclose()


async def test_the_least_recently_used_makes_room(made: Made) -> None:
    store = made(most=8 * 1000)
    await put(store, *(sized(f"/{number}", 1000) for number in range(8)))
    await store.find(key("/0"))
    await put(store, sized("/8", 1000))
    left = [number for number in range(9) if await store.find(key(f"/{number}"))]
    assert left == [0, 2, 3, 4, 5, 6, 7, 8]
    assert await store.usage() == Usage(8, 8000, 1)
    await store.aclose()


async def test_what_is_too_large_is_not_kept_and_the_one_before_goes(made: Made) -> None:
    store = made(most=8 * 1000)
    await put(store, sized("/", 1000), sized("/other", 1000))
    await put(store, sized("/", 1001))
    assert await store.find(key("/")) == ()
    assert (await store.usage()).entries == 1
    await store.aclose()


async def test_a_store_that_was_closed_is_used_again(made: Made) -> None:
    store = made()
    await store.aclose()
    await put(store, entry())
    await store.aclose()
    await store.aclose()
    assert await store.find(key()) == (entry(),)
    await store.aclose()


async def test_many_at_once_lose_nothing(made: Made) -> None:
    store = made()

    async def come_and_go(number: int) -> None:
        for round_ in range(10):
            mine = entry(f"/{number}", b"%d" % round_, tags=("t",))
            await put(store, mine)
            assert await store.find(mine.key) == (mine,)
            await store.remove_prefixed("me", mine.url + "?")
        await store.remove(key(f"/{number}"))

    async with create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(come_and_go, number)
    assert await store.usage() == Usage(0, 0)
    await store.aclose()


async def test_whoever_is_cancelled_while_taking_out_has_taken_it_out(made: Made) -> None:
    """Invariant 9.4: a write that succeeded is not undone by who waited for it."""
    store = made()
    await put(store, entry(tags=("t",)))
    with CancelScope() as scope:
        scope.cancel()
        await store.remove_tagged("me", "t")
    assert await store.find(key()) == ()
    await store.aclose()


@pytest.mark.parametrize("most", [0, -1, 1.5, "8", True])
def test_a_bound_that_makes_no_sense_is_refused_by_name(made: Made, most: Any) -> None:
    with pytest.raises(ValueError, match="most"):
        made(most=most)
