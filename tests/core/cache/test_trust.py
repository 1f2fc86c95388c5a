"""What is owed by a store, and when it is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from twofold.core.cache.asides import LONGEST, Asides
from twofold.core.cache.invalidation import wanted, within, written
from twofold.core.cache.keys import key
from twofold.core.cache.statistics import Counters
from twofold.core.cache.trust import MOST, REST, Trust
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request, Safety
from twofold.core.store.removal import Kind, Removal, of_key, of_prefix, of_tag
from twofold.core.text.headers import Headers
from twofold.errors import StoreError
from twofold.events import CacheOutcome

HOME = Origin("https", "api.example", 443)
WRITE = Request("PUT", HOME, "/api/thing?x=1")


def test_what_is_owed_stays_until_it_is_settled_each_once() -> None:
    """Invariant 9.4"""
    trust = Trust()
    trust.owe((of_key("a"), of_key("b")))
    trust.owe((of_key("a"),))
    assert owed(trust) == [of_key("a"), of_key("b")]
    trust.settled(trust.owed[0])
    assert owed(trust) == [of_key("b")]


def owed(trust: Trust) -> list[Removal]:
    return [debt.removal for debt in trust.owed]


def test_what_is_owed_again_while_it_is_taken_out_is_taken_out_again() -> None:
    """Invariant 9.4"""
    trust = Trust()
    trust.owe((of_key("a"),))
    (first,) = trust.owed
    trust.owe((of_key("a"),))
    trust.settled(first)
    assert owed(trust) == [of_key("a")]


def test_many_debts_become_one_for_everything() -> None:
    trust = Trust()
    trust.owe(tuple(of_key(str(number)) for number in range(MOST + 1)))
    assert owed(trust) == [Removal(Kind.ALL)]


def test_a_store_that_failed_rests_and_one_that_is_locked_does_not() -> None:
    trust = Trust()
    trust.failed(StoreError("locked", transient=True), 10.0)
    assert not trust.rests(10.0)
    trust.failed(OSError("gone"), 10.0)
    assert trust.rests(10.0 + REST / 2)
    assert not trust.rests(10.0 + REST)
    assert not trust.rests(1.0)  # the clock has gone back


def test_one_at_a_time_confirms_a_key_and_none_for_ever() -> None:
    asides = Asides()
    assert asides.begin("a", 0.0)
    assert not asides.begin("a", 1.0)
    assert asides.begin("b", 1.0)
    asides.end("a")
    assert asides.begin("a", 2.0)
    assert asides.begin("a", 2.0 + LONGEST)


@pytest.mark.parametrize(
    ("reference", "place"),
    [
        ("/other", "https://api.example/other"),
        ("other?y=2", "https://api.example/api/other?y=2"),
        ("https://api.example:443/x", "https://api.example/x"),
        ("https://api.example:444/x", None),
        ("http://api.example/x", None),
        ("https://other.example/x", None),
        ("https://user:secret@api.example/x", None),
        ("https://[", None),
        ("mailto:x@y", None),
        ("/with blank", None),
    ],
)
def test_a_place_of_the_same_origin_is_taken_out_too(reference: str, place: str | None) -> None:
    assert within(WRITE, reference) == place


def test_a_write_makes_its_place_out_of_date_and_what_bears_its_tags() -> None:
    endpoint: Endpoint[Any] = Endpoint(
        "test.put", "PUT", "/", Reply.json, Safety.ONCE, invalidates=("many",)
    )
    reply = Reply(201, Headers((("Location", "/new"), ("Content-Location", "/new"))), b"", WRITE)
    assert written(Operation(endpoint), WRITE, reply, "me") == (
        of_key(key("me", WRITE.url)),
        of_key(key("me", "https://api.example/new")),
        of_tag("me", "many"),
    )
    assert written(Operation(endpoint), WRITE, None, "me")[0] == of_key(key("me", WRITE.url))


def test_a_prefix_lies_below_the_clients_address_unless_it_is_a_whole_one() -> None:
    base = "https://api.example/v3"
    assert wanted("me", base, None, None, "/repos") == (of_prefix("me", f"{base}/repos"),)
    assert wanted("me", base, None, None, "https://x/") == (of_prefix("me", "https://x/"),)


def test_hits_are_all_that_were_answered_with_a_stored_body() -> None:
    counters = Counters()
    for outcome in CacheOutcome:
        counters.answered(outcome)
    counters.add("bytes_saved", 7)
    read = counters.read()
    assert (read.hits, read.misses, read.bytes_saved) == (4, 1, 7)
