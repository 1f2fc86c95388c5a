"""Who calls: the arguments, then the environment, then the settings file; never half of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from twofold.core.credentials import Credentials, HeaderKey
from twofold.errors import ArgumentError, CredentialsError
from twofold.rally.account import credentials, prefixes
from twofold.rally.kinds import DEFECT, STORY
from twofold.rally.login import Login
from twofold.rally.passwords import basic

Write = Callable[[str], None]


@pytest.fixture(autouse=True)
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write the settings file; until then there is none, and nothing in the environment."""
    file = tmp_path / "twofold.toml"
    monkeypatch.setenv("TWOFOLD_CONFIG", str(file))
    for name in ("RALLY_APIKEY", "RALLY_USERNAME", "RALLY_PASSWORD"):
        monkeypatch.delenv(name, raising=False)

    def written(lines: str) -> None:
        file.write_text(f"[rally]\n{lines}\n", encoding="utf-8")
        file.chmod(0o600)

    return written


def key(found: Credentials) -> str:
    assert isinstance(found, HeaderKey)
    return found.key


def user(found: Credentials) -> str:
    """Return what is sent of a user name and a password."""
    assert isinstance(found, Login)
    return found.secrets[2]


ANN = basic("ann", "a")
BOB = basic("bob", "b")


def test_what_is_given_is_taken() -> None:
    assert key(credentials("_k")) == "_k"
    assert user(credentials(username="ann", password="a")) == ANN


@pytest.mark.parametrize("line", ['workspce = "x"', 'apikey = "_k"', 'Project = "x"'])
def test_a_setting_that_there_is_not_is_refused_by_its_name(write: Write, line: str) -> None:
    write(f'api_key = "_k"\n{line}')
    with pytest.raises(ArgumentError, match=line.split()[0]):
        credentials()


def test_prefixes_of_the_workspace_stand_in_the_file(write: Write) -> None:
    assert "BUG" not in prefixes(None)
    write('[rally.prefixes]\nbug = "defect"')
    assert prefixes(None)["BUG"] is DEFECT
    assert prefixes(None)["US"] is STORY
    assert "BUG" not in prefixes({})
    for wrong in ("prefixes = 3", "[rally.prefixes]\nBUG = 3"):
        write(wrong)
        with pytest.raises(ArgumentError, match=r"rally\.prefixes"):
            prefixes(None)


def test_a_key_and_a_user_cannot_both_be_given() -> None:
    for username, password in (("ann", None), (None, "a"), ("ann", "a")):
        with pytest.raises(ArgumentError, match="not both"):
            credentials("_k", username, password)


def test_what_is_given_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RALLY_APIKEY", "_k")
    assert user(credentials(username="ann", password="a")) == ANN
    monkeypatch.delenv("RALLY_APIKEY")
    monkeypatch.setenv("RALLY_USERNAME", "ann")
    monkeypatch.setenv("RALLY_PASSWORD", "a")
    assert user(credentials()) == ANN
    assert key(credentials("_k")) == "_k"
    assert user(credentials(username="bob", password="b")) == BOB
    assert user(credentials(password="other")) == basic("ann", "other")


def test_the_environment_beats_the_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write('username = "ann"\npassword = "a"')
    assert user(credentials()) == ANN
    monkeypatch.setenv("RALLY_APIKEY", "_k")
    assert key(credentials()) == "_k"
    write('api_key = "_file"')
    monkeypatch.setenv("RALLY_APIKEY", "")
    assert key(credentials()) == "_file"
    monkeypatch.setenv("RALLY_USERNAME", "bob")
    monkeypatch.setenv("RALLY_PASSWORD", "b")
    assert user(credentials()) == BOB


def test_where_both_stand_the_key_is_taken(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write('api_key = "_file"\nusername = "ann"\npassword = "a"')
    assert key(credentials()) == "_file"
    for name, value in (("APIKEY", "_k"), ("USERNAME", "bob"), ("PASSWORD", "b")):
        monkeypatch.setenv(f"RALLY_{name}", value)
    assert key(credentials()) == "_k"


def test_a_password_may_stand_elsewhere(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RALLY_PASSWORD", "a")
    assert user(credentials(username="ann")) == ANN
    write('username = "ann"')
    assert user(credentials()) == ANN
    write('password = "a"')
    monkeypatch.delenv("RALLY_PASSWORD")
    monkeypatch.setenv("RALLY_USERNAME", "ann")
    assert user(credentials()) == ANN


def test_a_password_is_never_sent_with_another_users_name(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RALLY_USERNAME", "ann")
    monkeypatch.setenv("RALLY_PASSWORD", "a")
    write('username = "bob"\npassword = "b"')
    assert user(credentials(username="bob")) == BOB
    with pytest.raises(CredentialsError, match="no Rally password"):
        credentials(username="cy")


def test_a_password_that_names_nobody_does_not_keep_from_the_key(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RALLY_PASSWORD", "a")
    write('api_key = "_file"')
    assert key(credentials()) == "_file"


@pytest.mark.parametrize(
    ("given", "lacks"),
    [
        ({}, "credentials"),
        ({"api_key": ""}, "API key"),
        ({"username": "ann"}, "password"),
        ({"username": "ann", "password": ""}, "password"),
        ({"password": "a-secret"}, "user name"),
        ({"username": "", "password": "a-secret"}, "user name"),
    ],
)
def test_what_is_missing_is_said_and_where_it_may_stand(given: dict[str, str], lacks: str) -> None:
    with pytest.raises(CredentialsError, match=f"no Rally {lacks}") as caught:
        credentials(**given)
    for place in ("RALLY_APIKEY", "RALLY_USERNAME", "RALLY_PASSWORD", "twofold.toml"):
        assert place in str(caught.value)
    assert "a-secret" not in str(caught.value)


def test_a_file_that_others_may_read_is_refused_for_its_password(
    write: Write, tmp_path: Path
) -> None:
    write('username = "ann"\npassword = "a"')
    (tmp_path / "twofold.toml").chmod(0o644)
    with pytest.raises(ArgumentError, match="chmod 600"):
        credentials()
