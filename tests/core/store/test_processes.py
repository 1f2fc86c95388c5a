"""One file, several processes: real ones, some of them killed, some of them forked."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stored import entry, key

from twofold.core.store.cache_file import CacheFile
from twofold.core.store.removal import of_key
from twofold.errors import StoreError

pytestmark = pytest.mark.real_time

ROOM = 10 * 2**20

HAMMER = """
import random, sys
from stored import entry, key
from twofold.core.store.cache_file import CacheFile
from twofold.core.store.removal import of_key

path, name, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
file = CacheFile(path, 10 * 2**20, 10.0)
chance = random.Random(name)
print("ready", flush=True)
for round_ in range(rounds):
    number = chance.randrange(20)
    body = (b"%d " % number) * chance.randrange(1, 2000)
    if chance.random() < 0.2:
        file.owe(of_key(key(f"/{number}")))
        file.settle()
    else:
        file.put(entry(f"/{number}", body, variant=name, tags=("t",)), file.stamp())
    for found in file.find(key(f"/{number}")):
        assert set(found.body.split()) == {b"%d" % number}
file.close()
print("done", flush=True)
"""


def hammer(path: Path, name: str, rounds: int) -> subprocess.Popen[str]:
    here = Path(__file__).parents[2]
    paths = [str(here), str(here.parent / "src")]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", HAMMER, str(path), name, str(rounds)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


def check(path: Path) -> None:
    """The file is whole, and its counts are right."""
    file = CacheFile(path, ROOM, 1.0)
    used = file.usage()
    found = [one for number in range(20) for one in file.find(key(f"/{number}"))]
    assert used.entries == len(found)
    assert used.bytes == sum(one.size for one in found)
    file.put(entry("/after"), file.stamp())
    assert file.find(key("/after")) == (entry("/after"),)
    file.close()
    assert not path.with_name(path.name + ".corrupt").exists()


def test_processes_that_begin_at_once_share_one_file(tmp_path: Path) -> None:
    """Invariant 9.5: each finds whole answers only, whoever wrote them."""
    path = tmp_path / "folder" / "cache.db"
    processes = [hammer(path, f"p{number}", 150) for number in range(4)]
    for process in processes:
        output, _ = process.communicate(timeout=60)
        assert output.split() == ["ready", "done"]
        assert process.returncode == 0
    check(path)


def test_a_process_that_is_killed_in_the_midst_of_writing_leaves_a_whole_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cache.db"
    other = hammer(path, "survivor", 400)
    for number in range(6):
        victim = hammer(path, f"victim{number}", 10**9)
        assert victim.stdout is not None
        assert victim.stdout.readline() == "ready\n"
        time.sleep(random.uniform(0.02, 0.1))  # so that it is writing
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
    output, _ = other.communicate(timeout=60)
    assert output.split() == ["ready", "done"]
    check(path)


def in_child(run: Callable[[], object]) -> None:
    """Run in a forked child; it must succeed."""
    number = os.fork()
    if number == 0:
        code = 1
        try:
            run()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(number, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_a_forked_child_opens_the_file_for_itself(tmp_path: Path) -> None:
    file = CacheFile(tmp_path / "cache.db", ROOM, 5.0)
    file.put(entry("/parents"), file.stamp())

    def child() -> None:
        assert file.find(key("/parents")) == (entry("/parents"),)
        for number in range(20):
            file.put(entry(f"/{number}"), file.stamp())
        file.owe(of_key(key("/parents")))
        file.settle()
        file.close()

    in_child(child)
    assert file.find(key("/parents")) == ()
    assert file.find(key("/19")) == (entry("/19"),)
    assert file.usage().entries == 20
    file.close()


def test_a_new_file_has_nothing_of_one_that_was_deleted_while_it_was_open(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    file = CacheFile(path, ROOM, 1.0)
    for number in range(50):
        file.put(entry(f"/old/{number}", b"x" * 5000), file.stamp())
    path.unlink()

    def child() -> None:
        other = CacheFile(path, ROOM, 1.0)
        assert other.find(key("/old/1")) == ()
        for number in range(20):
            other.put(entry(f"/{number}", b"y" * 3000), other.stamp())
        assert other.usage().entries == 20
        other.close()

    in_child(child)
    assert file.find(key("/19")) == (entry("/19", b"y" * 3000),)
    assert file.find(key("/old/1")) == ()
    file.close()


def test_a_disk_that_is_full_is_an_error_until_there_is_room(tmp_path: Path) -> None:
    """A bound on the size of files does what a full disk does."""
    path = tmp_path / "cache.db"

    def child() -> None:
        file = CacheFile(path, ROOM, 1.0)
        file.put(entry("/first"), file.stamp())
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        big = entry("/big", b"x" * 300_000)
        for _ in range(2):
            with pytest.raises(StoreError) as caught:
                file.put(big, file.stamp())
            assert not caught.value.transient
            assert file.find(key("/first")) == (entry("/first"),)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        file.put(big, file.stamp())
        assert file.find(big.key) == (big,)
        file.close()

    in_child(child)


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody may enter, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize(("what", "mode"), [("cache.db", 0o444), (".", 0o555)])
def test_what_may_only_be_read_is_an_error_until_it_may_be_written(
    public: Path, what: str, mode: int
) -> None:
    folder = public / "folder"
    file = CacheFile(folder / "cache.db", ROOM, 0.1)
    file.put(entry(), file.stamp())
    file.close()
    (folder / what).chmod(mode)

    def child() -> None:
        become_nobody(public)
        with pytest.raises(StoreError):
            file.put(entry(body=b"newer"), file.stamp())
        (folder / what).chmod(0o700)
        file.put(entry(body=b"newer"), file.stamp())
        assert [one.body for one in file.find(key())] == [b"newer"]
        file.close()

    in_child(child)


def become_nobody(folder: Path) -> None:
    """To root nothing is read-only, so be somebody else, who owns the files."""
    if os.getuid() == 0:
        for place in (folder, *folder.rglob("*")):
            os.chown(place, 65534, 65534)
        os.setgid(65534)
        os.setuid(65534)


def test_a_file_that_is_locked_for_good_bounds_every_wait(tmp_path: Path) -> None:
    file = CacheFile(tmp_path / "cache.db", ROOM, 0.01)
    file._lock.acquire()
    with pytest.raises(StoreError, match="busy") as caught:
        file.find(key())
    assert caught.value.transient
    file.close()
    file._lock.release()
    assert file.find(key()) == ()
    file.close()
