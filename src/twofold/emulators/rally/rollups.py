"""What portfolio items know of the stories below them."""

from __future__ import annotations

from collections.abc import Iterable

from .model import Record


def element_name(record: Record) -> str:
    return record.type.element


def parts(record: Record) -> list[Record]:
    """Return what stands one level below a portfolio item or a story."""
    for name in ("UserStories", "Children"):
        if name in record.values:
            return list(record.values[name].elements)
    return []


def parts_count(record: Record) -> int:
    return len(parts(record))


def leaves(record: Record) -> list[Record]:
    """Return the stories without children below a portfolio item."""
    found: list[Record] = []
    waiting = parts(record)
    while waiting:
        each = waiting.pop()
        inner = parts(each)
        waiting += inner
        if not inner and "ScheduleState" in each.values:
            found.append(each)
    return found


def _points(stories: Iterable[Record]) -> float:
    return float(sum(each.values["PlanEstimate"] or 0 for each in stories))


def _accepted(record: Record) -> list[Record]:
    return [each for each in leaves(record) if each.values["ScheduleState"] == "Accepted"]


def leaf_count(record: Record) -> int:
    return len(leaves(record))


def leaf_points(record: Record) -> float:
    return _points(leaves(record))


def accepted_leaf_count(record: Record) -> int:
    return len(_accepted(record))


def done_by_count(record: Record) -> float:
    whole = leaf_count(record)
    return len(_accepted(record)) / whole if whole else 0.0


def done_by_points(record: Record) -> float:
    whole = leaf_points(record)
    return _points(_accepted(record)) / whole if whole else 0.0


def first_start(record: Record) -> str | None:
    started = [each.values["InProgressDate"] for each in leaves(record)]
    return min((date for date in started if date), default=None)


def last_end(record: Record) -> str | None:
    """Return when the last leaf was accepted, once all are."""
    ended = [each.values["AcceptedDate"] for each in leaves(record)]
    return max(ended) if ended and all(ended) else None
