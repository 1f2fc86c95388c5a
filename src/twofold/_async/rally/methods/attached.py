# SPDX-License-Identifier: MIT
"""What is in attachments: their bytes, to a file or to memory, and from there; images shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Unpack

from .own import session_of

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from ....core.options import CallOptions
    from ....core.uploads import Content
    from ....progress import ProgressCallback
    from ....rally.ids import TicketId
    from ....rally.models import Reference
    from ....rally.records import Attachment, Record


class AsyncAttachedFiles(Protocol):
    """What is in attachments: their bytes, to a file or to memory, and from there; images shown.

    No caching client keeps any of it: all of these ask the server, and while a client is offline
    they are an OfflineError.
    """

    async def download_attachment(
        self,
        attachment: Attachment | Reference | str,
        target: str | PathLike[str] | None = None,
        *,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> Path:
        """Write what is attached into a file; return its path.

        Of an attachment that is given by its ref, name and size are asked for first.

        If `target` is a folder, or None, which means the current one, the file gets the name of the
        attachment, cleaned so that it is one in that folder; nothing there is replaced: a name that
        is taken gets a number.  Else `target` is the file, and what is there is replaced.

        The file is there once it is whole, of the attachment's size; otherwise nothing is left.
        `timeout` bounds the download as a whole, the client's own only each silence.  `progress` is
        told of bytes.
        """
        from .. import attached

        return await attached.download(session_of(self, call), attachment, target, progress)

    async def read_attachment(
        self, attachment: Attachment | Reference | str, **call: Unpack[CallOptions]
    ) -> bytes:
        """Return what is attached, in memory: as many bytes as the attachment says, 50 MB at most.

        Anything else is a ServerError.
        """
        from .. import attached

        return await attached.read(session_of(self, call), attachment)

    async def upload_attachment(
        self,
        ticket: TicketId | Record,
        content: Content,
        *,
        name: str | None = None,
        content_type: str | None = None,
        description: str | None = None,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> Attachment:
        """Attach a file to a ticket, or to a test case result by its ref or record.

        `content` is bytes, the path of a file, or an open binary file.  `name` and `content_type`
        are those of the file if they are not given; bytes have no name.  More than 50 MB, or what
        is no file, is an error before anything is sent.

        Two writes make one attachment: the bytes, then what refers to them.  If the second fails,
        or the call is cancelled between them, the bytes are removed.  A cancellation waits up to
        five seconds for the write that is under way, and as long for the removal.  If an answer is
        lost it is an OutcomeUnknownError, and nothing is removed, since the file may be attached:
        look before you repeat it.

        `progress` is told of bytes that are sent, a third more than the file has.  A large file may
        take longer than the client's own `timeout` allows a request: give one.
        """
        from .. import attached

        return await attached.upload(
            session_of(self, call), ticket, content, name, content_type, description, progress
        )

    async def delete_attachment(
        self, attachment: Attachment | Reference | str, **call: Unpack[CallOptions]
    ) -> None:
        """Delete an attachment for good, and its bytes with it.

        One that is gone after its answer was lost counts as deleted.
        """
        from .. import attached

        await attached.delete(session_of(self, call), attachment)

    async def download_embedded_image(
        self,
        source: str,
        target: str | PathLike[str] | None = None,
        *,
        elsewhere: bool = False,
        progress: ProgressCallback | None = None,
        **call: Unpack[CallOptions],
    ) -> Path:
        """Write an image that a description shows into a file; return its path.

        `source` is what `images_in` finds: an address, or a path on the client's server.  The
        credentials go there only, to the same scheme, host and port.  An image of another origin is
        an ArgumentError, before anything is sent; with `elsewhere` it is asked for without them, as
        it is wherever a redirect leads.

        What is no image by its type, or has more than 50 MB, is a ServerError, and nothing is left.
        The file is named by its server; `target` is as in `download_attachment`.
        """
        from .. import attached

        return await attached.download_image(
            session_of(self, call), source, target, progress, elsewhere=elsewhere
        )
