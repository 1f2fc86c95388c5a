"""Both sides of the seam offer the same names with the same signatures, colour aside."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from twofold._runtime import blocking, waiting

SUBJECTS = sorted(module.name for module in iter_modules(waiting.__path__))
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
    there = import_module(f"twofold._runtime.waiting.{subject}")
    return there, import_module(f"twofold._runtime.blocking.{subject}")


def pairs(wanted: Callable[[object], bool]) -> list[ParameterSet]:
    """Name what both sides offer, of one kind."""
    return [
        pytest.param(getattr(there, name), getattr(here, name), id=f"{subject}.{name}")
        for subject in SUBJECTS
        for there, here in [sides(subject)]
        for name in there.__all__
        if wanted(getattr(here, name))
    ]


def is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


def is_made_by_users(kind: object) -> bool:
    return is_kind(kind) and getattr(kind, "__name__", "") not in MADE_FOR_USERS


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


def test_the_same_subjects_are_offered() -> None:
    ours = {module.name for module in iter_modules(blocking.__path__)}
    assert ours - {"spots"} == set(SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_same_names_are_offered(subject: str) -> None:
    there, here = sides(subject)
    assert there.__all__ == here.__all__
    assert all(hasattr(here, name) for name in here.__all__)
    assert len(here.__all__) == len(set(here.__all__))


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
