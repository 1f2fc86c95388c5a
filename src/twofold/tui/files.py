"""What is attached to the ticket under the cursor, and the images in its texts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from platformdirs import user_downloads_path

from ..progress import Progress, ProgressCallback
from ..rally import AsyncCachingRallyClient, Attachment, Ticket
from .asking import Option
from .desk import Course, Job, given_up, unknown
from .html_text import plain_text

if TYPE_CHECKING:
    from .app import RallyApp

T = TypeVar("T")
Coming: TypeAlias = Coroutine[Any, Any, T]

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
        images = images_of(ticket)

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

        def saved(path: Path) -> None:
            self._app.notify(f"Saved {path}", markup=False)

        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._app.notify(f"Not saved: {error}", severity="error", markup=False)
        else:
            self._fetch(ticket, "downloading", attachment, folder, saved)

    def look_at(self, ticket: Ticket, attachment: Attachment) -> None:
        self._fetch(ticket, "opening", attachment, self._aside(), self._open)

    def image(self, ticket: Ticket, source: str) -> None:
        def work(progress: ProgressCallback, client: AsyncCachingRallyClient) -> Coming[Path]:
            return client.download_embedded_image(source, self._aside(), progress=progress)

        self._transfer(ticket, files_of(ticket), "opening an image", work, self._open, given_up)

    def attach(self, ticket: Ticket) -> None:
        def attached(_: Attachment) -> None:
            self._app.looking.look_beside(ticket)

        def answered(said: str) -> None:
            path = Path(said.strip()).expanduser()

            def work(
                progress: ProgressCallback, client: AsyncCachingRallyClient
            ) -> Coming[Attachment]:
                return client.upload_attachment(ticket, path, progress=progress)

            said = f"attaching {path.name}"
            self._transfer(ticket, ticket.ref, said, work, attached, unknown)

        self._app.asking.line(f"File to attach to {ticket.formatted_id}", answered, is_file)

    def _fetch(
        self,
        ticket: Ticket,
        what: str,
        attachment: Attachment,
        folder: Path | str,
        done: Callable[[Path], None],
    ) -> None:
        """Download, one after another for each ticket, beside what is written to it."""

        def work(progress: ProgressCallback, client: AsyncCachingRallyClient) -> Coming[Path]:
            return client.download_attachment(attachment, folder, progress=progress)

        said = f"{what} {attachment.name}"
        self._transfer(ticket, files_of(ticket), said, work, done, given_up)

    def _transfer(
        self,
        ticket: Ticket,
        name: str,
        what: str,
        work: Callable[[ProgressCallback, AsyncCachingRallyClient], Coming[T]],
        done: Callable[[T], None],
        left: Callable[[], str],
    ) -> None:
        course = Course()

        def come(progress: Progress) -> None:
            total = "" if progress.total is None else f" of {progress.total:,}"
            course.said = f"{progress.done:,}{total} bytes"
            self._app.tell()

        failed = partial(self._app.trouble, ticket)
        job = Job(what, partial(work, come), done, failed, course=course, left=left)
        self._app.desk.write([name], job)

    def _open(self, path: Path) -> None:
        self._app.open_url(path.as_uri())

    def _aside(self) -> str:
        """Return a folder that goes with the application."""
        if self._folder is None:
            # A thread may still be writing into it, if the client could not be waited for.
            self._folder = TemporaryDirectory(prefix="twofold-", ignore_cleanup_errors=True)
        return self._folder.name


def images_of(ticket: Ticket) -> Sequence[str]:
    """Return the addresses of the images in its texts, as the details show them."""
    texts = (ticket.description or "", ticket.notes or "")
    return [address for text in texts for address in plain_text(text).images]


def files_of(ticket: Ticket) -> str:
    """Return what downloads of a ticket wait for each other under."""
    return f"files of {ticket.ref}"


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
