"""A client that nobody closed leaves its gate when it is collected, whatever goes on there."""

from __future__ import annotations

import gc
from threading import Thread

from scripted import ScriptedServer

from twofold._sync.core.pipeline import Pipeline
from twofold._sync.core.transport.in_process import InProcessTransport
from twofold.core.credentials import Anonymous
from twofold.core.options import Terms
from twofold.core.policy.limits import Limits
from twofold.core.request import Origin

HOME = Origin("https", "api.example", 443)


def line(limits: Limits, concurrency: int) -> Pipeline:
    return Pipeline(
        origin=HOME,
        base="",
        transport=InProcessTransport(ScriptedServer()),
        credentials=Anonymous(),
        terms=Terms(None, None),
        concurrency=concurrency,
        limits=limits,
    )


def test_a_client_that_is_collected_no_longer_counts() -> None:
    limits = Limits()
    kept, lost = line(limits, 3), line(limits, 9)
    assert kept.member.gate.statistics("anonymous").limit == 9
    del lost
    gc.collect()
    assert kept.member.gate.statistics("anonymous").limit == 3


def test_a_collection_in_the_midst_of_the_gate_does_not_wait_for_it() -> None:
    limits = Limits()
    kept, lost = line(limits, 3), [line(limits, 9)]

    def collect() -> None:
        with kept.member.gate._lock:  # as if an allocation in there had set it off
            lost.clear()
            gc.collect()

    thread = Thread(target=collect, daemon=True)
    thread.start()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert kept.member.gate.statistics("anonymous").limit == 3
