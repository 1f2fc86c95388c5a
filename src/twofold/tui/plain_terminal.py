"""A terminal that knows no Unicode: whatever is drawn reaches it in ASCII, as wide as it was.

And one that nothing can be drawn on.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping
from typing import cast

from rich.cells import cell_len
from textual.driver import Driver

LINES = str.maketrans(
    {
        **dict.fromkeys(
            "\u2500\u2501\u2550\u2594\u2581\u2584\u2580\u2582\u2583\u2585\u2586\u2587", "-"
        ),
        **dict.fromkeys(
            "\u2502\u2503\u2551\u258a\u258e\u2595\u258f\u2590\u258c\u258b\u258d\u2589", "|"
        ),
        **dict.fromkeys(
            "\u256d\u256e\u256f\u2570\u250c\u2510\u2514\u2518\u250f\u2513\u2517\u251b\u253c", "+"
        ),
        **dict.fromkeys("\u2588\u2593\u2592", "#"),
        **dict.fromkeys("\u2014\u2013", "-"),
        "\u2026": ".",
        "\u2022": "*",
        "\xa0": " ",
        **dict.fromkeys("\u2018\u2019", "'"),
        **dict.fromkeys("\u201c\u201d", '"'),
    }
)


def knows_unicode(environment: Mapping[str, str]) -> bool:
    """Tell whether a terminal was said to take UTF-8, by the locale of who uses it.

    Python's own encodings do not tell: in the locale C it speaks UTF-8 all the same.
    """
    if sys.platform == "win32":
        return (sys.stdout.encoding or "").lower().startswith("utf")
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    chosen = next((name for name in names if name), "C")
    return chosen.lower().replace("-", "").endswith("utf8")


def refusal(environment: Mapping[str, str], *, is_terminal: bool) -> str | None:
    """Say why nothing can be drawn; None: it can."""
    instead = "`twofold rally --help` tells what can be done without."
    if not is_terminal:
        return f"This needs a terminal for its input and output. {instead}"
    if environment.get("TERM") in ("dumb", "unknown"):
        name = environment["TERM"]
        return f"Nothing can be drawn on a terminal of the kind TERM={name}. {instead}"
    return None


def plain(text: str) -> str:
    """Return text in ASCII that takes as many cells."""
    return text if text.isascii() else "".join(map(plain_sign, text.translate(LINES)))


def plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    base = unicodedata.normalize("NFKD", sign)[0]
    return base.ljust(cell_len(sign)) if base.isascii() else "?" * cell_len(sign)


def on_plain_terminal(driver: type[Driver]) -> type[Driver]:
    """Return a driver that writes ASCII alone."""

    def write(self: Driver, data: str) -> None:
        driver.write(self, plain(data))

    return cast("type[Driver]", type("PlainDriver", (driver,), {"write": write}))
