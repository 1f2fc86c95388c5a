# SPDX-License-Identifier: MIT
"""Broken answers of every kind, over real sockets: a second of what `nox -s soak -- fuzz` does."""

from __future__ import annotations

import pytest
from tools.soak._async.fuzz import fuzz


@pytest.mark.real_time
async def test_a_broken_answer_is_refused_or_read_as_h11_reads_it() -> None:
    found = await fuzz(seed=5, total=100_000)
    assert found.faults() == []
    assert min(found.alike, found.neither) > 50
