"""The vectors of the npm package `http-cache-tests`: see its `lib/testsuite-schema.json`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

Kind: TypeAlias = Literal["required", "optimal", "check"]
Wanted: TypeAlias = str | list[str | int]
"""The name of a field, or name and value, or name, operator and operand."""

# Modules of JavaScript, so node prints them; what it leaves out has no value there either.
PRINT = """
const suites = (await import(`${process.argv[1]}/tests/index.mjs`)).default
suites.push((await import(`${process.argv[1]}/tests/surrogate-control.mjs`)).default)
console.log(JSON.stringify(suites))
"""


class Step(msgspec.Struct, frozen=True):
    """One request of a test, and what is expected of it."""

    request_method: str = "GET"
    request_headers: list[tuple[str, str | int]] = []
    request_body: str = ""
    query_arg: str | None = None
    filename: str | None = None
    cache: str | None = None
    """The mode of a browser's fetch."""
    magic_ims: bool = False
    magic_locations: bool = False
    rfc850date: list[str] = []
    disconnect: bool = False
    pause_after: bool = False
    response_status: tuple[int, str | None] | None = None
    response_body: str | UnsetType | None = UNSET
    check_body: bool = True
    expected_type: str | None = None
    expected_status: int | None = None
    expected_method: str | None = None
    expected_request_headers: list[Wanted] = []
    expected_response_headers: list[Wanted] = []
    expected_response_headers_missing: list[Wanted] = []
    expected_response_text: str | UnsetType | None = UNSET
    setup: bool = False
    setup_tests: list[str] = []

    def prepares(self, member: str) -> bool:
        """Tell whether a failure here says nothing about the cache."""
        return self.setup or member in self.setup_tests


class Vector(msgspec.Struct, frozen=True):
    """One test."""

    id: str
    name: str
    requests: list[dict[str, Any]]
    """As the server wants them."""
    kind: Kind = "required"
    depends_on: list[str] = []
    browser_only: bool = False
    browser_skip: bool = False

    @property
    def steps(self) -> list[Step]:
        return msgspec.convert(self.requests, list[Step])

    def script(self) -> bytes:
        """Return what the server is told of the test."""
        named = [{**step, "name": self.name, "id": self.id} for step in self.requests]
        return json.dumps(named).encode()


class Suite(msgspec.Struct, frozen=True):
    """Tests of one subject."""

    id: str
    name: str
    tests: list[Vector]


def suites(package: Path) -> Sequence[Suite]:
    """Read all vectors of an unpacked package."""
    printed = subprocess.run(
        ["node", "--no-warnings", "--input-type=module", "-e", PRINT, package.resolve().as_uri()],
        check=True,
        stdout=subprocess.PIPE,
    )
    return msgspec.json.decode(printed.stdout, type=list[Suite])
