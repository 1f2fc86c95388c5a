"""A file on its way to its place."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from twofold.core.landing import Landing


def landed(target: Path, content: bytes = b"new", name: str = "name.txt") -> Path:
    landing = Landing(target, None)
    landing.begin()
    landing.write([content])
    return landing.finish(name, durable=True)


def test_it_is_there_once_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.csv"
    landing = Landing(target, None)
    landing.begin()
    landing.write([b"half"])
    assert not target.exists()
    landing.discard()
    assert list(tmp_path.iterdir()) == []
    assert landed(target) == target
    assert target.read_bytes() == b"new"


def test_a_folder_is_given_another_name_for_each(tmp_path: Path) -> None:
    assert [landed(tmp_path).name for _ in range(3)] == [
        *["name.txt", "name (1).txt", "name (2).txt"]
    ]


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_what_is_replaced_leaves_its_rights(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "report.csv"
    target.write_bytes(b"old")
    target.chmod(mode)
    landed(target)
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == mode


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_followed_and_stays_one(tmp_path: Path, exists: bool) -> None:
    folder, link = tmp_path / "folder", tmp_path / "link.csv"
    folder.mkdir()
    real = folder / "real.csv"
    if exists:
        real.write_bytes(b"old")
    link.symlink_to(real)
    landed(link)
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert list(folder.iterdir()) == [real]


@pytest.mark.parametrize("gives_up", [True, False])
def test_a_pipe_takes_what_is_written_and_stays_one(tmp_path: Path, gives_up: bool) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    reader = Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    landing = Landing(pipe, None)
    landing.begin()
    landing.write([b"some", b"thing"])
    if gives_up:
        landing.discard()
    else:
        assert landing.finish("name", durable=True) == pipe
    reader.join()
    assert heard == [b"something"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_device_stays_one() -> None:
    keyboard, screen = os.openpty()
    try:
        terminal = Path(os.ttyname(screen))
        landed(terminal)
        assert os.read(keyboard, 3) == b"new"
        assert stat.S_ISCHR(terminal.stat().st_mode)
    finally:
        os.close(keyboard)
        os.close(screen)
