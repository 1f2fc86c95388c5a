"""Every promise of the core has a test that names it, and the docs say which."""

from __future__ import annotations

from invariant_table import PAGE, named, page, promises


def test_every_promise_has_a_test_and_every_name_a_promise() -> None:
    known = {number for _, number, _ in promises()}
    assert known == set(named())


def test_the_page_says_what_the_tests_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it: python tests/invariant_table.py"
