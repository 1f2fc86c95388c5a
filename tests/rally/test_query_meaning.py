"""What an expression means: the emulator's rows are those of a naive evaluation in Python."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from twofold.emulators.rally.dates import Calendar
from twofold.emulators.rally.element_types import concrete
from twofold.emulators.rally.model import Record
from twofold.emulators.rally.query.comparison import Comparison
from twofold.emulators.rally.query.grammar import parse
from twofold.emulators.rally.query.predicate import accepting
from twofold.emulators.rally.store import Store
from twofold.rally.models import Reference
from twofold.rally.query.expression import Query
from twofold.rally.query.fields import Field, Q
from twofold.rally.query.values import today

(STORY,), (USER,), (ITERATION,) = map(concrete, ("hierarchicalrequirement", "user", "iteration"))

NAMES = ["", "a", "A", "ab", 'say "no"', "b\\", "(a) AND (b)", "a,b", "null", "100% Grüße", "x\ny"]
STATES = ("Defined", "In-Progress", "Completed", "Accepted")
NOW = "2026-01-14T00:00:00.000Z"
DAYS = {-1: "2026-01-13T08:00:00.000Z", 0: NOW, 3: "2026-01-17T00:00:00.000Z"}

Row = Mapping[str, Any]
Test = Callable[[Row], bool]


@attrs.frozen
class Meant:
    """A query, what it is to mean, and what its opposite is to mean."""

    query: Query
    holds: Test
    fails: Test

    def __and__(self, other: Meant) -> Meant:
        return Meant(
            self.query & other.query,
            lambda row: self.holds(row) and other.holds(row),
            lambda row: self.fails(row) or other.fails(row),
        )

    def __or__(self, other: Meant) -> Meant:
        return Meant(
            self.query | other.query,
            lambda row: self.holds(row) or other.holds(row),
            lambda row: self.fails(row) and other.fails(row),
        )

    def __invert__(self) -> Meant:
        return Meant(~self.query, self.fails, self.holds)


def plain(query: Query, holds: Test) -> Meant:
    """A condition that every value either meets or not, an empty one too."""
    return Meant(query, holds, lambda row: not holds(row))


def ordinal(query: Query, key: Callable[[Row], Any], holds: Callable[[Any], bool]) -> Meant:
    """A condition that no empty value meets, nor its opposite."""
    return Meant(
        query,
        lambda row: key(row) is not None and holds(key(row)),
        lambda row: key(row) is not None and not holds(key(row)),
    )


def of_text(field: Field, key: Callable[[Row], str | None]) -> st.SearchStrategy[Meant]:
    names = st.sampled_from(NAMES)
    return st.one_of(
        names.map(lambda name: plain(field == name, lambda row: (key(row) or "") == name)),
        names.map(lambda name: plain(field != name, lambda row: (key(row) or "") != name)),
        names.map(
            lambda name: plain(
                field.contains(name), lambda row: name.casefold() in (key(row) or "").casefold()
            )
        ),
        st.lists(names, min_size=1, max_size=4).map(
            lambda some: plain(field.in_(some), lambda row: (key(row) or "") in some)
        ),
        st.just(plain(field.is_null(), lambda row: not key(row))),
    )


points = st.integers(-1, 4)
OF_POINTS = st.one_of(
    points.map(lambda most: ordinal(Q.points < most, points_of, lambda own: own < most)),
    points.map(lambda least: ordinal(Q.points >= least, points_of, lambda own: own >= least)),
    points.map(lambda much: plain(Q.points == much, lambda row: points_of(row) == much)),
    st.tuples(points, points).map(
        lambda ends: Meant(
            Q.points.between(*ends),
            lambda row: points_of(row) is not None and ends[0] <= points_of(row) <= ends[1],
            lambda row: points_of(row) is not None and not ends[0] <= points_of(row) <= ends[1],
        )
    ),
)
OF_STATE = st.sampled_from(STATES).flatmap(
    lambda state: st.sampled_from(
        [
            plain(Q.schedule_state == state, lambda row: row["state"] == state),
            ordinal(Q.schedule_state > state, place_of, lambda own: own > STATES.index(state)),
            ordinal(Q.schedule_state <= state, place_of, lambda own: own <= STATES.index(state)),
        ]
    )
)
OF_DAY = st.integers(-3, 5).flatmap(
    lambda days: st.sampled_from(
        [
            ordinal(Q.in_progress_date >= today + days, day_of, lambda own: own >= days),
            ordinal(Q.in_progress_date < today + days, day_of, lambda own: own < days),
        ]
    )
)
OF_OWNER = st.integers(0, 2).map(
    lambda who: plain(Q.owner == USERS[who], lambda row: row["owner"] == who)
)
OF_FLAG = st.booleans().map(
    lambda flag: plain(Q.blocked == flag, lambda row: row["blocked"] is flag)
)


def points_of(row: Row) -> Any:
    return row["points"]


def place_of(row: Row) -> int:
    return STATES.index(row["state"])


def day_of(row: Row) -> float | None:
    return None if row["day"] is None else row["day"] + (1 / 3 if row["day"] < 0 else 0)


rows = st.fixed_dictionaries(
    {
        "name": st.sampled_from(NAMES),
        "points": st.none() | st.integers(0, 3),
        "state": st.sampled_from(STATES),
        "day": st.none() | st.sampled_from(sorted(DAYS)),
        "owner": st.none() | st.integers(0, 1),
        "iteration": st.none() | st.sampled_from([name for name in NAMES if name]),
        "blocked": st.booleans(),
    }
)

store = Store(Calendar(), random.Random(0))
PEOPLE = [store.add(USER, {"UserName": f"u{number}"}) for number in range(3)]
USERS: list[Reference] = [Reference(ref=f"/user/{record.oid}") for record in PEOPLE]
SPRINTS = {name: store.add(ITERATION, {"Name": name}) for name in NAMES}


def stored(row: Row) -> Record:
    """Return a row as a record of the emulator's, of no store: nothing else refers to it."""
    values: dict[str, Any] = {
        "Name": row["name"],
        "PlanEstimate": row["points"],
        "ScheduleState": row["state"],
        "InProgressDate": None if row["day"] is None else DAYS[row["day"]],
        "Owner": None if row["owner"] is None else PEOPLE[row["owner"]],
        "Iteration": None if row["iteration"] is None else SPRINTS[row["iteration"]],
        "Blocked": row["blocked"],
    }
    return Record(STORY, 1, "", STORY.stored | values)


leaves = st.one_of(
    of_text(Q.name, lambda row: row["name"]),
    of_text(Q.iteration.name, lambda row: row["iteration"]),
    *(OF_POINTS, OF_STATE, OF_DAY, OF_OWNER, OF_FLAG),
)
meanings = st.recursive(
    leaves,
    lambda each: st.one_of(
        st.tuples(each, each).map(lambda two: two[0] & two[1]),
        st.tuples(each, each).map(lambda two: two[0] | two[1]),
        each.map(lambda one: ~one),
    ),
    max_leaves=8,
)


@given(meant=meanings, found=st.lists(rows, min_size=1, max_size=8))
def test_the_server_finds_what_python_would(meant: Meant, found: list[Row]) -> None:
    accepts = accepting(parse(str(meant.query)), STORY, Comparison(store))
    assert [accepts(stored(row)) for row in found] == [meant.holds(row) for row in found]
    again = accepting(parse(str(Query.parse(str(meant.query)))), STORY, Comparison(store))
    assert [again(stored(row)) for row in found] == [meant.holds(row) for row in found]
