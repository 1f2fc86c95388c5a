"""How a user wants the application to be: `[tui]` and `[tui.keys]` of the settings file.

A file that was broken in an editor keeps nobody out: what it says is left aside, and said.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import cast

import attrs

from ..errors import ArgumentError
from ..settings import settings_path, table
from .keys import STANDARD, keys_of

THEME = "textual-dark"


@attrs.frozen
class Preferences:
    """What can be preferred."""

    theme: str = THEME
    scheme: str = STANDARD
    """Of keys: standard, vim or emacs."""
    keys: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """One's own keys for actions by name, separated by commas."""
    trouble: str = ""
    """What was wrong with the settings file."""


def preferences() -> Preferences:
    """Read the settings file, if there is one."""
    path = settings_path()
    content = b""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        try:
            content = path.read_bytes()
        except OSError as error:
            return Preferences(trouble=f"{path} cannot be read: {error.strerror}")
    try:
        return preferred(table(path, content, "tui"))
    except ArgumentError as error:
        return Preferences(trouble=str(error))


def preferred(given: Mapping[str, object]) -> Preferences:
    """Check what a file says; raise ArgumentError for what it cannot say."""
    unknown = set(given) - {"theme", "scheme", "keys"}
    if unknown:
        raise ArgumentError(f"tui: there is no setting {', '.join(sorted(unknown))}")
    theme, scheme = given.get("theme", THEME), given.get("scheme", STANDARD)
    if not isinstance(theme, str) or not isinstance(scheme, str):
        raise ArgumentError("tui: theme and scheme must be text")
    own = own_keys(given.get("keys", {}))
    keys_of(scheme, own)
    return Preferences(theme, scheme, own)


def own_keys(given: object) -> Mapping[str, str]:
    if isinstance(given, dict):
        named = cast("dict[str, object]", given)
        if all(isinstance(keys, str) for keys in named.values()):
            return cast("dict[str, str]", named)
    raise ArgumentError("tui.keys must be a table of actions and their keys, both text")
