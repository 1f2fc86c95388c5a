"""How many rows a page has."""

from __future__ import annotations

LARGEST_PAGE = 2000
"""Rows of one page, at most; the server's own limit."""

FIRST_PAGE = 200
"""Rows asked of every type at once, to learn the totals."""
