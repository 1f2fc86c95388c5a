"""What is attached to the ticket under the cursor, and the images in its description."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from platformdirs import user_downloads_path

from ..errors import TwofoldError
from ..progress import Progress
from ..rally import Attachment, Ticket
from .asking import Option
from .desk import Job, Work
from .html_text import plain_text

if TYPE_CHECKING:
    from .app import RallyApp

T = TypeVar("T")

UPLOAD: Option = ("upload", "Attach a file ...")


class Files:
    """Transfers for one application; what is only looked at goes when the application does."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._folder: TemporaryDirectory[str] | None = None

    def acts(self) -> Mapping[str, Callable[[], object]]:
        return {"files": partial(self._app.edits.on_ticket, self.menu)}

    def close(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def menu(self, ticket: Ticket) -> None:
        beside = self._app.beside.get(ticket.ref)
        attached = () if beside is None or beside.files is None else beside.files
        images = plain_text(ticket.description or "").images

        def answered(said: str) -> None:
            what, _, number = said.partition(" ")
            match what:
                case "save":
                    self.save(ticket, attached[int(number)])
                case "open":
                    self.look_at(ticket, attached[int(number)])
                case "image":
                    self.image(ticket, images[int(number)])
                case _:
                    self.attach(ticket)

        title = f"Attachments of {ticket.formatted_id}"
        self._app.asking.one_of(title, options(attached, images), answered)

    def save(self, ticket: Ticket, attachment: Attachment) -> None:
        """Download into the user's folder for downloads, under a name that is free."""
        folder = user_downloads_path()
        folder.mkdir(parents=True, exist_ok=True)
        self._fetch(
            ticket,
            f"downloading {attachment.name}",
            lambda client: client.download_attachment(attachment, folder, progress=self._progress),
            lambda path: self._app.notify(f"Saved {path}", markup=False),
        )

    def look_at(self, ticket: Ticket, attachment: Attachment) -> None:
        self._fetch(
            ticket,
            f"opening {attachment.name}",
            lambda client: client.download_attachment(
                attachment, self._aside(), progress=self._progress
            ),
            self._open,
        )

    def image(self, ticket: Ticket, source: str) -> None:
        self._fetch(
            ticket,
            "opening an image",
            lambda client: client.download_embedded_image(
                source, self._aside(), progress=self._progress
            ),
            self._open,
        )

    def attach(self, ticket: Ticket) -> None:
        def answered(said: str) -> None:
            path = Path(said.strip()).expanduser()
            self._transfer(
                ticket,
                ticket.ref,
                f"attaching {path.name}",
                lambda client: client.upload_attachment(ticket, path, progress=self._progress),
                lambda _: self._app.reading.look_beside(ticket),
            )

        self._app.asking.line(f"File to attach to {ticket.formatted_id}", answered, is_file)

    def _fetch(
        self, ticket: Ticket, what: str, work: Work[Path], done: Callable[[Path], object]
    ) -> None:
        """Download, one after another for each ticket, beside what is written to it."""
        self._transfer(ticket, f"files of {ticket.ref}", what, work, done)

    def _transfer(
        self, ticket: Ticket, name: str, what: str, work: Work[T], done: Callable[[T], object]
    ) -> None:

        def over(value: T) -> None:
            self._app.progress = ""
            done(value)

        def failed(error: TwofoldError) -> None:
            self._app.progress = ""
            self._app.trouble(ticket, error)

        self._app.desk.write([name], Job(what, work, over, failed))

    def _open(self, path: Path) -> None:
        self._app.open_url(path.as_uri())

    def _aside(self) -> str:
        """Return a folder that goes with the application."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="twofold-")
        return self._folder.name

    def _progress(self, progress: Progress) -> None:
        total = "" if progress.total is None else f" of {progress.total:,}"
        self._app.progress = f"{progress.done:,}{total} bytes"
        self._app.tell()


def options(attached: Sequence[Attachment], images: Sequence[str]) -> list[Option]:
    found: list[Option] = []
    for number, each in enumerate(attached):
        said = f"{each.name}, {each.size or 0:,} bytes"
        found += [(f"save {number}", f"Save {said}"), (f"open {number}", f"Open {said}")]
    for number, source in enumerate(images):
        found.append((f"image {number}", f"Open image {number + 1}: {source}"))
    return [*found, UPLOAD]


def is_file(said: str) -> str:
    if not Path(said.strip()).expanduser().is_file():
        raise ValueError(f"there is no file {said.strip()}")
    return said
