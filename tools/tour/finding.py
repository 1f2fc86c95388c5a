"""Whatever needs no answer: moving, finding, marking, reading, looks; while the server hangs."""

from __future__ import annotations

from .look import BORDER, counts, details, differs, lacks, moved, restated, says, shows
from .walk import Walk

LAST = "Quit as interrupted"
ABOVE = 2  # rows
SPANS = ("current", "future", "past", "backlog")
ORDERS = ("state", "owner", "parent")


def move(walk: Walk) -> None:
    """Go through the list, and to the details and back."""
    first = walk.look()
    rows = list(first.rows)
    walk.act("down", details(rows[1]))
    walk.act("down", details(rows[2]))
    walk.act("up", details(rows[1]))
    walk.act("page_down", lambda look: look.ticket and look.ticket not in rows[:ABOVE])
    walk.act("page_up", details(rows[1]))
    walk.act("last", lambda look: look.ticket not in rows)
    walk.act("first", details(rows[0]))
    walk.act("pane", differs(walk.look()))
    walk.act("pane", differs(walk.look()), "Back to the list")
    walk.act("details", lambda look: BORDER not in look.lines[0], "Hide the details")
    walk.act("details", lambda look: BORDER in look.lines[0], "Show the details")


def find(walk: Walk) -> None:
    """Search, and look at a part."""
    walk.act("search", shows("id, name, owner, state"))
    walk.type("search as it is typed", "export", says("/export"))
    walk.press("into what was found", "enter", differs(walk.look()))
    walk.act("back", lambda look: "/export" not in look.status, "Back: clear the search")
    for span in SPANS:
        walk.act("span", says(f"  {span} ("), f"Iteration: {span}")
    walk.act("span", lambda look: f"  {SPANS[-1]} (" not in look.status, "Iteration: all")
    for order in ORDERS:
        walk.act("order", says(f"by {order}"), f"Order: {order}")
    walk.act("order", lambda look: "  by " not in look.status, "Order: recent")
    walk.act("mine", says("  mine"))
    walk.act("mine", lambda look: "  mine" not in look.status, "Everybody's items")
    walk.act("kind", shows("Which tickets", "Read other types too"))
    walk.type("a type", "defect", lacks("Read other types too"))
    walk.press("defects alone", "enter", says("defects ("))
    walk.act("kind", shows("Which tickets"), "All types again")
    walk.press("all types", "enter", lambda look: "defects (" not in look.status)
    walk.act("team", shows("Count", "Mean"))
    walk.press("leave the team", "escape", lacks("Mean"))


def mark(walk: Walk) -> None:
    first = walk.look().ticket
    walk.act("bulk", shows("Mark tickets first"), "Change many, with none marked")
    walk.act("mark", lambda look: look.row(first).startswith("*") and says("1 marked")(look))
    walk.act("mark_all", says(f"{counts(walk.look())[1]} marked"))
    walk.act("back", lambda look: "marked" not in look.status, "Back: clear the marks")


def read_anew(walk: Walk) -> None:
    walk.act("refresh", restated(walk.look()))
    walk.spins("refreshing")
    walk.scrolls("refreshing")


def have_it_otherwise(walk: Walk) -> None:
    """Everything about the application itself."""
    walk.act("palette", shows("Search for commands"))
    walk.type("search for a command", "Next th", shows("Next theme"))
    walk.press("leave the commands", "escape", lacks("Next theme"))
    walk.act("theme", shows("Theme "))
    walk.act("settings", shows("Settings, kept in", "Keys: vim"))
    walk.type("search for a setting", "vim", lacks("Keys: emacs"))
    walk.press("choose keys", "enter", lacks("Settings, kept in"))
    walk.terminal.press("Home")
    walk.terminal.until(lambda look: look.ticket == next(iter(look.rows), ""))
    walk.press("its keys work", "j", moved(walk.look()))
    walk.act("settings", shows("Settings, kept in"), "Settings once more")
    walk.type("search for a setting", "standard", lacks("Keys: vim"))
    walk.press("choose keys", "enter", lacks("Settings, kept in"))
    have_a_key_of_ones_own(walk)
    choose_types(walk)
    walk.calm()
    walk.act("help", shows("Next ticket"))
    walk.press("scroll the help", "end", shows(LAST))
    walk.press("leave the help", "q", lacks(LAST))


def have_a_key_of_ones_own(walk: Walk) -> None:
    """Give an action another key, be refused one that is taken, and take it back."""
    for key, held in (("f7", shows("Mean")), ("", lacks("Mean"))):
        walk.act("settings", shows("Settings, kept in"), "Settings, for a key of one's own")
        walk.type("search for it", "one of", lacks("Keys: vim"))
        walk.press("which action is asked", "enter", shows("Which action"))
        walk.type("search for one", "Team:", lacks("My items"))
        walk.press("its keys are asked", "enter", shows("Keys of: Team"))
        walk.clear()
        if key:
            walk.type("a key that is taken", "q")
            walk.press("it is refused", "enter", shows("would mean"))
            walk.clear()
            walk.type("a key", key)
        walk.press("it is kept", "enter", lacks("Keys of: Team"))
        walk.terminal.press("F7")
        walk.until("it does what it should", held, 3.0)
        walk.come_back()


def choose_types(walk: Walk) -> None:
    """See which types of tickets are read; leave it as it is."""
    walk.act("settings", shows("Settings, kept in"), "Settings, for types")
    walk.type("search for it", "types", lacks("Keys: vim"))
    walk.press("which types are read", "enter", shows("Which types are read", "[x] stories"))
    walk.press("leave it", "escape", lacks("Which types are read"))
