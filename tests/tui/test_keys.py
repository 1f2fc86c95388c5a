"""Keys: every scheme is whole, and no key does two things."""

from __future__ import annotations

from string import punctuation

import pytest
from key_table import PAGE, page
from textual.keys import KEY_NAME_REPLACEMENTS, _character_to_key

from twofold.errors import ArgumentError
from twofold.tui.keys import ACTIONS, SCHEMES, keys_of, name_of_sign, split


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


def test_signs_may_stand_for_themselves() -> None:
    assert split("?, ctrl+/, +, alt++, f9") == [
        *("question_mark", "ctrl+slash", "plus", "alt+plus", "f9")
    ]
    with pytest.raises(ArgumentError, match="slash would mean search and team"):
        keys_of("standard", {"team": "/"})


@pytest.mark.parametrize("sign", punctuation)
def test_a_sign_is_called_what_a_terminal_calls_it(sign: str) -> None:
    assert name_of_sign(sign) == _character_to_key(sign)


@pytest.mark.parametrize("key", ["fooo", "ctrl+fooo", "hyper!x", "f99"])
def test_a_key_that_no_terminal_sends_is_refused(key: str) -> None:
    with pytest.raises(ArgumentError, match="there is no key"):
        keys_of("standard", {"team": key})
