"""The pytest plugin, in a suite of somebody else's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import twofold

pytestmark = pytest.mark.real_time

SUITE = """
import httpx
import pytest
from twofold import RallyClient
from twofold.errors import RetryLaterError

USER = "/slm/webservice/v2.0/user"


def read(server, key):
    headers = {"ZSESSIONID": key}
    with httpx.Client(headers=headers, trust_env=False) as caller:
        return caller.get(server.url + USER)


def test_it_is_there(rally_server):
    assert read(rally_server, rally_server.api_key).status_code == 200
    assert read(rally_server, "other").status_code == 401


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_emulator_of_its_own(rally_server, turn):
    with httpx.Client(headers={"ZSESSIONID": rally_server.api_key}, trust_env=False) as caller:
        root = rally_server.url + "/slm/webservice/v2.0"
        tags = caller.get(root + "/tag?pagesize=100").json()["QueryResult"]
        assert tags["TotalResultCount"] == 16
        made = caller.post(root + "/tag/create", json={"Tag": {"Name": "mine"}}).json()
        assert made["CreateResult"]["Errors"] == []


@pytest.mark.rally(tickets=7, faults=[{"fault": "status", "status": 503}])
class TestMarks:
    def test_a_mark_gives_options(self, rally_server):
        assert read(rally_server, rally_server.api_key).status_code == 503

    @pytest.mark.rally(faults=[])
    def test_the_nearest_mark_counts(self, rally_server):
        assert read(rally_server, rally_server.api_key).status_code == 200


@pytest.mark.rally(tickets=21)
def test_a_client_is_logged_in(rally_client, rally_server):
    assert len(rally_client.get_tickets(["story", "defect", "task"])) == 21
    assert rally_server.login["server"] == rally_server.url


kept = []
BUSY = {"fault": "status", "status": 429, "retry_after": "100"}


@pytest.mark.rally(faults=[BUSY])
def test_a_server_that_wants_a_pause(rally_server):
    kept.append(RallyClient(**rally_server.login, retry=None))  # as a failed test keeps it
    with pytest.raises(RetryLaterError):
        kept[0].get_ticket("US1")


def test_what_one_test_was_told_does_not_hold_up_the_next(rally_client):
    assert rally_client.get_ticket("US1", timeout=5).formatted_id == "US1"
"""


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_theirs.py").write_text(SUITE, encoding="utf-8")
    source = str(Path(twofold.__file__).parents[1])
    program = [sys.executable, "-W", "error", "-m", "pytest", "-q", "--strict-markers"]
    return subprocess.run(
        [*program, "-p", "no:cacheprovider", *options, f"--rootdir={folder}", "test_theirs.py"],
        cwd=folder,
        env={"PYTHONPATH": source, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_suite_of_somebody_elses_finds_server_and_client(tmp_path: Path) -> None:
    ended = run(tmp_path, "-p", "twofold.testing.plugin")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "8 passed" in ended.stdout


def test_the_plugin_imports_nothing_of_ours_by_itself() -> None:
    source = str(Path(twofold.__file__).parents[1])
    program = (
        "import sys, twofold.testing.plugin\n"
        "print([name for name in sys.modules if name.startswith('twofold')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "['twofold', 'twofold.testing', 'twofold.testing.plugin']"
