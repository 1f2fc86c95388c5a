# SPDX-License-Identifier: MIT
"""Programs run to their end, and never outlive who started them."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from twofold._runtime.waiting.processes import run_process
from twofold._runtime.waiting.scopes import CancelScope, current_time, fail_after, sleep
from twofold._runtime.waiting.tasks import create_task_group

pytestmark = pytest.mark.real_time

SAY_AND_WAIT = """
import os, pathlib, signal, sys, time

stubborn = "stubborn" in sys.argv
if stubborn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
started = pathlib.Path(sys.argv[1])
started.with_suffix(".new").write_text(str(os.getpid()))
started.with_suffix(".new").rename(started)
if stubborn:
    time.sleep(600)
signal.sigwait([signal.SIGTERM])
started.with_suffix(".ended").touch()
"""


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def written(path: Path) -> int:
    with fail_after(20):
        while not path.exists():
            await sleep(0.01)
    return int(path.read_text())


async def test_a_process_runs() -> None:
    done = await run_process([sys.executable, "-c", "print(input())"], input=b"echo")
    assert done.stdout.split() == [b"echo"]


async def test_what_a_process_wrote_is_returned() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr)"
    done = await run_process([sys.executable, "-c", code])
    assert done.returncode == 0
    assert (done.stdout.split(), done.stderr.split()) == ([b"out"], [b"err"])


async def test_much_is_written_and_read_at_once() -> None:
    code = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
    sent = bytes(range(256)) * 4000
    done = await run_process([sys.executable, "-c", code], input=sent)
    assert done.stdout == sent[::-1]


async def test_a_process_may_be_slow_to_read() -> None:
    code = "import sys, time; time.sleep(0.5); print(len(sys.stdin.buffer.read()))"
    done = await run_process([sys.executable, "-c", code], input=b"x" * 1_000_000)
    assert done.stdout.split() == [b"1000000"]


async def test_without_input_a_process_reads_nothing() -> None:
    done = await run_process([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"])
    assert done.stdout.strip() == b"''"


async def test_a_process_need_not_read_its_input() -> None:
    done = await run_process([sys.executable, "-c", "print(1)"], input=b"x" * 1_000_000)
    assert done.stdout.strip() == b"1"


async def test_folder_and_environment_are_those_given(tmp_path: Path) -> None:
    code = "import os; print(os.getcwd(), os.environ['WORD'])"
    environment = {**os.environ, "WORD": "hello"}
    done = await run_process([sys.executable, "-c", code], cwd=tmp_path, env=environment)
    assert done.stdout.decode().split() == [str(tmp_path.resolve()), "hello"]


async def test_a_failed_process_is_an_error_unless_told_otherwise() -> None:
    argv = [sys.executable, "-c", "import sys; print('why'); sys.exit(3)"]
    with pytest.raises(CalledProcessError) as caught:
        await run_process(argv)
    assert caught.value.returncode == 3
    assert caught.value.stdout.strip() == b"why"
    done = await run_process(argv, check=False)
    assert done.returncode == 3


async def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        await run_process(["/nonexistent/program"])


async def test_a_cancelled_process_has_ended(tmp_path: Path) -> None:
    started = current_time()
    with CancelScope() as scope:
        async with create_task_group() as tasks:
            argv = [sys.executable, "-c", SAY_AND_WAIT, str(tmp_path / "pid")]
            tasks.start_soon(run_process, argv)
            process = await written(tmp_path / "pid")
            assert is_running(process)
            scope.cancel()
    assert not is_running(process)
    assert (tmp_path / "pid").with_suffix(".ended").exists()
    assert current_time() - started < 30


async def test_a_stubborn_process_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twofold._runtime.waiting.processes.PATIENCE", 0.2)
    started = current_time()
    with CancelScope() as scope:
        async with create_task_group() as tasks:
            argv = [sys.executable, "-c", SAY_AND_WAIT, str(tmp_path / "pid"), "stubborn"]
            tasks.start_soon(run_process, argv)
            process = await written(tmp_path / "pid")
            scope.cancel()
    assert not is_running(process)
    assert current_time() - started < 30


async def test_output_left_open_by_others_is_not_waited_for_once_cancelled(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)"
    waiter = [sys.executable, "-c", SAY_AND_WAIT, str(tmp_path / "pid"), "stubborn"]
    started = current_time()
    with CancelScope() as scope:
        async with create_task_group() as tasks:
            tasks.start_soon(run_process, [sys.executable, "-c", code, *waiter])
            left_behind = await written(tmp_path / "pid")
            scope.cancel()
    assert current_time() - started < 30
    os.kill(left_behind, signal.SIGKILL)


async def test_a_cancelled_scope_starts_nothing(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", SAY_AND_WAIT, str(tmp_path / "pid")]
    with CancelScope() as scope:
        scope.cancel()
        await run_process(argv)
    assert scope.cancelled_caught
    assert not (tmp_path / "pid").exists()
