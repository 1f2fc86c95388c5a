"""How a server is reached: which certificates are trusted, which proxy stands between."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeGuard
from urllib.parse import urlsplit

from ...errors import ArgumentError
from ..request import Origin
from ..unset import Unset

if TYPE_CHECKING:
    import ssl

# ssl takes 4 MiB, and a plain origin needs none of it; so it is imported where a context is built.
Verify: TypeAlias = "bool | str | Path | ssl.SSLContext"


def checked_verify(verify: object) -> Verify:
    """Refuse what could switch verification off by accident: only False does."""
    if isinstance(verify, str | Path) and verify != "" and not Path(verify).exists():
        raise ArgumentError(f"verify: there is no file or folder {verify}")
    if is_context(verify) or (isinstance(verify, bool | str | Path) and verify != ""):
        return verify
    raise ArgumentError(
        f"verify must be a bool, the path of a certificate file or folder, or an SSLContext, "
        f"not {verify!r}"
    )


def is_context(verify: object) -> TypeGuard[ssl.SSLContext]:
    """Tell whether this is a context: nobody has one who did not import ssl."""
    loaded = sys.modules.get("ssl")
    return loaded is not None and isinstance(verify, loaded.SSLContext)


def tls_context(verify: Verify) -> ssl.SSLContext:
    """Return the context for a setting of `verify`; building one is slow, so it is built once."""
    if is_context(verify):
        return verify
    place = verify if isinstance(verify, bool) else str(verify)
    return built(place, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=16)
def built(verify: bool | str, file: str | None, folder: str | None) -> ssl.SSLContext:
    """Build a context from a setting and the two variables that name trusted certificates."""
    import ssl  # see above

    if isinstance(verify, str):
        file, folder = (None, verify) if Path(verify).is_dir() else (verify, None)
    try:
        context = trusting(file or None, folder or None)
    except OSError as error:
        raise ArgumentError(f"the certificates in {file or folder} cannot be read") from error
    context.set_alpn_protocols(["http/1.1"])
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def trusting(file: str | None, folder: str | None) -> ssl.SSLContext:
    import ssl  # see above

    if file is None and folder is None:
        import certifi  # slow to import, and only needed here

        file = certifi.where()
    return ssl.create_default_context(cafile=file, capath=folder)


def checked_proxy(proxy: object) -> str | Unset | None:
    if proxy is None or isinstance(proxy, Unset):
        return proxy
    if not isinstance(proxy, str) or "://" not in proxy:
        raise ArgumentError(f"proxy must be None or {AN_ADDRESS}")
    return proxy_address(proxy, "proxy")


AN_ADDRESS = "an address beginning with http://, https:// or socks5://"


def proxy_address(text: str, named: str) -> str:
    """Return the address of a proxy that `named` gives; one without a scheme speaks HTTP.

    It is never shown: it may hold a password.
    """
    address = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in PROXIES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    else:
        if is_usable and parts.scheme == "socks5" and find_spec("socksio") is None:
            raise ArgumentError(f"{named}: SOCKS needs more: pip install 'twofold[socks]'")
    if not is_usable:
        raise ArgumentError(f"{named} must be {AN_ADDRESS}")
    return address


PROXIES = ("http", "https", "socks5")


def has_proxies() -> bool:
    """Tell whether the environment, or the system's settings, name any proxy."""
    named = {name.lower() for name, value in os.environ.items() if value}
    if named & {"http_proxy", "https_proxy", "all_proxy"}:
        return True
    if sys.platform not in ("darwin", "win32"):
        return False
    import urllib.request  # slow to import, and only there it knows more

    return bool(urllib.request.getproxies())


def proxy_for(origin: Origin, given: str | Unset | None) -> str | None:
    """Return the proxy for an origin: the one given, else the environment's."""
    if not isinstance(given, Unset):
        return given
    import urllib.request  # slow to import, and only needed where requests leave

    if urllib.request.proxy_bypass(f"{origin.host}:{origin.port}"):
        return None
    proxies = urllib.request.getproxies()
    for name in (origin.scheme, "all"):
        if proxies.get(name):
            return proxy_address(proxies[name], f"{name.upper()}_PROXY")
    return None
