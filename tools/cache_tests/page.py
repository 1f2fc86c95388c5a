"""The page of the results, for the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from .excuses import Excuse
from .results import Results, hollow, of_kind
from .vectors import Kind, Suite, Vector

HEAD = """\
# The public HTTP cache tests

<!-- Written by `nox -s cache_tests -- --write`: do not edit. -->

[http-cache-tests](https://github.com/http-tests/cache-tests) is the suite that browsers, proxies
and CDNs are compared with: {count} tests of RFC 9111, and of how caches behave where it leaves a
choice. `nox -s cache_tests` plays all of them with a client of ours against the suite's own server,
on asyncio, on trio and on threads, with the cache's defaults (`Cache()`, a store in memory, the
{engine} engine); the three have the same results, or the session fails. It fails as well if a
required test fails without an excuse, or if one that is excused passes.

All tests are played, those for browsers and those for shared caches alike: what does not concern a
private client cache is excused one by one.
"""

KINDS = """
| kind | tests | passed | excused | failed |
| --- | ---: | ---: | ---: | ---: |
"""

EXCUSED = """
## Required, and excused

| tests | why | RFC 9111 |
| --- | --- | --- |
"""

STALE = """
## Serving what is stale

By default nothing stale is used unless the server allows it (RFC 5861), so that what forbids it is
not put to the test. The tests of this subject are therefore played a second time, with
`Cache(stale_if_error=60)`: {passed} of {count} pass.

| tests that do not | why | RFC 9111 |
| --- | --- | --- |
"""

OPTIMAL = """
## Optimal

A cache may store and use less than it could. Not done:

| subject | tests |
| --- | --- |
"""

CHECK = """
## Checked

Questions rather than tests: the suite asks how caches behave where the RFC leaves it open.

| subject | yes | no |
| --- | --- | --- |
"""

HOLLOW = """
## Passed, and of little weight

These pass, but the suite does not count them, since they depend on a test that does not pass:
{names}.
"""


def page(
    suites: Sequence[Suite],
    results: Results,
    stale: Results,
    excused: dict[str, Excuse],
    forgiven: dict[str, Excuse],
    engine: str,
) -> str:
    """Return the page for one set of results."""
    vectors = [vector for suite in suites for vector in suite.tests]
    parts = [
        HEAD.format(count=len(vectors), engine=engine),
        KINDS,
        *(kind_row(vectors, results, kind, excused) for kind in ("required", "optimal", "check")),
        EXCUSED,
        *excuse_rows(excused),
        STALE.format(passed=sum(one.passed for one in stale.values()), count=len(stale)),
        *excuse_rows(forgiven),
        *(row(f"`{name}`", "a question, not a rule", "") for name in missing(stale, forgiven)),
        OPTIMAL,
        *(row(suite.name, missed(suite, results)) for suite in suites if missed(suite, results)),
        CHECK,
        *(check_row(suite, results) for suite in suites if of_kind(suite.tests, "check")),
        HOLLOW.format(names=listed(hollow(vectors, results))),
    ]
    return "".join(parts)


def kind_row(
    vectors: Sequence[Vector], results: Results, kind: Kind, excused: dict[str, Excuse]
) -> str:
    names = [vector.id for vector in of_kind(vectors, kind)]
    passed = sum(results[name].passed for name in names)
    excuses = sum(name in excused for name in names)
    shown = str(excuses) if kind == "required" else ""
    return row(kind, str(len(names)), str(passed), shown, str(len(names) - passed - excuses))


def excuse_rows(excused: dict[str, Excuse]) -> list[str]:
    return [
        row(listed(one.tests), one.because, f"{one.section}: “{one.sentence}”")
        for one in dict.fromkeys(excused.values())
    ]


def missing(stale: Results, forgiven: dict[str, Excuse]) -> list[str]:
    return [name for name, one in stale.items() if not one.passed and name not in forgiven]


def missed(suite: Suite, results: Results) -> str:
    return listed([one.id for one in of_kind(suite.tests, "optimal") if not results[one.id].passed])


def check_row(suite: Suite, results: Results) -> str:
    checks = [vector.id for vector in of_kind(suite.tests, "check")]
    return row(
        suite.name,
        listed([name for name in checks if results[name].passed]),
        listed([name for name in checks if not results[name].passed]),
    )


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
