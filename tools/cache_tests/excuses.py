"""Which required tests a private client cache need not pass, and by which sentence of RFC 9111.

A test in this list that passes fails the run, as does one that fails and is not in it.
"""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Excuse:
    """Some tests, and why they may fail."""

    tests: tuple[str, ...]
    because: str
    section: str
    sentence: str
    engine: str | None = None
    """The engine with which they fail; None: any."""
    store: str | None = None
    """The store with which they fail; None: any."""
    stale: bool = False
    """Whether they fail only with a client that may use what is stale."""

    def holds(self, engine: str, store: str, *, stale: bool) -> bool:
        return (
            self.engine in (None, engine)
            and self.store in (None, store)
            and self.stale in (False, stale)
        )


OPTIONAL = (
    "Therefore, HTTP cache requirements are focused on preventing a cache from either storing a "
    "non-reusable response or reusing a stored response inappropriately, rather than mandating "
    "that caches always store and reuse particular responses."
)

EXCUSES = (
    Excuse(
        tests=(
            "freshness-s-maxage-shared",
            "freshness-max-age-s-maxage-shared-longer",
            "freshness-max-age-s-maxage-shared-longer-reversed",
            "freshness-max-age-s-maxage-shared-longer-multiple",
        ),
        because="`s-maxage` is for shared caches; ours serves one account.",
        section="5.2.2.10",
        sentence=(
            "The s-maxage response directive indicates that, for a shared cache, the maximum age "
            "specified by this directive overrides the maximum age specified by either the max-age "
            "directive or the Expires header field."
        ),
    ),
    Excuse(
        tests=("cc-resp-private-shared",),
        because="`private` keeps shared caches out; ours may store the answer.",
        section="5.2.2.7",
        sentence=(
            "The unqualified private response directive indicates that a shared cache MUST NOT "
            "store the response (i.e., the response is intended for a single user)."
        ),
    ),
    Excuse(
        tests=("other-authorization",),
        because="What was answered to an account's credentials is used for that account only.",
        section="3.5",
        sentence=(
            "A shared cache MUST NOT use a cached response to a request with an Authorization "
            "header field (Section 11.6.2 of [HTTP]) to satisfy any subsequent request unless the "
            "response contains a Cache-Control field with a response directive (Section 5.2.2) "
            "that allows it to be stored by a shared cache, and the cache conforms to the "
            "requirements of that directive for that response."
        ),
    ),
    Excuse(
        tests=(
            "surrogate-max-age-0-expires",
            "surrogate-max-age-long-cc-max-age",
            "surrogate-no-store-cc-fresh",
        ),
        because="`Surrogate-Control` is for caches in front of a server; the RFC does not know it.",
        section="4.2.1",
        sentence=(
            "A cache can calculate the freshness lifetime (denoted as freshness_lifetime) of a "
            "response by evaluating the following rules and using the first match:"
        ),
    ),
    Excuse(
        tests=("surrogate-fresh-cc-nostore",),
        because="`no-store` forbids what `Surrogate-Control` is to allow.",
        section="5.2.2.5",
        sentence=(
            "The no-store response directive indicates that a cache MUST NOT store any part of "
            "either the immediate request or the response and MUST NOT use the response to satisfy "
            "any other request."
        ),
    ),
    Excuse(
        tests=(
            "age-parse-prefix-twoline",
            "age-parse-dup-0",
            "age-parse-dup-0-twoline",
            "age-parse-dup-old",
        ),
        because="The first `Age` is used; the tests want the answer to be stale.",
        section="5.1",
        sentence=(
            "Although it is defined as a singleton header field, a cache encountering a message "
            "with a list-based Age field value SHOULD use the first member of the field value, "
            "discarding subsequent ones."
        ),
    ),
    Excuse(
        tests=(
            "age-parse-nonnumeric",
            "age-parse-negative",
            "age-parse-float",
            "age-parse-parameter",
            "age-parse-numeric-parameter",
        ),
        because="An invalid `Age` is ignored; the tests want the answer to be stale.",
        section="5.1",
        sentence=(
            "If the field value (after discarding additional members, as per above) is invalid "
            "(e.g., it contains something other than a non-negative integer), a cache SHOULD "
            "ignore the field."
        ),
    ),
    Excuse(
        tests=("304-etag-update-response-ETag",),
        because=(
            "The 304 bears another `ETag`: it says nothing of what is stored, which is asked for "
            "anew, in full."
        ),
        section="4.3.4",
        sentence=(
            "If none of the initial set contains at least one of the same strong validators, then "
            "the cache MUST NOT use the new response to update any stored responses."
        ),
    ),
    Excuse(
        tests=("partial-use-headers",),
        because="Parts of answers are not stored.",
        section="3.3",
        sentence=(
            "However, a cache MUST NOT store incomplete or partial-content responses if it does "
            "not support the Range and Content-Range header fields or if it does not understand "
            "the range units used in those fields."
        ),
    ),
    Excuse(
        tests=("conditional-304-etag", "conditional-etag-precedence"),
        because="Who makes a request conditional himself gets the server's own answer.",
        section="2",
        sentence=OPTIONAL,
    ),
    Excuse(
        tests=("headers-store-Transfer-Encoding",),
        because=(
            "Where a body in an unknown transfer coding ends cannot be known, so the engine "
            "refuses the answer: nothing is stored."
        ),
        section="2",
        sentence=OPTIONAL,
    ),
    Excuse(
        tests=(
            "headers-store-Content-Encoding",
            "headers-store-Content-Length",
            "304-etag-update-response-Content-Encoding",
            "304-etag-update-response-Content-Length",
        ),
        because=(
            "The server says a wrong length, or a content coding that nobody asked for; this "
            "engine refuses such an answer: nothing is stored."
        ),
        section="2",
        sentence=OPTIONAL,
        engine="direct",
    ),
    Excuse(
        tests=("headers-store-Set-Cookie", "304-etag-update-response-Set-Cookie"),
        because="A file holds no secrets: `Set-Cookie` is left out.",
        section="7.3",
        sentence=(
            "Implementation and deployment flaws (often led to by the misunderstanding of cache "
            "operation) might lead to the caching of sensitive information (e.g., authentication "
            "credentials) that is thought to be private, exposing it to unauthorized parties."
        ),
        store="sqlite",
    ),
    Excuse(
        tests=("stale-close-proxy-revalidate",),
        because="With `stale_if_error`: `proxy-revalidate` forbids it to shared caches.",
        section="5.2.2.8",
        sentence=(
            "This is analogous to must-revalidate (Section 5.2.2.2), except that proxy-revalidate "
            "does not apply to private caches."
        ),
        stale=True,
    ),
    Excuse(
        tests=("stale-close-s-maxage=2",),
        because="With `stale_if_error`: `s-maxage` forbids it to shared caches.",
        section="5.2.2.10",
        sentence=(
            "A shared cache MUST NOT reuse a stale response with s-maxage to satisfy another "
            "request until it has been successfully validated by the origin, as defined by "
            "Section 4.3."
        ),
        stale=True,
    ),
)


def excused(engine: str, store: str, *, stale: bool = False) -> dict[str, Excuse]:
    """Return the excuses that hold for a run, by test."""
    return {
        test: excuse
        for excuse in EXCUSES
        if excuse.holds(engine, store, stale=stale)
        for test in excuse.tests
    }
