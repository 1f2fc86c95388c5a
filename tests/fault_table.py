"""What a client does about every fault of the proxy: expected by tests, rendered into the docs.

`python tests/fault_table.py` writes the page anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "faults.md"

OPERATIONS = ("get", "update", "comment")
NAMES = {"get": "`get_ticket`", "update": "`update_state`", "comment": "`add_comment`"}


@attrs.frozen
class End:
    """How a call ends: attempts it made, requests that arrived, and the error (None: success)."""

    attempts: int
    arrived: int
    error: str | None = None

    def cells(self) -> list[str]:
        return [str(self.attempts), str(self.arrived), f"`{self.error}`" if self.error else "done"]


@attrs.frozen
class Case:
    """A fault, and how each operation ends if it strikes every request, or only the first."""

    name: str
    fault: Mapping[str, object]
    seen: str
    always: tuple[End, End, End]
    once: tuple[End, End, End] | None
    waits: bool = False
    """Whether only a time-out ends it."""


LOST = "OutcomeUnknownError"
FAILED = "ServerError"

# Nothing was sent: whatever it was, it may be tried again.
UNMADE = (End(3, 0, FAILED), End(3, 0, FAILED), End(3, 0, FAILED))
# Sent as far as the client can know; it never reached the server.
UNHEARD = (End(3, 0, FAILED), End(3, 0, FAILED), End(1, 0, LOST))
UNHEARD_ONCE = (End(2, 1), End(2, 1), End(1, 0, LOST))
# Carried out, and the answer is lost.
UNTOLD = (End(3, 3, FAILED), End(3, 3, FAILED), End(1, 1, LOST))
UNTOLD_ONCE = (End(2, 2), End(2, 2), End(1, 1, LOST))

CASES = [
    Case("refused", {"fault": "tcp_refused"}, "the connection is refused", UNMADE, None),
    Case(
        "cut before",
        {"fault": "tcp_cut_before"},
        "the connection ends without a byte, before the request reached the server",
        UNHEARD,
        UNHEARD_ONCE,
    ),
    Case(
        "reset before",
        {"fault": "tcp_reset_before"},
        "the connection is reset, before the request reached the server",
        UNHEARD,
        UNHEARD_ONCE,
    ),
    Case(
        "cut after",
        {"fault": "tcp_cut_after"},
        "the connection ends without a byte, after the request was carried out",
        UNTOLD,
        UNTOLD_ONCE,
    ),
    Case(
        "stall",
        {"fault": "tcp_stall"},
        "the answer never begins",
        UNTOLD,
        UNTOLD_ONCE,
        waits=True,
    ),
    Case(
        "stall after the head",
        {"fault": "tcp_stall", "at": "body"},
        "silence after the headers",
        UNTOLD,
        UNTOLD_ONCE,
        waits=True,
    ),
    Case(
        "stall in the body",
        {"fault": "tcp_stall", "at": "mid_body"},
        "silence after half of the body",
        UNTOLD,
        UNTOLD_ONCE,
        waits=True,
    ),
    Case(
        "trickling head",
        {"fault": "tcp_trickle", "seconds": 0.01},
        "the answer comes a byte at a time, slower than an attempt may last",
        UNTOLD,
        UNTOLD_ONCE,
        waits=True,
    ),
    Case(
        "trickling body",
        {"fault": "tcp_trickle", "seconds": 0.05, "at": "body"},
        "the headers, then the body a byte at a time",
        UNTOLD,
        UNTOLD_ONCE,
        waits=True,
    ),
    Case(
        "short body",
        {"fault": "tcp_short_body"},
        "half of the body, then the end of the connection",
        UNTOLD,
        UNTOLD_ONCE,
    ),
    Case(
        "reset in the body",
        {"fault": "tcp_reset_body"},
        "half of the body, then a reset",
        UNTOLD,
        UNTOLD_ONCE,
    ),
]
REFUSED, *BEHIND_A_REQUEST = CASES

HEAD = """\
# What a client does about a broken wire

This table is made from what the tests expect of every runtime: asyncio, trio and blocking.
Each call made three attempts at most, as is usual, through the TCP proxy of the emulator.
*Attempts* are those that the client made, *arrived* the requests that the emulator counted.
`get_ticket` is safe and `update_state` repeatable, so both are tried again.
A comment is sent once, unless it is certain that nothing of it was sent.

"""
COLUMNS = [
    *("fault", "what the client sees", "call"),
    *("every request: attempts", "arrived", "ends with"),
    *("first request only: attempts", "arrived", "ends with"),
]
NOTES = """
The time-out ends what stalls or trickles: `read` ends silence, `attempt` all else.
When `total` is over before, the call ends with `DeadlineError` after one request.
Its `effect` is unknown for the update and for the comment.

**Blocking, over httpx: a head that trickles outlasts the attempt.**
A thread that reads cannot be interrupted, and httpx returns only when the headers are complete.
Every byte of them begins `read` anew.
So such an attempt ends with its headers, or with a silence longer than `read`.
A body that trickles is given up between two of its pieces, in time.

`tcp_reset_at_connect` is not in the table: what a client sees of it is a matter of microseconds.
If the reset comes before it is connected, nothing was sent, and all three are tried again.
If it comes later, it is as `tcp_reset_before`.

## Scripts of the proxy

`twofold serve rally --faults` starts the proxy if a fault of its list begins with `tcp_`.
The ready line then calls the proxy `url`, and the emulator itself `direct`.
All other faults of the same list are the emulator's.

| fault | fields | what it does |
| --- | --- | --- |
| `tcp_cut_before`, `tcp_cut_after` | | closes without a byte; the server was not asked, or has answered |
| `tcp_reset_before` | | resets without a byte; the server was not asked |
| `tcp_stall` | `at` | silence until the caller leaves, from `head` (if not given), `body` or `mid_body` on |
| `tcp_trickle` | `seconds`, `at` | a byte every so many seconds, from `head` (if not given) or `body` on |
| `tcp_short_body`, `tcp_reset_body` | | half of the body, then the end, or a reset |
| `tcp_reset_at_connect` | | accepts a connection and resets it at once; `nth` counts connections |
| `tcp_refused` | `nth`, `seconds` | closes the port before the nth connection, for so long or for good |

All take `nth` and `times`, but for the last: its `nth` is one number (1 if not given), and it strikes once.
All but the last two take a `match` of `method`, `path` and `body`, like the emulator's own.
An answer without a body is whole with its head: half of it is all of it.
A caller who is refused is not seen, so the port opens again by the clock, not by a count.
"""  # noqa: E501 - rows of a table


def page() -> str:
    rows = [COLUMNS, ["---"] * len(COLUMNS), *(row for case in CASES for row in rendered(case))]
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows) + NOTES


def rendered(case: Case) -> Iterator[list[str]]:
    fields = ", ".join(f"{name} {value}" for name, value in case.fault.items() if name != "fault")
    script = f"`{case.fault['fault']}`" + (f" ({fields})" if fields else "")
    for at, operation in enumerate(OPERATIONS):
        first = ["-"] * 3 if case.once is None else case.once[at].cells()
        yield [script, case.seen, NAMES[operation], *case.always[at].cells(), *first]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
