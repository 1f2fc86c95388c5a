"""Which key does what: the schemes that there are, one's own, and no key for two things.

It knows no terminal.  The table of keys in the docs, the help screen and the bindings themselves
are all made from here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from string import punctuation

import attrs

from ..errors import ArgumentError

STANDARD, VIM, EMACS = SCHEMES = ("standard", "vim", "emacs")


@attrs.frozen
class Action:
    """Something that a key can do."""

    name: str
    text: str
    group: str
    keys: Mapping[str, str]
    """The keys of each scheme, separated by commas, as Textual calls them."""
    short: str = ""
    """What the foot of the screen calls it; empty: it does not."""
    always: bool = False
    """While something is asked and written too."""


def action(
    name: str,
    text: str,
    group: str,
    keys: str,
    vim: str = "",
    emacs: str = "",
    *,
    short: str = "",
    always: bool = False,
) -> Action:
    schemes = {STANDARD: keys, VIM: f"{keys},{vim}".rstrip(","), EMACS: emacs or keys}
    return Action(name, text, group, schemes, short, always)


ACTIONS = (
    action("down", "Next ticket", "Move", "down", "j", "down,ctrl+n"),
    action("up", "Previous ticket", "Move", "up", "k", "up,ctrl+p"),
    action("page_down", "Next page", "Move", "pagedown", "ctrl+f", "pagedown,ctrl+v"),
    action("page_up", "Previous page", "Move", "pageup", "ctrl+b", "pageup,alt+v"),
    action("first", "First ticket", "Move", "home", "g", "home,alt+less_than_sign"),
    action("last", "Last ticket", "Move", "end", "G", "end,alt+greater_than_sign"),
    action("pane", "Other pane", "Move", "tab"),
    action("details", "Show or hide the details", "Move", "enter"),
    action("search", "Search", "Find", "slash", "", "ctrl+s,slash", short="Search"),
    action("kind", "Type of tickets", "Find", "v", short="Type"),
    action("span", "Iteration: all, current, future, past, none", "Find", "i", short="Iteration"),
    action("mine", "My items", "Find", "m", short="Mine"),
    action("order", "Order: recent, state, owner, parent", "Find", "o", short="Order"),
    action("team", "Team", "Find", "t", short="Team"),
    action("refresh", "Refresh", "Find", "r,f5", "", "r,f5,ctrl+l"),
    action("back", "Back: clear the search, then the marks", "Find", "escape", "", "escape,ctrl+g"),
    action("mark", "Mark", "Many", "space"),
    action("mark_all", "Mark all that are shown", "Many", "ctrl+a", "V", "ctrl+a"),
    action("bulk", "Change all that are marked", "Many", "b", short="Bulk"),
    *(
        action(f"state({number})", f"State number {number} of its type", "Change", str(number))
        for number in range(1, 10)
    ),
    action("points", "Points", "Change", "p", short="Points"),
    action("owner", "Owner", "Change", "a"),
    action("parent", "Parent", "Change", "u"),
    action("iteration", "Iteration", "Change", "s"),
    action("notes", "Notes", "Change", "n"),
    action("description", "Description", "Change", "d"),
    action("comment", "Comment", "Change", "c", short="Comment"),
    action("create", "New ticket", "Change", "plus", short="New"),
    action("files", "Attachments and images", "Ticket", "f"),
    action("copy", "Copy its address", "Ticket", "y"),
    action("browse", "Open it in the browser", "Ticket", "w"),
    action("palette", "Commands", "Application", "f2", "colon", "alt+x"),
    action("theme", "Next theme", "Application", "ctrl+t"),
    action("settings", "Settings", "Application", "comma"),
    action("help", "Help", "Application", "question_mark,f1", short="Help"),
    action("suspend", "Back to the shell, until fg", "Application", "ctrl+z", always=True),
    action("interrupt", "Quit as interrupted: code 130", "Application", "ctrl+c", always=True),
    action("quit", "Quit", "Application", "q,ctrl+q", short="Quit"),
)  # fmt: skip
"""Every action, in the order in which they are explained."""

NAMES = {each.name: each for each in ACTIONS}

SHORTER = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at",
    "hyphen_minus": "minus", "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip


def name_of_sign(sign: str) -> str:
    """Return what a sign is called as a key: `question_mark`."""
    name = unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")
    return SHORTER.get(name, name)


SIGNS: Mapping[str, str] = {name_of_sign(sign): sign for sign in punctuation}

OTHERS = frozenset(
    {
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"),
        *("backspace", "enter", "tab", "escape", "space"),
        *(f"f{number}" for number in range(1, 25)),
    }
)
MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "hyper", "meta"})


def keys_of(scheme: str, own: Mapping[str, str]) -> Mapping[str, str]:
    """Return the keys of every action: a scheme's, and in place of some one's own.

    Raises ArgumentError for a scheme or an action that does not exist, and for a key that would do
    two things.
    """
    if scheme not in SCHEMES:
        raise ArgumentError(f"keys: {scheme!r} is none of {', '.join(SCHEMES)}")
    if unknown := [name for name in own if name not in NAMES]:
        raise ArgumentError(f"keys: there is no action {', '.join(sorted(unknown))}")
    chosen = {each.name: ",".join(split(own.get(each.name, each.keys[scheme]))) for each in ACTIONS}
    if none := [key for keys in chosen.values() for key in split(keys) if not is_key(key)]:
        raise ArgumentError(f"keys: there is no key {', '.join(none)}")
    if both := conflicts(chosen):
        raise ArgumentError("keys: " + "; ".join(both))
    return chosen


def conflicts(chosen: Mapping[str, str]) -> list[str]:
    """Say of each key that would do several things which these are."""
    meant: dict[str, list[str]] = {}
    for name, keys in chosen.items():
        for key in split(keys):
            meant.setdefault(key, []).append(name)
    return [
        f"{key} would mean {' and '.join(names)}" for key, names in meant.items() if len(names) > 1
    ]


def split(keys: str) -> list[str]:
    """Return the keys of a list by their names; signs may stand for themselves, but for commas."""
    return [named(key.strip()) for key in keys.split(",") if key.strip()]


def named(key: str) -> str:
    before, last = (key[:-1], key[-1]) if key.endswith("+") else key.rpartition("+")[::2]
    before = before.rstrip("+")
    last = name_of_sign(last) if last in punctuation and last else last
    return f"{before}+{last}" if before else last


def is_key(name: str) -> bool:
    """Tell whether a terminal may send such a key."""
    *before, last = name.split("+")
    is_known = last in OTHERS or last in SIGNS or (len(last) == 1 and last.isalnum())
    return is_known and MODIFIERS.issuperset(before)
