"""The picture of the engine's page shows what the table beneath it says."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.bench.plot import AGAIN, Bar, bars, ceiling, drawn

from .pages import ROOT

PAGE = ROOT / "docs" / "reference" / "engine.md"

TABLE = """\
| what | figure | target | met |
| --- | ---: | ---: | --- |
| asyncio, 1 in flight: twofold | 1,486/s, 214 us CPU |  |  |
| asyncio, 1 in flight: against twofold, raw | 1.16x as fast as 1,282/s, CPU 191 us (0.89x) |  |  |
| asyncio, 10 in flight, TLS: against httpx | 5.9x as fast as 449/s, CPU 9 us (6.8x) |  |  |
| asyncio, 10 in flight: against httpx, by twofold over httpx | 0.7x as fast as 127/s |  |  |
| 8 threads, TLS: against a<b & c | 3.1x as fast as 952/s, CPU 579 us (3.08x) | at least 5x | no |
| decode 1,000 issues: straight | 15.42 ms |  |  |
"""


def test_the_picture_is_drawn_from_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "](engine.svg)" in page
    assert PAGE.with_suffix(".svg").read_text(encoding="utf-8") == drawn(page)


def test_every_rate_of_the_page_has_its_bar() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rates = [line for line in lines if line.startswith("| ") and "/s, " in line]
    assert len(bars("\n".join(rates))) == sum(AGAIN not in line for line in rates) > 50


def test_a_bar_says_where_and_who_and_how_much() -> None:
    assert bars(TABLE) == [
        Bar("asyncio", "1 in flight", "twofold", 1486),
        Bar("asyncio", "1 in flight", "twofold, raw", 1282),
        Bar("asyncio", "10 in flight, TLS", "httpx", 449),
        Bar("threads", "8 threads, TLS", "a<b & c", 952),
    ]


def test_the_picture_is_well_formed_and_as_long_as_the_figures() -> None:
    svg = ET.fromstring(drawn(TABLE))
    said = ["".join(text.itertext()) for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"asyncio", "threads", "a<b & c", "1,486", "requests a second"} < set(said)
    rects = [rect for rect in svg.iter("{http://www.w3.org/2000/svg}rect") if rect.get("rx")]
    lengths = [float(rect.get("width", "")) for rect in rects]
    assert lengths[0] / lengths[3] == pytest.approx(1486 / 952, rel=0.01)


@given(st.floats(1, 1e6))
def test_the_scale_has_room_for_the_longest_bar_and_is_not_much_too_long(rate: float) -> None:
    assert rate <= ceiling(rate) <= 2 * rate
