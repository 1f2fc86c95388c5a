"""Secrets are taken out of every text that leaves: messages, histories, extracts."""

from __future__ import annotations

from collections.abc import Iterable

MASK = "***"

# The beginning of a secret at the end of a text that was cut: shorter ones say nothing.
TELLING = 4


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text, and the beginning of one where the text was cut short."""
    for secret in secrets:
        if secret:
            text = without_beginning(text.replace(secret, MASK), secret)
    return text


def without_beginning(text: str, secret: str) -> str:
    body = text.removesuffix("…")
    for length in range(min(len(secret), len(body)), TELLING - 1, -1):
        if body.endswith(secret[:length]):
            return f"{body[:-length]}{MASK}…"
    return text
