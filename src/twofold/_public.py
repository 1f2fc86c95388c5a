"""Public names come from one lazy table a package, so that importing one colour loads only it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module


def find(package: str, table: Mapping[str, str], name: str) -> object:
    """Return a public name of a package, importing the module that the table names."""
    if name not in table:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return getattr(import_module(table[name], package), name)
