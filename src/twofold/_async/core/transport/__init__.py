# SPDX-License-Identifier: MIT
"""Engines: they send one request and read one answer, and never queue, retry or redirect."""
