"""What may stand where, read from the sources: the rules of the tree hold by themselves.

Each test lists the lines that break its rule.  A new rule, or an exception, is a decision of the
design: write down why before it comes in here.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TypeAlias, TypeGuard

import pytest

from twofold.one_source import trees_of

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "twofold"

SYSTEMS = ("rally", "github", "wats", "repos")
FACES = ("cli", "tui", "qt")
VALUES = ("outcome", "errors", "progress", "events", "settings")

# Where one may wait, and where threads may be started and stopped.
WAITING = ("_async", "_runtime", "emulators", "testing", "waiting", *FACES)
THREADED = ("_runtime", "emulators", "testing", *FACES)
RUNTIMES = ("anyio", "asyncio", "trio", "sniffio")

# What each layer may import, itself apart; what is above may import what is below.
COLOURLESS = ["values", "text", "uploads", "request", "forks", "policy", "core"]
BENEATH = {
    "values": [],
    "text": ["errors"],
    "uploads": ["values", "text"],
    "request": ["values", "text", "uploads"],
    "forks": [],
    "policy": ["values", "text", "uploads", "request", "forks"],
    "core": COLOURLESS,
    "system": COLOURLESS,
    "monitoring": COLOURLESS,
    "_runtime": COLOURLESS,
    "emulators": [],
    "drivers": [*COLOURLESS, "_runtime"],
    "drivers of a system": [*COLOURLESS, "_runtime", "system", "drivers"],
    "demo": [*COLOURLESS, "system"],
    "drivers of the demo": [
        *[*COLOURLESS, "_runtime", "system", "demo"],
        *["drivers", "drivers of a system"],
    ],
    "facade": [*COLOURLESS, "_runtime", "drivers"],
    "testing": [
        *[*COLOURLESS, "_runtime", "emulators"],
        # The plugin hands out clients.
        *["drivers", "drivers of a system", "facade"],
    ],
    "one_source": [],
    "build_hook": ["one_source"],
    "_public": [],
}
TOP = ("faces", "__main__")


@dataclass(frozen=True)
class Module:
    """A source file of ours, by its name below the package."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def at(self, node: ast.stmt | ast.expr | ast.comprehension, what: str = "") -> str:
        line = node.target.lineno if isinstance(node, ast.comprehension) else node.lineno
        return f"{self.path.relative_to(ROOT).as_posix()}:{line} {what}".strip()


@cache
def modules() -> dict[str, Module]:
    """Read every hand-written module."""
    read = {}
    for path in sorted(SOURCES.rglob("*.py")):
        if "_sync" not in path.parts:
            name = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
            name = name.removesuffix("__init__").rstrip(".")
            read[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")))
    return read


def statements(body: ast.AST) -> Iterator[ast.stmt]:
    """Yield what is run when a module is imported: no functions, nothing for type checkers."""
    for node in ast.iter_child_nodes(body):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from statements(node)


Import = tuple[ast.Import | ast.ImportFrom, str]


def imports(module: Module, *, at_load: bool = False) -> Iterator[Import]:
    """Yield what a module imports: `anyio.abc`, or `twofold.core.request` in full."""
    for node in statements(module.tree) if at_load else ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, target) for target in targets(module, node))


def targets(module: Module, node: ast.ImportFrom) -> Iterator[str]:
    """Resolve `from package import module` to the module, `from module import name` likewise."""
    up = node.level - module.is_package
    whole = ["twofold", *filter(None, module.name.split("."))]
    home = whole[: len(whole) - up] if node.level else []
    origin = ".".join([*home, *([node.module] if node.module else [])])
    for name in node.names:
        inner = f"{origin}.{name.name}"
        yield inner if inner.removeprefix("twofold.") in modules() else origin


def ours(module: Module, *, at_load: bool = False) -> Iterator[Import]:
    for node, target in imports(module, at_load=at_load):
        if target.partition(".")[0] == "twofold":
            yield node, target.partition(".")[2].replace("_sync", "_async")


def layer(name: str) -> str:
    """Name the layer of a module; those of `_sync` are those of `_async`."""
    match name.split("."):
        case [part, *_] if part in VALUES:
            return "values"
        case ["core", "text" | "uploads" | "request" | "forks" | "policy" as part, *_]:
            return part
        case [part, *_] if part in SYSTEMS:
            return "system"
        case ["_async", part, *_] if part in SYSTEMS:
            return "drivers of a system"
        case ["_async", "demo", *_]:
            return "drivers of the demo"
        case ["_async", *_]:
            return "drivers"
        case ["waiting" | "blocking"]:
            return "facade"
        case [part, *_]:
            return "faces" if part in FACES else part or "top"
    raise AssertionError(name)


def system_of(name: str) -> str | None:
    return next((part for part in name.split(".") if part in SYSTEMS), None)


def is_mock(module: Module) -> bool:
    return module.top == "_async" and module.path.stem.startswith("mock")


Coloured: TypeAlias = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith


def is_coloured(node: ast.AST) -> TypeGuard[Coloured | ast.comprehension]:
    return isinstance(node, Coloured) or (
        isinstance(node, ast.comprehension) and bool(node.is_async)
    )


def test_async_and_await_stand_only_where_one_may_wait() -> None:
    assert [
        module.at(node)
        for module in modules().values()
        for node in ast.walk(module.tree)
        if is_coloured(node)
        and (module.top not in WAITING or module.name.startswith("_runtime.blocking"))
    ] == []


def test_a_runtime_is_imported_only_where_one_may_wait_and_in_drivers_through_the_seam() -> None:
    assert [
        module.at(node, target)
        for module in modules().values()
        for node, target in imports(module)
        if target.partition(".")[0] in RUNTIMES
        and (module.top not in WAITING or module.top == "_async")
    ] == []


def test_of_threads_there_are_only_locks_in_colourless_state() -> None:
    assert [
        module.at(node)
        for module in modules().values()
        if module.top not in THREADED
        for node in uses_of_threads(module)
        if module.top == "_async" or name_used(node) != "Lock"
    ] == []


def uses_of_threads(module: Module) -> Iterator[ast.stmt | ast.expr]:
    for node in ast.walk(module.tree):
        match node:
            case ast.ImportFrom(module="threading") | ast.Attribute(value=ast.Name(id="threading")):
                yield node
            case _:
                pass


def name_used(node: ast.AST) -> str:
    match node:
        case ast.ImportFrom(names=[ast.alias(name=name)]) | ast.Attribute(attr=name):
            return name
        case _:
            return ast.unparse(node)


def test_httpx_is_imported_in_its_engine_only() -> None:
    assert [
        module.at(node)
        for module in modules().values()
        for node, target in imports(module, at_load=True)
        if target.partition(".")[0] == "httpx" and not module.path.name.startswith("httpx_")
    ] == []


def test_hatchling_is_imported_in_the_build_hook_only() -> None:
    assert [
        module.at(node, target)
        for module in modules().values()
        for node, target in imports(module)
        if target.partition(".")[0] == "hatchling" and module.name != "build_hook"
    ] == []


def test_each_layer_imports_only_what_is_beneath_it() -> None:
    assert [
        module.at(node, target)
        for module in modules().values()
        if not module.is_package and layer(module.name) not in TOP
        for node, target in ours(module)
        if not may_import(module, target)
    ] == []


def may_import(module: Module, target: str) -> bool:
    mine, other = layer(module.name), layer(target)
    allowed = {mine, *BENEATH[mine], *(["emulators"] if is_mock(module) else [])}
    return other in allowed or target in allowed


def test_no_system_imports_another() -> None:
    assert [
        module.at(node, target)
        for module in modules().values()
        if system_of(module.name)
        for node, target in ours(module)
        if system_of(target) not in (None, system_of(module.name))
    ] == []


def test_nothing_is_imported_in_a_circle() -> None:
    TopologicalSorter(graph()).prepare()


@pytest.mark.parametrize("system", [name for name in SYSTEMS if (SOURCES / name).is_dir()])
def test_models_know_nothing_of_operations(system: str) -> None:
    assert f"{system}.operations" not in reached(f"{system}.models")


def graph() -> dict[str, set[str]]:
    return {
        name: {target for _, target in ours(module, at_load=True) if target != name}
        for name, module in modules().items()
    }


def reached(name: str) -> set[str]:
    edges, seen, todo = graph(), set[str](), {name}
    while todo:
        seen |= todo
        todo = {target for origin in todo for target in edges.get(origin, set())} - seen
    return seen


def test_a_package_imports_nothing_when_it_is_loaded() -> None:
    assert [
        module.at(node, target)
        for module in modules().values()
        if module.is_package
        for node, target in imports(module, at_load=True)
        if target not in ("__future__", "typing")
    ] == []


def test_every_source_in_two_colours_begins_with_its_licence() -> None:
    sources = [path for tree in trees_of(ROOT) for path in (ROOT / tree).rglob("*.py")]
    line = "# SPDX-License-Identifier: MIT\n"
    assert [
        path.relative_to(ROOT).as_posix()
        for path in sources
        if not path.read_text(encoding="utf-8").startswith(line)
    ] == []


def test_what_users_call_is_one_list_in_two_colours() -> None:
    waiting, blocking = (
        {(target, name.name) for node, target in ours(modules()[side]) for name in node.names}
        for side in ("waiting", "blocking")
    )
    assert {(target.replace("waiting", "blocking"), name) for target, name in waiting} == blocking


def test_nothing_generated_is_tracked() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    tracked = listed.stdout.splitlines()
    assert "pyproject.toml" in tracked
    assert [path for path in tracked if "_sync" in Path(path).parts] == []
