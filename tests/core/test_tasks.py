"""The table of a client's tasks against a naive model, and its edges."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from twofold.core.task import Background, Record, TaskState
from twofold.core.tasks import TaskTable
from twofold.errors import (
    ArgumentError,
    ConflictError,
    NotEnteredError,
    NotFoundError,
    OutcomeUnknownError,
)


class Place:
    def __init__(self) -> None:
        self.woken = 0

    def wake(self) -> bool:
        self.woken += 1
        return True


class Home:
    """Where a block is."""


class Tasks(RuleBasedStateMachine):
    """Tasks are added, begin, run, end; the model keeps plain lists."""

    MOST, KEPT, KEPT_FOR = 2, 3, 50.0

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        settings = Background(concurrency=self.MOST, kept=self.KEPT, kept_for=self.KEPT_FOR)
        self.table = TaskTable(settings, lambda: self.now)
        self.home = Home()
        self.block = self.table.open(self.home, lambda record: None)
        self.begun: list[Record[Any]] = []
        self.pending: list[Record[Any]] = []
        self.ended: list[tuple[float, Record[Any]]] = []
        self.words: list[tuple[Record[Any], Place]] = []

    @rule(name=st.sampled_from([None, "a", "b"]))
    def add(self, name: str | None) -> None:
        live = [one.name for one in self.begun + self.pending]
        if name in live:
            with pytest.raises(ConflictError):
                self.table.add(self.home, print, name)
            return
        record, is_next = self.table.add(self.home, print, name)
        assert is_next == (len(self.begun) < self.MOST)
        (self.begun if is_next else self.pending).append(record)

    @precondition(lambda self: self.begun)
    @rule(which=st.integers(0, 9), how=st.sampled_from(["value", "error", "nothing"]))
    def end(self, which: int, how: str) -> None:
        record = self.begun[which % len(self.begun)]
        if self.table.run(record, lambda: None):
            if how == "value":
                self.table.complete(record, 7)
                assert record.unwrap() == 7
            elif how == "error":
                self.table.fail(record, KeyError("no"))
        following = self.table.left(record)
        self.begun.remove(record)
        self.ended.append((self.now, record))
        assert following is (self.pending[0] if self.pending else None)
        if following is not None:
            self.begun.append(self.pending.pop(0))

    @precondition(lambda self: self.begun or self.pending)
    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        live = self.begun + self.pending
        record = live[which % len(live)]
        assert self.table.unwant(record) is None  # nothing runs between two steps
        if record in self.pending:
            self.pending.remove(record)
            self.ended.append((self.now, record))

    @precondition(lambda self: self.begun or self.pending)
    @rule(which=st.integers(0, 9))
    def watch(self, which: int) -> None:
        live = self.begun + self.pending
        place = Place()
        assert self.table.watch(live[which % len(live)], place)
        self.words.append((live[which % len(live)], place))

    @rule(seconds=st.sampled_from([1.0, 20.0, 60.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def it_knows_what_the_model_knows(self) -> None:
        kept = [one for at, one in self.ended if at > self.now - self.KEPT_FOR][-self.KEPT :]
        known = sorted([*kept, *self.begun, *self.pending], key=lambda one: one.id)
        assert self.table.all() == known
        oldest = self.table.oldest()
        assert (oldest is None) == (not self.begun and not self.pending)
        for one in known:
            assert self.table.find(one.id) is one
        for at, one in self.ended:
            assert one.state.is_final
            assert one.ended == at
            if one not in kept:
                with pytest.raises(NotFoundError):
                    self.table.find(one.id)

    @invariant()
    def whoever_left_word_is_woken_once(self) -> None:
        for record, place in self.words:
            assert place.woken == record.state.is_final


TestTasks = Tasks.TestCase
TestTasks.settings = settings(max_examples=60, stateful_step_count=30)


def test_a_name_stands_for_the_last_task_that_had_it() -> None:
    home = Home()
    table = TaskTable(Background(kept=1), lambda: 0.0)
    table.open(home, lambda record: None)
    first, _ = table.add(home, print, "a")
    table.left(first)
    second, _ = table.add(home, print, "a")
    assert table.find("a") is second
    table.left(second)
    assert table.find("a") is second
    with pytest.raises(NotFoundError):
        table.find(first.id)


def test_a_task_that_could_not_begin_was_never_there() -> None:
    home = Home()
    table = TaskTable(Background(concurrency=1), lambda: 0.0)
    table.open(home, lambda record: None)
    record, _ = table.add(home, print, "a")
    table.drop(record)
    assert table.all() == []
    assert table.oldest() is None
    assert table.add(home, print, "a")[1]


def test_tasks_are_accepted_from_their_own_home_only() -> None:
    table, home = TaskTable(Background(), lambda: 0.0), Home()
    with pytest.raises(NotEnteredError, match="to be entered;"):
        table.add(home, print, None)
    block = table.open(home, lambda record: None)
    with pytest.raises(NotEnteredError, match="another event loop"):
        table.add(Home(), print, None)
    table.close(block)
    with pytest.raises(NotEnteredError, match="being left"):
        table.add(home, print, None)


def test_a_forked_child_has_none_of_the_tasks() -> None:
    table, home = TaskTable(Background(), lambda: 0.0), Home()
    table.open(home, lambda record: None)
    record, _ = table.add(home, print, "a")
    assert table.run(record, lambda: None)
    table._lock.acquire()
    table.renew()
    assert record.state is TaskState.CANCELLED
    assert table.oldest() is None
    with pytest.raises(NotEnteredError):
        table.add(home, print, None)
    with pytest.raises(OutcomeUnknownError):
        record.unwrap()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *[("concurrency", wrong) for wrong in (0, -1, 1.5, True, "2")],
        *[("drain", wrong) for wrong in (-1, float("nan"), "5", True)],
        *[("kept", wrong) for wrong in (-1, 1.5, None)],
        *[("kept_for", wrong) for wrong in (-1, float("nan"), None)],
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(name: str, wrong: Any) -> None:
    with pytest.raises(ArgumentError, match=f"^{name} must"):
        Background(**{name: wrong})
