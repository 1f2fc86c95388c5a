"""Generates the blocking half, then gives every test a runtime in virtual time."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def pytest_configure() -> None:
    """The tests in `_sync` are collected from disk, so they are written before collection."""
    spec = importlib.util.spec_from_file_location(
        "one_source", ROOT / "src" / "twofold" / "one_source.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.generate(ROOT)
