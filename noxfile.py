"""Every check of the project: `nox` runs them all, `nox -l` lists them.

The suite runs once a Python and a runtime.  A Python that this machine lacks is left out and named
at the end; with CI=true or TWOFOLD_REQUIRE_PYTHONS=1 it is an error.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import STDOUT

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
GENERATOR = "src/twofold/one_source.py"

# What is about terminals, processes and examples: one Python tells as much of it as three.
FACES = ["tests/cli", "tests/tui", "tests/docs"]
WITHOUT_FACES = [f"--ignore={each}" for each in FACES]

# A test in tests/_async that names no runtime at all is run with the first.
RUNTIMES = {
    "asyncio": ["tests/_async", "-k", "not trio"],
    "trio": ["tests/_async", "-k", "trio"],
    "threads": ["tests/_sync"],
    "colourless": [
        "tests",
        *(f"--ignore={each}" for each in ["tests/_async", "tests/_sync", *FACES]),
    ],
}

# One more than there are cores at least: many tests wait for real sockets, processes and disks.
PYTEST = ["-m", "pytest", "--numprocesses=3", "--dist=worksteal"]

# All that a session runs is many short processes: each would compile everything again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

COVERED = 95
"""Per cent of lines and branches."""

CACHE_TESTS = "http-cache-tests@0.4.5"
CACHE_TESTS_DIGEST = "bde099a69b357a8779a797573906ff2b4c1912c394d1908dc4fbe78ac79de1fb"

IN_WHEEL = ["twofold/py.typed", "twofold/_sync/rally/client.py", "/licenses/LICENSE"]
IN_SDIST = [
    *["README.md", "LICENSE", "noxfile.py", "tools/hatch_build.py", "tests/conftest.py"],
    *["src/twofold/_async/rally/client.py", "src/twofold/_sync/rally/client.py"],
]

nox.needs_version = ">=2025.11.12"
nox.options.sessions = [
    *["lint", "types", "docs", "build", "wheel"],
    *["test", "faces", "engines", "digests", "interpreters"],
]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.reuse_venv = "yes"
nox.options.error_on_missing_interpreters = (
    os.environ.get("CI") == "true" or os.environ.get("TWOFOLD_REQUIRE_PYTHONS") == "1"
)

ready: dict[str, Path] = {}
"""A Python that can run the tests, by version, for the sessions that this process runs."""


@nox.session(python=PYTHONS)
@nox.parametrize("runtime", list(RUNTIMES))
def test(session: nox.Session, runtime: str) -> None:
    """Run the suite on one runtime; further arguments go to pytest."""
    python = able(session)
    note_digest(session, python)
    session.run(python, *PYTEST, *RUNTIMES[runtime], *session.posargs, external=True)


@nox.session
def faces(session: nox.Session) -> None:
    """Run the tests of the command line, the terminal application and the docs' examples."""
    session.install("-e", ".", *group("test"))
    session.run("python", *PYTEST, *FACES, *session.posargs)


def able(session: nox.Session) -> Path:
    """Return a Python with all that tests need: installing takes longer than testing, so once."""
    version = str(session.python)
    if version not in ready:
        session.install("-e", ".", *group("test"))
        ready[version] = Path(session.bin, "python")
    return ready[version]


def note_digest(session: nox.Session, python: Path) -> None:
    """Write down what this Python generates, under the name of what it was generated from."""
    note = notes(session) / str(session.python)
    if note.exists():
        return
    printed = session.run(python, GENERATOR, "--digest", external=True, silent=True)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(printed).strip())


def notes(session: nox.Session) -> Path:
    trees = PROJECT["tool"]["twofold"]["one-source"]["trees"]
    sources = [path for tree in trees for path in Path(tree).rglob("*.py")]
    seen = hashlib.sha256()
    for path in sorted([Path(GENERATOR), *sources]):
        seen.update(path.as_posix().encode() + path.read_bytes())
    return session.cache_dir / "digests" / seen.hexdigest()[:16]


@nox.session(venv_backend="none")
def digests(session: nox.Session) -> None:
    """Compare what each Python generated from these sources: the bytes must be the same."""
    seen = {note.name: note.read_text() for note in sorted(notes(session).glob("*"))}
    for python, digest in seen.items():
        session.log(f"Python {python} generated {digest}")
    if len(set(seen.values())) != 1:
        session.error("one digest was expected; `nox -s test` writes them")


@nox.session(venv_backend="none")
def interpreters(session: nox.Session) -> None:
    """Say which Pythons have tested these sources, and which have not."""
    tested = {note.name for note in notes(session).glob("*")}
    session.log(f"tested on Python {', '.join(sorted(tested)) or '(none)'}")
    if missing := [python for python in PYTHONS if python not in tested]:
        session.warn(f"NOT tested on Python {', '.join(missing)}: not found, or not asked for")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and layout."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy and pyright, both strict, in both colours."""
    session.install("-e", ".", *group("types"))
    session.run("python", GENERATOR)
    checkers = [
        ["mypy", f"--python-version={PYTHONS[0]}"],
        ["pyright", "--project=pyproject.toml", f"--pythonversion={PYTHONS[0]}"],
    ]
    # Each keeps one core busy for half a minute; what a failed one found is printed at its end.
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(session.run, *each, silent=True) for each in checkers]
    for each in running:
        session.log(str(each.result()).strip())


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site of the documentation; a warning is an error."""
    session.install(*group("docs"))
    site = emptied(Path(session.create_tmp()) / "site")
    session.run("mkdocs", "build", "--strict", f"--site-dir={site}")


@nox.session
def build(session: nox.Session) -> None:
    """Build the sdist, and from it the wheel, of a copy in which nothing is generated yet."""
    session.install(*group("build"))
    dist = emptied(session.cache_dir / "dist")
    session.run("python", "-m", "build", f"--outdir={dist}", copied(session))
    with zipfile.ZipFile(only(dist, "*.whl")) as packed:
        inside = packed.namelist()
    with tarfile.open(only(dist, "*.tar.gz")) as unpacked:
        require(session, unpacked.getnames(), IN_SDIST)
    require(session, inside, IN_WHEEL)
    for name in inside:
        if not name.startswith(("twofold/", "twofold-")) or "__pycache__" in name:
            session.error(f"{name} does not belong into the wheel")
        if "/_async/" in name and name.replace("/_async/", "/_sync/") not in inside:
            session.error(f"{name} has no twin in the wheel")


@nox.session(requires=["build"], reuse_venv=False)
def wheel(session: nox.Session) -> None:
    """Try the wheel in an empty environment, without extras."""
    session.install(str(only(session.cache_dir / "dist", "*.whl")))
    for names in ("RallyClient, AsyncRallyClient", "AsyncRallyClient, RallyClient"):
        session.run("python", "-I", "-c", f"from twofold import {names}")
    session.run("twofold", "--version")
    said = session.run("twofold", "demo", silent=True, success_codes=[1, 2], stderr=STDOUT)
    if not re.fullmatch(r".*twofold\[\w+(,\w+)*\].*", str(said).strip()):
        session.error(f"one line naming the missing extra was expected, not {said}")


@nox.session(python=PYTHONS[0])
def engines(session: nox.Session) -> None:
    """Run what uses real sockets over httpx: the suite itself takes the direct engine.

    Threads stand for all here, since the engine's own tests run on every runtime anyway; with
    `-- tests` it is the whole suite.
    """
    python = able(session)
    env = {"TWOFOLD_TRANSPORT": "httpx"}
    chosen = session.posargs or ["-m", "real_time", "tests/_sync"]
    session.run(python, *PYTEST, *chosen, env=env, external=True)
    session.run(python, "-m", "twofold", "demo", env=env, external=True)


@nox.session(python=PYTHONS[0])
def coverage(session: nox.Session) -> None:
    """Measure what the suite runs, both colours folded into one source; there is a floor."""
    session.install("-e", ".", *group("test"), "coverage>=7.10")
    session.run("coverage", "erase")
    session.run("coverage", "run", *PYTEST, "-q", *session.posargs)
    session.run("coverage", "combine")
    session.run("coverage", "report", f"--fail-under={COVERED}", "--skip-covered")


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """Run the suite with the oldest releases that pyproject.toml admits."""
    session.install("uv")
    session.run("uv", "pip", "install", "--resolution=lowest-direct", "-e", ".", *group("test"))
    session.run("python", *PYTEST, "-q", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure; arguments go to the bench (`nox -s bench -- rally --rounds 3`)."""
    session.install("-e", ".", *group("bench"))
    session.run("python", "-m", "tools.bench", *session.posargs)


@nox.session
def outage(session: nox.Session) -> None:
    """Simulate an outage, beside others; arguments go to the simulation."""
    session.install("-e", ".", *group("bench"))
    session.run("python", GENERATOR)
    session.run("python", "-m", "tools.outage", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Run for minutes, and count what is left behind; arguments go to the soak."""
    session.install("-e", ".", *group("bench"))
    session.run("python", GENERATOR)
    session.run("python", "-m", "tools.soak", *session.posargs)


@nox.session
def tour(session: nox.Session) -> None:
    """Tour the terminal application in tmux; arguments go to the tour (`-- journey`)."""
    if shutil.which("tmux") is None:
        session.error("the tour needs tmux, and finds none: install it (apt install tmux)")
    session.install("-e", ".", *group("test"))
    session.run("python", GENERATOR)
    session.run("python", "-m", "tools.tour", *session.posargs)


@nox.session
def cache_tests(session: nox.Session) -> None:
    """Play the public HTTP cache tests; arguments go to the tool (`-- --runtime trio`).

    Needs npm and node, and the npm registry.
    """
    session.install("-e", ".", *group("test"))
    session.run("python", GENERATOR)
    folder = emptied(Path(session.create_tmp()) / "package")
    pack = ["npm", "pack", "--silent", CACHE_TESTS, f"--pack-destination={folder}"]
    session.run(*pack, external=True)
    packed = only(folder, "*.tgz")
    if hashlib.sha256(packed.read_bytes()).hexdigest() != CACHE_TESTS_DIGEST:
        session.error(f"{packed.name} is not the {CACHE_TESTS} that was read")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    package = f"--package={folder / 'package'}"
    session.run("python", "-m", "tools.cache_tests", package, *session.posargs)


def group(name: str) -> tuple[str, ...]:
    return nox.project.dependency_groups(PROJECT, name)


def copied(session: nox.Session) -> Path:
    """Copy what git tracks, or would track, so that nothing ignored comes along."""
    clean = emptied(Path(session.create_tmp()) / "clean")
    listed = session.run(
        "git", "ls-files", "-coz", "--exclude-standard", external=True, silent=True
    )
    for name in str(listed).strip("\0").split("\0"):
        if Path(name).exists():
            (clean / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, clean / name)
    return clean


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def require(session: nox.Session, names: list[str], wanted: list[str]) -> None:
    for name in wanted:
        if not any(found.endswith(name) for found in names):
            session.error(f"{name} is missing in what was built")
