"""Both sides of the seam offer the same names with the same signatures, colour aside."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from _pytest.mark import ParameterSet

SUBJECTS = ["homes", "park", "processes", "scopes", "streams", "tasks"]
COLOURED = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
}
# What the blocking package has beside, for itself.
WITHIN = {"is_cancelled"}
# Made by functions of the seam, never by its users.
MADE_FOR_USERS = {"MemoryObjectReceiveStream", "MemoryObjectSendStream", "TaskGroup"}


def sides(subject: str) -> tuple[ModuleType, ModuleType]:
    waiting = import_module(f"twofold._runtime.waiting.{subject}")
    return waiting, import_module(f"twofold._runtime.blocking.{subject}")


def pairs(wanted: Callable[[object], bool]) -> list[ParameterSet]:
    """Name what both sides offer, of one kind."""
    return [
        pytest.param(getattr(waiting, name), getattr(blocking, name), id=f"{subject}.{name}")
        for subject in SUBJECTS
        for waiting, blocking in [sides(subject)]
        for name in waiting.__all__
        if wanted(getattr(blocking, name))
    ]


def is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


def is_made_by_users(kind: object) -> bool:
    is_one_of_ours = isinstance(kind, type) and not issubclass(kind, Exception | tuple)
    return is_one_of_ours and kind.__name__ not in MADE_FOR_USERS


def is_kind(kind: object) -> bool:
    return isinstance(kind, type) and not issubclass(kind, Exception | tuple)


def parameters(function: Callable[..., object]) -> dict[str, tuple[object, object]]:
    return {
        given.name: (given.kind, given.default)
        for given in inspect.signature(function).parameters.values()
    }


def methods(kind: type) -> dict[str, Any]:
    """Name what a class offers, in blocking words; without what every object has."""
    return {
        COLOURED.get(name, name): getattr(kind, name)
        for name in dir(kind)
        if (name in COLOURED or name in COLOURED.values() or not name.startswith("_"))
    }


def assert_alike(there: Callable[..., object], here: Callable[..., object]) -> None:
    """What may be given here may be given there; there may be more that need not be given."""
    wider, ours = parameters(there), parameters(here)
    assert {name: wider.get(name) for name in ours} == ours
    optional = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    for name in wider.keys() - ours.keys():
        kind, default = wider[name]
        assert kind in optional or default is not inspect.Parameter.empty, name


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_same_names_are_offered(subject: str) -> None:
    waiting, blocking = sides(subject)
    assert waiting.__all__ == blocking.__all__
    assert all(hasattr(blocking, name) for name in blocking.__all__)
    assert sorted(waiting.__all__) == sorted(set(waiting.__all__))


@pytest.mark.parametrize(("there", "here"), pairs(is_error))
def test_errors_are_the_same(there: type, here: type) -> None:
    assert here is there


@pytest.mark.parametrize(("there", "here"), pairs(inspect.isfunction))
def test_the_same_may_be_given(there: Callable[..., object], here: Callable[..., object]) -> None:
    assert_alike(there, here)


@pytest.mark.parametrize(("there", "here"), pairs(is_made_by_users))
def test_objects_are_made_alike(there: type, here: type) -> None:
    assert_alike(there, here)


@pytest.mark.parametrize(("there", "here"), pairs(is_kind))
def test_the_same_methods_are_offered(there: type, here: type) -> None:
    theirs, ours = methods(there), methods(here)
    assert ours.keys() - WITHIN <= theirs.keys()
    for name in ours.keys() & theirs.keys():
        method = ours[name]
        if inspect.isfunction(method) and not name.startswith("__"):
            assert_alike(theirs[name], method)


def test_every_kind_of_name_was_looked_at() -> None:
    looked_at = [len(pairs(wanted)) for wanted in (is_error, inspect.isfunction, is_kind)]
    assert min(looked_at) > 3
