"""What is taken from a ticket and given to it: files, images, its address."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from twofold.rally import Ticket

from .look import lacks, says, shows
from .walk import Walk
from .world import World

FILE = "of a tour.txt"


def take_files(walk: Walk, there: World, ticket: Ticket) -> None:
    """Save, open and attach; all that was known of the ticket is kept."""
    ident = ticket.formatted_id
    walk.go_to(ident)
    walk.until("its attachments are known", shows("Attachments", " bytes"))
    walk.act("files", shows(f"Attachments of {ident}", "Attach a file"))
    walk.type("an attachment", "save", lacks("Attach a file"))
    walk.press("save it", "enter", says("downloading"))
    walk.spins("a download")
    walk.act("files", shows(f"Attachments of {ident}"), "Attachments, to open one")
    walk.type("an attachment", "open", lacks("Attach a file"))
    walk.press("open it", "enter", lacks("Attachments of"))
    walk.act("files", shows(f"Attachments of {ident}"), "Attachments, to see an image")
    walk.type("an image", "image", lacks("Attach a file"))
    walk.press("open it", "enter", lacks("Attachments of"))
    attach(walk, there, ident)


def attach(walk: Walk, there: World, ident: str) -> None:
    (there.home / FILE).write_text("carried along", "utf-8")
    walk.act("files", shows(f"Attachments of {ident}"), "Attachments, to attach one")
    walk.type("to attach", "attach a", lacks("Save"))
    walk.press("which file is asked", "enter", shows("File to attach"))
    walk.type("no such file", "~/nothing")
    walk.press("it is refused", "enter", shows("there is no file"))
    walk.clear()
    walk.type("a file", f"~/{FILE}")
    walk.press("send it", "enter", says("attaching"))


def take_address(walk: Walk, there: World) -> None:
    walk.come_back()
    ident = walk.look().ticket
    walk.act("copy", shows("Copied"))
    walk.notes.check("its address is in the clipboard", "/detail/" in walk.terminal.copied, ident)
    walk.act("browse", shows("Opening"))
    walk.terminal.until(lambda _: there.opened, 5.0)
    walk.notes.check("a browser was told to open it", "/detail/" in there.opened, there.opened)


def is_saved(there: World) -> bool:
    return any(path.stat().st_size for path in there.downloads.glob("*"))


def viewed(there: World) -> list[Path]:
    """Return the files that a browser was told to open."""
    addresses = map(urlsplit, there.opened.splitlines())
    return [Path(unquote(each.path)) for each in addresses if each.scheme == "file"]
