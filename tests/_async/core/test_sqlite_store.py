# SPDX-License-Identifier: MIT
"""A store in a file, in a bad world: it says what is wrong, and recovers when the world does."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import stat
import weakref
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from stored import entry, key, sized

from twofold._async.core.store.sqlite import AsyncSQLiteStore
from twofold.core.store.entry import Entry, Usage
from twofold.errors import StoreError

pytestmark = pytest.mark.real_time


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "cache.db"


async def put(store: AsyncSQLiteStore, *entries: Entry) -> None:
    for one in entries:
        await store.put(one, await store.stamp(one.key))


async def test_nothing_is_touched_before_the_first_use(path: Path) -> None:
    store = AsyncSQLiteStore(path)
    assert not path.parent.exists()
    assert await store.find(key()) == ()
    assert path.exists()
    await store.aclose()


async def test_the_file_is_its_owners_alone(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o644)
    store = AsyncSQLiteStore(path)
    await put(store, entry())
    files = list(path.parent.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    await store.aclose()


async def test_no_secret_is_in_the_file(path: Path) -> None:
    secret = "sesame-open-thyself"
    said = entry()
    told = Entry(
        *(said.key, said.variant, said.url, said.tags, said.status),
        (*said.headers, ("Set-Cookie", secret), ("X-Auth-Token", secret)),
        *(said.body, said.requested, said.received, said.vary),
    )
    store = AsyncSQLiteStore(path)
    await put(store, told)
    assert await store.find(key()) == (said,)
    assert not any(secret.encode() in file.read_bytes() for file in path.parent.iterdir())
    await store.aclose()


async def test_two_stores_of_one_file_see_the_same(path: Path) -> None:
    """Invariant 9.4: generations count for everybody who has the file open."""
    one, other = AsyncSQLiteStore(path), AsyncSQLiteStore(path)
    await put(one, entry("/a"), entry("/b"))
    assert await other.find(key("/a")) == (entry("/a"),)
    stamp = await one.stamp(key("/a"))
    await other.remove(key("/a"))
    await one.put(entry("/a", b"too late"), stamp)
    assert await one.find(key("/a")) == ()
    assert await one.usage() == Usage(1, entry("/b").size)
    await one.aclose()
    await other.aclose()


async def test_a_file_that_is_locked_is_read_but_not_written(path: Path) -> None:
    store = AsyncSQLiteStore(path, patience=0.01)
    await put(store, entry())
    stamp = await store.stamp(key())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked") as caught:
            await store.put(entry(body=b"newer"), stamp)
        assert caught.value.transient
        assert await store.find(key()) == (entry(),)
        other.execute("ROLLBACK")
    await store.put(entry(body=b"newer"), stamp)
    assert [one.body for one in await store.find(key())] == [b"newer"]
    await store.aclose()


async def test_what_could_not_be_taken_out_is_not_found_either(path: Path) -> None:
    """Invariant 9.4: until it is taken out, nothing is found at all."""
    store = AsyncSQLiteStore(path, patience=0.01)
    await put(store, entry(), entry("/other"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            await store.remove(key())
        with pytest.raises(StoreError):
            await store.find(key())
        other.execute("ROLLBACK")
    assert await store.find(key()) == ()
    assert await store.find(key("/other")) == (entry("/other"),)
    await store.aclose()


async def test_more_than_can_be_remembered_is_owed_as_everything(path: Path) -> None:
    store = AsyncSQLiteStore(path, patience=0.001)
    await put(store, entry(), entry("/other"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(1030):
            with pytest.raises(StoreError):
                await store.remove(key(f"/{number}"))
        other.execute("ROLLBACK")
    assert await store.usage() == Usage(0, 0)
    await store.aclose()


def cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(5000)


def scramble(path: Path) -> None:
    """Leave the first page as it is, and nothing else."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))


@pytest.mark.parametrize("damage", [cut, scramble])
async def test_a_corrupt_file_is_set_aside_and_a_new_one_begun(
    path: Path, damage: Callable[[Path], None]
) -> None:
    before = AsyncSQLiteStore(path)
    await put(before, *(entry(f"/{number}", b"x" * 3000) for number in range(20)))
    stamp = await before.stamp(key())
    await before.aclose()
    damage(path)
    store = AsyncSQLiteStore(path)
    with pytest.raises(StoreError, match="set aside"):
        await store.find(key("/7"))
    assert path.with_name("cache.db.corrupt").exists()
    assert await store.find(key("/7")) == ()
    await store.put(entry(), stamp)
    assert await store.find(key()) == (), "the stamp was another file's"
    await put(store, entry())
    assert await store.find(key()) == (entry(),)
    await store.aclose()


@pytest.mark.parametrize("content", [b"a,b\n1,2\n" * 1000, b"SQLite format 3\0", b"x"])
async def test_a_file_that_is_no_database_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)
    store = AsyncSQLiteStore(path)
    for _ in range(2):
        with pytest.raises(StoreError, match="no cache of twofold's"):
            await store.find(key())
    await store.aclose()
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o644
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_a_file_that_becomes_corrupt_while_it_is_open_is_set_aside(path: Path) -> None:
    store, witness = AsyncSQLiteStore(path), AsyncSQLiteStore(path)
    await put(store, *(entry(f"/{number}", b"x" * 3000) for number in range(20)))
    assert len(await witness.find(key("/1"))) == 1
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    scramble(path)
    reopened = AsyncSQLiteStore(path)
    with pytest.raises(StoreError, match="set aside"):
        await reopened.find(key("/1"))
    assert await reopened.find(key("/1")) == ()
    await put(reopened, entry())
    assert await witness.find(key()) == (entry(),), "whoever has the old one open goes over"
    assert await store.find(key()) == (entry(),)
    for one in (store, witness, reopened):
        await one.aclose()


async def test_a_body_that_was_changed_is_not_found(path: Path) -> None:
    """Invariant 9.5: an answer is as it came, or it is none."""
    store = AsyncSQLiteStore(path)
    await put(store, entry(), entry("/other"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE entries SET body = ? WHERE key = ?", (b"answeR", key()))
    with pytest.raises(StoreError, match="damaged"):
        await store.find(key())
    assert await store.find(key()) == ()
    assert await store.find(key("/other")) == (entry("/other"),)
    await store.aclose()


async def test_a_file_that_is_gone_is_begun_anew(path: Path) -> None:
    store = AsyncSQLiteStore(path)
    await put(store, entry())
    path.unlink()
    assert await store.find(key()) == ()
    await put(store, entry())
    shutil.rmtree(path.parent)
    assert await store.find(key()) == ()
    await put(store, entry())
    assert await store.find(key()) == (entry(),)
    await store.aclose()


async def test_a_folder_that_cannot_be_made_is_an_error_until_it_can(path: Path) -> None:
    path.parent.touch()
    store = AsyncSQLiteStore(path)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"cache\.db") as caught:
            await store.find(key())
        assert not caught.value.transient
    path.parent.unlink()
    await put(store, entry())
    assert await store.find(key()) == (entry(),)
    await store.aclose()


async def test_a_folder_in_the_place_of_the_file_is_an_error(path: Path) -> None:
    path.mkdir(parents=True)
    store = AsyncSQLiteStore(path)
    with pytest.raises(StoreError):
        await store.find(key())
    await store.aclose()


NEWER = "PRAGMA user_version = 99"
FOREIGN = "CREATE TABLE mine (x); PRAGMA application_id = 7; DROP TABLE entries"
BARE = "PRAGMA application_id = 0; PRAGMA user_version = 0"


@pytest.mark.parametrize(
    ("change", "said"), [(NEWER, "format is 99"), (FOREIGN, "something else"), (BARE, "something")]
)
async def test_what_is_not_ours_is_left_as_it_is(path: Path, change: str, said: str) -> None:
    store = AsyncSQLiteStore(path)
    await put(store, entry())
    await store.aclose()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.executescript(change)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreError, match=said):
            await put(store, entry(body=b"newer"))
    await store.aclose()
    assert path.read_bytes() == before
    assert not path.with_name("cache.db.corrupt").exists()


async def test_text_that_no_file_can_hold_is_an_error_of_this_entry_only(path: Path) -> None:
    store = AsyncSQLiteStore(path)
    with pytest.raises(StoreError):
        await put(store, entry("/\ud800"))
    await put(store, entry())
    assert await store.find(key()) == (entry(),)
    await store.aclose()


async def test_the_file_stays_within_its_bounds(path: Path) -> None:
    most = 400_000
    store = AsyncSQLiteStore(path, most=most)
    for number in range(500):
        await put(store, sized(f"/{number}", 1000 + number * 97 % 8000))
    used = await store.usage()
    assert used.evicted + used.entries == 500
    assert used.bytes <= most
    await store.aclose()
    assert path.stat().st_size < 1.5 * most


async def test_what_was_found_often_stays_though_finding_only_reads(path: Path) -> None:
    reader = AsyncSQLiteStore(path, most=400 * 1000)
    await put(reader, *(sized(f"/{number}", 1000) for number in range(400)))
    for number in range(300):  # more than are noted before they are written down
        await reader.find(key(f"/{number}"))
    writer = AsyncSQLiteStore(path, most=400 * 1000)
    await put(writer, *(sized(f"/new/{number}", 1000) for number in range(100)))
    assert len(await writer.find(key("/200"))) == 1
    assert await writer.find(key("/320")) == ()
    await reader.aclose()
    await writer.aclose()


async def test_what_was_found_before_closing_is_known_afterwards(path: Path) -> None:
    store = AsyncSQLiteStore(path, most=8 * 1000)
    await put(store, *(sized(f"/{number}", 1000) for number in range(8)))
    await store.find(key("/0"))
    await store.aclose()
    await put(store, sized("/8", 1000))
    assert len(await store.find(key("/0"))) == 1
    assert await store.find(key("/1")) == ()
    await store.aclose()


async def test_whoever_had_a_file_open_that_is_gone_goes_over_to_the_next(path: Path) -> None:
    one, other = AsyncSQLiteStore(path), AsyncSQLiteStore(path)
    await put(one, *(entry(f"/old/{number}", b"x" * 5000) for number in range(50)))
    assert len(await other.find(key("/old/1"))) == 1
    path.unlink()
    for number in range(50):
        store, witness = (one, other) if number % 2 else (other, one)
        mine = entry(f"/{number}", b"y" * 500)
        await put(store, mine)
        assert await witness.find(mine.key) == (mine,)
    assert await one.usage() == await other.usage()
    assert (await one.usage()).entries == 50
    await one.aclose()
    await other.aclose()


async def test_a_store_that_nobody_closes_leaves_nothing_open(path: Path) -> None:
    store = AsyncSQLiteStore(path)
    await put(store, entry())
    gone = weakref.ref(store)
    del store
    gc.collect()
    assert gone() is None
    assert not path.with_name("cache.db-wal").exists(), "the last to close it clears up"


async def test_what_a_store_shows_of_itself_is_its_path(path: Path) -> None:
    store = AsyncSQLiteStore(os.fspath(path))
    assert "cache.db" in repr(store)
    with pytest.raises(ValueError, match="patience"):
        AsyncSQLiteStore(path, patience=0)
