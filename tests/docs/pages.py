"""What the documentation promises, taken out of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import attrs

ROOT = Path(__file__).resolve().parents[2]

FENCE = re.compile(r"^```(?P<head>[a-z][^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
EXCLUDED = re.compile(r"<!-- not run: \S[^\n]* -->\n\n?\Z")
TITLE = re.compile(r'title="([^"]+)"')


TUTORIAL = ROOT / "docs" / "tutorial.md"
OWN_CLIENT = ROOT / "docs" / "how-to" / "build-your-own-client.md"


@attrs.frozen
class Block:
    """A fenced block: its language, its title if it is a file, and where its text begins."""

    language: str
    title: str | None
    text: str
    line: int


def pages() -> list[Path]:
    """Return every page that may hold examples."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page that are run, top to bottom."""
    return list(found(page.read_text(encoding="utf-8")))


def found(text: str) -> Iterator[Block]:
    for match in FENCE.finditer(text):
        if EXCLUDED.search(text, 0, match.start()):
            continue
        title = TITLE.search(match["head"])
        yield Block(
            language=match["head"].split()[0],
            title=title and title[1],
            text=match["text"],
            line=text.count("\n", 0, match.start("text")) + 1,
        )


def console(page: Path) -> list[Block]:
    """Return the console blocks of a page: commands, and what they print."""
    return [block for block in blocks(page) if block.language == "console"]


def program(page: Path) -> str:
    """Join the Python blocks of a page that are no files into one program.

    Its line numbers are the page's.
    """
    lines: list[str] = []
    for block in blocks(page):
        if block.language == "python" and block.title is None:
            lines += [""] * (block.line - 1 - len(lines)) + block.text.splitlines()
    return "\n".join(lines)
