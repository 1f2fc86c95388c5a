"""Emulators check the clients, so they share nothing with them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import twofold.emulators

ROOT = Path(twofold.emulators.__file__).parent
SOURCES = sorted(ROOT.rglob("*.py"))
WAITING = {
    "asgi.py": {"anyio"},
    "fault_proxy.py": {"anyio", "socket", "h11"},
    "fault_proxy_line.py": {"anyio", "socket"},
    "fault_proxy_message.py": {"h11"},
    "aside.py": {"asyncio", "socket"},
    "serve.py": {"asyncio", "uvicorn", "socket", "signal"},
}
ALLOWED = {"attrs", "msgspec"}
WAITERS = {"anyio", "asyncio", "trio", "socket", "select", "uvicorn", "httpx"}


def imported(source: Path) -> Iterator[str]:
    """Name each imported module in full."""
    package = ("twofold", "emulators", *source.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (".".join((*above, name)) for name in names)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(ROOT)))
def test_a_module_uses_nothing_of_ours_but_emulators_and_waits_nowhere(source: Path) -> None:
    import sys

    own = WAITING.get(str(source.relative_to(ROOT)), set())
    for name in imported(source):
        root = name.partition(".")[0]
        assert root != "twofold" or name.startswith("twofold.emulators")
        assert root in own or root not in WAITERS
        assert root in {"twofold"} | ALLOWED | own or root in sys.stdlib_module_names
