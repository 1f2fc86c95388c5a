"""Keys: every scheme is whole, and no key does two things."""

from __future__ import annotations

import pytest
from key_table import PAGE, page
from textual.keys import KEY_NAME_REPLACEMENTS

from twofold.errors import ArgumentError
from twofold.tui.keys import ACTIONS, SCHEMES, keys_of, split


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_action_has_a_key_in_every_scheme(scheme: str) -> None:
    assert all(split(keys) for keys in keys_of(scheme, {}).values())
    assert set(keys_of(scheme, {})) == {each.name for each in ACTIONS}


def test_keys_are_called_what_a_terminal_calls_them() -> None:
    pressed = {key for each in ACTIONS for keys in each.keys.values() for key in split(keys)}
    assert not pressed & set(KEY_NAME_REPLACEMENTS)


def test_ones_own_keys_stand_in_place_of_a_schemes() -> None:
    assert keys_of("vim", {"refresh": "f9"})["refresh"] == "f9"
    assert keys_of("vim", {})["down"] == "down,j"


@pytest.mark.parametrize(
    ("scheme", "own", "said"),
    [
        ("dvorak", {}, "none of standard, vim, emacs"),
        ("standard", {"fly": "x"}, "no action fly"),
        ("standard", {"team": "m"}, "m would mean mine and team"),
        ("emacs", {"mine": "ctrl+n"}, "ctrl\\+n would mean down and mine"),
    ],
)
def test_what_cannot_be_is_refused_and_said(scheme: str, own: dict[str, str], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        keys_of(scheme, own)


def test_the_table_in_the_docs_is_made_from_the_bindings() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it: python tests/key_table.py"
