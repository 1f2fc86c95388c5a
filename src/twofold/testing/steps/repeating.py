"""Run after run, the next one cancelled one step later.  It must not know what runs."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from threading import Thread
from threading import enumerate as living_threads

import attrs

from .counting import Edge, Steps

__all__ = ["LeftError", "StepError", "at_every_step", "refuse"]

GRACE = 1.0  # seconds that a thread may take to end once it has nothing more to do


class LeftError(AssertionError):
    """Something outlived the scenario."""


class StepError(AssertionError):
    """A scenario did not stand being cancelled at one of its steps; `__cause__` says how."""

    def __init__(self, steps: Steps, of: int, runtime: str, fault: str) -> None:
        self.step = steps.at
        """At which it was cancelled, from 1; 0: it failed undisturbed."""
        self.edge = steps.edge
        """Whether it was cancelled as that step began, or as it ended."""
        self.runtime = runtime
        where = f"cancelled as step {steps.at} of {of} {steps.edge}" if steps.at else "undisturbed"
        super().__init__(f"{where}, on {runtime}: {fault} (to repeat this alone: only={steps.at})")


@attrs.frozen
class Held:
    """What this process holds."""

    threads: frozenset[Thread] = attrs.field(factory=lambda: frozenset(living_threads()))
    descriptors: frozenset[str] = attrs.field(factory=lambda: descriptors())

    def check(self) -> None:
        """Refuse what is held now and was not held then."""
        refuse("thread", (thread.name for thread in living_threads() if self._is_new(thread)))
        refuse("file or socket", descriptors() - self.descriptors)

    def _is_new(self, thread: Thread) -> bool:
        # Daemons are what trio and anyio keep for later, and threads of a group, which waits.
        if thread in self.threads or thread.daemon:
            return False
        thread.join(GRACE)
        return thread.is_alive()


def descriptors() -> frozenset[str]:
    """Return the numbers of open files and sockets; nothing where the system does not tell."""
    with suppress(OSError):
        return frozenset(os.listdir("/dev/fd"))  # noqa: PTH208 - names, not paths
    return frozenset()


def refuse(kind: str, names: Iterable[str]) -> None:
    """Raise an error if there are any."""
    left = sorted(names)
    if left:
        raise LeftError(f"left over: {kind} {', '.join(left)}")


def at_every_step(
    run: Callable[[Steps], object], runtime: str, edges: Sequence[Edge], *, only: int | None
) -> int:
    """Run undisturbed, then cancelled at each step, or at `only` one; return how many there are."""
    with without_collections():
        total = attempt(run, Steps(0), 0, runtime)
        if only is not None and not 0 <= only <= total:
            raise ValueError(f"there are {total} steps: no step {only}")
        for step in range(1, total + 1) if only is None else filter(None, (only,)):
            for edge in edges:
                attempt(run, Steps(step, edge), total, runtime)
    return total


@contextmanager
def without_collections() -> Generator[None]:
    """Let no garbage of one run be collected in the midst of another: its finalisers take steps."""
    was_enabled = gc.isenabled()
    gc.disable()
    gc.collect()
    is_frozen = most_is_frozen()  # by whoever runs this, and remains so
    gc.freeze()  # a collection then looks at a run's own garbage only
    try:
        yield
    finally:
        if not is_frozen:
            gc.unfreeze()
        if was_enabled:
            gc.enable()


def most_is_frozen() -> bool:
    """Tell whether somebody froze what there was; what is immortal Python freezes by itself."""
    return gc.get_freeze_count() > len(gc.get_objects())


def attempt(run: Callable[[Steps], object], steps: Steps, total: int, runtime: str) -> int:
    held = Held()
    try:
        run(steps)
        gc.collect()
        held.check()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a cancellation that outlived its scope is none
        fault = f"{type(error).__name__}: {error}"
        raise StepError(steps, total, runtime, fault) from error
    if steps.taken < steps.at:
        raise StepError(steps, total, runtime, f"it ended after {steps.taken} steps, by chance?")
    return steps.taken
