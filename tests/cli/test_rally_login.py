"""The command line with a user name and a password."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from cli.commands import one_line, run

COUNT = ("rally", "tickets", "--limit=1")


@pytest.fixture
def ann(rally_server: Mapping[str, str]) -> Mapping[str, str]:
    """What the environment tells of the server's user."""
    return {
        "RALLY_SERVER": rally_server["url"],
        "RALLY_USERNAME": rally_server["username"],
        "RALLY_PASSWORD": rally_server["password"],
    }


def test_a_password_in_the_environment_reads_and_writes(ann: Mapping[str, str]) -> None:
    assert run(*COUNT, **ann).returncode == 0
    told = run("rally", "update", "US61", "US62", "--points=3", **ann)
    assert (told.returncode, ann["RALLY_PASSWORD"] in told.stdout + told.stderr) == (0, False)


def test_a_password_in_the_settings_file_is_used(ann: Mapping[str, str], tmp_path: Path) -> None:
    server, username, password = ann.values()
    settings = tmp_path / "twofold.toml"
    lines = [f'server = "{server}"', f'username = "{username}"', f'password = "{password}"']
    settings.write_text("\n".join(["[rally]", *lines, ""]), encoding="utf-8")
    settings.chmod(0o600)
    told = run(*COUNT, TWOFOLD_CONFIG=str(settings))
    assert (told.returncode, told.stderr) == (0, "")
    settings.chmod(0o644)
    assert "chmod 600" in one_line(run(*COUNT, TWOFOLD_CONFIG=str(settings)), 2)


def test_a_wrong_password_is_one_line_that_does_not_hold_it(ann: Mapping[str, str]) -> None:
    told = run(*COUNT, **{**ann, "RALLY_PASSWORD": "a-wrong-one"})
    assert "401" in one_line(told, 1)
    assert "a-wrong-one" not in told.stderr


def test_half_a_login_is_one_line_that_says_what_is_missing(ann: Mapping[str, str]) -> None:
    half = {name: text for name, text in ann.items() if name != "RALLY_PASSWORD"}
    assert "RALLY_PASSWORD" in one_line(run(*COUNT, **half), 1)
