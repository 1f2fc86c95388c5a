"""Every action as Textual knows it: behind a key, and in the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from textual.app import SystemCommand
from textual.binding import Binding, BindingType

from .keys import ACTIONS, STANDARD
from .panels import pressed


def bindings() -> list[BindingType]:
    return [
        Binding(
            each.keys[STANDARD],
            f"do({each.name!r})",
            each.short or each.text,
            id=each.name,
            show=bool(each.short),
            priority=each.always,
        )
        for each in ACTIONS
    ]


def commands(keys: Mapping[str, str], do: Callable[[str], object]) -> Iterator[SystemCommand]:
    """Offer every action by what it is called; beside it stand its keys."""
    for each in ACTIONS:
        yield SystemCommand(each.text, pressed(keys, each), partial(do, each.name))
