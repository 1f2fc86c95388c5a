"""The images that a description shows: found in its HTML, and where they lie."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import attrs

from ..core.downloads import WRONG_PART, Download, refused
from ..core.request import Origin, Reply
from ..core.text.headers import Pairs
from ..core.text.html_tokens import Tag, tokens
from ..core.wire.address import checked, origin, target
from ..errors import ArgumentError

IMAGE = re.compile(r"image/[\w.+-]+", re.ASCII | re.IGNORECASE)
WITHIN = re.compile(r"\s*data:", re.IGNORECASE)


def images_in(html: str) -> tuple[str, ...]:
    """Return the sources of the images in a text of HTML, in their order, each once.

    They are as `download_embedded_image` takes them.  Those that hold the image itself (`data:`)
    are left out.
    """
    sources = (source_of(token) for token in tokens(html) if isinstance(token, Tag))
    return tuple(dict.fromkeys(source for source in sources if source is not None))


def source_of(tag: Tag) -> str | None:
    """Return what image a tag shows; None: none, or one that it holds itself."""
    if tag.name != "img" or tag.is_end:
        return None
    source = tag.attributes.get("src", "").strip()
    return None if not source or WITHIN.match(source) else source


@attrs.frozen
class Place:
    """Where an image lies."""

    origin: Origin
    target: str
    """Path and query, as on the request line."""


def located(source: object, home: Origin) -> Place:
    """Return where the source of an image leads; a relative one is a place of the home origin."""
    if not isinstance(source, str) or not source.strip() or WITHIN.match(source):
        raise ArgumentError(f"{source!r:.80} is not the address of an image")
    try:
        parts = checked(urljoin(f"{home}/", source.strip().replace(" ", "%20")))
    except ArgumentError:
        raise
    except ValueError as error:
        raise ArgumentError(f"{source!r:.80} is not the address of an image") from error
    found = origin(parts)
    if not found.host.isascii():
        raise ArgumentError(f"the host of {source!r:.80} must be written in ASCII, as xn--...")
    return Place(found, target(parts))


def anonymous(headers: Pairs) -> Pairs:
    """Return what of a client's own fields strangers are told: by what program they are asked."""
    return tuple(pair for pair in headers if pair[0].lower() == "user-agent")


@attrs.define(eq=False, kw_only=True)
class ImageDownload(Download):
    """A download that takes nothing but an image."""

    def fits(self, reply: Reply) -> bool:
        kind = (reply.headers.get("content-type") or "").partition(";")[0].strip()
        if reply.status != WRONG_PART and not IMAGE.fullmatch(kind):
            raise refused(f"it is {kind or 'of no known type'}, not an image")
        return super().fits(reply)
