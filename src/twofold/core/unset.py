"""The default of arguments for which None means something."""

from __future__ import annotations

import enum


class Unset(enum.Enum):
    """The type of an option that was left out: None means off."""

    UNSET = enum.auto()

    def __repr__(self) -> str:
        return "the default"


UNSET = Unset.UNSET
