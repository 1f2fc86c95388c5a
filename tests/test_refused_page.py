"""The docs say truly what each engine makes of malformed answers."""

from __future__ import annotations

import pytest
from answers import PAGE, page


@pytest.mark.real_time
def test_the_page_says_what_the_engines_do() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it: python tests/answers.py"
