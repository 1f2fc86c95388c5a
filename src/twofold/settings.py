"""What a client is not told is looked for in the environment, then in the settings file.

The file is `twofold.toml` in the user's configuration folder (`TWOFOLD_CONFIG` names another), with
a table for each system::

    [rally]
    server = "rally1.rallydev.com"
    api_key = "..."

A name that no setting has is refused: a `project` that is misspelt would widen what is written to.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from .errors import ArgumentError

SECRETS = frozenset({"api_key", "password", "token", "private_key"})

NAMES: Mapping[str, frozenset[str]] = {
    "rally": frozenset(
        ["server", "api_key", "username", "password", "workspace", "project", "prefixes"]
    )
}
"""The settings of each system."""


def setting(given: str | None, variable: str, system: str, name: str) -> str | None:
    """Return a setting: what was given, else the environment's, else the file's, else None."""
    if given is not None:
        return given
    return os.environ.get(variable) or from_file(system, name)


def from_file(system: str, name: str) -> str | None:
    path = settings_path()
    value = settings(path, system).get(name)
    if value is not None and not isinstance(value, str):
        raise ArgumentError(f"{system}.{name} in {path} must be text")
    if value is not None and name in SECRETS:
        refuse_shared(path)
    return value


def texts_from_file(system: str, name: str) -> Mapping[str, str]:
    """Return a table of texts; an empty one if there is none."""
    path = settings_path()
    found = settings(path, system).get(name, {})
    if isinstance(found, dict):
        texts = cast("dict[str, object]", found)
        if all(isinstance(text, str) for text in texts.values()):
            return cast("Mapping[str, str]", texts)
    raise ArgumentError(f"{system}.{name} in {path} must be a table of texts")


def settings(path: Path, system: str) -> Mapping[str, object]:
    """Return the settings of a system; none where there is no file."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ArgumentError(f"the settings in {path} cannot be read: {error.strerror}") from error
    found = table(path, content, system)
    if unknown := sorted(set(found) - NAMES[system]):
        raise ArgumentError(
            f"{path} has no use for {', '.join(unknown)} under [{system}]; "
            f"there may be {', '.join(sorted(NAMES[system]))}"
        )
    return found


def table(path: Path, content: bytes, system: str) -> Mapping[str, object]:
    import tomllib  # only needed where there is a file

    try:
        settings = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArgumentError(f"the settings in {path} are not TOML: {error}") from error
    found: object = settings.get(system, {})
    if not isinstance(found, dict):
        raise ArgumentError(f"{system} in {path} must be a table")
    return cast("Mapping[str, object]", found)


def refuse_shared(path: Path) -> None:
    """Refuse a secret that others on this machine can read."""
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ArgumentError(f"{path} holds a secret and others may read it: chmod 600 {path}")


def settings_path() -> Path:
    """Return where the settings file is, whether or not it is there."""
    named = os.environ.get("TWOFOLD_CONFIG")
    if named:
        return Path(named)
    from platformdirs import user_config_path  # only needed where the environment is silent

    return user_config_path("twofold", appauthor=False) / "twofold.toml"
