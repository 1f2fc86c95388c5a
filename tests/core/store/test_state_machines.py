"""What a store holds, beside a model that looks through everything, one by one."""

from __future__ import annotations

import sqlite3
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from twofold.core.store.entry import Entry, Usage
from twofold.core.store.lru import LRU
from twofold.core.store.opening import create, prepare
from twofold.core.store.removal import Kind, Removal
from twofold.core.store.rows import Rows

PARTITIONS = ["me", "you", "m"]
URLS = [
    "https://a.example/",
    "https://a.example/items",
    "https://a.example/items/",
    "https://a.example/items/1",
    "https://a.example/items/1?x=/y/z",
    "https://a.example/items_/1%",
    "https://a.example.evil/items/1",
    "https://a.example/ü\U0010ffff",
]
PREFIXES = [
    *URLS,
    "",
    "h",
    "https:/",
    "https://a",
    "https://a.example/items/1?x=/",
    "https://a.example/ü",
]
TAGS = ["a", "b", ""]

entries = st.builds(
    lambda whose, method, url, variant, tags, size: Entry(
        f"{whose}\n{method}\n{url}", variant, url, tags, 200, (), b"x" * size, 0.0, 1.0
    ),
    st.sampled_from(PARTITIONS),
    st.sampled_from(["GET", "HEAD"]),
    st.sampled_from(URLS),
    st.sampled_from(["", "v1", "v2"]),
    st.lists(st.sampled_from(TAGS), max_size=2, unique=True).map(tuple),
    st.sampled_from([0, 300, 900, 4000]),
)
removals = st.one_of(
    st.builds(
        lambda whose, url: Removal(Kind.KEY, "", f"{whose}\nGET\n{url}"),
        st.sampled_from(PARTITIONS),
        st.sampled_from(URLS),
    ),
    st.builds(Removal, st.just(Kind.TAG), st.sampled_from(PARTITIONS), st.sampled_from(TAGS)),
    st.builds(
        Removal, st.just(Kind.PREFIX), st.sampled_from(PARTITIONS), st.sampled_from(PREFIXES)
    ),
    st.builds(Removal, st.just(Kind.PARTITION), st.sampled_from(PARTITIONS)),
    st.just(Removal(Kind.ALL)),
)


def takes(removal: Removal, entry: Entry) -> bool:
    """Tell what a removal takes, said once more."""
    whose, _, url = entry.key.split("\n")
    return {
        Kind.ALL: True,
        Kind.PARTITION: whose == removal.partition,
        Kind.KEY: entry.key == removal.subject,
        Kind.TAG: whose == removal.partition and removal.subject in entry.tags,
        Kind.PREFIX: whose == removal.partition and url[: len(removal.subject)] == removal.subject,
    }[removal.kind]


class Holding(RuleBasedStateMachine):
    """A store and a list, least recently used first."""

    most = 10**9
    store: Any

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Entry] = []
        self.removed: list[Removal] = []
        self.evicted = 0
        self.stamps: list[tuple[int, int]] = []

    @initialize()
    def begin(self) -> None:
        self.take_a_stamp()

    @rule()
    def take_a_stamp(self) -> None:
        self.stamps.append((self.store.stamp(), len(self.removed)))

    @rule(entry=entries, data=st.data())
    def put(self, entry: Entry, data: st.DataObject) -> None:
        stamp, began = data.draw(st.sampled_from(self.stamps))
        self.store.put(entry, stamp)
        if any(takes(removal, entry) for removal in self.removed[began:]):
            return
        same = [one for one in self.held if (one.key, one.variant) == (entry.key, entry.variant)]
        self.held = [one for one in self.held if one not in same]
        if entry.size * 8 <= self.most:
            self.held.append(entry)
            self.use(entry.key)
            while sum(one.size for one in self.held) > self.most:
                self.held.pop(0)
                self.evicted += 1

    @rule(removal=removals)
    def remove(self, removal: Removal) -> None:
        self.take_out(removal)
        self.removed.append(removal)
        self.held = [one for one in self.held if not takes(removal, one)]

    @rule(entry=entries)
    def find(self, entry: Entry) -> None:
        found = self.store.find(entry.key)
        held = [one for one in self.held if one.key == entry.key]
        assert sorted(found, key=lambda one: one.variant) == sorted(
            held, key=lambda one: one.variant
        )
        self.use(entry.key)

    def use(self, key: str) -> None:
        """Of a key that is used, every variant is."""
        self.held.sort(key=lambda one: one.key == key)

    def take_out(self, removal: Removal) -> None:
        self.store.remove(removal)

    @invariant()
    def the_counts_agree(self) -> None:
        size = sum(one.size for one in self.held)
        assert self.store.usage() == Usage(len(self.held), size, self.evicted)


class InMemory(Holding):
    most = 8 * 1600

    def __init__(self) -> None:
        super().__init__()
        self.store = LRU(self.most)

    def teardown(self) -> None:
        """Nothing is left in the index of what is gone."""
        for held in list(self.held):
            self.store.remove(Removal(Kind.KEY, "", held.key))
        assert len(self.store._index) == 0


class InTables(Holding):
    """Without a bound: which of two variants went first is of no interest there."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        create(self.connection)
        prepare(self.connection)
        self.store = Rows(self.connection, self.most)

    def take_out(self, removal: Removal) -> None:
        self.store.remove([removal])

    def teardown(self) -> None:
        self.store.remove([Removal(Kind.ALL)])
        assert self.connection.execute("SELECT count(*) FROM tags").fetchone() == (0,)
        self.connection.close()


TestInMemory = InMemory.TestCase
TestInMemory.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestInTables = InTables.TestCase
TestInTables.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
