"""Where Rally is and who calls: from what the client was given, the environment, the settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ..core.credentials import Credentials, HeaderKey
from ..core.wire.address import split
from ..errors import ArgumentError, CredentialsError
from ..settings import from_file, setting, settings_path, texts_from_file
from .ids import prefixes as known_prefixes
from .kinds import Kind

SERVER = "rally1.rallydev.com"
BASE = "/slm/webservice/v2.0"

# Rally allows twelve requests at once for each user and slows down everything beyond.
CONCURRENCY = 12

IDENTIFICATION = (("X-RallyIntegrationName", "twofold"), ("X-RallyIntegrationLibrary", "twofold"))

VARIABLES = {
    "api_key": "RALLY_APIKEY",
    "username": "RALLY_USERNAME",
    "password": "RALLY_PASSWORD",
}

Place: TypeAlias = Callable[[str], str | None]
"""Where one may be told who calls: what it says of `api_key`, `username` or `password`."""


def address(server: str | None) -> str:
    """Return the address of a server's web services; it is given as a host or a URL."""
    given = setting(server, "RALLY_SERVER", "rally", "server") or SERVER
    origin, path = split(given)
    if path not in ("", "/slm", BASE):
        raise ArgumentError(f"server must be a host or its URL, without the path {path}")
    return f"{origin}{BASE}"


def credentials(
    api_key: str | None = None, username: str | None = None, password: str | None = None
) -> Credentials:
    """Return the credentials of an API key, or of a user name and a password.

    The first place that names a key or a user decides which: the arguments, the environment, the
    settings file.  Where both stand in one place the key is taken.
    """
    if api_key is not None and not (username is None and password is None):
        raise ArgumentError("give an api_key, or a username and a password, not both")
    given = {"api_key": api_key, "username": username, "password": password}
    places: list[Place] = [given.get, in_environment, in_file]
    if password is not None:
        return of_user(places)
    for place in places:
        key = place("api_key")
        if key is not None:
            return of_key(key)
        if place("username") is not None:
            return of_user(places)
    raise lacking("credentials")


def of_key(key: str) -> Credentials:
    """A cookie is never kept beside a key: with one, writes fail."""
    if not key:
        raise lacking("API key")
    return HeaderKey("ZSESSIONID", key)


def of_user(places: Sequence[Place]) -> Credentials:
    """Take the first user name, and the first password that is not beside another user's name."""
    from .login import Login  # most use a key

    name = next(filter(is_said, (place("username") for place in places)), None)
    if not name:
        raise lacking("user name to go with the password")
    of_the_user = (place for place in places if place("username") in (None, name))
    password = next(filter(is_said, (place("password") for place in of_the_user)), None)
    if not password:
        raise lacking("password to go with the user name")
    return Login(name, password)


def in_environment(name: str) -> str | None:
    return os.environ.get(VARIABLES[name]) or None


def in_file(name: str) -> str | None:
    return from_file("rally", name) or None


def is_said(text: str | None) -> bool:
    return text is not None


def lacking(what: str) -> CredentialsError:
    """Return the error that says how a client can be told who calls."""
    error = CredentialsError(
        f"no Rally {what}: set RALLY_APIKEY, or RALLY_USERNAME and RALLY_PASSWORD; or write "
        f"api_key, or username and password, under [rally] in {settings_path()}"
    )
    error.add_note("a program may also pass api_key=, or username= and password=")
    return error


def prefixes(given: Mapping[str, str] | None) -> Mapping[str, Kind]:
    """Return the prefixes of FormattedIDs: the standard ones, and those of the workspace."""
    return known_prefixes(texts_from_file("rally", "prefixes") if given is None else given)


def workspace(given: str | None) -> str | None:
    return setting(given, "RALLY_WORKSPACE", "rally", "workspace")


def project(given: str | None) -> str | None:
    return setting(given, "RALLY_PROJECT", "rally", "project")
