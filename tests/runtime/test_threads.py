"""What only threads must do: interrupt I/O, mind Ctrl-C, wake nobody without need."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from twofold._runtime.blocking import spots
from twofold._runtime.blocking.park import CapacityLimiter, Event, ParkingPlace
from twofold._runtime.blocking.scopes import (
    Cancelled,
    CancelScope,
    interrupting,
    move_on_after,
    sleep,
)
from twofold._runtime.blocking.spots import Spot
from twofold._runtime.blocking.tasks import Task, create_task_group, hired, unwrapped_task_group
from twofold.testing.clocks import JumpingClock


class Purse:
    """An allowance that lends what it has."""

    def __init__(self, content: int) -> None:
        self.content = content

    def take(self, wanted: int) -> int:
        lent = min(wanted, self.content)
        self.content -= lent
        return lent

    def give(self, count: int) -> None:
        self.content += count


class CountingClock(JumpingClock):
    """Counts how often a thread is told to look again."""

    def __init__(self) -> None:
        super().__init__()
        self.rung = 0

    def ring(self, spot: Spot) -> None:
        self.rung += 1
        super().ring(spot)


@pytest.fixture
def clock() -> CountingClock:
    """Installed in place of this test's own, which is put back by its fixture."""
    clock = CountingClock()
    spots.install(clock)
    return clock


def test_no_more_workers_are_hired_than_the_allowance_lends() -> None:
    purse = Purse(3)
    with hired(purse, 2) as first, hired(purse, 2) as second, hired(purse, 2) as third:
        assert (first, second, third) == (2, 1, 0)
        assert purse.content == 0
    assert purse.content == 3


def test_a_token_handed_over_wakes_one_thread(clock: CountingClock) -> None:
    limiter = CapacityLimiter(1)
    done = Event()

    def take() -> None:
        with limiter:
            done.wait()

    with create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(take)
        sleep(1)
        limiter.total_tokens = 2
        sleep(1)
        before = clock.rung
        limiter.total_tokens = 3
        assert clock.rung - before == 1
        done.set()


def test_a_cancelled_scope_wakes_those_beneath_it_alone(clock: CountingClock) -> None:
    woken: list[str] = []

    def wait_in(name: str, scope: CancelScope) -> None:
        with scope:
            sleep(100)
        woken.append(name)

    first, others = CancelScope(), [CancelScope() for _ in range(9)]
    with create_task_group() as tasks:
        tasks.start_soon(wait_in, "first", first)
        for scope in others:
            tasks.start_soon(wait_in, "other", scope)
        sleep(1)
        before = clock.rung
        first.cancel()
        assert clock.rung - before == 1
        sleep(1)
        assert woken == ["first"]
        tasks.cancel_scope.cancel()


def test_cancelling_stops_what_blocks() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(20)
    heard: list[object] = []
    reading = threading.Event()

    def read() -> None:
        try:
            with interrupting(lambda: ours.shutdown(socket.SHUT_RDWR)):
                reading.set()
                heard.append(ours.recv(100))
        except Cancelled:
            heard.append("cancelled")
            raise

    with ours, theirs:
        started = time.monotonic()
        with create_task_group() as tasks:
            tasks.start_soon(read)
            reading.wait(20)
            tasks.cancel_scope.cancel()
    assert heard == [b"", "cancelled"]
    assert time.monotonic() - started < 10


def test_an_error_of_what_was_stopped_ends_in_cancellation() -> None:
    causes: list[BaseException | None] = []
    with CancelScope() as scope:
        try:
            with interrupting(lambda: None):
                scope.cancel()
                raise OSError("closed under me")
        except Cancelled as cancelled:
            causes.append(cancelled.__cause__)
            raise
    assert scope.cancelled_caught
    assert [type(cause) for cause in causes] == [OSError]


def test_ctrl_c_is_not_turned_into_cancellation() -> None:
    with pytest.raises(KeyboardInterrupt):
        with CancelScope() as scope, interrupting(lambda: None):
            scope.cancel()
            raise KeyboardInterrupt


def test_nothing_is_stopped_once_its_block_was_left() -> None:
    """Of two that are interrupted, one leaves while the other's `stop` is being called."""
    stopped: list[str] = []
    leave = {"a": threading.Event(), "b": threading.Event()}
    left = {"a": threading.Event(), "b": threading.Event()}

    def stop(name: str) -> None:
        stopped.append(name)
        (other,) = leave.keys() - {name}
        leave[other].set()
        left[other].wait(20)
        leave[name].set()

    def work(name: str) -> None:
        with interrupting(lambda: stop(name)):
            leave[name].wait(20)
        left[name].set()

    with create_task_group() as tasks:
        tasks.start_soon(work, "a")
        tasks.start_soon(work, "b")
        time.sleep(0.1)  # in which both begin; one that has not is not interrupted but cancelled
        tasks.cancel_scope.cancel()
    assert len(stopped) == 1


def test_nothing_is_stopped_before_or_after_the_block() -> None:
    stopped: list[str] = []
    with CancelScope() as scope:
        with interrupting(lambda: stopped.append("early")):
            pass
        scope.cancel()
        with interrupting(lambda: stopped.append("late")):
            stopped.append("inside")
    assert scope.cancelled_caught
    assert stopped == []


def test_a_shield_keeps_stop_from_being_called() -> None:
    stopped: list[str] = []
    with CancelScope() as outer:
        with CancelScope(shield=True) as inner:
            with interrupting(lambda: stopped.append("outer")):
                outer.cancel()
            with interrupting(lambda: stopped.append("inner")):
                inner.cancel()
    assert stopped == ["inner"]


def test_stop_is_called_once_however_many_scopes_are_cancelled() -> None:
    stopped: list[int] = []
    with CancelScope() as outer, CancelScope() as inner:
        with interrupting(lambda: stopped.append(1)):
            inner.cancel()
            outer.cancel()
            inner.cancel()
    assert stopped == [1]


def test_every_stop_is_called_though_one_fails() -> None:
    stopped: list[int] = []

    def fail() -> None:
        raise LookupError("a mistake")

    with CancelScope() as scope:
        with interrupting(lambda: stopped.append(1)), interrupting(fail):
            with interrupting(lambda: stopped.append(2)), pytest.raises(LookupError):
                scope.cancel()
    assert sorted(stopped) == [1, 2]


def test_what_was_closed_already_need_not_be_stopped() -> None:
    reached: list[str] = []
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with CancelScope() as scope, interrupting(lambda: ours.shutdown(socket.SHUT_RDWR)):
            ours.close()
            scope.cancel()
            reached.append("the next line")
    assert scope.cancelled_caught
    assert reached


def test_a_stop_that_fails_leaves_no_thread_behind() -> None:
    ended: list[str] = []

    def work() -> None:
        try:
            with interrupting(lambda: ended.index("a mistake")):
                sleep(100)
        finally:
            ended.append("work")

    with pytest.raises(ExceptionGroup) as caught:
        with create_task_group() as tasks:
            tasks.start_soon(work)
            sleep(1)
            raise LookupError("mine")
    assert [type(error) for error in caught.value.exceptions] == [LookupError, ValueError]
    assert ended == ["work"]


def press_ctrl_c() -> None:
    sleep(0.1)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def wait_for_tasks() -> None:
    """The group is joined while Ctrl-C comes."""


def wait_in_block() -> None:
    sleep(100)


def wait_at_place() -> None:
    ParkingPlace().wait()


@pytest.mark.real_time
@pytest.mark.parametrize("block", [wait_for_tasks, wait_in_block, wait_at_place])
def test_ctrl_c_cancels_the_tasks_and_leaves_as_it_is(block: Callable[[], None]) -> None:
    ended: list[str] = []

    def clean_up() -> None:
        try:
            sleep(100)
        finally:
            ended.append("cleaned")

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        with unwrapped_task_group() as tasks:
            tasks.start_soon(clean_up)
            tasks.start_soon(press_ctrl_c)
            block()
    assert ended == ["cleaned"]
    assert time.monotonic() - started < 30


@pytest.mark.real_time
def test_ctrl_c_again_does_not_leave_threads_behind() -> None:
    ended: list[str] = []

    def clean_up_slowly() -> None:
        try:
            sleep(100)
        finally:
            with CancelScope(shield=True):
                press_ctrl_c()
                sleep(0.1)
                ended.append("cleaned")

    with pytest.raises(KeyboardInterrupt):
        with unwrapped_task_group() as tasks:
            tasks.start_soon(clean_up_slowly)
            tasks.start_soon(press_ctrl_c)
    assert ended == ["cleaned"]


def test_the_end_of_the_program_raised_in_a_task_leaves_bare() -> None:
    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit) as caught:
        with unwrapped_task_group() as tasks:
            tasks.start_soon(leave)
            sleep(100)
    assert caught.value.code == 3


@pytest.mark.parametrize("outer", [True, False])
def test_tasks_that_cancellation_ended_before_anybody_waits_end_the_block_as_cancelled(
    outer: bool,
) -> None:
    """What they did not do must not look as if it had been done."""
    went_on = False
    with CancelScope() as scope:
        with create_task_group() as tasks:
            tasks.start_soon(sleep, 60)
            (scope if outer else tasks.cancel_scope).cancel()
            while tasks._running:
                time.sleep(0.001)
        went_on = True
    assert went_on is not outer
    assert scope.cancelled_caught is outer
    assert tasks.cancel_scope.cancelled_caught is not outer


def test_a_thread_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    ended: list[str] = []

    def clean_up() -> None:
        try:
            sleep(100)
        finally:
            ended.append("cleaned")

    with pytest.raises(RuntimeError, match="new thread"):
        with unwrapped_task_group() as tasks:
            tasks.start_soon(clean_up)
            sleep(1)
            monkeypatch.setattr(threading.Thread, "start", refuse)
            tasks.start_soon(clean_up)
    assert ended == ["cleaned"]


def test_ctrl_c_while_a_thread_is_started_counts_it_or_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[str] = []
    held: list[threading.Thread] = []

    def interrupted(thread: threading.Thread) -> None:
        held.append(thread)
        raise KeyboardInterrupt

    start = threading.Thread.start
    with pytest.raises(KeyboardInterrupt):
        with unwrapped_task_group() as tasks:
            monkeypatch.setattr(threading.Thread, "start", interrupted)
            tasks.start_soon(begun.append, "ran")
    start(held[0])  # what was about to begin when Ctrl-C came finds its group gone
    held[0].join()
    assert not begun


def test_threads_of_a_long_lived_group_do_not_pile_up() -> None:
    with create_task_group() as tasks:
        for _ in range(50):
            tasks.start_soon(sleep, 1)
            sleep(2)
        assert sum(isinstance(thing, Task) for thing in gc.get_objects()) < 20


@pytest.mark.real_time
def test_cancellation_under_load_loses_no_token() -> None:
    limiter = CapacityLimiter(4)
    inside = peak = 0
    counting = threading.Lock()

    def count(change: int) -> None:
        nonlocal inside, peak
        with counting:
            inside += change
            peak = max(peak, inside)

    def churn(patience: float) -> None:
        with move_on_after(0.5):
            while True:
                with move_on_after(patience), limiter:
                    count(+1)
                    try:
                        sleep(0.0003)
                    finally:
                        count(-1)

    with create_task_group() as tasks:
        for number in range(24):
            tasks.start_soon(churn, 0.0002 * (number + 1))
    assert (inside, limiter.borrowed_tokens) == (0, 0)
    assert 1 <= peak <= 4
    with move_on_after(5) as scope:
        limiter.acquire()
        limiter.release()
    assert not scope.cancel_called


FORK = """
import os, threading
from twofold._runtime.blocking.park import Event
from twofold._runtime.blocking.tasks import create_task_group
from twofold._runtime.blocking.scopes import CancelScope, move_on_after, sleep

def hammer():
    while True:
        sleep(0)

def child():
    with move_on_after(10) as scope, create_task_group() as tasks:
        event = Event()
        tasks.start_soon(event.set)
        event.wait()
    os._exit(scope.cancel_called)

with create_task_group() as tasks:
    for _ in range(3):
        tasks.start_soon(hammer)
    codes = []
    for _ in range(30):
        process = os.fork()
        if not process:
            child()
        codes.append(os.waitpid(process, 0)[1])
    tasks.cancel_scope.cancel()
assert codes == [0] * 30, codes
"""


@pytest.mark.real_time
def test_a_forked_child_starts_with_a_free_guard() -> None:
    argv = [sys.executable, "-W", "ignore", "-c", FORK]
    # Who measures coverage holds a lock of his own, in which a child may be born.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(argv, timeout=60, capture_output=True, check=False, env=env)
    assert done.returncode == 0, done.stderr.decode()
