"""File names that others chose: made harmless before a file gets one.

A server that names a file must not choose where it lies, hide it, or name a device.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from .headers import Headers

MOST_BYTES = 200
"""Of a name, as UTF-8: file systems take 255, and a number may be added."""

NAMELESS = "download"

SEPARATOR = re.compile(r"[/\\]")

# Separators, and what Windows forbids.
FORBIDDEN = re.compile(r'[/\\:*?"<>|]')

# Names of devices on Windows, whatever suffix they have.
DEVICE = re.compile(
    r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3])\s*(\..*)?", re.IGNORECASE
)

# Control and format characters (the latter can turn the direction of writing), half characters,
# ends of lines and paragraphs.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

PARAMETER = re.compile(r';\s*([^=;\s"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def safe_name(text: str) -> str:
    """Return a name that a file may have in any folder, on any system; never empty.

    No separators, no control characters, no dots in front or behind, no device of Windows, and at
    most 200 bytes, of which the suffix is the last to go.  What may not stand there becomes `_`.
    """
    composed = unicodedata.normalize("NFC", text)
    seen = "".join("_" if unicodedata.category(c) in UNSEEN else c for c in composed)
    name = shortened(FORBIDDEN.sub("_", seen).strip(". \u3000")).strip(". \u3000")
    if not name or name.isspace():
        return NAMELESS
    return f"_{name}" if DEVICE.fullmatch(name) else name


def shortened(name: str) -> str:
    """Cut a name to its bound, before its suffix if it has one."""
    if len(name.encode()) <= MOST_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    ending = f"{dot}{suffix}" if stem and len(suffix.encode()) <= MOST_SUFFIX else ""
    return cut(stem if ending else name, MOST_BYTES - len(ending.encode())) + ending


MOST_SUFFIX = 20


def cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def told_name(headers: Headers, target: str) -> str:
    """Return the name for what a server sent: as it said, else the end of its path; a safe one.

    Of a path that it said the last part is taken (RFC 6266, 4.3).
    """
    said = file_name(headers.get("content-disposition") or "")
    if said is None:
        said = unquote(target.partition("?")[0], errors="replace")
    return safe_name(SEPARATOR.split(said)[-1])


def file_name(disposition: str) -> str | None:
    """Return the name in a Content-Disposition, as it was sent; None if there is none.

    `filename*` holds before `filename` (RFC 6266, 4.3).
    """
    said = {name.lower(): value for name, value in reversed(PARAMETER.findall(disposition))}
    extended = decoded(said["filename*"]) if "filename*" in said else None
    if extended is not None or "filename" not in said:
        return extended
    return as_utf8(unquoted(said["filename"]))


def decoded(value: str) -> str | None:
    """Decode `UTF-8''na%C3%AFve`; None where it makes no sense (RFC 8187, 3.2)."""
    charset, _, rest = unquoted(value).partition("'")
    _, quote, encoded = rest.partition("'")
    if not quote or charset.lower() not in ("utf-8", "iso-8859-1"):
        return None
    try:
        return unquote(encoded, encoding=charset, errors="strict")
    except UnicodeDecodeError:
        return None


def unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return ESCAPED.sub(r"\1", value[1:-1])
    return value


def as_utf8(text: str) -> str:
    """Read as UTF-8 what was sent as such, though a field holds Latin-1."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
