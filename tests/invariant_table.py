"""What the core promises, and which test holds it to that: rendered into the docs.

A test says in its docstring which promise it tries: `Invariant 3.2`, or `Rule 14.5`.
`python tests/invariant_table.py` writes the page anew.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent
PAGE = TESTS.parent / "docs" / "explanation" / "invariants.md"

NAMED = re.compile(r"(?:Invariant|Rule) (\d+\.\d+)")

# A promise by its number; a title before the first of its section.
SECTIONS: dict[str, list[str]] = {
    "0. What is taken is given back": [
        "A permit, a probe, a place in a queue is given back exactly once, however a call ends.",
        "Nothing is held while a retry pauses.",
    ],
    "1. Deadlines": [
        "A call takes no longer than it was allowed, whatever delays, hints and failures it meets.",
        "No attempt begins after the deadline.",
        "A deadline that passes is our error; a cancellation from outside stays a cancellation.",
    ],
    "2. Retries": [
        "No more attempts than allowed.",
        "What may not be repeated is not sent again once a byte of it was sent.",
        "No pause is longer than the cap or the accepted hint; many callers at the cap are spread.",
        "A cancellation is never swallowed, and never repeated.",
        "Every attempt sends the same bytes.",
        "The reading of hints takes any bytes.",
    ],
    "3. Retry budget": [
        "In any window: retries <= ratio x first attempts + floor, so amplification is bounded.",
        "An origin dead for 60 s sees at most 1.13 requests a call at 100 calls a second.",
        "After recovery the budget refills.",
        "Many threads at once never overdraw it.",
    ],
    "4. Rates": [
        "No window sees more than the limit, whatever the arrivals, and with several processes.",
        "Grants come in the order of arrival among those who still wait.",
        "Those who are cancelled while they wait delay nobody, and waste no token.",
        "No wake-up is lost: a queue that waits for time has exactly one timer.",
        "Nobody waits while a token is free and nobody queues.",
        "Between a throttle and its hint nothing is sent but the one probe.",
    ],
    "5. Adaptive concurrency": [
        "The limit stays between its bounds.",
        "No admission exceeds it; a decrease ends no call that runs.",
        "It does not grow while it is not reached.",
        "It falls at most once a window.",
        "It finds a server's capacity within a fifth, and again after that changed.",
        "Throttling that does not end is ended by deadlines, not by halving for ever.",
    ],
    "6. Circuit breaker": [
        "Open: not one request before the moment it names.",
        "Half open: no more probes than allowed, at once and in all.",
        "A probe that is cancelled frees its place.",
        "Cancellations never open it.",
        "Late results change nothing.",
        "It agrees with a naive model on every history.",
    ],
    "7. Hedges": [
        "The copies stay within their share of the calls.",
        "A call has at most two requests under way.",
        "Nothing unsafe is sent twice, and no body that cannot be sent again.",
        "Two answers at once: one is returned, the other is closed, no connection is lost.",
        "A caller's cancellation ends both.",
    ],
    "8. Single flight": [
        "At most one flight for a key; many callers at once are one request.",
        "Some callers cancelled: the rest are not touched.",
        "All cancelled: the flight is over, and nothing is kept.",
        "Who comes after the end starts anew.",
        "No caller sees what another did to the answer.",
    ],
    "9. Cache": [
        "No body crosses from one account to another.",
        "What is served as fresh is younger than it may be at that instant.",
        "`no-store` leaves no trace.",
        "After an invalidation nothing older is served.",
        "A body is what the origin sent, to the byte.",
        "Other implementations and the public vectors agree.",
    ],
    "10. Credentials": [
        "Many refusals at once are one renewal.",
        "There is no loop.",
        "A waiter's cancellation does not end the renewal.",
        "No secret is in a repr, a log, a span or a key of the cache.",
    ],
    "12. Batches, pages, background": [
        "Outcomes are in the order of the items, in whatever order they end.",
        "No more at once than asked for.",
        "A stream's memory does not grow with its length.",
        "Left at any step, nothing stays behind.",
        "Every item has one outcome, or was never begun.",
        "Progress is told at most ten times a second, and at both ends.",
    ],
    "14. Rules of cancellation": [
        "What is acquired is released in a `finally`.",
        "Cleaning up that waits is shielded, for a bounded time.",
        "`except BaseException` raises again.",
        "What is shared changes before a wait or after it, never half and half.",
        "A wake-up that reaches a cancelled waiter goes on to the next.",
        "No result is dropped: what arrives after a cancellation is disposed of.",
        "Deadlines of ours become our errors; cancellations of others pass.",
    ],
}


def promises() -> Iterator[tuple[str, str, str]]:
    """Yield the section, the number and the words of every promise."""
    for title, texts in SECTIONS.items():
        section = title.partition(".")[0]
        for number, text in enumerate(texts, 1):
            yield title, f"{section}.{number}", text


def tests() -> Iterator[tuple[str, str]]:
    """Yield the number of a promise and the test that names it; a twin is its source's shadow."""
    for file in sorted(TESTS.rglob("test_*.py")):
        if "_sync" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for number in NAMED.findall(ast.get_docstring(node) or ""):
                    yield number, f"{file.relative_to(TESTS.parent).as_posix()}::{node.name}"


def named() -> dict[str, list[str]]:
    """Return the tests of every promise that some test names."""
    found: dict[str, list[str]] = {}
    for number, test in tests():
        found.setdefault(number, []).append(test)
    return found


def page() -> str:
    """Return the page of the docs."""
    return "\n".join([*HEAD, *rows(named())]) + "\n"


HEAD = [
    "# What is promised, and what tries it",
    "",
    "Every promise of the core, and the tests that try to break it.",
    "Those under `tests/_async` run on asyncio, on trio and in threads.",
    "This page is written by `tests/invariant_table.py` from what the tests say of themselves.",
]


def rows(tried: dict[str, list[str]]) -> Iterator[str]:
    shown = ""
    for title, number, text in promises():
        if title != shown:
            yield from ("", f"## {title}", "", "| | promise | tests |", "| --- | --- | --- |")
            shown = title
        cell = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in tried.get(number, []))
        yield f"| {number} | {text} | {cell} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
