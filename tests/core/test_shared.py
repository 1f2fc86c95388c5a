from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import chain

import pytest

from twofold.core.shared import Shared


def test_each_item_goes_to_one_thread() -> None:
    shared = Shared(iter(range(2000)))
    drawn: list[list[tuple[int, int]]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=own.extend, args=(shared,)) for own in drawn]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(chain.from_iterable(drawn)) == [(number, number) for number in range(2000)]
    assert shared.total == 2000


def test_after_an_error_there_are_no_more_items() -> None:
    class Faulty(Iterator[int]):
        asked = 0

        def __next__(self) -> int:
            self.asked += 1
            raise ValueError("no")

    items = Faulty()
    shared = Shared(items)
    with pytest.raises(ValueError, match="no"):
        next(shared)
    assert list(shared) == []
    assert items.asked == 1
    assert shared.total is None


def test_the_total_is_known_at_the_end() -> None:
    shared = Shared("abc")
    assert [next(shared), next(shared), next(shared)] == [(0, "a"), (1, "b"), (2, "c")]
    assert shared.total is None
    assert list(shared) == []
    assert shared.total == 3
