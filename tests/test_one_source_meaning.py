"""The generator against a second one over syntax trees: only the colour may change."""

from __future__ import annotations

import ast
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twofold.one_source import LEFT, WORDS, translate, trees_of

ROOT = Path(__file__).parent.parent
SPDX = "# SPDX-License-Identifier: MIT\n"

COLOURLESS = {
    ast.AsyncFunctionDef: ast.FunctionDef,
    ast.AsyncFor: ast.For,
    ast.AsyncWith: ast.With,
}


class Uncoloured(ast.NodeTransformer):
    """Does what the generator does, by meaning instead of spelling, and loses all layout."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        twin: type[ast.AST] = COLOURLESS.get(type(node), type(node))
        fields = {name: self.uncoloured(node, value) for name, value in ast.iter_fields(node)}
        return ast.copy_location(twin(**fields), node)

    def visit_Await(self, node: ast.Await) -> Any:
        return self.visit(node.value)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        node.is_async = 0
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        is_docstring = isinstance(node.value, ast.Constant)
        return ast.copy_location(ast.Pass(), node) if is_docstring else self.generic_visit(node)

    def uncoloured(self, node: ast.AST, value: object) -> object:
        if isinstance(value, list):
            return [self.uncoloured(node, part) for part in value]
        if not isinstance(value, str):
            return value
        if isinstance(node, ast.ImportFrom | ast.alias):
            value = re.sub(r"\bwaiting\b", "blocking", value)
        if isinstance(node, ast.Constant):
            value = re.sub(r"(?<=\w\.)waiting\b", "blocking", value)
        return re.sub(r"\w+", lambda word: uncoloured_word(word[0]), value)


def uncoloured_word(word: str) -> str:
    return WORDS.get(word) or re.sub(r"^(_?)Async(?=[A-Z])", r"\1", word)


def assert_only_the_colour_differs(source: str, blocking: str) -> None:
    wanted, found = (Uncoloured().visit(ast.parse(code)) for code in (source, blocking))
    assert ast.dump(found) == ast.dump(wanted)
    assert lines_of(found) == lines_of(wanted)
    assert blocking.count("\n") == source.count("\n")
    assert not any(LEFT.search(line) for line in blocking.splitlines()[1:])


def lines_of(tree: ast.AST) -> list[int]:
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.expr)]


@pytest.mark.parametrize("tree", trees_of(ROOT))
def test_our_own_sources_change_in_colour_and_in_nothing_else(tree: str) -> None:
    for path, code in translate(ROOT, tree).items():
        source = (ROOT / path.as_posix().replace("_sync", "_async")).read_text(encoding="utf-8")
        assert_only_the_colour_differs(source, code)


def test_every_word_of_the_list_is_used_in_some_source() -> None:
    sources = [path.read_text() for tree in trees_of(ROOT) for path in (ROOT / tree).rglob("*.py")]
    used = {word for source in sources for word in re.findall(r"\w+", source)}
    assert sorted(WORDS.keys() - used) == []


NAMES = st.sampled_from(
    ["x", "AsyncThing", "_AsyncPart", "aclose", "aiter_bytes", "_async", "__aiter__"]
)
PHRASES = st.lists(st.sampled_from(["a", " ", "AsyncThing", "_async", "aclose()", "%s", "é", "🙂"]))
STRINGS = PHRASES.map(lambda words: repr("-".join(words)))
VALUES = st.recursive(
    st.one_of(NAMES, STRINGS, st.just("f'{{y}} of {y!r:>{y}} \\N{BULLET} {{'")),
    lambda inner: st.one_of(
        inner.map("await f({})".format),
        inner.map("(await  x.f({}))[1]".format),
        inner.map("(AsyncThing.aiter_bytes if x < ({}) else {{_async: 'AsyncThing'}})".format),
        st.tuples(NAMES, inner).map(lambda parts: "{}(-{}, aclose=1)".format(*parts)),
        st.tuples(NAMES, inner).map(lambda parts: "[{} async for x in {} if x]".format(*parts)),
    ),
    max_leaves=4,
)
SIMPLE = st.one_of(
    VALUES.map("{}".format),
    VALUES.map("x = (\n    {}  # AsyncThing, e.g. await x\n)".format),
    VALUES.map("return not {}".format),
    PHRASES.map(lambda words: '"""' + "-".join(words) + '\n\n    async with x: ...\n"""'),
    NAMES.map("from ..waiting.{} import x as y".format),
)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blocks = st.lists(inner, min_size=1, max_size=3).map("\n".join).map(indented)
    openings = st.sampled_from(
        [
            "async with await x.aclose() as y, AsyncThing(x=y):",
            "async for x, AsyncThing in aclose(y):",
            "if await x:  # aclose",
            "async def __aenter__(self, x: AsyncThing[int] = _async) -> AsyncIterator[int]:",
            "@asynccontextmanager\nasync def aiter_bytes(aclose): # fmt: skip",
        ]
    )
    classes = blocks.map("async def aiter_bytes(self) -> None:\n{}".format).map(indented)
    return st.one_of(
        st.tuples(openings, blocks).map("\n".join),
        classes.map("class AsyncThing(_AsyncPart, aclose=1):\n    _async = 1\n{}".format),
    )


def indented(block: str) -> str:
    return "\n".join(f"    {line}" for line in block.split("\n"))


@settings(deadline=None)
@given(st.lists(st.recursive(SIMPLE, nested, max_leaves=8), min_size=1, max_size=4))
def test_any_source_changes_in_colour_and_in_nothing_else(statements: list[str]) -> None:
    source = f"{SPDX}async def outer():\n{indented(chr(10).join(statements))}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "_async", "x.py")
        path.parent.mkdir()
        path.write_text(source, encoding="utf-8")
        (blocking,) = translate(Path(folder), "_async").values()
    assert_only_the_colour_differs(source, blocking)
