"""A user name and a password as basic authentication sends them (RFC 7617)."""

from __future__ import annotations

import base64
import unicodedata

from ..errors import ArgumentError


def basic(username: str, password: str) -> str:
    """Return the credentials of a user; what cannot be said so is an ArgumentError.

    They are sent as UTF-8, composed (section 2.1).  A colon would end the name early, and control
    characters are forbidden (section 2).
    """
    for name, text in (("username", username), ("password", password)):
        if not text:
            raise ArgumentError(f"the {name} must not be empty")
        if any(ord(character) < 32 or ord(character) == 127 for character in text):
            raise ArgumentError(f"the {name} holds a line break or another control character")
    if ":" in username:
        raise ArgumentError("the username must not hold a colon")
    return encoded(f"{composed(username)}:{composed(password)}")


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def encoded(text: str) -> str:
    try:
        return base64.b64encode(text.encode()).decode()
    except UnicodeEncodeError:
        # The error itself would show what it could not encode.
        raise ArgumentError("the username or the password holds half a character") from None
