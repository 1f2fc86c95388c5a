"""The build hook, as other projects name it: hatchling finds it, and builds what it wrote."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

SPDX = "# SPDX-License-Identifier: MIT\n"
PROJECT = """
[build-system]
requires = ["hatchling", "twofold[build]"]
build-backend = "hatchling.build"

[project]
name = "duo"
version = "1"

[tool.hatch.build.hooks.twofold]

[tool.twofold.one-source]
trees = ["src/duo/_async", "tests/_async"]
words = { aread = "read", asyncio = "client" }
"""
SOURCE = f"""{SPDX}
from redis.asyncio import Redis


async def read(redis: Redis) -> bytes:
    return await redis.aread()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "pyproject.toml", PROJECT)
    write(tmp_path / ".gitignore", "_sync/\n")
    write(tmp_path / "src/duo/__init__.py", "")
    write(tmp_path / "src/duo/_async/reading.py", SOURCE)
    write(tmp_path / "tests/_async/test_it.py", f"{SPDX}async def test_it(): ...\n")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def python(root: Path, *arguments: str, code: int = 0) -> str:
    """Run Python in a project, and return what it prints."""
    command = [sys.executable, *arguments]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stderr
    return ended.stdout + ended.stderr


def test_a_wheel_holds_the_twin_that_git_ignores(root: Path) -> None:
    python(root, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist")
    (wheel,) = (root / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert "duo/_sync/reading.py" in packed.namelist()
        assert not [name for name in packed.namelist() if name.startswith("tests")]


def test_an_editable_install_has_the_twin_too(root: Path) -> None:
    write(root / "dist" / "kept", "")
    python(root, "-c", "import hatchling.build; hatchling.build.build_editable('dist')")
    assert (root / "tests/_sync/test_it.py").exists()
    assert (root / "src/duo/_sync/reading.py").exists()


def test_words_of_a_project_are_turned_too(root: Path) -> None:
    python(root, "-m", "hatchling", "build", "-t", "wheel")
    made = (root / "src/duo/_sync/reading.py").read_text(encoding="utf-8")
    assert "from redis.client import Redis" in made
    assert "return redis.read()" in made


def test_a_refused_source_ends_the_build_with_file_and_line(root: Path) -> None:
    write(root / "src/duo/_async/reading.py", f"{SPDX}x = 1\nimport trio\n")
    said = python(root, "-m", "hatchling", "build", "-t", "wheel", code=1)
    assert "src/duo/_async/reading.py:3: trio would be left" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ("", "no trees in [tool.twofold.one-source]"),
        ("[tool.twofold.one-source]", "no trees in [tool.twofold.one-source]"),
        ("[tool.twofold]\none-source = 1", "no trees in [tool.twofold.one-source]"),
        ("[tool.twofold.one-source]\ntrees = 'src'", "trees must be a list of folders, not 'src'"),
        ("[tool.twofold.one-source]\ntrees = [1]", "trees must be a list of folders, not [1]"),
        (
            "[tool.twofold.one-source]\ntrees = ['src/duo']",
            "the path of a tree must have a part _async",
        ),
        (
            "[tool.twofold.one-source]\ntrees = []\nwords = ['aread']",
            "words must be a table of names, not ['aread']",
        ),
        (
            "[tool.twofold.one-source]\ntrees = []\nwords = { aread = 1 }",
            "words: 'aread' cannot become 1",
        ),
        (
            "[tool.twofold.one-source]\ntrees = []\nwords = { 'a.b' = 'c' }",
            "words: 'a.b' cannot become 'c'",
        ),
        (
            "[tool.twofold.one-source]\ntrees = []\nwords = { await = 'c' }",
            "words: 'await' cannot become 'c'",
        ),
        (
            "[tool.twofold.one-source]\ntrees = []\nwords = { waiting = 'c' }",
            "words: 'waiting' cannot become 'c'",
        ),
    ],
)
def test_settings_that_are_wrong_are_refused(root: Path, settings: str, why: str) -> None:
    project, _, _ = PROJECT.partition("[tool.twofold.one-source]")
    write(root / "pyproject.toml", project + settings)
    said = python(root, "-m", "twofold.one_source", code=1)
    assert said.endswith(f": {why}\n")


def test_a_word_may_not_become_coloured(root: Path) -> None:
    write(root / "pyproject.toml", PROJECT.replace('aread = "read"', 'aread = "anext"'))
    said = python(root, "-m", "twofold.one_source", code=1)
    assert said == "src/duo/_async/reading.py:7: anext would be left\n"


WITHOUT_EXTRA = "import sys; sys.modules['unasync'] = None; "


def test_other_builds_in_the_same_environment_do_not_need_the_extra(root: Path) -> None:
    python(root, "-c", f"{WITHOUT_EXTRA}import twofold.build_hook")


def test_a_build_without_the_extra_says_what_is_missing(root: Path) -> None:
    build = "import hatchling.build; hatchling.build.build_wheel('.')"
    said = python(root, "-c", f"{WITHOUT_EXTRA}{build}", code=1)
    assert 'build-system.requires needs "twofold[build]"' in said
