from __future__ import annotations

import math
from collections.abc import Sequence

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from twofold.core.policy.bucket import FIRST_PAUSE, LONGEST_PAUSE, Bucket, Heard

NEAR = 1e-4
THROTTLED = Heard(throttled=True)


def left(remaining: int, reset: float = 60.0, limit: int = 100) -> Heard:
    return Heard(limit=limit, remaining=remaining, reset=reset)


def told(bucket: Bucket, heard: Heard | None, now: float) -> None:
    """One request that was answered at once."""
    assert bucket.wait(now) == 0.0
    bucket.leave(bucket.enter(now), heard, now)


def closed(seconds: float | None = None) -> Heard:
    return Heard(throttled=True, closed=seconds)


def admitted(bucket: Bucket, now: float) -> list[int]:
    """Let in all that may go at one moment, and return what they were given."""
    numbers: list[int] = []
    while len(numbers) < 2000 and bucket.wait(now) == 0.0:
        numbers.append(bucket.enter(now))
    return numbers


def test_everything_goes_while_nothing_was_heard() -> None:
    """Invariant 4.5."""
    bucket = Bucket()
    numbers = admitted(bucket, 0.0)
    assert numbers == list(range(1, 2001))
    for number in numbers:
        bucket.leave(number, None, 1.0)
    assert bucket.wait(1.0) == 0.0
    assert bucket.inside == 0


def test_what_is_left_is_what_was_told_less_what_is_under_way() -> None:
    bucket = Bucket()
    first, *_ = [bucket.enter(0.0) for _ in range(10)]
    bucket.leave(first, Heard(limit=20, remaining=19, reset=60.0), 0.0)
    # 19 less the 9 that it may not have counted; below a tenth of the limit they are paced.
    now, gone = 0.0, len(admitted(bucket, 0.0))
    while (pause := bucket.wait(now)) and now + pause < 60.0:
        now += pause
        gone += len(admitted(bucket, now))
    assert gone == 10


def test_an_answer_that_comes_late_never_raises_the_figure() -> None:
    bucket = Bucket()
    slow, quick, _ = (bucket.enter(0.0) for _ in range(3))
    bucket.leave(quick, left(1, limit=3), 0.0)
    assert bucket.wait(0.0) == pytest.approx(60.0, abs=NEAR)
    bucket.leave(slow, left(2, limit=3), 0.5)
    assert bucket.wait(0.5) == pytest.approx(60.0, abs=NEAR), "the reset is not exact to the second"
    assert bucket.wait(30.0) > 0.0


def test_an_answer_that_took_long_does_not_begin_an_epoch() -> None:
    bucket = Bucket()
    slow = bucket.enter(0.0)
    told(bucket, left(2, limit=5), 1.0)
    bucket.leave(slow, left(4, limit=5), 20.0, took=20.0)
    assert bucket.wait(20.0) == pytest.approx(0.0)
    bucket.enter(20.0)
    assert bucket.wait(20.0) > 0.0


def test_a_later_reset_begins_an_epoch() -> None:
    bucket = Bucket()
    told(bucket, left(0), 0.0)
    assert bucket.wait(0.0) == pytest.approx(60.0, abs=NEAR)
    bucket.hear(left(90), 10.0)
    assert bucket.wait(10.0) == 0.0


def test_an_answer_of_an_earlier_epoch_says_nothing_of_this_one() -> None:
    bucket = Bucket()
    late = bucket.enter(0.0)
    told(bucket, left(90, reset=100.0), 50.0)
    bucket.leave(late, left(0, reset=1.0), 51.0)
    assert bucket.wait(51.0) == 0.0


def test_above_the_reserve_all_go_and_below_it_they_are_spread_until_the_reset() -> None:
    bucket = Bucket()
    told(bucket, left(20), 0.0)
    assert len(admitted(bucket, 0.0)) == 11, "the first of the reserve goes at once, too"
    now, moments = 0.0, list[float]()
    while (pause := bucket.wait(now)) < math.inf and now + pause < 60.0:
        now += pause
        bucket.enter(now)
        moments.append(now)
    assert len(moments) == 9
    gaps = [after - before for before, after in zip([0.0, *moments], moments, strict=False)]
    assert gaps == pytest.approx([6.0] * 9, abs=0.01)


def test_the_next_epoch_has_as_much_to_share_until_it_is_named() -> None:
    bucket = Bucket()
    told(bucket, left(5, limit=8, reset=10.0), 0.0)
    waiting = admitted(bucket, 11.0)
    assert len(waiting) == 8
    assert bucket.wait(11.0) == math.inf, "an answer will tell"
    bucket.leave(waiting.pop(), left(7, limit=8, reset=9.0), 12.0)
    assert bucket.wait(12.0) == pytest.approx(9.0, abs=NEAR)


def test_nobody_waits_for_answers_that_say_nothing() -> None:
    bucket = Bucket()
    told(bucket, left(5, limit=8, reset=10.0), 0.0)
    for number in admitted(bucket, 11.0):
        assert bucket.wait(11.0) == math.inf
        bucket.leave(number, None, 12.0)
    assert bucket.wait(12.0) == 0.0
    assert len(admitted(bucket, 12.0)) == 2000


def test_after_nothing_was_left_one_request_looks_whether_the_reset_has_come() -> None:
    bucket = Bucket()
    told(bucket, left(0, reset=10.0), 0.0)
    assert bucket.wait(9.0) > 0.0
    (probe,) = admitted(bucket, 10.1)
    assert bucket.wait(10.1) == math.inf
    bucket.leave(probe, left(99, reset=10.0), 10.2)
    assert len(admitted(bucket, 10.2)) == 2


def test_a_throttle_closes_until_the_hint_then_one_goes_then_twice_as_many() -> None:
    """Invariant 4.6."""
    bucket = Bucket()
    first, second = bucket.enter(0.0), bucket.enter(0.0)
    bucket.leave(first, closed(30.0), 0.0)
    assert bucket.wait(0.0) == pytest.approx(30.0, abs=NEAR)
    bucket.leave(second, left(99), 1.0)
    assert bucket.wait(1.0) == pytest.approx(29.0, abs=NEAR)
    assert admitted(bucket, 29.9) == []
    inside = admitted(bucket, 30.0)
    assert len(inside) == 1
    for _ in range(8):
        width = len(inside)
        bucket.leave(inside.pop(), None, 31.0)
        inside += admitted(bucket, 31.0)
        assert len(inside) >= min(2 * width, 256)
    assert len(inside) == 2000 + 127, "wholly open again"


def test_a_cancelled_probe_makes_room_for_another() -> None:
    bucket = Bucket()
    told(bucket, closed(5.0), 0.0)
    (probe,) = admitted(bucket, 6.0)
    bucket.leave(probe, None, 7.0, answered=False)
    assert len(admitted(bucket, 7.0)) == 1
    assert bucket.wait(7.0) == math.inf


def test_a_throttled_probe_closes_again() -> None:
    bucket = Bucket()
    told(bucket, closed(5.0), 0.0)
    told(bucket, closed(7.0), 5.0)
    assert bucket.wait(5.0) == pytest.approx(7.0, abs=NEAR)
    assert len(admitted(bucket, 12.0)) == 1


def test_without_a_hint_the_pauses_grow_and_are_bounded() -> None:
    bucket, now, pauses = Bucket(), 0.0, list[float]()
    for _ in range(9):
        told(bucket, THROTTLED, now)
        pauses.append(bucket.wait(now))
        now += pauses[-1]
    grown = [min(LONGEST_PAUSE, FIRST_PAUSE * 2**n) for n in range(9)]
    assert pauses == pytest.approx(grown, abs=NEAR)


def test_hints_of_nothing_do_not_spin() -> None:
    bucket, now, sent = Bucket(), 0.0, 0
    while now < 60.0:
        pause = bucket.wait(now)
        now += pause
        if not pause:
            bucket.leave(bucket.enter(now), closed(0.0), now)
            sent += 1
    assert sent <= 62


def test_those_that_were_under_way_do_not_make_the_pause_grow() -> None:
    bucket = Bucket()
    inside = [bucket.enter(0.0) for _ in range(10)]
    for number in inside:
        bucket.leave(number, THROTTLED, 0.1)
    assert bucket.wait(0.1) == pytest.approx(FIRST_PAUSE, abs=NEAR)


def test_a_longer_hint_that_comes_late_counts() -> None:
    """Invariant 4.6: of several hints the last to end holds, also while a probe is out."""
    bucket = Bucket()
    early, late = bucket.enter(0.0), bucket.enter(0.0)
    bucket.leave(early, closed(5.0), 0.0)
    (probe,) = admitted(bucket, 6.0)
    bucket.leave(late, closed(5.0), 7.0)
    bucket.leave(probe, None, 8.0)
    assert bucket.wait(8.0) == pytest.approx(4.0, abs=NEAR)
    assert len(admitted(bucket, 12.0)) == 1


def test_a_throttle_that_only_the_reader_saw_closes_too() -> None:
    bucket = Bucket()
    told(bucket, None, 0.0)
    bucket.throttle(60.0, 1.0)
    assert bucket.is_closed
    assert bucket.wait(1.0) == pytest.approx(60.0, abs=NEAR)


def test_one_that_was_let_in_and_never_went_takes_nothing() -> None:
    bucket = Bucket()
    told(bucket, left(3, limit=5), 0.0)
    for _ in range(10):
        bucket.forget(bucket.enter(0.0))
    assert len(admitted(bucket, 0.0)) == 3
    bucket = Bucket()
    told(bucket, closed(5.0), 0.0)
    bucket.forget(bucket.enter(6.0))
    assert len(admitted(bucket, 6.0)) == 1


@pytest.mark.parametrize("heard", [closed(60.0), left(0, reset=60.0)])
@given(back=st.floats(1.1, 1e9))
def test_a_clock_that_is_set_back_keeps_nobody_longer(heard: Heard, back: float) -> None:
    bucket, now = Bucket(), 1e6
    told(bucket, heard, now)
    assert bucket.wait(now - back) == pytest.approx(60.0, abs=NEAR)
    assert bucket.wait(now - back + 59.0) == pytest.approx(1.0, abs=NEAR)


@pytest.mark.parametrize("heard", [closed(60.0), left(0, reset=60.0)])
@given(ahead=st.floats(61, 1e12))
def test_a_clock_that_jumps_ahead_lets_one_go(heard: Heard, ahead: float) -> None:
    bucket = Bucket()
    told(bucket, heard, 100.0)
    assert len(admitted(bucket, 100.0 + ahead)) == 1


@pytest.mark.parametrize(
    "heard",
    [Heard(limit=10), Heard(remaining=0), Heard(reset=60.0), Heard(remaining=0, reset=0.0)],
)
def test_half_a_figure_says_nothing(heard: Heard) -> None:
    bucket = Bucket()
    told(bucket, heard, 0.0)
    assert len(admitted(bucket, 0.0)) == 2000


def test_a_forked_child_has_nobody_inside() -> None:
    bucket = Bucket()
    told(bucket, closed(5.0), 0.0)
    assert len(admitted(bucket, 6.0)) == 1
    bucket.renew()
    assert bucket.inside == 0
    assert len(admitted(bucket, 6.0)) == 1


journeys = st.tuples(st.integers(0, 10), st.integers(0, 10))  # there and back, in tenths of seconds


@given(
    limit=st.integers(1, 30),
    crowd=st.integers(1, 12),
    window=st.integers(5, 60),
    journeys=st.lists(journeys, min_size=1, max_size=20),
    began=st.integers(0, 59),
)
def test_a_server_that_tells_is_never_overrun_once_it_was_heard(
    limit: int, crowd: int, window: int, journeys: Sequence[tuple[int, int]], began: int
) -> None:
    """Invariant 4.1: a crowd sends as fast as the headers let it, on ways of any length."""
    server = Server(limit, window)
    bucket, now, sent = Bucket(), float(began), 0
    told(bucket, server.count(now)[0], now)
    under_way: list[Journey] = []
    while sent < 200:
        while len(under_way) < crowd and not bucket.wait(now):
            there, back = journeys[sent % len(journeys)]
            sent += 1
            under_way.append(Journey(bucket.enter(now), now, now + there / 10, back / 10))
        pause = bucket.wait(now) if len(under_way) < crowd else math.inf
        nearest = min(under_way, key=lambda one: one.next, default=None)
        if nearest is None or nearest.next > now + pause:
            assert pause < math.inf, "somebody must be under way"
            now += pause
            continue
        now = max(now, nearest.next)
        if nearest.heard is None:
            nearest.heard, throttled = server.count(now)
            assert not throttled
            nearest.next += nearest.back
        else:
            under_way.remove(nearest)
            bucket.leave(nearest.ordinal, nearest.heard, now, took=now - nearest.sent)


@attrs.define(eq=False)
class Journey:
    """A request on its way there, until something was heard, and then back."""

    ordinal: int
    sent: float
    next: float
    back: float
    heard: Heard | None = None


@attrs.define
class Server:
    """Allows so many in each window of its clock, and tells what is left."""

    limit: int
    window: int
    counted: dict[int, int] = attrs.field(factory=dict)

    def count(self, now: float) -> tuple[Heard, bool]:
        current = int(now // self.window)
        self.counted[current] = counted = self.counted.get(current, 0) + 1
        reset = (current + 1) * self.window - now
        return left(max(0, self.limit - counted), reset, self.limit), counted > self.limit


@attrs.frozen
class Sent:
    number: int
    at: float


@attrs.frozen
class Throttle:
    """An answer that throttled: when, until when, and whether it was a probe's."""

    at: float
    until: float


class Throttling(RuleBasedStateMachine):
    """Invariant 4.6: against a naive model, the whole history, read anew each time."""

    def __init__(self) -> None:
        super().__init__()
        self.bucket = Bucket()
        self.now = 0.0
        self.inside: list[Sent] = []
        self.throttles: list[Throttle] = []
        self.successes = 0
        """Answers, since the last closing, to what was sent after it."""

    @property
    def closing(self) -> Throttle | None:
        """The throttle that counts: the one that holds longest."""
        return max(self.throttles, key=lambda one: one.until, default=None)

    def probes(self) -> list[Sent]:
        closing = self.closing
        return [] if closing is None else [one for one in self.inside if one.at >= closing.until]

    def may_go(self) -> bool:
        closing = self.closing
        if closing is None:
            return True
        return self.now >= closing.until and len(self.probes()) < 2**self.successes

    @rule(seconds=st.sampled_from([0.5, 1.0, 3.0, 10.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: len(self.inside) < 20)
    @rule()
    def ask(self) -> None:
        goes = self.bucket.wait(self.now) == 0.0
        assert goes == self.may_go()
        if goes:
            assert not any(one.at < self.now < one.until for one in self.throttles)
            self.inside.append(Sent(self.bucket.enter(self.now), self.now))

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.inside))
        if one in self.probes():
            self.successes += 1
        self.end(one, None)
        if self.successes >= 8:
            self.throttles, self.successes = [], 0

    @precondition(lambda self: self.inside)
    @rule(data=st.data(), hint=st.sampled_from([1.5, 4.0, 20.0]))
    def throttle(self, data: st.DataObject, hint: float) -> None:
        one = data.draw(st.sampled_from(self.inside))
        later = self.closing is None or self.now + hint > self.closing.until
        if one in self.probes() or later:
            self.throttles.append(Throttle(self.now, self.now + hint))
            self.successes = 0
        self.end(one, Heard(throttled=True, closed=hint))

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self.end(data.draw(st.sampled_from(self.inside)), None, answered=False)

    def end(self, one: Sent, heard: Heard | None, *, answered: bool = True) -> None:
        self.inside.remove(one)
        self.bucket.leave(one.number, heard, self.now, answered=answered)

    @invariant()
    def it_counts_who_is_inside(self) -> None:
        assert self.bucket.inside == len(self.inside)

    @invariant()
    def somebody_may_go_sooner_or_later(self) -> None:
        wait = self.bucket.wait(self.now)
        assert wait < math.inf or self.probes()
        assert (wait == 0.0) == self.may_go()


TestThrottling = Throttling.TestCase
TestThrottling.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)


class Counting(RuleBasedStateMachine):
    """The figures against a naive model: of one epoch, every answer and every request since."""

    RESET = 1000.0

    def __init__(self) -> None:
        super().__init__()
        self.bucket = Bucket()
        self.now = 0.0
        self.inside: list[int] = []
        self.entered: list[int] = []
        self.ceilings: list[int] = []
        """For every answer: how many may go after it; one less for each that went."""

    @rule(seconds=st.sampled_from([0.5, 2.0, 7.0]))
    def time_passes(self, seconds: float) -> None:
        self.now = min(self.now + seconds, 900.0)

    @precondition(lambda self: len(self.inside) < 12)
    @rule()
    def ask(self) -> None:
        wait = self.bucket.wait(self.now)
        least = min(self.ceilings, default=math.inf)
        if least < 1:
            assert wait == pytest.approx(self.RESET - self.now, abs=NEAR)
        elif least > 2:
            assert wait == 0.0
        if wait == 0.0:
            self.inside.append(self.bucket.enter(self.now))
            self.entered.append(self.inside[-1])
            self.ceilings = [ceiling - 1 for ceiling in self.ceilings]

    @precondition(lambda self: self.inside)
    @rule(remaining=st.integers(0, 20), data=st.data())
    def answer(self, remaining: int, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(self.inside))
        self.inside.remove(number)
        heard = left(remaining, self.RESET - self.now, 20)
        self.bucket.leave(number, heard, self.now)
        later = self.entered[self.entered.index(number) + 1 :] if self.ceilings else self.inside
        self.ceilings.append(remaining - min(len(later), len(self.inside)))

    @precondition(lambda self: self.inside)
    @rule()
    def say_nothing(self) -> None:
        self.bucket.leave(self.inside.pop(), None, self.now)


TestCounting = Counting.TestCase
TestCounting.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
