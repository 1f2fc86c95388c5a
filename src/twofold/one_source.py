# SPDX-License-Identifier: MIT
"""Write the blocking half of a package: every `_async` tree has a `_sync` twin.

unasync rewrites the code, token by token.  This module adds what tokens cannot say: which names
lose their colour, how prose reads afterwards, and a check that nothing coloured is left.

    python -m twofold.one_source            # regenerate what changed
    python -m twofold.one_source --check    # write nothing, fail if anything is out of date
    python -m twofold.one_source --digest   # print a digest of all that is generated

The trees are named in pyproject.toml, relative to it:

    [tool.twofold.one-source]
    trees = ["src/package/_async", "tests/_async"]

Rules of this file: standard library, unasync and tokenize_rt only, and no import of ours, since a
build hook loads it by its path into an environment that has nothing else.  What it writes depends
on the sources alone, never on the Python that runs it.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath

import tokenize_rt
import unasync

BANNER = "# Generated from {source} by twofold.one_source: edit that file instead."

# Words whose blocking twin is spelled differently.  AsyncThing needs no entry: every such name
# that is found in a source loses its prefix.
WORDS = {
    "_async": "_sync",
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncByteStream": "SyncByteStream",
    "aclose": "close",
    "aclosing": "closing",
    "aiter_bytes": "iter_bytes",
    "anext": "next",
    "enter_async_context": "enter_context",
    "handle_async_request": "handle_request",
}

# The hand-written pair of the seam.  The word is too common to be turned wherever it stands, so it
# is turned in imports and refused elsewhere.
SEAM, SEAM_TWIN = "waiting", "blocking"

# What no generated module may contain.
COLOURED = frozenset(
    {"Awaitable", "Coroutine", "anyio", "asyncio", "await", "inspect", "isawaitable", "trio"}
)

PREFIXED = re.compile(r"\b(_?)Async(?=[A-Z])(\w+)")


class LeftoverError(Exception):
    """A source cannot be translated: something coloured would be left."""

    def __init__(self, source: PurePath, line: int, why: str) -> None:
        super().__init__(f"{source.as_posix()}:{line}: {why}")


def main(argv: list[str] | None = None) -> int:
    """Run as a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="one_source", description="Write the blocking half.")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="folder of pyproject.toml")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    parser.add_argument("--digest", action="store_true", help="print a digest of what is generated")
    given = parser.parse_args(argv)
    try:
        if given.digest:
            print(digest(given.root))
            return 0
        changed = generate(given.root, write=not given.check)
    except LeftoverError as error:
        print(error, file=sys.stderr)
        return 1
    for path in changed:
        print("stale" if given.check else "wrote", path.as_posix())
    return int(given.check and bool(changed))


def generate(root: Path, trees: Iterable[str] | None = None, *, write: bool = True) -> list[Path]:
    """Bring the twin of every tree up to date; return the files that differed, orphans included."""
    changed: list[Path] = []
    for tree in trees_of(root) if trees is None else trees:
        changed += bring_up_to_date(root, tree, write=write)
    return changed


def digest(root: Path) -> str:
    """Return a digest of every generated file: the same on every Python, or the build is wrong."""
    seen = hashlib.sha256()
    for tree in trees_of(root):
        for path, text in sorted(translate(root, tree).items()):
            seen.update(f"{path.as_posix()}\0{text}\0".encode())
    return seen.hexdigest()


def trees_of(root: Path) -> list[str]:
    """Read the names of the trees from pyproject.toml; one that is not there has nothing in it."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    trees: list[str] = settings["tool"]["twofold"]["one-source"]["trees"]
    return [tree for tree in trees if (root / tree).is_dir()]


def bring_up_to_date(root: Path, tree: str, *, write: bool) -> list[Path]:
    wanted = translate(root, tree)
    present = {path.relative_to(root) for path in (root / twin(PurePath(tree))).rglob("*.py")}
    stale = [path for path, text in wanted.items() if read(root / path) != text]
    orphans = sorted(present - wanted.keys())
    if write:
        for path in stale:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(wanted[path], encoding="utf-8", newline="\n")
        for path in orphans:
            (root / path).unlink()
    return stale + orphans


def translate(root: Path, tree: str) -> dict[Path, str]:
    """Return the blocking text of every source of a tree, by where it belongs."""
    sources = {
        path.relative_to(root): path.read_text(encoding="utf-8")
        for path in sorted((root / tree).rglob("*.py"))
    }
    words = words_for(sources.values())
    for source, code in sources.items():
        refuse_untranslatable(code, source, words)
    return {
        Path(twin(source)): finished(code, source, words)
        for source, code in unasynced(sources, words).items()
    }


def words_for(sources: Iterable[str]) -> dict[str, str]:
    """Return the word list: the fixed one, and Thing for every AsyncThing in use."""
    found = (name for code in sources for name in PREFIXED.finditer(code))
    return {name.group(): name[1] + name[2] for name in found} | WORDS


def unasynced(sources: Mapping[Path, str], words: Mapping[str, str]) -> dict[Path, str]:
    """Run unasync over copies: it replaces `_async` anywhere in a path, so the path is ours."""
    rule = unasync.Rule("/_async/", "/_sync/", {**words, SEAM: SEAM_TWIN})
    with tempfile.TemporaryDirectory(prefix="one-source-") as scratch:
        copies = {source: Path(scratch, "_async", f"{n}.py") for n, source in enumerate(sources)}
        Path(scratch, "_async").mkdir()
        for source, copy in copies.items():
            copy.write_text(sources[source], encoding="utf-8", newline="\n")
        unasync.unasync_files([copy.as_posix() for copy in copies.values()], [rule])
        return {
            source: Path(scratch, "_sync", copy.name).read_text(encoding="utf-8")
            for source, copy in copies.items()
        }


def finished(code: str, source: Path, words: Mapping[str, str]) -> str:
    """Check what unasync wrote, recolour its prose, and say on line 1 where it came from."""
    refuse_leftovers(code, source)
    _, _, rest = recoloured(code, words).partition("\n")
    return f"{BANNER.format(source=source.as_posix())}\n{rest}"


def recoloured(code: str, words: Mapping[str, str]) -> str:
    """Take the colour out of docstrings and comments, where unasync does not look."""
    return "".join(
        blocking_prose(token.src, words)
        if token.name == "COMMENT" or token.src.endswith('"""')
        else token.src
        for token in tokenize_rt.src_to_tokens(code)
    )


def blocking_prose(prose: str, words: Mapping[str, str]) -> str:
    prose = re.sub(r"\b(?:async|await) ", "", prose)
    prose = re.sub(rf"(?<=\w\.){SEAM}\b", SEAM_TWIN, prose)
    return re.sub(r"\w+", lambda word: words.get(word[0], word[0]), prose)


def refuse_untranslatable(code: str, source: Path, words: Mapping[str, str]) -> None:
    """Refuse a source that unasync would get wrong, or differently on another Python."""
    if not code.startswith("#"):
        raise LeftoverError(source, 1, "line 1 must be a comment: the banner takes its place")
    tree = ast.parse(code, filename=str(source))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    lines = {line for node in imports for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    for token in tokenize_rt.src_to_tokens(code):
        if token.src.strip("\"'") == SEAM and token.line not in lines:
            raise LeftoverError(source, token.line or 0, f"{SEAM} may be named in imports only")
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for word, line in words_under(node):
                if word in words or word == "await":
                    raise LeftoverError(source, line, f"{word} inside an f-string: assign it first")


def refuse_leftovers(code: str, source: Path) -> None:
    """Refuse a translation that does not parse, or in which something coloured is left."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        why = f"{error.msg} once translated"
        raise LeftoverError(source, error.lineno or 0, why) from error
    for word, line in words_under(tree):
        if word in COLOURED or PREFIXED.match(word):
            raise LeftoverError(source, line, f"{word} would be left")


def words_under(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Name every identifier under a node, and where it stands."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith | ast.AsyncFunctionDef):
            yield "await", line
        for field in ("id", "attr", "name", "module", "arg"):
            if isinstance(value := getattr(node, field, None), str):
                yield from ((word, line) for word in value.split("."))


def twin(path: PurePath) -> PurePath:
    return PurePath(*("_sync" if part == "_async" else part for part in path.parts))


def read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
