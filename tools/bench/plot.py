"""The engine's table as a picture: a panel for each runtime, a bar for each that asks.

It is drawn from the table that it stands beside, so that the two cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

import attrs

ROW = re.compile(
    r"^\| (?:(?P<runtime>asyncio|trio), (?P<load>[^:|]+)|(?P<threads>\d+ threads(?:, TLS)?)): "
    r"(?:against )?(?P<name>[^|]+?) \| (?:[^|]* )?(?P<rate>[\d,]+)/s",
    re.MULTILINE,
)
AGAIN = ", by "  # another of ours beside one that has its bar already

WIDTH, PANEL, NAMES, FIGURES = 970, 316, 122, 44  # pixels
TOP, HEADING, PITCH, BAR, APART = 96, 18, 15, 11, 12
TICKS = 4

STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 17px; font-weight: 600; }
.panel { font-size: 14px; font-weight: 600; }
.note, .tick { fill: #59636e; }
.tick, .figure { font-size: 11px; }
.paper { fill: #ffffff; }
.grid { stroke: #d1d9e0; }
.ours { fill: #0a5cc4; }
.akin { fill: #7fb0ee; }
.theirs { fill: #9aa4ae; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.note, .tick { fill: #9198a1; }
.paper { fill: #0d1117; }
.grid { stroke: #3d444d; }
.ours { fill: #4493f8; }
.akin { fill: #2a578f; }
.theirs { fill: #656c76; }
}"""


@attrs.frozen
class Bar:
    panel: str
    group: str
    """What the load was."""
    name: str
    rate: float
    """Requests a second."""


def bars(table: str) -> list[Bar]:
    """Read the rates from a table in Markdown."""
    rows = [row for row in ROW.finditer(table) if AGAIN not in row["name"]]
    return [
        Bar(
            row["runtime"] or "threads",
            row["load"] or row["threads"],
            row["name"],
            float(row["rate"].replace(",", "")),
        )
        for row in rows
    ]


def drawn(table: str) -> str:
    """Return the picture, as SVG."""
    shown = bars(table)
    top = ceiling(max(bar.rate for bar in shown))
    pieces: list[str] = []
    bottom = 0
    for number, name in enumerate(unique(bar.panel for bar in shown)):
        panel = [bar for bar in shown if bar.panel == name]
        pieces += drawn_panel(name, panel, 15 + number * PANEL, top)
        bottom = max(bottom, TOP + height(panel))
    return "\n".join([*heading(bottom + 50), *pieces, "</svg>", ""])


def heading(tall: int) -> Iterator[str]:
    title = "Requests a second, by how many are in flight"
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" role="img">'
    yield f"<title>{title}</title>\n<style>\n{STYLE}\n</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{tall}"/>'
    yield text(15, 28, title, "title")
    x = 15
    for kind, words in (
        ("ours", "twofold: the whole line, a model decoded"),
        ("akin", "twofold, in part or over httpx"),
        ("theirs", "others: the body read, nothing decoded"),
    ):
        yield f'<rect class="{kind}" x="{x}" y="41" width="{BAR}" height="{BAR}"/>'
        yield text(x + 17, 51, words, "note")
        x += 40 + 7 * len(words)


def drawn_panel(name: str, shown: Sequence[Bar], left: int, top: float) -> Iterator[str]:
    """Draw one runtime's bars, group under group, over a scale that all panels share."""
    start, wide = left + NAMES, PANEL - NAMES - FIGURES - 10
    bottom = TOP + height(shown)
    yield text(left, TOP - 10, name, "panel")
    for n in range(TICKS + 1):
        x = start + wide * n / TICKS
        yield f'<path class="grid" d="M{x:.1f} {TOP}V{bottom}"/>'
        yield text(x, bottom + 16, compact(top * n / TICKS), "tick", "middle")
    yield text(start + wide / 2, bottom + 33, "requests a second", "note", "middle")
    y = TOP
    for group in unique(bar.group for bar in shown):
        yield text(left, y + 13, group, "note")
        y += HEADING
        for bar in (bar for bar in shown if bar.group == group):
            long = wide * bar.rate / top
            yield text(start - 6, y + 10, bar.name, "", "end")
            yield (
                f'<rect class="{kind_of(bar.name)}" x="{start}" y="{y}" '
                f'width="{long:.1f}" height="{BAR}" rx="2"/>'
            )
            yield text(start + long + 4, y + 10, f"{bar.rate:,.0f}", "figure")
            y += PITCH
        y += APART


def text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    said = f' class="{kind}"' if kind else ""
    return f'<text{said} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def height(shown: Sequence[Bar]) -> int:
    groups = len(unique(bar.group for bar in shown))
    return groups * (HEADING + APART) + len(shown) * PITCH


def kind_of(name: str) -> str:
    if name == "twofold":
        return "ours"
    return "akin" if name.startswith(("twofold", "its ")) else "theirs"


def compact(rate: float) -> str:
    return f"{rate / 1000:g}k" if rate >= 1000 else f"{rate:g}"


def ceiling(rate: float) -> float:
    """Return the next number of which a quarter is round."""
    step: int = 10 ** (len(f"{rate:.0f}") - 1)
    return next(n * step for n in (1, 1.2, 1.6, 2, 4, 6, 8, 10) if rate <= n * step)


def unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
