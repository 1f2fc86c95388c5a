"""Options that say how a server is reached are refused when a client is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from twofold.core.request import Origin
from twofold.core.unset import UNSET
from twofold.core.wire.connecting import checked_proxy, checked_verify, proxy_for
from twofold.errors import ArgumentError

HOME = Origin("http", "api.example", 80)


@pytest.mark.parametrize("what", [str, Path])
def test_certificates_that_are_not_there_are_refused_by_name(what: type, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"verify: there is no .*missing\.pem"):
        checked_verify(what(tmp_path / "missing.pem"))
    assert checked_verify(tmp_path) == tmp_path


@pytest.mark.parametrize(
    "proxy",
    [
        *[
            8080,
            "",
            "proxy.example:3128",
            "ftp://proxy.example",
            "http://",
            "http://h:x",
            "http://h:0",
        ],
        "http://user:s3cret@[",
    ],
)
def test_what_is_no_address_of_a_proxy_is_refused_and_not_shown(proxy: object) -> None:
    with pytest.raises(ArgumentError, match="proxy must be") as caught:
        checked_proxy(proxy)
    assert "s3cret" not in str(caught.value)


def test_socks_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked_proxy("socks5://proxy.example:1080") == "socks5://proxy.example:1080"
    monkeypatch.setattr("twofold.core.wire.connecting.find_spec", lambda name: None)
    with pytest.raises(ArgumentError, match=r"pip install 'twofold\[socks\]'"):
        checked_proxy("socks5://proxy.example:1080")


def test_a_proxy_of_the_environment_may_leave_its_scheme_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert proxy_for(HOME, UNSET) is None
    monkeypatch.setenv("http_proxy", "127.0.0.1:3128")
    assert proxy_for(HOME, UNSET) == "http://127.0.0.1:3128"
    monkeypatch.setenv("http_proxy", "gopher://127.0.0.1")
    with pytest.raises(ArgumentError, match="HTTP_PROXY must be"):
        proxy_for(HOME, UNSET)
    monkeypatch.setenv("no_proxy", "api.example")
    assert proxy_for(HOME, UNSET) is None
