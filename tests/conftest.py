"""Generates the blocking half, then gives every test a runtime in virtual time."""

from __future__ import annotations

import gc
import hashlib
import importlib
import importlib.util
import json
import sys
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from pkgutil import walk_packages
from threading import Thread
from threading import enumerate as living_threads
from typing import Any

import hypothesis.internal
import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

GENERATOR = ROOT / "src" / "twofold" / "one_source.py"
STAMP = ROOT / ".pytest_cache" / "one-source"

REAL_TIME = "real_time: real clocks, for a test with real sockets, processes or loops"


def pytest_configure(config: pytest.Config) -> None:
    """The tests in `_sync` are collected from disk, so they are written before collection."""
    config.addinivalue_line("markers", REAL_TIME)
    # How long a thing takes is asserted in virtual time; a busy machine is not a failure.
    settings.register_profile("twofold", settings(), deadline=None)
    settings.load_profile("twofold")
    is_worker = hasattr(config, "workerinput")
    if not is_worker:
        generate()
    if is_worker or not config.getoption("numprocesses", None):
        import_what_is_put_off()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while modules are imported: what they make is there to stay."""
    gc.disable()
    collected = yield
    gc.enable()
    return collected


@pytest.fixture(scope="module", autouse=True)
def a_heap_of_its_own() -> None:
    """Keep all there is so far out of later collections, which took a third of the suite's time.

    What a test looks for, as garbage or as left over, is younger.
    """
    gc.collect()
    gc.freeze()


def generate() -> None:
    """Write the blocking half, unless it is there and nothing has changed since."""
    if not STAMP.exists() or STAMP.read_text() != stamp():
        run_generator()
        STAMP.parent.mkdir(exist_ok=True)
        STAMP.write_text(stamp())


def stamp() -> str:
    """Return a digest of all that is generated, and of all that it is made from."""
    both = (
        path for top in ("src", "tests", "tools") for path in (ROOT / top).rglob("_*ync/**/*.py")
    )
    seen = hashlib.sha256()
    for path in sorted([GENERATOR, ROOT / "pyproject.toml", *both]):
        seen.update(f"{path}\0".encode() + path.read_bytes())
    return seen.hexdigest()


def run_generator() -> None:
    """Run the generator by its file: the package may not be there yet."""
    spec = importlib.util.spec_from_file_location("one_source", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    module.generate(ROOT)


def import_what_is_put_off() -> None:
    """Import now what is imported at need, by us or hypothesis: maybe in several threads at once.

    pytest rewrites the asserts of every package that has a plugin, and before 3.11.8 and 3.12.2
    Python may fail if two threads make syntax trees at once (python/cpython#106905).
    """
    for package in ("_async", "_sync", "_runtime", "core", "rally", "monitoring"):
        for path in sorted((ROOT / "src" / "twofold" / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
            importlib.import_module(name.removesuffix(".__init__"))
    for module in walk_packages(hypothesis.internal.__path__, "hypothesis.internal."):
        importlib.import_module(module.name)


def has_real_clocks(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("real_time") is not None


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Each runtime for tasks, with a clock of its own."""
    from twofold.testing.clocks import virtual_backend

    return (request.param, {}) if has_real_clocks(request) else virtual_backend(request.param)


@pytest.fixture(autouse=True)
def clock_of_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """The runtime for threads likewise; afterwards no thread that a test started is left."""
    from twofold.testing.clocks import virtual_threads

    before = set(living_threads())
    if has_real_clocks(request):
        yield
    else:
        with virtual_threads():
            yield
    left = [thread for thread in living_threads() if thread not in before and is_ours(thread)]
    assert not left


def is_ours(thread: Thread) -> bool:
    """Leave out what trio and anyio keep for later, and threads that are about to end."""
    from twofold._runtime.blocking.tasks import Task

    if not thread.daemon:
        thread.join(timeout=1)
    return thread.is_alive() and (isinstance(thread, Task) or not thread.daemon)


@pytest.fixture(scope="session")
def rally_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Rally's stand-in in a process of its own; gives what its ready line says."""
    from twofold.cli.emulated import emulator

    faults = tmp_path_factory.mktemp("rally") / "faults.json"
    faults.write_text(json.dumps(RALLY_FAULTS), encoding="utf-8")
    with emulator("rally", ["--tickets=700", "--seed=3", f"--faults={faults}"]) as ready:
        yield ready


# By object, so that tests do not disturb each other.
RALLY_FAULTS = [
    {"match": {"object": "US90", "method": "GET"}, "fault": "cut_before"},
    {"match": {"method": "POST", "body": "answer is lost"}, "fault": "cut_after"},
    {"match": {"object": "US92"}, "fault": "delay", "seconds": 30},
    {"match": {"object": "US93"}, "nth": [1, 2], "fault": "status", "status": 502},
    {"match": {"object": "US94"}, "fault": "html"},
]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An authority of the tests' own, and certificates it signs."""
    from certificates import Certificates

    return Certificates(tmp_path_factory.mktemp("certificates"))
