"""What the seam's primitives cost, in each runtime."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from twofold._runtime.blocking import park as blocking_park
from twofold._runtime.blocking import scopes as blocking_scopes
from twofold._runtime.blocking import tasks as blocking_tasks
from twofold._runtime.waiting import park, scopes, tasks
from twofold.core.policy.gate import Gate, Ticket

from .measuring import Row, at_most, interleaved, medians, on

TIMES = 5_000
WAITERS = 64


async def lock() -> float:
    held = park.Lock()
    began = time.perf_counter()
    for _ in range(TIMES):
        async with held:
            pass
    return per_time(began)


async def scope() -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        with scopes.move_on_after(10):
            pass
    return per_time(began)


async def task() -> float:
    began = time.perf_counter()
    async with tasks.create_task_group() as group:
        for _ in range(TIMES):
            group.start_soon(scopes.checkpoint)
    return per_time(began)


def blocking_lock() -> float:
    held = blocking_park.Lock()
    began = time.perf_counter()
    for _ in range(TIMES):
        with held:
            pass
    return per_time(began)


def blocking_scope() -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        with blocking_scopes.move_on_after(10):
            pass
    return per_time(began)


def blocking_task() -> float:
    began = time.perf_counter()
    for _ in range(TIMES // 50):
        with blocking_tasks.create_task_group() as group:
            for _ in range(50):
                group.start_soon(blocking_scopes.checkpoint)
    return per_time(began)


def gate() -> float:
    """Enter and leave a gate that has room: the whole policy, no waiting."""
    member = Gate().join("me", 10)
    began = time.perf_counter()
    for _ in range(TIMES):
        ticket = Ticket(member, blocking_park.ParkingPlace())
        member.gate.enter(ticket, 0.0)
        member.gate.leave(ticket, 0.0)
    return per_time(began)


def handed_over() -> float:
    """Hand one slot from thread to thread, while the others wait for it."""
    slot = blocking_park.CapacityLimiter(1)
    ready = threading.Barrier(WAITERS + 1)
    each = TIMES // WAITERS

    def come_and_go() -> None:
        ready.wait()
        for _ in range(each):
            with slot:
                pass

    threads = [threading.Thread(target=come_and_go) for _ in range(WAITERS)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return (time.perf_counter() - began) / (each * WAITERS) * 1e6


def per_time(began: float) -> float:
    return (time.perf_counter() - began) / TIMES * 1e6


def rows(rounds: int) -> list[Row]:
    contenders: dict[str, Callable[[], float]] = {"gate": gate, "handed over": handed_over}
    for what, call in {"lock": lock, "scope": scope, "task": task}.items():
        for backend in ("asyncio", "trio"):
            contenders[f"{what}, {backend}"] = on(backend, call)
    contenders["lock, blocking"] = blocking_lock
    contenders["scope, blocking"] = blocking_scope
    contenders["task, blocking"] = blocking_task
    figures = medians(interleaved(contenders, rounds))
    return [
        at_most("gate: enter and leave, room inside", figures.pop("gate"), "us", 10),
        at_most(
            f"a slot handed over between {WAITERS} waiting threads",
            figures.pop("handed over"),
            "us",
            50,
        ),
        *(Row(name, f"{figure:.3g} us") for name, figure in sorted(figures.items())),
    ]
