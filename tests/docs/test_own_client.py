"""The project of "build your own client": built for real, tested, type-checked, run over a wire."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from docs.pages import OWN_CLIENT, ROOT, blocks

from twofold.one_source import RefusedError, translate

pytestmark = pytest.mark.real_time

GENERATED = "generated"
WRONG = "import asyncio"
ROW = re.compile(r"^\| `(?P<code>[^|]+)` \| (?P<said>[^|]+) \| [^|]*\|$", re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page in a folder of their own, built where nothing was generated yet."""
    root = tmp_path_factory.mktemp("todo")
    for block in blocks(OWN_CLIENT):
        if block.title not in (None, GENERATED):
            write(root / str(block.title), block.text)
    write(root / "src/todo/py.typed", "")
    run(root, "hatchling", "build", "-d", "dist")
    return root


def built(project: Path, pattern: str) -> Path:
    (found,) = (project / "dist").glob(pattern)
    return found


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(folder: Path, module: str, *arguments: str, path: str = "src", code: int = 0) -> str:
    """Run a module of Python in a folder, and return what it prints."""
    ended = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    assert ended.returncode == code, ended.stdout
    return ended.stdout


def test_the_wheel_holds_both_colours_and_no_tests(project: Path) -> None:
    with zipfile.ZipFile(built(project, "*.whl")) as packed:
        names = packed.namelist()
    assert {"todo/_async/client.py", "todo/_sync/client.py", "todo/py.typed"} <= set(names)
    assert not [name for name in names if "test" in name]


def test_the_sdist_holds_what_the_wheel_is_made_of(project: Path) -> None:
    with tarfile.open(built(project, "*.tar.gz")) as packed:
        names = [name.partition("/")[2] for name in packed.getnames()]
    assert {"src/todo/_sync/client.py", "tests/_sync/test_client.py"} <= set(names)


def test_what_is_shown_as_generated_is(project: Path) -> None:
    made = (project / "src/todo/_sync/client.py").read_text(encoding="utf-8")
    shown = [block.text for block in blocks(OWN_CLIENT) if block.title == GENERATED]
    assert made.startswith(shown[0])
    assert all(part in made for part in shown)


def test_its_tests_pass_on_every_runtime(project: Path) -> None:
    told = run(project, "pytest", "-v", "-W", "error", "-p", "no:cacheprovider")
    assert {"asyncio", "trio"} <= set(re.findall(r"\[(asyncio|trio)", told))
    assert "tests/_sync/test_client.py::test_every_page_is_listed_in_order PASSED" in told


def test_its_types_are_right_in_both_colours(project: Path) -> None:
    assert "Success: no issues found" in run(project, "mypy")
    wrong = "from todo import TodoClient\nTodoClient('x', token=1).add('home', 'x').titel\n"
    write(project / "src/wrong.py", wrong)
    said = run(project, "mypy", code=1)
    (project / "src/wrong.py").unlink()
    assert 'Argument "token" to "TodoClient" has incompatible type "int"' in said
    assert '"Todo" has no attribute "titel"' in said


@pytest.fixture
def address(project: Path) -> Iterator[str]:
    """The service of the project's own tests, on a port of this machine."""
    spec = spec_from_file_location("service", project / "tests/service.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(module.Service("a", "b", "c"))) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def handler(service: Any) -> type[BaseHTTPRequestHandler]:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            url = f"http://todo.example{self.path}"
            request = httpx.Request(self.command, url, headers=self.headers.items(), content=body)
            answer: httpx.Response = service(request)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_PUT = do_GET  # noqa: N815 - http.server names them

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    return Answering


@pytest.mark.parametrize("example", ["blocking", "waiting"])
def test_its_examples_work_over_a_wire(project: Path, address: str, example: str) -> None:
    wheel = str(built(project, "*.whl"))
    told = run(project / "examples", example, address, path=wheel)
    assert told == "water the plants True\n[1, 2, 3, 4]\n"


def test_what_is_refused_is_said_with_file_and_line_and_ends_a_build(
    project: Path, tmp_path: Path
) -> None:
    for path in ("pyproject.toml", "src/todo/_async/client.py"):
        write(tmp_path / path, (project / path).read_text(encoding="utf-8"))
    client = tmp_path / "src/todo/_async/client.py"
    code = client.read_text(encoding="utf-8")
    write(client, code.replace("from collections", f"{WRONG}\nfrom collections", 1))
    (shown,) = (block.text for block in blocks(OWN_CLIENT) if block.language == "console")
    command, _, said = shown.partition("\n")
    assert command == "$ python -m twofold.one_source"
    assert run(tmp_path, "twofold.one_source", code=1) == said
    assert said in run(tmp_path, "hatchling", "build", code=1)
    assert f"With `{WRONG}` before the other imports" in OWN_CLIENT.read_text(encoding="utf-8")


def rows() -> list[tuple[str, str]]:
    """What the page's table says is refused, and with which words."""
    page = OWN_CLIENT.read_text(encoding="utf-8")
    return [
        (row["code"], row["said"]) for row in ROW.finditer(page[page.index("## What is ref") :])
    ]


def test_the_table_of_what_is_refused_is_read() -> None:
    assert (WRONG, "asyncio would be left") in rows()
    assert len(rows()) == 9


@pytest.mark.parametrize(("code", "said"), rows())
def test_what_is_refused_is_refused_in_these_words(tmp_path: Path, code: str, said: str) -> None:
    write(tmp_path / "src/todo/_async/wrong.py", f"# A comment.\n{code}\n")
    with pytest.raises(RefusedError) as refused:
        translate(tmp_path, "src/todo/_async")
    place, _, words = str(refused.value).partition(": ")
    assert (place, words) == ("src/todo/_async/wrong.py:2", words)
    assert words.startswith(said)
