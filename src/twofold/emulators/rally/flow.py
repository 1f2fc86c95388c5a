"""Flow states: each belongs to a project and stands for a schedule state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .model import ElementType, Record
from .refused import invalid
from .store import Store
from .table.common import SCHEDULE_STATES
from .table.places import FLOW_STATE


def add_flow_states(store: Store, project: Record, *further: tuple[str, str]) -> None:
    """Give a project one flow state per schedule state; `further` are (name, mapping) pairs."""
    names = [(each, each) for each in SCHEDULE_STATES]
    for name, mapping in further:
        names.insert(SCHEDULE_STATES.index(mapping) + 1, (name, mapping))
    for place, (name, mapping) in enumerate(names):
        values = {"Name": name, "ScheduleStateMapping": mapping, "OrderIndex": place}
        store.add(FLOW_STATE, values | {"Project": project})


def flow_state(project: Record, schedule_state: str) -> Record | None:
    """Return the first flow state of a project that stands for a schedule state."""
    # One without a place stands last.
    states: list[Record] = sorted(
        project.values["FlowStates"].elements,
        key=lambda each: (
            math.inf if each.values["OrderIndex"] is None else each.values["OrderIndex"]
        ),
    )
    fitting = (each for each in states if each.values["ScheduleStateMapping"] == schedule_state)
    return next(fitting, None)


def settled(
    type: ElementType, values: Mapping[str, Any], former: Mapping[str, Any], now: str
) -> dict[str, Any]:
    """Return the states that follow from what is written; `former` are the values until now."""
    if "FlowState" not in type.attributes:
        return {}
    project: Record = values.get("Project") or former["Project"]
    flow: Record | None = values.get("FlowState")
    if flow is not None:
        own = _leading(flow, values, project)
    else:
        own = _following(values, former, project)
    if own.get("FlowState") is not former.get("FlowState"):
        own["FlowStateChangedDate"] = now
    return own


def _leading(flow: Record, values: Mapping[str, Any], project: Record) -> dict[str, Any]:
    """The flow state was written, and the schedule state goes with it."""
    name, state = flow.values["Name"], flow.values["ScheduleStateMapping"]
    if flow.values["Project"] is not project:
        raise invalid(f"FlowState {name} does not belong to project {project.values['Name']}")
    if values.get("ScheduleState", state) != state:
        raise invalid(f"FlowState {name} does not map to ScheduleState {values['ScheduleState']}")
    return {"FlowState": flow, "ScheduleState": state}


def _following(
    values: Mapping[str, Any], former: Mapping[str, Any], project: Record
) -> dict[str, Any]:
    """The flow state goes with the schedule state, unless it fits already."""
    flow: Record | None = former.get("FlowState")
    state: str = values.get("ScheduleState") or former["ScheduleState"]
    fits = (
        flow is not None
        and flow.values["Project"] is project
        and flow.values["ScheduleStateMapping"] == state
    )
    return {"FlowState": flow if fits else flow_state(project, state)}
