"""What the server refuses, in its own words."""

from __future__ import annotations


class Refused(Exception):
    """An application error: it goes into `Errors` of a 200 answer, and nothing was changed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Forbidden(Refused):
    """The user lacks the right, or the project is closed: some servers answer with status 403."""


def unknown_type(name: str) -> Refused:
    return Refused(f'Requested type name "{name}" is unknown.')


def unparsable(problem: str) -> Refused:
    return Refused(f"Could not parse: {problem}")


def unexpected(expected: str, seen: str) -> Refused:
    return unparsable(f"Error parsing expression -- expected {expected} but saw {seen} instead.")


def inconvertible(problem: str) -> Refused:
    return Refused(f"Could not convert: {problem}")


def invalid(problem: str) -> Refused:
    return Refused(f"Validation error: {problem}")
