"""Rules of cancellation that can be read off the sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src" / "twofold"

# Who keeps an error for another to raise: an interrupt in a task of its own would stop a loop.
KEEPS = {("_async/core/crew.py", "run"), ("_runtime/blocking/tasks.py", "_run")}


def functions() -> Iterator[tuple[str, ast.AST]]:
    """Yield every function that is written by hand, with its file."""
    for path in sorted(SOURCES.rglob("*.py")):
        if "_sync" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield path.relative_to(SOURCES).as_posix(), node


def catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) == "BaseException"


def raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_whoever_catches_everything_raises_it_again() -> None:
    """Rule 14.3"""
    handlers = [
        (file, getattr(function, "name", ""), node)
        for file, function in functions()
        for node in ast.walk(function)
        if isinstance(node, ast.ExceptHandler) and catches_all(node)
    ]
    assert len(handlers) > 10
    silent = {(file, name) for file, name, handler in handlers if not raises(handler)}
    assert silent == KEEPS


def test_cleaning_up_is_shielded_for_a_bounded_time() -> None:
    """Rule 14.2"""
    scopes = [
        (file, ast.unparse(node))
        for file, function in functions()
        if file.startswith("_async/")
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and any(word.arg == "shield" for word in node.keywords)
    ]
    assert scopes
    assert [scope for scope in scopes if not scope[1].startswith("move_on_after(")] == []
