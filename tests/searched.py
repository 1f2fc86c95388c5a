"""Where a secret could have gone, and in which forms it would be found there."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import attrs

from twofold.core.request import Request
from twofold.emulators.exchange import Answer
from twofold.rally.caching import KEPT, body_of

PNG = b"\x89PNG\r\n\x1a\n of somebody else"


def forms(secret: str) -> set[str]:
    """All ways in which a text would be written down."""
    raw = secret.encode()
    plain = {secret, quote(secret, safe=""), quote_plus(secret), quote(secret)}
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    quoted = {json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return plain | {each.rstrip("=") for each in encoded} | quoted | {raw.hex()}


@attrs.define
class Stranger:
    """A server of somebody else: whatever it is asked, it shows an image."""

    requests: list[Request] = attrs.field(factory=list[Request])

    def answer(self, request: Any, now: float) -> Answer:
        self.requests.append(request)
        return Answer(200, (("Content-Type", "image/png"),), PNG)

    def left(self, answer: Answer, now: float) -> None:
        """Nobody waits here."""

    def heard(self) -> list[str]:
        """All that it was ever told."""
        return [
            f"{one.method} {one.target} {list(one.headers)!r} {one.body!r}" for one in self.requests
        ]


class Written(logging.Handler):
    """Everything that anybody logs, with all that a formatter could make of it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.names.add(record.name)
        self.texts.append(f"{self.format(record)} {record.__dict__!r}")


@contextlib.contextmanager
def everything_logged() -> Generator[Written]:
    """Let every logger of the process write all it has, for as long as the block lasts."""
    root, written = logging.getLogger(), Written()
    level = root.level
    root.addHandler(written)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.setLevel(level)
        root.removeHandler(written)


def shown(error: BaseException) -> set[str]:
    """All that a program could print of an error."""
    texts = {str(error), repr(error), repr(vars(error)), repr(getattr(error, "attempts", ()))}
    for inner in (error.__cause__, error.__context__):
        texts |= shown(inner) if inner is not None else set()
    return texts


def in_files(folder: Path) -> Iterator[str]:
    """What stands in every file, and what results that are kept look like unpacked."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield f"{path.name} {path.read_bytes().decode('latin-1')}"
            if path.suffix == ".db":
                yield from in_results(path)


def in_results(path: Path) -> Iterator[str]:
    with contextlib.closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT key, url, body FROM entries").fetchall()
    for key, url, body in rows:
        yield f"{key} {url}"
        if "\nRESULT\n" in key:
            yield from (body_of(each).decode("utf-8") for each in KEPT.decode(body).pieces)


def found(secrets: Iterable[str], texts: Iterable[str]) -> list[tuple[str, str]]:
    """Every secret that stands somewhere, and what is around it."""
    wanted = {form for secret in secrets for form in forms(secret)}
    return [
        (form, text[max(0, text.index(form) - 200) :][:500])
        for text in texts
        for form in wanted
        if form in text
    ]
