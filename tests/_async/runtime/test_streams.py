# SPDX-License-Identifier: MIT
"""Streams: items in order, none lost, and both sides learn when the other has gone."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold._runtime.waiting.scopes import CancelScope, current_time, move_on_after, sleep
from twofold._runtime.waiting.streams import (
    BrokenResourceError,
    ClosedResourceError,
    EndOfStream,
    MemoryObjectReceiveStream,
    WouldBlock,
    create_memory_object_stream,
)
from twofold._runtime.waiting.tasks import create_task_group

tenths = st.integers(0, 20).map(lambda count: count / 10)
attempts = st.lists(st.tuples(tenths, tenths), max_size=8)


# SPDX-License-Identifier: MIT
async def test_a_stream_passes_items_in_order() -> None:
    send, receive = create_memory_object_stream[int](2)

    async def produce() -> None:
        async with send:
            for number in range(5):
                await send.send(number)

    async with create_task_group() as tasks:
        tasks.start_soon(produce)
        async with receive:
            assert [number async for number in receive] == [0, 1, 2, 3, 4]


async def test_a_full_stream_holds_the_sender_back() -> None:
    send, receive = create_memory_object_stream[int](1)
    sent: list[int] = []

    async def produce() -> None:
        async with send:
            for number in range(5):
                await send.send(number)
                sent.append(number)

    async with create_task_group() as tasks:
        tasks.start_soon(produce)
        await sleep(1)
        assert sent == [0]
        async with receive:
            assert [number async for number in receive] == [0, 1, 2, 3, 4]


async def test_a_stream_without_buffer_hands_over() -> None:
    send, receive = create_memory_object_stream[str]()
    with send, receive:
        with pytest.raises(WouldBlock):
            send.send_nowait("too soon")
        async with create_task_group() as tasks:
            tasks.start_soon(send.send, "now")
            assert await receive.receive() == "now"


async def test_the_end_of_a_stream() -> None:
    send, receive = create_memory_object_stream[str](1)
    await send.send("last")
    send.close()
    assert await receive.receive() == "last"
    with pytest.raises(EndOfStream):
        await receive.receive()
    receive.close()
    with pytest.raises(ClosedResourceError):
        await receive.receive()


async def test_nobody_is_left_to_receive() -> None:
    send, receive = create_memory_object_stream[str](1)
    receive.close()
    with send, pytest.raises(BrokenResourceError):
        await send.send("anyone?")


async def test_closing_the_receiver_frees_the_sender() -> None:
    send, receive = create_memory_object_stream[int]()
    freed = False

    async def produce() -> None:
        nonlocal freed
        with send, pytest.raises(BrokenResourceError):
            await send.send(1)
        freed = True

    async with create_task_group() as tasks:
        tasks.start_soon(produce)
        await sleep(1)
        receive.close()
    assert freed


async def test_each_item_is_received_once() -> None:
    send, receive = create_memory_object_stream[int](1)
    received: list[int] = []

    async def consume(end: MemoryObjectReceiveStream[int]) -> None:
        with end:
            async for number in end:
                received.append(number)
                await sleep(0.1)

    async with create_task_group() as tasks:
        with receive:
            for _ in range(3):
                tasks.start_soon(consume, receive.clone())
        async with send:
            for number in range(20):
                await send.send(number)
    assert sorted(received) == list(range(20))


async def test_the_stream_ends_with_the_last_clone() -> None:
    send, receive = create_memory_object_stream[int](5)
    other = send.clone()
    send.close()
    other.send_nowait(1)
    other.close()
    with receive:
        assert receive.receive_nowait() == 1
        with pytest.raises(EndOfStream):
            receive.receive_nowait()
    with pytest.raises(ClosedResourceError):
        send.clone()
    with pytest.raises(ClosedResourceError):
        send.send_nowait(2)
    with pytest.raises(ClosedResourceError):
        receive.receive_nowait()


async def test_closing_the_sender_ends_the_receivers_wait() -> None:
    send, receive = create_memory_object_stream[int]()
    started = current_time()

    async def close_later() -> None:
        await sleep(1)
        send.close()

    async with create_task_group() as tasks:
        tasks.start_soon(close_later)
        with receive, pytest.raises(EndOfStream):
            await receive.receive()
    assert current_time() - started == pytest.approx(1)


async def test_a_cancelled_sender_sends_nothing() -> None:
    send, receive = create_memory_object_stream[int]()
    with send, receive:
        with move_on_after(1) as scope:
            await send.send(1)
        assert scope.cancelled_caught
        with pytest.raises(WouldBlock):
            receive.receive_nowait()


async def test_a_cancelled_receiver_takes_nothing() -> None:
    send, receive = create_memory_object_stream[int](1)
    with send, receive:
        with move_on_after(1) as scope:
            await receive.receive()
        assert scope.cancelled_caught
        send.send_nowait(1)
        assert await receive.receive() == 1


async def test_an_item_for_a_cancelled_receiver_is_not_lost() -> None:
    send, receive = create_memory_object_stream[int](1)
    hasty = CancelScope()
    received: list[int] = []

    async def receive_hastily() -> None:
        with hasty:
            received.append(await receive.receive())

    with send, receive:
        async with create_task_group() as tasks:
            tasks.start_soon(receive_hastily)
            await sleep(1)
            hasty.cancel()
            send.send_nowait(1)
        assert received == []
        assert receive.receive_nowait() == 1


async def test_a_stream_without_limit_never_holds_the_sender_back() -> None:
    send, receive = create_memory_object_stream[int](math.inf)
    with send, receive:
        for number in range(1000):
            send.send_nowait(number)
        assert [await receive.receive() for _ in range(1000)] == list(range(1000))


async def test_items_are_passed_in_time() -> None:
    send, receive = create_memory_object_stream[int]()
    started = current_time()

    async def produce() -> None:
        async with send:
            for number in range(3):
                await sleep(1)
                await send.send(number)

    async with create_task_group() as tasks:
        tasks.start_soon(produce)
        async with receive:
            times = [current_time() - started async for _ in receive]
    assert times == pytest.approx([1, 2, 3])


@pytest.mark.parametrize("size", [-1, 0.5])
async def test_a_size_is_a_whole_number_or_infinity(size: float) -> None:
    with pytest.raises(ValueError, match="max_buffer_size"):
        create_memory_object_stream[int](size)


@given(size=st.integers(0, 2), sending=attempts, receiving=attempts)
async def test_whoever_gives_up_no_item_is_lost_or_doubled(
    size: int, sending: list[tuple[float, float]], receiving: list[tuple[float, float]]
) -> None:
    send, receive = create_memory_object_stream[int](size)
    sent: list[int] = []
    received: list[int] = []

    async def produce(number: int, start: float, patience: float) -> None:
        await sleep(start)
        with move_on_after(patience):
            await send.send(number)
            sent.append(number)

    async def consume(start: float, patience: float) -> None:
        await sleep(start)
        with move_on_after(patience):
            received.append(await receive.receive())

    with send, receive:
        async with create_task_group() as tasks:
            for number, (start, patience) in enumerate(sending):
                tasks.start_soon(produce, number, start, patience)
            for start, patience in receiving:
                tasks.start_soon(consume, start, patience)
        send.close()
        received += [number async for number in receive]
    assert set(sent) <= set(received)
    assert len(received) == len(set(received))
    assert set(received) <= set(range(len(sending)))
