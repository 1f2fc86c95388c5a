"""How a user wants the application to be: `tui.toml`, beside the settings file.

A file of its own, since the application writes it and no secret may ever stand in it.  One that was
broken in an editor keeps nobody out: it is left as it is, and what is wrong is said.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import attrs

from ..errors import ArgumentError
from ..settings import settings_path
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
    """What was wrong with the file."""


def preferences_path() -> Path:
    return settings_path().with_name("tui.toml")


def at_home(path: Path) -> str:
    """Return a path as its owner would write it."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


def preferences() -> Preferences:
    """Read the file, if there is one."""
    path = preferences_path()
    try:
        return preferred(tomllib.loads(path.read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return Preferences()
    except (OSError, ValueError) as error:  # what is no TOML, no UTF-8, and ArgumentError
        return Preferences(trouble=f"{path}: {error}")


def preferred(given: Mapping[str, object]) -> Preferences:
    """Check what a file says; raise ArgumentError for what it cannot say."""
    if unknown := set(given) - {"theme", "scheme", "keys"}:
        raise ArgumentError(f"there is no setting {', '.join(sorted(unknown))}")
    theme, scheme = given.get("theme", THEME), given.get("scheme", STANDARD)
    if not isinstance(theme, str) or not isinstance(scheme, str):
        raise ArgumentError("theme and scheme must be text")
    own = own_keys(given.get("keys", {}))
    keys_of(scheme, own)
    return Preferences(theme, scheme, own)


def own_keys(given: object) -> Mapping[str, str]:
    if isinstance(given, dict):
        named = cast("dict[str, object]", given)
        if all(isinstance(keys, str) for keys in named.values()):
            return cast("dict[str, str]", named)
    raise ArgumentError("keys must be a table of actions and their keys, both text")


def save(preferences: Preferences) -> None:
    """Write the file as a whole; one that could not be read is kept beside it."""
    path = preferences_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    if preferences.trouble and path.exists():
        path.replace(path.with_suffix(".broken.toml"))
    new = path.with_suffix(".new")
    new.write_text(written(preferences), "utf-8")
    new.replace(path)


def written(preferences: Preferences) -> str:
    """Return the file's text; what JSON calls a string is one in TOML too."""
    own = [f"{name(each)} = {json.dumps(keys)}" for each, keys in preferences.keys.items()]
    lines = [
        f"theme = {json.dumps(preferences.theme)}",
        f"scheme = {json.dumps(preferences.scheme)}",
        *(["", "[keys]", *own] if own else []),
    ]
    return "\n".join(lines) + "\n"


def name(action: str) -> str:
    return action if action.replace("_", "").isalnum() else json.dumps(action)
