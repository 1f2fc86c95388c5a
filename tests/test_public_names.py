"""Public names: one lazy table a package, and the same once more for type checkers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parent.parent / "docs" / "reference.md"
SOURCES = Path(__file__).parent.parent / "src" / "twofold"


def lazy_packages() -> list[str]:
    """Name every package that has a table."""
    return [
        ".".join(path.parent.relative_to(SOURCES.parent).parts)
        for path in sorted(SOURCES.rglob("__init__.py"))
        if "PUBLIC = {" in path.read_text(encoding="utf-8")
    ]


def for_type_checkers(package: str) -> dict[str, str]:
    """Read what the block under TYPE_CHECKING says: names and where they come from."""
    path = SOURCES.parent.joinpath(*package.split("."), "__init__.py")
    (block,) = (
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {
        name.asname or f"{name.name}, which is not re-exported": "." * node.level
        + (node.module or "")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }


def run(program: str) -> str:
    """Run a program in an interpreter of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_packages_with_public_names_are_found() -> None:
    assert {"twofold", "twofold.rally"} <= set(lazy_packages())


@pytest.mark.parametrize("package", lazy_packages())
def test_every_public_name_stands_in_the_reference(package: str) -> None:
    words = set(re.findall(r"\w+", REFERENCE.read_text(encoding="utf-8")))
    assert sorted(set(import_module(package).PUBLIC) - words) == []


@pytest.mark.parametrize("package", lazy_packages())
def test_the_table_says_what_type_checkers_are_told(package: str) -> None:
    assert for_type_checkers(package) == import_module(package).PUBLIC


@pytest.mark.parametrize("package", lazy_packages())
def test_the_table_is_sorted(package: str) -> None:
    assert list(import_module(package).PUBLIC) == sorted(import_module(package).PUBLIC)


@pytest.mark.parametrize("package", lazy_packages())
def test_every_public_name_is_what_its_module_calls_so(package: str) -> None:
    module = import_module(package)
    for name, origin in module.PUBLIC.items():
        assert getattr(module, name) is getattr(import_module(origin, package), name)


@pytest.mark.parametrize("package", lazy_packages())
def test_public_names_are_listed(package: str) -> None:
    assert import_module(package).PUBLIC.keys() <= set(dir(import_module(package)))


@pytest.mark.parametrize("package", lazy_packages())
def test_a_wrong_name_is_said_to_be_wrong(package: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'Wrong'"):
        print(import_module(package).Wrong)
    with pytest.raises(ImportError, match="cannot import name 'Wrong'"):
        exec(f"from {package} import Wrong")


@pytest.mark.parametrize("package", lazy_packages())
def test_both_colours_have_the_same_names(package: str) -> None:
    public = import_module(package).PUBLIC
    coloured = {name: origin for name, origin in public.items() if name.startswith("Async")}
    assert coloured
    for name, origin in coloured.items():
        assert public[name.removeprefix("Async")] == origin.replace("_async", "_sync")


@pytest.mark.parametrize("package", lazy_packages())
def test_importing_a_package_imports_no_library(package: str) -> None:
    heavy = {"anyio", "asyncio", "attr", "cattrs", "httpx", "msgspec", "ssl", "trio"}
    assert run(f"import sys, {package}; print(*sys.modules.keys() & {heavy})") == ""


@pytest.mark.parametrize("package", lazy_packages())
def test_the_blocking_colour_imports_nothing_of_the_other(package: str) -> None:
    program = f"import sys; from {package} import RallyClient; print(*sys.modules)"
    loaded = run(program).split()
    assert [name for name in loaded if name.startswith(("twofold._async", "trio"))] == []
    assert [name for name in loaded if name.startswith("twofold._runtime.waiting")] == []


FIRST = ["RallyClient", "AsyncRallyClient"]


@pytest.mark.parametrize("package", lazy_packages())
@pytest.mark.parametrize(("first", "second"), [FIRST, FIRST[::-1]])
def test_either_colour_may_come_first(package: str, first: str, second: str) -> None:
    program = f"from {package} import {first}\nfrom {package} import {second}\n"
    assert run(f"{program}print({first}.__name__, {second}.__name__)") == f"{first} {second}"
