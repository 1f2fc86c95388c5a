"""The Rally emulator: an answer to every request, from state in memory."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from weakref import WeakKeyDictionary

from ..exchange import Answer, Incoming
from . import ready
from .acting import Actors, Common
from .attachments import Attachments
from .auth import Door
from .conflicts import Conflicts
from .dates import START
from .deletion import RecycleBin
from .families import Families
from .faults.effects import Outcome
from .faults.reading import read
from .line import Line, Stay
from .lines import Lines
from .listing import Listing
from .parameters import LARGEST_PAGE, Call, taken_apart
from .ready import Ready
from .revisions import Revisions
from .seeding.everything import seeded
from .service import Service
from .statistics import ADDRESS, statistics
from .table.people import USER
from .table.places import PROJECT


class RallyEmulator:
    """Stands in for Rally's web services: one subscription, one workspace, its users.

    The same options give the same bytes: ids, dates and tokens come from `seed` and `clock`.
    `clock` is a fixed instant, which moves on by a millisecond per change, or a function that
    tells the true time. A request takes `latency` seconds and `per_object` for each object that
    it returns (a write: one); `concurrency` are served at once per user, others wait in line.
    `base_url` (scheme and host) stands in all references; without it they repeat the Host header,
    over plain HTTP. `unstable_ties` gives equal results another order on every page, which is
    what a server may do whose caller left the order open. A fetch fills `fetch_depth` levels of
    objects; what they refer to are bare shells. `faults` is described in `faults.reading`; a bad
    list is a ValueError. With `conflicts` a write fails that overlaps another one on an object or
    its parent. With `roll_up` a story takes its schedule state and its estimate from its
    children. A token for writes expires after `token_seconds`. `extensions` are those that an
    attachment may have. Of a list at most `largest_page` objects come in one answer, however many
    are asked for. Writes by `read_only_api_key` are answered with 401. `accounts` are the
    names of further users by their API keys: of those that there are, whose password is the same,
    and whose permissions say what they see and write; a missing right, or a closed project, is
    an error in a 200 answer, with `forbidden_as_403` a page with that status.
    """

    def __init__(
        self,
        *,
        tickets: int = 1000,
        seed: int = 0,
        latency: float = 0.0,
        per_object: float = 0.0,
        concurrency: int = 12,
        clock: datetime | Callable[[], datetime] = START,
        faults: Sequence[object] = (),
        base_url: str | None = None,
        unstable_ties: bool = True,
        fetch_depth: int = 3,
        largest_page: int = LARGEST_PAGE,
        conflicts: bool = False,
        roll_up: bool = False,
        token_seconds: float = math.inf,
        extensions: Sequence[str] | None = None,
        accounts: Mapping[str, str] = MappingProxyType({}),
        forbidden_as_403: bool = False,
        api_key: str = ready.API_KEY,
        read_only_api_key: str = ready.READ_ONLY_API_KEY,
        username: str = ready.USERNAME,
        password: str = ready.PASSWORD,
    ) -> None:
        _check(tickets=tickets, latency=latency, per_object=per_object)
        _check_counts(concurrency=concurrency, fetch_depth=fetch_depth, largest_page=largest_page)
        self._latency = latency
        self._per_object = per_object
        self._largest_page = largest_page
        self._base_url = None if base_url is None else base_url.rstrip("/")
        self._lock = threading.Lock()
        self._lines = Lines(concurrency)
        self._conflicts = Conflicts(enabled=conflicts)
        self._stays: WeakKeyDictionary[Answer, tuple[Line, Stay]] = WeakKeyDictionary()

        store = seeded(clock, tickets=tickets, seed=seed, username=username)
        store.chronicle = Revisions(store, store.records([USER])[0])
        families = Families(store, enabled=roll_up)
        families.begin()
        common = Common(
            store,
            Listing(store, stable=not unstable_ties),
            self._conflicts,
            Attachments(store, extensions),
            RecycleBin(store),
            families,
        )
        actors = Actors(store, common.acting)
        actors.expect(username, *accounts.values())
        self._door = Door(
            keys={api_key: username, read_only_api_key: username, **accounts},
            read_only_key=read_only_api_key,
            is_user=actors.is_user,
            password=password,
            token_seconds=token_seconds,
            # Of its own, so that who logs in how changes nothing about the data.
            chance=random.Random(f"door {seed}"),  # noqa: S311 - opens nothing but this
        )
        self._service = Service(
            store,
            self._door,
            actors.acting,
            fetch_depth=fetch_depth,
            forbidden_as_403=forbidden_as_403,
        )
        self._script = read(faults, store)
        self.ready = Ready(
            api_key=api_key,
            read_only_api_key=read_only_api_key,
            username=username,
            password=password,
            workspace=store.workspace.values["Name"],
            project=store.records([PROJECT])[0].values["Name"],
        )

    def answer(self, request: Incoming, now: float) -> Answer:
        """Carry out a request that arrives now; the change is made before this returns."""
        with self._lock:
            call = taken_apart(request, self._largest_page)
            if call.path == ADDRESS:
                served = statistics(self._lines, call.method, now)
                return Answer(served.status, served.headers, served.body)
            line = self._lines.of(self._door.user(call))
            self._conflicts.start(line.begin(now))
            return self._in_line(line, call, self._outcome(call, now), now)

    def left(self, answer: Answer, now: float) -> None:
        """Free the place of a caller who hung up before the answer was complete."""
        with self._lock:
            if answer in self._stays:
                line, stay = self._stays.pop(answer)
                line.leave(stay, now)

    def _outcome(self, call: Call, now: float) -> Outcome:
        subject = self._service.subject(call)
        carry_out = partial(self._service.carry_out, call, subject, self._origin(call), now)
        effect = self._script.effect(subject)
        return Outcome(carry_out()) if effect is None else effect(carry_out, subject)

    def _in_line(self, line: Line, call: Call, outcome: Outcome, now: float) -> Answer:
        served = outcome.served
        objects = max(served.objects, 1) if call.is_write else served.objects
        seconds = self._latency + self._per_object * objects + outcome.delay
        stay = line.arrive(seconds, now)
        self._conflicts.finish(stay.end)
        answer = Answer(
            served.status, served.headers, served.body, max(0.0, stay.end - now), outcome.cut
        )
        self._stays[answer] = line, stay
        return answer

    def _origin(self, call: Call) -> str:
        host = call.headers.get("host", "localhost")
        return self._base_url or f"http://{host}"


def _check_counts(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be 1 or more, not {count}")


def _check(**amounts: float) -> None:
    for name, amount in amounts.items():
        if not math.isfinite(amount) or amount < 0:
            raise ValueError(f"{name} must be 0 or more, not {amount}")
