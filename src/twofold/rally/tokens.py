"""The token that writes need beside a password: how it is asked for, read and sent.

Source: Rally WSAPI v2.0, authentication.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..core.request import JSON, Endpoint, Reply
from ..core.text.quoting import quoted
from ..core.text.shapes import is_object
from ..core.wire.verdict import refusal
from ..errors import ServerError
from .wire import application_error, texts

# Characters of a token, at most; Rally's have about 36.
LONGEST = 1024


def read_token(reply: Reply) -> str:
    """Return the token; what this answer holds is shown by no error."""
    refused = refusal(reply)
    if refused is not None:
        raise refused
    errors = texts(granted(reply), "Errors")
    if errors:
        raise application_error(errors, reply)
    token = token_in(reply)
    if token is None:
        raise ServerError(
            f"{reply.request.origin} answered {reply.status} without a token for writes",
            status=reply.status,
        )
    return token


def token_in(reply: Reply) -> str | None:
    """Return the token that an answer brings, if it does."""
    if reply.status != 200:
        return None
    token = granted(reply).get("SecurityToken")
    return token if isinstance(token, str) and 0 < len(token) <= LONGEST else None


def granted(reply: Reply) -> Mapping[str, Any]:
    try:
        envelope = JSON.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    content = envelope.get("OperationResult") if is_object(envelope) else None
    return content if is_object(content) else {}


AUTHORIZE = Endpoint("rally.authorize", "GET", "/security/authorize", read_token)


def with_key(target: str, token: str) -> str:
    """Put a token into the query of an address, in place of any that is there."""
    path, _, query = target.partition("?")
    rest = [part for part in query.split("&") if part and not part.startswith("key=")]
    return f"{path}?{'&'.join([*rest, f'key={quoted(token)}'])}"
