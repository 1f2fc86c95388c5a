from __future__ import annotations

import inspect

import pytest

import twofold.blocking
import twofold.waiting


def test_both_colours_offer_the_same_names() -> None:
    assert twofold.waiting.__all__ == twofold.blocking.__all__


@pytest.mark.parametrize("name", ["map_all", "map_strict", "map_stream", "move_on_after", "sleep"])
def test_what_is_called_takes_the_same_arguments(name: str) -> None:
    waiting, blocking = (
        inspect.signature(getattr(module, name)).parameters
        for module in (twofold.waiting, twofold.blocking)
    )
    assert list(waiting) == list(blocking)
    assert [given.default for given in waiting.values()] == [
        given.default for given in blocking.values()
    ]


@pytest.mark.parametrize("module", [twofold.waiting, twofold.blocking])
def test_every_name_is_there(module: object) -> None:
    assert all(hasattr(module, name) for name in module.__all__)  # type: ignore[attr-defined]
