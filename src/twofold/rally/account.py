"""Where Rally is and who calls: from what the client was given, the environment, the settings."""

from __future__ import annotations

from ..core.credentials import Credentials, HeaderKey
from ..core.wire.address import split
from ..errors import ArgumentError, CredentialsError
from ..settings import setting

SERVER = "rally1.rallydev.com"
BASE = "/slm/webservice/v2.0"

# Rally allows twelve requests at once for each user and slows down everything beyond.
CONCURRENCY = 12

IDENTIFICATION = (("X-RallyIntegrationName", "twofold"), ("X-RallyIntegrationLibrary", "twofold"))


def address(server: str | None) -> str:
    """Return the address of a server's web services; it is given as a host or a URL."""
    given = setting(server, "RALLY_SERVER", "rally", "server") or SERVER
    origin, path = split(given)
    if path not in ("", "/slm", BASE):
        raise ArgumentError(f"server must be a host or its URL, without the path {path}")
    return f"{origin}{BASE}"


def credentials(api_key: str | None) -> Credentials:
    """Return the credentials of an API key; a cookie is never kept, since with one writes fail."""
    key = setting(api_key, "RALLY_APIKEY", "rally", "api_key")
    if not key:
        raise CredentialsError(
            "no Rally API key: pass api_key=, set RALLY_APIKEY, or write it to the settings file"
        )
    return HeaderKey("ZSESSIONID", key)


def workspace(given: str | None) -> str | None:
    return setting(given, "RALLY_WORKSPACE", "rally", "workspace")


def project(given: str | None) -> str | None:
    return setting(given, "RALLY_PROJECT", "rally", "project")
