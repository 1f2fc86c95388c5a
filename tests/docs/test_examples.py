"""What the pages show works: their programs end well, their commands print what is shown.

The console blocks of a page are one script: what follows `$ ` is typed, all else is printed.  Its
Python blocks are one program.  Those of the tutorial are files, named by their title.  A block
after the comment `<!-- not run: reason -->` is left out.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from docs.pages import OWN_CLIENT, ROOT, TUTORIAL, Block, blocks, console, pages, program

from twofold.cli.emulated import emulator, end

pytestmark = pytest.mark.real_time

PORT = "8642"  # in the page; here any free one


@pytest.fixture
def around() -> Iterator[Mapping[str, str]]:
    """What the tutorial tells the environment: its server and key, here of a server made anew."""
    with emulator("rally", ["--tickets=300"]) as ready:
        yield {"RALLY_SERVER": ready["url"], "RALLY_APIKEY": ready["api_key"]}


def with_examples() -> list[Path]:
    told_of_elsewhere = (TUTORIAL, OWN_CLIENT)
    return [
        page
        for page in pages()
        if page not in told_of_elsewhere and (program(page) or console(page))
    ]


@pytest.mark.parametrize("page", with_examples(), ids=lambda page: str(page.stem))
def test_the_examples_of_a_page_work(page: Path, around: Mapping[str, str], tmp_path: Path) -> None:
    steps = console(page)
    told = run(["bash", "-euo", "pipefail", "-c", typed(steps)], tmp_path, around)
    assert told.stdout == "".join(map(shown, steps))
    ended = run([sys.executable, "-W", "error", "-c", as_page(page)], tmp_path, around)
    assert ended.returncode == 0, ended.stdout


def as_page(page: Path) -> str:
    """Return a program that runs a page's, so that a traceback shows the page and its line."""
    name = page.relative_to(ROOT).as_posix()
    return f"exec(compile({program(page)!r}, {name!r}, 'exec'))"


def test_the_tutorial_does_what_it_shows(tmp_path: Path) -> None:
    port = free_port()
    for block in blocks(TUTORIAL):
        if block.title is not None:
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
    first, *others = [step_of(block, port) for block in console(TUTORIAL)]
    with served(first, tmp_path):
        ended = run(["bash", "-euo", "pipefail", "-c", typed(others)], tmp_path, {})
    assert ended.stdout == "".join(map(shown, others))


def step_of(block: Block, port: str) -> Block:
    return Block(block.language, block.title, block.text.replace(PORT, port), block.line)


@contextmanager
def served(block: Block, folder: Path) -> Generator[None]:
    """Run the command that starts the server, once it is ready, for as long as the block lasts."""
    command = ["bash", "-c", f"exec {typed([block])}"]
    with subprocess.Popen(
        command, cwd=folder, env=environment({}), stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            assert json.loads(process.stdout.readline()) == json.loads(shown(block))
            yield
        finally:
            end(process)


def typed(steps: list[Block]) -> str:
    """Return the commands of console blocks as one script."""
    return "\n".join(re.findall(r"^\$ (.*)$", "".join(block.text for block in steps), re.M))


def shown(block: Block) -> str:
    """Return what a console block says is printed."""
    return re.sub(r"^\$ .*\n", "", block.text, flags=re.M)


def run(
    command: list[str], folder: Path, around: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(around),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def environment(around: Mapping[str, str]) -> Mapping[str, str]:
    """Return this process's environment, without settings of the user's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("RALLY_", "TWOFOLD_"))}
    first = str(Path(sys.executable).parent)
    path = {"PATH": os.pathsep.join([first, os.environ.get("PATH", os.defpath)])}
    return {**kept, **path, "TWOFOLD_CONFIG": os.devnull, **around}


def free_port() -> str:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return str(listener.getsockname()[1])
