"""What a client is not told is looked for in the environment, then in the settings file.

The file is `twofold.toml` in the user's configuration folder (`TWOFOLD_CONFIG` names another), with
a table for each system::

    [rally]
    server = "rally1.rallydev.com"
    api_key = "..."
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from .errors import ArgumentError

SECRETS = frozenset({"api_key", "password", "token", "private_key"})


def setting(given: str | None, variable: str, system: str, name: str) -> str | None:
    """Return a setting: what was given, else the environment's, else the file's, else None."""
    if given is not None:
        return given
    return os.environ.get(variable) or from_file(system, name)


def from_file(system: str, name: str) -> str | None:
    path = settings_path()
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ArgumentError(f"the settings in {path} cannot be read: {error.strerror}") from error
    value = table(path, content, system).get(name)
    if value is not None and not isinstance(value, str):
        raise ArgumentError(f"{system}.{name} in {path} must be text")
    if value is not None and name in SECRETS:
        refuse_shared(path)
    return value


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
