"""The keys of the terminal application, as a page of the docs.

`python tests/key_table.py` writes it, from the bindings themselves.
"""

from __future__ import annotations

from pathlib import Path

from twofold.tui.keys import ACTIONS, SCHEMES, keys_of, split
from twofold.tui.panels import readable

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "keys.md"

INTRODUCTION = """# Keys of the terminal application

Made from the bindings by `python tests/key_table.py`.
The column *action* is what `tui.toml` calls it: see [Rally in a terminal](../how-to/rally-tui.md).
"""


def page() -> str:
    chosen = {scheme: keys_of(scheme, {}) for scheme in SCHEMES}
    lines, group = [INTRODUCTION], ""
    for each in ACTIONS:
        if each.group != group:
            group = each.group
            head = " | ".join(["what it does", *SCHEMES, "action"])
            lines += [f"## {group}\n", f"| {head} |", "| --- | --- | --- | --- | --- |"]
        cells = [written(chosen[scheme][each.name]) for scheme in SCHEMES]
        lines.append(f"| {each.text} | {' | '.join(cells)} | `{each.name}` |")
        if each is ACTIONS[-1] or ACTIONS[ACTIONS.index(each) + 1].group != group:
            lines.append("")
    return "\n".join(lines)


def written(keys: str) -> str:
    return ", ".join(f"`{readable(key)}`" for key in split(keys))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
