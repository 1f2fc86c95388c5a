"""The generator, as a writer of files and as a command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from twofold import one_source
from twofold.one_source import RefusedError, digest, generate, main

SPDX = "# SPDX-License-Identifier: MIT\n"
SETTINGS = '[tool.twofold.one-source]\ntrees = ["src/duo/_async", "tests/_async"]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project below a folder whose name is that of a tree."""
    root = tmp_path / "_async" / "duo"
    write(root / "pyproject.toml", SETTINGS)
    write(root / "src/duo/_async/pages.py", f"{SPDX}async def first(): ...\n")
    write(root / "src/duo/_async/rally/_async/tickets.py", f"{SPDX}x = 1\n")
    write(root / "tests/_async/test_pages.py", f"{SPDX}async def test_it(): ...\n")
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_every_tree_has_its_twin_also_below_a_folder_of_that_name(root: Path) -> None:
    assert [path.as_posix() for path in generate(root)] == [
        "src/duo/_sync/pages.py",
        "src/duo/_sync/rally/_sync/tickets.py",
        "tests/_sync/test_pages.py",
    ]
    assert "\ndef first(): ...\n" in (root / "src/duo/_sync/pages.py").read_text()
    assert not (root.parent.parent / "_sync").exists()


def test_scratch_copies_may_lie_below_a_folder_of_that_name(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(root.parent))
    assert len(generate(root)) == 3
    assert files(root.parent.parent / "_async") == files(root.parent)


def test_what_is_up_to_date_is_not_touched(root: Path) -> None:
    generate(root)
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*.py")}
    assert generate(root) == []
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.py")} == before


def test_only_the_twin_of_an_edited_source_is_written(root: Path) -> None:
    generate(root)
    write(root / "src/duo/_async/pages.py", f"{SPDX}async def last(): ...\n")
    assert generate(root) == [Path("src/duo/_sync/pages.py")]


def test_an_edited_twin_is_written_again(root: Path) -> None:
    generate(root)
    twin = root / "src/duo/_sync/pages.py"
    wanted = twin.read_bytes()
    twin.write_bytes(wanted.replace(b"\n", b"\r\n"))
    assert generate(root) == [Path("src/duo/_sync/pages.py")]
    assert twin.read_bytes() == wanted


def test_a_source_with_crlf_gives_the_same_bytes(root: Path) -> None:
    generate(root)
    write(root / "src/duo/_async/pages.py", f"{SPDX}async def first(): ...\n".replace("\n", "\r\n"))
    assert generate(root) == []


def test_the_twin_of_a_deleted_source_goes_with_its_caches_and_its_folders(root: Path) -> None:
    generate(root)
    write(root / "src/duo/_sync/__pycache__/pages.cpython-312.pyc", "")
    write(root / "src/duo/_sync/rally/__pycache__/gone.cpython-312.pyc", "")
    write(root / "src/duo/_sync/rally/_sync/__pycache__/tickets.cpython-312.pyc", "")
    (root / "src/duo/_async/rally/_async/tickets.py").unlink()
    assert generate(root) == [Path("src/duo/_sync/rally/_sync/tickets.py")]
    assert files(root / "src/duo/_sync") == [
        "__pycache__",
        "__pycache__/pages.cpython-312.pyc",
        "pages.py",
    ]


def test_the_twin_of_a_deleted_tree_goes(root: Path) -> None:
    generate(root)
    (root / "tests/_async/test_pages.py").unlink()
    (root / "tests/_async").rmdir()
    assert generate(root) == [Path("tests/_sync/test_pages.py")]
    assert files(root / "tests") == []


def test_a_folder_without_sources_has_no_twin(root: Path) -> None:
    (root / "src/duo/_async/empty").mkdir()
    (root / "src/duo/_sync/empty").mkdir(parents=True)
    generate(root)
    assert not (root / "src/duo/_sync/empty").exists()


def test_nothing_is_written_when_a_source_is_refused(root: Path) -> None:
    write(root / "src/duo/_async/wrong.py", f"{SPDX}import trio\n")
    with pytest.raises(RefusedError):
        generate(root)
    assert not (root / "src/duo/_sync").exists()


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ("", "pyproject.toml: no trees in"),
        ('[tool.twofold.one-source]\ntrees = ["src/duo"]', "src/duo: the path of a tree must"),
    ],
)
def test_settings_without_a_tree_of_that_name_are_refused(
    root: Path, settings: str, why: str
) -> None:
    write(root / "pyproject.toml", settings)
    with pytest.raises(RefusedError, match=why):
        generate(root)
    assert files(root / "src/duo")[0] == "_async"


def test_a_source_that_is_not_utf_8_is_refused(root: Path) -> None:
    (root / "src/duo/_async/pages.py").write_bytes(b"# \xe9\n")
    with pytest.raises(RefusedError, match=r"^src/duo/_async/pages\.py: not UTF-8"):
        generate(root)


def test_the_digest_changes_with_what_is_generated_and_with_nothing_else(root: Path) -> None:
    first = digest(root)
    generate(root)
    write(root / "src/duo/_sync/pages.py", "")
    assert digest(root) == first
    write(root / "src/duo/_async/pages.py", f"{SPDX}async def last(): ...\n")
    assert digest(root) != first


def test_the_command_writes_what_differs_and_says_so(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(root)]) == 0
    (root / "tests/_async/test_pages.py").unlink()
    capsys.readouterr()
    assert main(["--root", str(root)]) == 0
    assert capsys.readouterr().out == "removed tests/_sync/test_pages.py\n"


def test_a_check_writes_nothing_and_fails_on_a_difference(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(root), "--check"]) == 1
    assert capsys.readouterr().out.startswith("stale src/duo/_sync/pages.py\n")
    assert not (root / "src/duo/_sync").exists()
    main(["--root", str(root)])
    assert main(["--root", str(root), "--check"]) == 0


def test_the_command_says_in_one_line_what_it_refuses(root: Path) -> None:
    write(root / "src/duo/_async/wrong.py", f"{SPDX}import trio\n")
    done = subprocess.run(
        [sys.executable, one_source.__file__], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == "src/duo/_async/wrong.py:2: trio would be left\n"
    assert done.stdout == ""


def test_the_command_prints_the_digest(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(root), "--digest"]) == 0
    assert capsys.readouterr().out == f"{digest(root)}\n"


def test_the_blocking_half_of_this_project_is_up_to_date() -> None:
    assert generate(Path(__file__).parent.parent, write=False) == []
