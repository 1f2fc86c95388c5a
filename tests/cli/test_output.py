"""What is said beside the data."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from twofold.cli.output import messages, one_line, warn_on, watching
from twofold.cli.rally.options import client


@pytest.mark.real_time
def test_what_the_server_warns_of_is_said_once_on_stderr(
    rally_server: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RALLY_APIKEY", rally_server["api_key"])
    with client(messages(), rally_server["url"], None, None) as rally:
        for _ in range(2):
            rally.update_state("TA1", "Completed", field="ScheduleState")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("warning: Ignored JSON element")


def test_a_warning_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from twofold.events import Warned

    heed = warn_on(messages())
    heed(Warned(call=1, attempt=1, operation="x", at=0.0, texts=("[red]a\n\x1b[2Jb" + "c" * 200,)))
    assert capsys.readouterr().err == "warning: [red]a \\x1b[2Jb" + "c" * 200 + "\n"


def test_where_nobody_looks_nothing_is_watched() -> None:
    with watching(messages()) as watch:
        assert watch("reading") is None


def test_any_message_is_one_line() -> None:
    assert one_line(" a\r\n\tb\x07 ") == "a b\\x07"
