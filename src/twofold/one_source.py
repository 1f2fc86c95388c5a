# SPDX-License-Identifier: MIT
"""Write the blocking half of a package: every `_async` tree has a `_sync` twin.

unasync rewrites the code, token by token.  This module adds what tokens cannot say: which names
lose their colour, how prose and strings read afterwards, and a refusal, with file and line, of
whatever would come out coloured, or differently on another Python.

    python -m twofold.one_source            # regenerate what changed
    python -m twofold.one_source --check    # write nothing, fail if anything is out of date
    python -m twofold.one_source --digest   # print a digest of all that is generated

The trees are named in pyproject.toml, relative to it, and beside them words of your own:

    [tool.twofold.one-source]
    trees = ["src/package/_async", "tests/_async"]
    words = { aread = "read" }

Rules of this file: standard library, unasync and tokenize_rt only, and no import of ours, since a
build hook loads it by its path into an environment that has nothing else.  What it writes depends
on the sources alone, never on the Python that runs it.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import itertools
import keyword
import os
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, NamedTuple, TypeAlias, TypeGuard, cast

import tokenize_rt
import unasync
from tokenize_rt import Token

BANNER = "# Generated from {source} by twofold.one_source: edit that file instead."

# Words whose blocking twin is spelled differently.  AsyncThing needs no entry: every such name
# that is found in a source loses its prefix.  unasync knows the dunder names and the decorator by
# itself, in code; they stand here for strings and prose.
WORDS = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "_async": "_sync",
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncByteStream": "SyncByteStream",  # without its prefix it is another class of httpx
    "StopAsyncIteration": "StopIteration",
    "aclose": "close",
    "aiter_bytes": "iter_bytes",
    "aiter_raw": "iter_raw",
    "asynccontextmanager": "contextmanager",
    "handle_async_request": "handle_request",
}

# The hand-written pair of the seam.  The word is too common to be turned wherever it stands, so it
# is turned in imports and refused elsewhere.
SEAM, SEAM_TWIN = "waiting", "blocking"

# What no name in a generated module may be or contain.  The words have a blocking twin, or belong
# behind the seam: one that is wanted goes into the list above, or into a project's own.
COLOURED = frozenset(
    [
        *["aiter", "aiter_lines", "aiter_text", "anext", "aread"],
        *["asend", "athrow", "anyio", "trio"],
    ]
)
COLOUR = re.compile("async|await|coroutine", re.IGNORECASE)
SUSPECT = re.compile(rf"{COLOUR.pattern}|\b(?:{'|'.join(sorted(COLOURED))})\b", re.IGNORECASE)

# What has no blank in it, and a slash.
ADDRESS = re.compile(r"""[^\s'"]*/[^\s'"]*""")

KEYWORDS = ("async", "await")
PREFIXED = re.compile(r"\b(_?)Async(?=[A-Z])(\w+)")

# What no line of a generated module may hold, be it code, string or comment; a word may begin
# after an escape.
LEFT = re.compile(r"(?:\b|(?<=\\[abfnrtv]))(?:async\b|await\b|_async\b|_?Async[A-Z]\w*)")


SETTINGS = PurePath("pyproject.toml")

Name: TypeAlias = "tuple[str, str, int]"
"""A name that a body binds, what it stands for, and its line."""

Items: TypeAlias = "list[object]"
Table: TypeAlias = "dict[object, object]"


class Settings(NamedTuple):
    """What a project says of itself."""

    trees: list[str]
    words: dict[str, str]
    """Words of its own, which hold before the fixed ones."""


class Source(NamedTuple):
    """What was read of one file."""

    names: list[list[Name]]
    """By module and class."""
    ready: str
    """What unasync is given."""


class RefusedError(Exception):
    """A source cannot be translated; the message names the file and the line."""

    def __init__(self, source: PurePath, line: int | None, why: str) -> None:
        where = source.as_posix() if line is None else f"{source.as_posix()}:{line}"
        super().__init__(f"{where}: {why}")


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
    except RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    for path in changed:
        done = "wrote" if (given.root / path).exists() else "removed"
        print("stale" if given.check else done, path.as_posix())
    return int(given.check and bool(changed))


def generate(root: Path, *, write: bool = True) -> list[Path]:
    """Bring the twin of every tree up to date; return the files that differed, orphans included.

    Nothing of a tree is written unless every source of it can be translated.
    """
    trees, words = settings_of(root)
    changed: list[Path] = []
    for tree in trees:
        changed += bring_up_to_date(root, tree, words, write=write)
    return changed


def digest(root: Path) -> str:
    """Return a digest of every generated file: the same on every Python, or the build is wrong."""
    trees, words = settings_of(root)
    seen = hashlib.sha256()
    for tree in trees:
        for path, text in sorted(translate(root, tree, words).items()):
            seen.update(f"{path.as_posix()}\0{text}\0".encode())
    return seen.hexdigest()


def trees_of(root: Path) -> list[str]:
    """Read the names of the trees from pyproject.toml; one that is not there has nothing in it."""
    return settings_of(root).trees


def settings_of(root: Path) -> Settings:
    """Read what pyproject.toml says; what is wrong in it is refused."""
    try:
        text = (root / SETTINGS).read_text(encoding="utf-8")
        table: Any = tomllib.loads(text)["tool"]["twofold"]["one-source"]
        trees, words = table["trees"], table.get("words", {})
    except FileNotFoundError as error:
        raise RefusedError(SETTINGS, None, f"not found in {root}") from error
    except tomllib.TOMLDecodeError as error:
        raise RefusedError(SETTINGS, None, f"not TOML: {error}") from error
    except (KeyError, TypeError) as error:
        raise RefusedError(SETTINGS, None, "no trees in [tool.twofold.one-source]") from error
    return Settings(checked_trees(trees), checked_words(words))


def checked_trees(given: object) -> list[str]:
    if not are_folders(given):
        raise RefusedError(SETTINGS, None, f"trees must be a list of folders, not {given!r}")
    return given


def are_folders(given: object) -> TypeGuard[list[str]]:
    return isinstance(given, list) and all(isinstance(tree, str) for tree in cast("Items", given))


def checked_words(given: object) -> dict[str, str]:
    """Check a project's own words: each is a name, and becomes a name."""
    if not isinstance(given, dict):
        raise RefusedError(SETTINGS, None, f"words must be a table of names, not {given!r}")
    words: dict[str, str] = {}
    for word, become in cast("Table", given).items():
        if not (is_word(word) and is_word(become)):
            raise RefusedError(SETTINGS, None, f"words: {word!r} cannot become {become!r}")
        words[word] = become
    return words


def is_word(given: object) -> TypeGuard[str]:
    """Tell whether a list of words may hold this; the seam's own name has rules of its own."""
    plain = isinstance(given, str) and given.isidentifier() and not keyword.iskeyword(given)
    return plain and given not in (SEAM, SEAM_TWIN)


def bring_up_to_date(root: Path, tree: str, own: dict[str, str], *, write: bool) -> list[Path]:
    if "_async" not in PurePath(tree).parts:  # its twin would be the tree itself
        raise RefusedError(PurePath(tree), None, "the path of a tree must have a part _async")
    wanted = translate(root, tree, own)
    home = root / twin(PurePath(tree))
    stale = [path for path, text in wanted.items() if written(root / path) != text.encode()]
    orphans = sorted({path.relative_to(root) for path in home.rglob("*.py")} - wanted.keys())
    if write:
        for path in stale:
            replace(root / path, wanted[path])
        for path in orphans:
            (root / path).unlink(missing_ok=True)
        sweep(home, kept={folder for path in wanted for folder in (root / path).parents})
    return stale + orphans


def translate(root: Path, tree: str, own: dict[str, str] | None = None) -> dict[Path, str]:
    """Return the blocking text of every source of a tree, by where it belongs.

    `own` are words of the project, which hold before the fixed ones.
    """
    sources = {
        path.relative_to(root): sourced(path, path.relative_to(root))
        for path in sorted((root / tree).rglob("*.py"))
    }
    words = words_for(sources.values()) | (own or {})
    read = {source: prepared(code, source, words) for source, code in sources.items()}
    ready = {source: each.ready for source, each in read.items()}
    return {
        Path(twin(source)): finished(code, read[source].names, source)
        for source, code in unasynced(ready, words).items()
    }


def sourced(path: Path, source: PurePath) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError(source, None, "not UTF-8") from error


def words_for(sources: Iterable[str]) -> dict[str, str]:
    """Return the word list: the fixed one, and Thing for every AsyncThing in use."""
    found = (name for code in sources for name in PREFIXED.finditer(code))
    return {name.group(): name[1] + name[2] for name in found} | WORDS


def prepared(code: str, source: Path, words: Mapping[str, str]) -> Source:
    """Refuse what unasync would get wrong, and do before it what it does not."""
    if not code.startswith("#"):
        raise RefusedError(source, 1, "line 1 must be a comment: the banner takes its place")
    tree, tokens = parsed(code, source, "in the source"), tokenize_rt.src_to_tokens(code)
    nodes = list(ast.walk(tree))
    refuse_in_f_strings(nodes, source, words)
    refuse_cramped(tokens, source)
    refuse_in_addresses(nodes, tokens, source, words)
    if SEAM in code:
        refuse_the_seams_name(nodes, tokens, source)
    return Source(names_in(tree), recoloured(nodes, tokens, words))


def recoloured(nodes: list[ast.AST], tokens: list[Token], words: Mapping[str, str]) -> str:
    """Take the colour out of prose and plain strings.

    unasync leaves comments and docstrings alone, and of a string that begins with `AsyncThing` it
    makes one that begins with `SyncThing`.
    """
    prose = docstrings(nodes)
    return "".join(
        blocking_prose(token.src, words)
        if token.name == "COMMENT" or (token.name == "STRING" and within(token, prose))
        else blocking_words(token.src, words)
        if token.name == "STRING" and not is_f_string(token)
        else token.src
        for token in tokens
    )


def blocking_prose(prose: str, words: Mapping[str, str]) -> str:
    return blocking_words(re.sub(r"\b(?:async|await) ", "", prose), words)


def blocking_words(text: str, words: Mapping[str, str]) -> str:
    text = re.sub(rf"(?<=\w\.){SEAM}\b", SEAM_TWIN, text)
    return re.sub(r"\w+", lambda word: words.get(word[0], word[0]), text)


def unasynced(sources: Mapping[Path, str], words: Mapping[str, str]) -> dict[Path, str]:
    """Run unasync over copies: its rule would match any `_async` in a path, so it names theirs."""
    with tempfile.TemporaryDirectory(prefix="one-source-") as scratch:
        copies = {source: Path(scratch, "_async", f"{n}.py") for n, source in enumerate(sources)}
        rule = unasync.Rule(f"{scratch}/_async/", f"{scratch}/_sync/", {**words, SEAM: SEAM_TWIN})
        Path(scratch, "_async").mkdir()
        for source, copy in copies.items():
            copy.write_text(sources[source], encoding="utf-8", newline="\n")
        named = [str(copy) for copy in copies.values()]
        unasync.unasync_files(named, [rule])  # pyright: ignore[reportUnknownMemberType]: no types
        return {
            source: Path(scratch, "_sync", copy.name).read_text(encoding="utf-8")
            for source, copy in copies.items()
        }


def finished(code: str, names: list[list[Name]], source: Path) -> str:
    """Check what unasync wrote, and say on line 1 where it came from."""
    tree = parsed(code, source, "once translated")
    refuse_leftovers(code, source)
    refuse_clashes(names, names_in(tree), source)
    _, _, rest = code.partition("\n")
    return f"{BANNER.format(source=source.as_posix())}\n{rest}"


def refuse_cramped(tokens: list[Token], source: Path) -> None:
    """unasync drops the token after a keyword, whatever it is; a line's end would be lost too."""
    for token, after in itertools.pairwise(tokens):
        if token.name == "NAME" and token.src in KEYWORDS and after.name != "UNIMPORTANT_WS":
            raise RefusedError(source, token.line, f"a blank must follow {token.src}")


def refuse_the_seams_name(nodes: list[ast.AST], tokens: list[Token], source: Path) -> None:
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    for token in tokens:
        is_named = token.src == SEAM and token.name == "NAME"
        is_quoted = token.src[1:-1] == SEAM and token.name == "STRING"
        if (is_named or is_quoted) and not within(token, imports):
            raise RefusedError(source, token.line, f"{SEAM} may be named in imports only")


def refuse_in_f_strings(nodes: list[ast.AST], source: Path, words: Mapping[str, str]) -> None:
    """Before Python 3.12 an f-string is one token and would stay as it is."""
    strings = (node.values for node in nodes if isinstance(node, ast.JoinedStr))
    for part in itertools.chain.from_iterable(strings):
        code = ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else ""
        text = str(part.value) if isinstance(part, ast.Constant) else code
        for word in re.findall(r"\w+", text):
            is_turned = word in words or word in KEYWORDS
            if is_turned or (code and (word == SEAM or is_coloured(word))):
                raise RefusedError(source, part.lineno, f"{word} in an f-string: assign it first")


def refuse_in_addresses(
    nodes: list[ast.AST], tokens: list[Token], source: Path, words: Mapping[str, str]
) -> None:
    """What stands between slashes is no name of ours: turned, it would lead elsewhere."""
    prose: list[ast.stmt] | None = None
    for token in tokens:
        if token.name != "STRING" or "/" not in token.src:
            continue
        for address in ADDRESS.findall(token.src):
            if blocking_words(address, words) != address:
                prose = docstrings(nodes) if prose is None else prose
                if not within(token, prose):
                    raise RefusedError(source, token.line, f"{address} would become another place")


def refuse_leftovers(code: str, source: Path) -> None:
    """Refuse a translation in which something coloured is left."""
    for number, line in enumerate(code.split("\n"), start=1):
        if found := LEFT.search(line):
            raise RefusedError(source, number, f"{found.group()} would be left")
    for token in tokenize_rt.src_to_tokens(code) if SUSPECT.search(code) else ():
        if token.name == "NAME" and is_coloured(token.src):
            raise RefusedError(source, token.line, f"{token.src} would be left")


def refuse_clashes(named: list[list[Name]], become: list[list[Name]], source: Path) -> None:
    """Refuse two names of a module or a class that become one, as `AsyncReader` beside `Reader`."""
    for before, after in zip(named, become, strict=True):
        owners: dict[str, tuple[str, str]] = {}
        for (old, _, line), (new, origin, _) in zip(before, after, strict=True):
            owner, first = owners.setdefault(new, (old, origin))
            if owner != old and first != origin:
                raise RefusedError(source, line, f"{owner} and {old} would both be {new}")


def names_in(tree: ast.Module) -> list[list[Name]]:
    return [list(bound(body)) for body in bodies(tree)]


def bodies(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a module and every class in it."""
    if isinstance(tree, ast.Module | ast.ClassDef):
        yield tree
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from bodies(node)


def bound(body: ast.AST) -> Iterator[Name]:
    """Yield each name that a body defines or imports, what it stands for, and its line."""
    for node in ast.iter_child_nodes(body):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, f"line {node.lineno}", node.lineno
            case ast.Import() | ast.ImportFrom():
                origin = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
                for name in node.names:
                    yield name.asname or name.name, f"{origin} {name.name}", node.lineno
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name, f"line {node.lineno}", node.lineno
            case ast.stmt() | ast.ExceptHandler() | ast.match_case():
                yield from bound(node)
            case _:
                pass


def parsed(code: str, source: PurePath, when: str) -> ast.Module:
    """Parse and compile, which finds more: a parameter or an argument given twice, say."""
    try:
        tree = ast.parse(code)
        compile(tree, source.as_posix(), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise RefusedError(source, error.lineno, f"{error.msg} {when}") from error
    return tree


def is_coloured(word: str) -> bool:
    return word in COLOURED or COLOUR.search(word) is not None


def docstrings(nodes: list[ast.AST]) -> list[ast.stmt]:
    """Return every string that is a statement: those of attributes too."""
    found: list[ast.stmt] = []
    for node in nodes:
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                found.append(node)
            case _:
                pass
    return found


def is_f_string(token: Token) -> bool:
    return re.match("[rR]?[fF]", token.src) is not None


def within(token: Token, nodes: Iterable[ast.stmt]) -> bool:
    place = token.line or 0, token.utf8_byte_offset or 0
    return any(
        (node.lineno, node.col_offset) <= place < (node.end_lineno or 0, node.end_col_offset or 0)
        for node in nodes
    )


def twin(path: PurePath) -> PurePath:
    return PurePath(*("_sync" if part == "_async" else part for part in path.parts))


def written(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def replace(path: Path, text: str) -> None:
    """Write all at once: another process may be importing the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)


def sweep(home: Path, *, kept: set[Path]) -> None:
    """Remove caches without a module, and empty folders, which Python would still import."""
    for cache in home.rglob("__pycache__/*.pyc"):
        if not (cache.parent.parent / f"{cache.name.partition('.')[0]}.py").exists():
            cache.unlink(missing_ok=True)
    folders = [folder for folder in (home, *home.rglob("*")) if folder.is_dir()]
    for folder in sorted(folders, reverse=True):
        if folder not in kept and not any(folder.iterdir()):
            with contextlib.suppress(OSError):  # another process got there first
                folder.rmdir()


if __name__ == "__main__":
    sys.exit(main())
