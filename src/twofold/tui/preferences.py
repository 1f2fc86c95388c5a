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
from ..rally.kinds import (
    DEFECT,
    DEFECT_SUITE,
    PORTFOLIO_ITEM,
    STORY,
    TASK,
    TEST_CASE,
    TEST_SET,
    Kind,
    find_kind,
    kinds_named,
)
from ..settings import settings_path
from .keys import STANDARD, keys_of
from .views import covers

THEME = "textual-dark"

READABLE = (STORY, DEFECT, TASK, DEFECT_SUITE, TEST_SET, TEST_CASE, PORTFOLIO_ITEM)
"""Types of tickets that can be read, portfolio items of all levels together."""

USUAL = tuple(kind.name for kind in (STORY, DEFECT, TASK, PORTFOLIO_ITEM))
"""What a team works with daily.  Of test cases there may be many times as many."""


@attrs.frozen
class Preferences:
    """What can be preferred."""

    theme: str = THEME
    scheme: str = STANDARD
    """Of keys: standard, vim or emacs."""
    keys: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """One's own keys for actions by name, separated by commas."""
    types: tuple[str, ...] = USUAL
    """Which types of tickets are read, by their names."""
    trouble: str = ""
    """What was wrong with the file."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What these types are; one that comes along with another is not read by itself."""
        every = kinds_named(self.types)
        return tuple(
            kind
            for kind in every
            if not any(covers(other, kind.path) for other in every if other != kind)
        )


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
    if unknown := set(given) - {"theme", "scheme", "keys", "types"}:
        raise ArgumentError(f"there is no setting {', '.join(sorted(unknown))}")
    theme, scheme = given.get("theme", THEME), given.get("scheme", STANDARD)
    if not isinstance(theme, str) or not isinstance(scheme, str):
        raise ArgumentError("theme and scheme must be text")
    own = own_keys(given.get("keys", {}))
    keys_of(scheme, own)
    return Preferences(theme, scheme, own, types_of(given.get("types", [*USUAL])))


def types_of(given: object) -> tuple[str, ...]:
    """Check which types of tickets are to be read; ArgumentError says which one there is not."""
    if not isinstance(given, list):
        raise ArgumentError("types must be a list of types of tickets")
    return tuple(called(kind) for kind in kinds_named(cast("list[str]", given)))


def called(kind: Kind) -> str:
    """Return a name by which a type of tickets is found again."""
    return kind.name if find_kind(kind.name) == kind else kind.path


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
        f"types = {json.dumps(preferences.types)}",
        *(["", "[keys]", *own] if own else []),
    ]
    return "\n".join(lines) + "\n"


def name(action: str) -> str:
    return action if action.replace("_", "").isalnum() else json.dumps(action)
