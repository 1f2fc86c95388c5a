"""Fields of a script, read with errors that say where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast


class Fields:
    """One object of a script. Whatever is not asked for by the end is unknown, and refused."""

    def __init__(self, place: str, value: object) -> None:
        self.place = place
        self._left: dict[str, Any] = dict(_mapping(place, value))

    def wrong(self, name: str, problem: str) -> ValueError:
        return ValueError(f"{self.place}.{name}: {problem}")

    def has(self, name: str) -> bool:
        return name in self._left

    def any(self, name: str) -> object:
        return self._left.pop(name, None)

    def finish(self) -> None:
        if self._left:
            raise self.wrong(sorted(self._left)[0], "is not a field here")

    def text(self, name: str) -> str | None:
        value = self.any(name)
        if value is not None and (not isinstance(value, str) or not value):
            raise self.wrong(name, f"must be a text, not {value!r}")
        return value

    def flag(self, name: str) -> bool:
        value = self.any(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, f"must be true or false, not {value!r}")
        return bool(value)

    def count(self, name: str) -> int | None:
        value = self.any(name)
        if value is not None and not _is_count(value):
            raise self.wrong(name, f"must be a whole number from 1 on, not {value!r}")
        return value if isinstance(value, int) else None

    def counts(self, name: str) -> frozenset[int]:
        value = self.any(name)
        listed = [] if value is None else _listed(value) or [value]
        counts = [each for each in listed if isinstance(each, int) and _is_count(each)]
        if len(counts) < len(listed):
            raise self.wrong(name, f"must be a number from 1 on or a list of them, not {value!r}")
        return frozenset(counts)

    def seconds(self, name: str) -> float:
        value = self.any(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            raise self.wrong(name, f"must be seconds, 0 or more, not {value!r}")
        return float(value)

    def status(self, name: str, usual: int | None) -> int:
        value = self.any(name)
        value = usual if value is None else value
        if not isinstance(value, int) or isinstance(value, bool) or not 200 <= value <= 599:
            raise self.wrong(name, f"must be a status from 200 to 599, not {value!r}")
        return value

    def texts(self, name: str) -> list[str]:
        value = self.any(name)
        texts = [each for each in _listed(value) if isinstance(each, str)]
        if not texts or len(texts) < len(_listed(value)):
            raise self.wrong(name, f"must be a list of texts, not {value!r}")
        return texts


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _mapping(place: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        # It is the script that is wrong, whatever its type.
        raise ValueError(f"{place}: must be an object, not {value!r}")  # noqa: TRY004
    return cast("Mapping[str, Any]", value)


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
