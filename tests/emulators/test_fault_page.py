"""The page about faults says what the tests expect."""

from __future__ import annotations

from fault_table import PAGE, page


def test_the_page_is_made_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it: python tests/fault_table.py"
