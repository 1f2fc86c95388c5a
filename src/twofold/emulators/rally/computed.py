"""The fields that the server computes from others."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .dates import parsed
from .model import Record


def has_parent(record: Record) -> bool:
    return record.values["Parent"] is not None


def children_count(record: Record) -> int:
    return len(record.values["Children"].elements)


def schedule_prefix(record: Record) -> str:
    return str(record.values["ScheduleState"])[:1]


def task_total(field: str) -> Callable[[Record], float]:
    """Return a sum over an item's tasks, in hours."""

    def total(record: Record) -> float:
        tasks: Iterable[Record] = record.values["Tasks"].elements
        return float(sum(task.values[field] or 0 for task in tasks))

    return total


def task_status(record: Record) -> str:
    tasks: list[Record] = list(record.values["Tasks"].elements)
    states = {task.values["State"] for task in tasks}
    if not states:
        return "NONE"
    if states == {"Defined"}:
        return "DEFINED"
    progress = "COMPLETED" if states == {"Completed"} else "IN_PROGRESS"
    return f"{progress}_BLOCKED" if any(task.values["Blocked"] for task in tasks) else progress


def defect_status(record: Record) -> str:
    defects: Iterable[Record] = record.values["Defects"].elements
    closed = [defect.values["State"] == "Closed" for defect in defects]
    if not closed:
        return "NONE"
    if all(closed):
        return "ALL_CLOSED"
    return "SOME_CLOSED" if any(closed) else "NONE_CLOSED"


def planned_points(record: Record) -> float:
    """Return the points of all that is planned into a timebox."""
    planned: Iterable[Record] = record.values["WorkProducts"].elements
    return float(sum(item.values["PlanEstimate"] or 0 for item in planned))


def of_work_product(field: str) -> Callable[[Record], object]:
    """A task takes its timeboxes from what it belongs to."""

    def taken(task: Record) -> object:
        product: Record | None = task.values["WorkProduct"]
        return None if product is None else product.values[field]

    return taken


def test_case_status(record: Record) -> str:
    cases: Iterable[Record] = record.values["TestCases"].elements
    verdicts = [of_last_result("Verdict", None)(case) for case in cases]
    if not verdicts:
        return "NONE"
    if not any(verdicts):
        return "NONE_RUN"
    run = "ALL_RUN" if all(verdicts) else "SOME_RUN"
    return f"{run}_{_passing(verdicts)}"


def _passing(verdicts: list[object]) -> str:
    passed = [verdict == "Pass" for verdict in verdicts if verdict]
    if all(passed):
        return "ALL_PASSING"
    return "SOME_NOT_PASSING" if any(passed) else "NONE_PASSING"


def last_result(case: Record) -> Record | None:
    """Return the result with the latest date."""
    results: list[Record] = list(case.values["Results"].elements)
    return max(results, key=lambda each: (each.values["Date"], each.oid), default=None)


def of_last_result(field: str, none: object) -> Callable[[Record], object]:
    def taken(case: Record) -> object:
        result = last_result(case)
        return none if result is None else result.values[field]

    return taken


def discussion_age(record: Record) -> int | None:
    """Return how many minutes ago the latest comment was made."""
    posts: Iterable[Record] = record.values["Discussion"].elements
    latest = parsed(max((each.values["CreationDate"] for each in posts), default=""))
    now = parsed(record.type.home.now())
    return None if latest is None or now is None else int((now - latest).total_seconds() // 60)


def usage_count(tag: Record) -> int:
    """Return how many work items have a tag."""
    home = tag.type.home
    items = home.records(home.concrete("artifact"))
    return sum(tag in item.values["Tags"].elements for item in items)
