"""What is done with what is stored, against RFC 9111's own words; in invented time."""

from __future__ import annotations

import math
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.cache.decision import Ask, Nothing, Use, decide
from twofold.core.cache.directives import directives
from twofold.core.cache.freshness import freshness
from twofold.core.cache.keys import comparable, fitting, key, selected, variant, varying
from twofold.core.cache.settings import Cache
from twofold.core.cache.storing import kept
from twofold.core.cache.validation import conditional, confirmed, is_same
from twofold.core.cache.wishes import Wishes, of, wishes
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request
from twofold.core.store.entry import Entry
from twofold.core.text.headers import Headers
from twofold.core.text.secrets import Secret
from twofold.errors import ArgumentError
from twofold.events import CacheOutcome

HOME = Origin("https", "api.example", 443)
ASKED = Request("GET", HOME, "/thing")
LOOK = Operation(Endpoint("test.get", "GET", "/thing", lambda reply: reply), "/thing")
T = 1_700_000_000.0
NONE = Wishes()


def date(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


def entry(*headers: tuple[str, str], **facts: Any) -> Entry:
    given: dict[str, Any] = {
        "key": key("me", ASKED.url),
        "variant": "",
        "url": ASKED.url,
        "tags": (),
        "status": 200,
        "headers": headers,
        "body": b"body",
        "requested": T,
        "received": T,
    }
    return Entry(**{**given, **facts})


def answered(*headers: tuple[str, str], status: int = 200, request: Request = ASKED) -> Reply:
    return Reply(status, Headers(headers), b"body", request)


@pytest.mark.parametrize(
    ("headers", "lifetime"),
    [
        ((("Cache-Control", "max-age=60"), ("Expires", date(T + 5))), 60),
        ((("Cache-Control", "s-maxage=60"), ("Expires", date(T + 5)), ("Date", date(T))), 5),
        ((("Expires", date(T + 5)), ("Date", date(T - 5))), 10),
        ((("Expires", date(T + 5)), ("Date", "yesterday")), 5),
        ((("Expires", "0"),), 0),
        ((("Expires", date(T + 5)), ("Expires", date(T + 6))), 0),
        ((("Expires", date(T - 5)), ("Date", date(T))), 0),
        ((("Expires", "Fri, 31 Dec 9999 23:59:59 GMT"),), 2**31),
        ((), None),
    ],
)
def test_the_first_that_is_said_is_the_lifetime(
    headers: tuple[tuple[str, str], ...], lifetime: float | None
) -> None:
    assert freshness(200, headers, T, T).explicit == lifetime


@pytest.mark.parametrize(
    ("status", "changed", "says", "guess"),
    [
        (200, 1000, "", 100),
        (200, 100 * 86400, "", 86400),
        (200, -1000, "", 0),
        (200, 1000, "max-age=5", 0),
        (302, 1000, "", 0),
        (302, 1000, "public", 100),
    ],
)
def test_a_tenth_of_the_time_since_the_last_change_is_a_guess(
    status: int, changed: float, says: str, guess: float
) -> None:
    headers = (("Date", date(T)), ("Last-Modified", date(T - changed)), ("Cache-Control", says))
    assert freshness(status, headers, T, T).heuristic == guess


@given(
    age=st.integers(0, 10_000),
    dated=st.integers(-1000, 10_000),
    delay=st.integers(0, 100),
    resident=st.integers(0, 10_000),
)
def test_the_age_is_that_of_the_standard(age: int, dated: int, delay: int, resident: int) -> None:
    """RFC 9111, 4.2.3, written down as it stands there."""
    response_time, request_time = T, T - delay
    apparent_age = max(0, response_time - (T - dated))
    corrected_age_value = age + (response_time - request_time)
    corrected_initial_age = max(apparent_age, corrected_age_value)
    current_age = corrected_initial_age + resident
    headers = (("Age", str(age)), ("Date", date(T - dated)))
    assert freshness(200, headers, request_time, T).age(T + resident) == current_age


@pytest.mark.parametrize(
    ("said", "seconds"), [("5, 10", 5), ("x, 10", 0), ("-1", 0), ("1.5", 0), ("9" * 40, 2**31)]
)
def test_the_first_age_counts_if_it_is_one(said: str, seconds: float) -> None:
    assert freshness(200, (("Age", said),), T, T).initial_age == seconds


def test_after_the_clock_went_back_no_age_is_known() -> None:
    stored = freshness(200, (("Cache-Control", "max-age=60"),), T, T)
    assert stored.age(T - 1) == 0
    assert stored.age(T - 3600) == math.inf


controls = st.sampled_from(
    [
        "max-age=0",
        "max-age=10",
        "max-age=10, no-cache",
        "max-age=10, must-revalidate",
        "max-age=10, stale-while-revalidate=10",
        "max-age=10, stale-if-error=10",
        "max-age=10, immutable",
        "",
    ]
)
asked = st.sampled_from(
    [
        "",
        "no-cache",
        "max-age=5",
        "min-fresh=5",
        "max-stale",
        "max-stale=5",
        "only-if-cached",
        "max-age=0, max-stale",
        "stale-if-error=20",
    ]
)


@given(controls, asked, st.floats(-100, 100), st.sampled_from([None, 0.0, 20.0]))
def test_what_is_used_is_fresh_or_expressly_allowed_to_be_stale(
    said: str, wish: str, passed: float, own: float | None
) -> None:
    """Invariant 9.2"""
    stored = entry(("Cache-Control", said))
    settings = Cache(ttl={} if own is None else {"test.get": own})
    wished = of(directives(wish))
    decided = decide(stored, wished, settings, T + passed, operation="test.get")
    if not isinstance(decided, Use):
        assert isinstance(decided, Nothing) == wished.only_stored
        return
    lifetime = own if own is not None else stored.freshness.explicit or 0.0
    assert decided.age == stored.freshness.age(T + passed)
    if decided.outcome is CacheOutcome.FRESH:
        assert decided.age < lifetime
        assert decided.by_override == (own is not None)
        assert not wished.confirm
        assert "no-cache" not in said or own is not None
    else:
        assert "must-revalidate" not in said
        assert "no-cache" not in said
        assert "max-stale" in wish or "stale-while-revalidate" in said


@pytest.mark.parametrize(
    ("said", "wish", "passed", "decided"),
    [
        ("max-age=10", "", 9, Use),
        ("max-age=10", "", 10, Ask),
        ("max-age=10, stale-while-revalidate=5", "", 15, Use),
        ("max-age=10, stale-while-revalidate=5", "", 16, Ask),
        ("max-age=10, stale-while-revalidate=5", "max-age=100", 12, Ask),
        ("max-age=10, stale-while-revalidate=x", "", 12, Ask),
        ("max-age=10, stale-while-revalidate=0", "", 10, Ask),
        ("max-age=10, immutable", "max-age=0", 9, Use),
        ("max-age=10, immutable", "no-cache", 9, Ask),
        ("max-age=10", "max-stale=5, max-age=100", 14, Use),
        ("max-age=10", "only-if-cached", 11, Nothing),
        ("max-age=10", "only-if-cached, max-stale", 11, Use),
    ],
)
def test_the_edges_of_using_what_is_stored(
    said: str, wish: str, passed: float, decided: type
) -> None:
    stored = entry(("Cache-Control", said))
    assert type(decide(stored, of(directives(wish)), Cache(), T + passed)) is decided


def test_the_users_word_comes_before_the_servers_and_the_endpoints_after_it() -> None:
    stored, silent = entry(("Cache-Control", "max-age=10")), entry()
    settings = Cache(ttl={"test.get": 100})
    assert isinstance(decide(stored, NONE, settings, T + 50, operation="test.get"), Use)
    assert isinstance(decide(stored, NONE, settings, T + 50, operation="test.other"), Ask)
    assert isinstance(decide(stored, NONE, Cache(), T + 50, ttl=100), Ask)
    assert isinstance(decide(silent, NONE, Cache(), T + 50, ttl=100), Use)


def test_guesses_can_be_switched_off() -> None:
    stored = entry(("Date", date(T)), ("Last-Modified", date(T - 1000)))
    assert isinstance(decide(stored, NONE, Cache(), T + 50), Use)
    assert isinstance(decide(stored, NONE, Cache(heuristic=False), T + 50), Ask)


def keep(reply: Reply, settings: Cache | None = None, **facts: Any) -> Entry | None:
    operation = Operation(
        Endpoint("test.get", "GET", "/thing", lambda reply: reply, **facts), "/thing"
    )
    return kept(operation, ASKED, reply, "me", settings or Cache(), T, T)


STORED = ("Cache-Control", "max-age=60")


@pytest.mark.parametrize(
    ("reply", "is_kept"),
    [
        (answered(STORED), True),
        (answered(("Cache-Control", "private, max-age=60")), True),
        (answered(("Cache-Control", "max-age=60, no-store")), False),
        (answered(("Cache-Control", "max-age=60, No-Store=x")), False),
        (answered(("Cache-Control", "max-age=60, no-store, must-understand")), True),
        (answered(("Cache-Control", "max-age=60, must-understand"), status=299), False),
        (answered(("Vary", "*"), STORED), False),
        (answered(("ETag", '"1"')), True),
        (answered(("Cache-Control", "no-cache"), ("ETag", '"1"')), True),
        (answered(("Cache-Control", "max-age=0")), False),
        (answered(("Cache-Control", "max-age=0, stale-if-error=60")), True),
        (answered(), False),
        (answered(STORED, status=206), False),
        (answered(STORED, status=304), False),
        (answered(STORED, status=302), True),
        (answered(("ETag", '"1"'), status=302), False),
        (answered(STORED, request=Request("GET", HOME, "/elsewhere")), False),
    ],
)
def test_what_is_kept(reply: Reply, is_kept: bool) -> None:
    assert (keep(reply) is not None) == is_kept


def test_a_lifetime_of_the_users_or_the_endpoints_makes_an_answer_worth_keeping() -> None:
    assert keep(answered(), Cache(ttl={"test.get": 5})) is not None
    assert keep(answered(), ttl=5) is not None
    assert keep(answered(("Cache-Control", "no-store")), Cache(ttl={"test.get": 5})) is None


def test_what_belongs_to_the_connection_is_not_kept() -> None:
    made = keep(answered(STORED, ("Connection", "X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "5")))
    assert made is not None
    assert made.headers == (STORED,)


def test_a_question_carries_both_validators() -> None:
    stored = entry(("ETag", 'W/"1"'), ("Last-Modified", date(T)))
    assert conditional(ASKED, stored).headers == (
        ("If-None-Match", 'W/"1"'),
        ("If-Modified-Since", date(T)),
    )
    assert conditional(ASKED, entry(("Last-Modified", "once"))) is ASKED


@pytest.mark.parametrize(
    ("stored", "said", "same"),
    [
        ((("ETag", '"1"'),), (("ETag", '"1"'),), True),
        ((("ETag", 'W/"1"'),), (("ETag", '"1"'),), True),
        ((("ETag", '"1"'),), (("ETag", '"2"'),), False),
        ((("ETag", '"1"'),), (), True),
        ((("Last-Modified", date(T)),), (("Last-Modified", date(T)),), True),
        ((("Last-Modified", date(T)),), (("Last-Modified", date(T - 1)),), False),
    ],
)
def test_a_no_change_speaks_of_what_bears_the_same_validator(
    stored: tuple[tuple[str, str], ...], said: tuple[tuple[str, str], ...], same: bool
) -> None:
    assert is_same(entry(*stored), Headers(said)) == same


def test_a_no_change_brings_fields_and_a_new_age_and_leaves_the_body() -> None:
    stored = entry(
        ("Age", "900"),
        ("Date", date(T - 900)),
        ("ETag", '"1"'),
        ("X-Kept", "1"),
        ("X-Said", "old"),
        ("Content-Length", "4"),
        ("Content-Encoding", "gzip"),
    )
    said = Headers((("X-Said", "new"), ("Content-Length", "0"), ("Connection", "close")))
    made = confirmed(stored, said, T + 100, T + 101)
    assert made.headers == (
        ("ETag", '"1"'),
        ("X-Kept", "1"),
        ("Content-Length", "4"),
        ("Content-Encoding", "gzip"),
        ("X-Said", "new"),
    )
    assert made.body == stored.body
    assert made.freshness.age(T + 101) == 1


def request(*headers: tuple[str, str]) -> Request:
    return Request("GET", HOME, "/thing", headers)


def variants(*languages: str) -> list[Entry]:
    made: list[Entry] = []
    for number, language in enumerate(languages):
        vary = selected(("accept-language",), request(("Accept-Language", language)))
        made.append(
            entry(variant=variant(vary), vary=vary, received=T + number, body=language.encode())
        )
    return made


@pytest.mark.parametrize(
    ("said", "body"), [("de", b"de"), ("fr , en", b"fr,en"), ("it", None), ("DE", None)]
)
def test_a_variant_fits_who_asks_with_the_same_fields(said: str, body: bytes | None) -> None:
    found = fitting(variants("de", "fr,en"), request(("Accept-Language", said)))
    assert (found and found.body) == body


def test_fields_in_several_lines_are_one_list() -> None:
    found = fitting(
        variants("de, en"),
        request(("accept-language", "de"), ("A", "b"), ("Accept-Language", "en")),
    )
    assert found is not None


def test_of_several_that_fit_the_latest_is_used() -> None:
    everyone = entry(body=b"everyone", received=T + 50)
    found = fitting([*variants("de"), everyone], request(("Accept-Language", "de")))
    assert found is everyone


def test_the_names_of_vary_in_any_order_and_case_are_one_variant() -> None:
    one = varying(Headers((("Vary", "Accept, X-Tenant"),)))
    other = varying(Headers((("vary", "x-tenant"), ("Vary", "ACCEPT,,"))))
    assert one == other == ("accept", "x-tenant")


def test_a_missing_field_is_not_an_empty_one() -> None:
    assert comparable(None) != comparable("")


def test_no_secret_is_in_a_key_or_what_is_compared() -> None:
    """Invariant 10.4"""
    plan = ("X-Plan", Secret("_secret-plan"))
    signed = request(("X-Api-Key", "_secret-key"), ("Cookie", "sid=_secret"), ("A", "b"), plan)
    vary = selected(("a", "cookie", "x-api-key", "x-plan"), signed)
    shown = repr(vary) + variant(vary) + key("digest", signed.url)
    assert "secret" not in shown
    assert vary[:-1] == (("a", "=b"), ("cookie", ""), ("x-api-key", ""), ("x-plan", ""))


OTHERS = [
    (),
    (("X-Api-Key", "other"), ("Cookie", "c")),
    (("X-Api-Key", "k"),),
    (("X-Api-Key", "k"), ("Cookie", "c"), ("Authorization", "a")),
    (("Cookie", "k"), ("X-Api-Key", "c")),
]


@pytest.mark.parametrize("vary", ["", "Accept", "X-Api-Key, Cookie"])
@pytest.mark.parametrize("others", OTHERS)
def test_what_was_kept_with_secret_fields_fits_the_very_same_alone(
    vary: str, others: tuple[tuple[str, str], ...]
) -> None:
    """Invariant 9.1"""
    names = varying(Headers((("Vary", vary),)))
    for mine, yours in ((others, SECRETS), (SECRETS, others)):
        kept_for_me = entry(vary=selected(names, request(*mine)))
        assert fitting([kept_for_me], request(*yours)) is None
        assert fitting([kept_for_me], request(*reversed(mine))) is kept_for_me


SECRETS = (("X-Api-Key", "k"), ("Cookie", "c"))


@given(st.text(), st.text(), st.text())
def test_no_two_partitions_share_a_key(mine: str, yours: str, place: str) -> None:
    """Invariant 9.1"""
    if mine != yours and "\n" not in mine + yours:  # a partition is a digest
        assert key(mine, place) != key(yours, place)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"ttl": {"a": -1}}, "ttl"),
        ({"ttl": {"a": math.inf}}, "ttl"),
        ({"ttl": {"a": "60"}}, "ttl"),
        ({"ttl": {1: 60}}, "ttl"),
        ({"ttl": 60}, "ttl"),
        ({"heuristic": 1}, "heuristic"),
        ({"stale_while_revalidate": -1}, "stale_while_revalidate"),
        ({"stale_if_error": math.nan}, "stale_if_error"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": 1.5}, "bytes"),
    ],
)
def test_a_setting_out_of_range_is_refused_by_its_name(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ArgumentError, match=named):
        Cache(**options)


def test_a_request_that_has_a_condition_goes_past_the_cache() -> None:
    assert wishes((("If-None-Match", '"1"'),)).bypass
    assert wishes((("cache-control", "no-store"),)).bypass
    assert not wishes((("Accept", "x"),)).bypass
