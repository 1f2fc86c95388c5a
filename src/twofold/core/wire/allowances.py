"""What an answer tells of its server's limits, however it spells them.

Of several spellings the first that says something is read: `RateLimit` with `RateLimit-Policy`
(IETF httpapi, draft 11, and the dictionary of draft 7); `RateLimit-Limit`, `-Remaining`, `-Reset`
of older drafts; the same with `X-RateLimit-` or `X-Rate-Limit-`, as GitHub and others send them.
Any bytes may stand there: what makes no sense is as good as not said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

import attrs

from ..policy.bucket import Heard
from ..request import Reply
from ..text.headers import Pairs
from ..text.retry_after import bounded, http_date, number, retry_after
from ..text.structured import Bare, Item, items

FIGURES = ("limit", "remaining", "used", "reset")

OLDER = tuple(
    tuple(f"{prefix}-{figure}" for figure in FIGURES)
    for prefix in ("ratelimit", "x-ratelimit", "x-rate-limit")
)

MENTIONED = frozenset(
    {"ratelimit", "ratelimit-policy", "retry-after", "retry-after-ms", "x-ratelimit-resource"}
    | {name for names in OLDER for name in names}
)

# Statuses that may mean it: 403 and 503 only if there is a hint.
ASKING = frozenset({403, 429, 503})

DICTIONARY = re.compile(r"\b(limit|remaining|reset)=(\d{1,12})(?![\d.])", re.ASCII)

# From here on (it was in 2001) a number is a moment since 1970; below, it is seconds from now.
A_MOMENT = 1e9

# Digits; more are no number that a limit could have.
LONGEST = 12

# What may follow a number: other numbers, and parameters.
MORE = re.compile("[,;]")

SILENT = Heard()

# One Date comes with all the answers of a second, and reading it takes longer than all the rest.
moment_of = lru_cache(maxsize=64)(http_date)


def heard(reply: Reply) -> Heard | None:
    """Return what an answer says of a limit; None if it says nothing."""
    fields = mentioned(reply.headers.pairs)
    if not fields and reply.status != 429:
        return None
    said = figures(fields, reply) if fields else SILENT
    if reply.status in ASKING:
        hint = retry_after(reply.headers, reply.wall)
        if is_throttled(reply.status, hint, said):
            if hint is None and not said.remaining:
                hint = said.reset
            return attrs.evolve(said, closed=hint, throttled=True)
    return None if said is SILENT else said


class Spellings(dict[str, str]):
    """Field names as servers spell them: what they mean here, or nothing.

    To look one up takes half the time of comparing it, and most answers have only others.
    """

    def __missing__(self, name: str) -> str:
        lower = name.lower()
        known = lower if lower in MENTIONED else ""
        if len(self) < MOST_SPELLINGS:
            self[name] = known
        return known


SPELLINGS = Spellings()
MOST_SPELLINGS = 1000


def mentioned(pairs: Pairs) -> dict[str, str]:
    """Return the fields that are about limits, by lower-case name."""
    found: dict[str, str] = {}
    for known, value in [(known, value) for name, value in pairs if (known := SPELLINGS[name])]:
        found[known] = f"{found[known]}, {value}" if known in found else value
    return found


def is_throttled(status: int, hint: float | None, said: Heard) -> bool:
    """Tell whether a request was refused for want of allowance, not for what it asked."""
    if status == 403:  # at GitHub a limit that is used up, but also a right that is missing
        return hint is not None or said.remaining == 0
    return status == 429 or hint is not None


def figures(fields: Mapping[str, str], reply: Reply) -> Heard:
    """Return the figures of the first spelling that has any."""
    said = standard(fields)
    for names in OLDER:
        if said is SILENT and not fields.keys().isdisjoint(names):
            said = older(fields, names, reply)
    return said


def standard(fields: Mapping[str, str]) -> Heard:
    """Read `RateLimit: "name";r=50;t=30` beside `RateLimit-Policy: "name";q=100;w=60`.

    Of several limits the one with the least left is taken; those that do not count requests are
    none of ours.  `pk` says whom a limit counts, which here is one account anyway.
    """
    text = fields.get("ratelimit")
    if text is None:
        return SILENT
    policies = {item.value: item.parameters for item in items(fields.get("ratelimit-policy", ""))}
    said = [allowance(item, policies.get(item.value, {})) for item in items(text)]
    counted = [(one.remaining, one) for one in said if one.remaining is not None]
    return min(counted, key=itemgetter(0))[1] if counted else dictionary(text)


def allowance(item: Item, policy: Mapping[str, Bare]) -> Heard:
    if policy.get("qu", "requests") != "requests":
        return SILENT
    reset = whole(item.parameters.get("t"))
    return Heard(
        limit=whole(policy.get("q")),
        remaining=whole(item.parameters.get("r")),
        # Where it is not said when, it is within the window.
        reset=ahead(whole(policy.get("w")) if reset is None else reset),
    )


def dictionary(text: str) -> Heard:
    """Read `RateLimit: limit=100, remaining=50, reset=5`."""
    said = {key: int(value) for key, value in DICTIONARY.findall(text)}
    if not said:
        return SILENT
    return Heard(
        limit=said.get("limit"), remaining=said.get("remaining"), reset=ahead(said.get("reset"))
    )


def older(fields: Mapping[str, str], names: Sequence[str], reply: Reply) -> Heard:
    """Read three or four fields, of which each may say more than a number: `100, 100;w=60`."""
    limit, remaining, used, reset = [first_number(fields.get(name)) for name in names]
    if remaining is None and limit is not None and used is not None:
        remaining = max(0.0, limit - used)
    if remaining is None and reset is None:
        return SILENT
    return Heard(
        bucket=fields.get("x-ratelimit-resource"),
        limit=None if limit is None else int(limit),
        remaining=None if remaining is None else int(remaining),
        reset=None if reset is None else ahead(seconds_until(reset, reply)),
    )


def first_number(text: str | None) -> float | None:
    if text is None:
        return None
    return short_number(text) if len(text) <= LONGEST else number(MORE.split(text, 1)[0])


@lru_cache(maxsize=1024)
def short_number(text: str) -> float | None:
    """Read what nearly all are; a limit and its reset are the same in answer after answer."""
    if text.isascii() and text.isdigit():
        return float(text)
    return number(MORE.split(text, 1)[0])


def seconds_until(reset: float, reply: Reply) -> float:
    """Return the seconds to a reset that is told as seconds from now, or as a moment.

    A moment is compared with the answer's Date where there is one: our clock may be wrong.
    """
    if reset < A_MOMENT:
        return reset
    for name, value in reply.headers.pairs:
        if len(name) == len("date") and name.lower() == "date":
            answered = moment_of(value)
            return reset - (reply.wall if answered is None else answered)
    return reset - reply.wall


def ahead(seconds: float | None) -> float | None:
    """Leave out what has passed, and what is too far off to be meant."""
    return None if seconds is None else bounded(float(seconds)) or None


def whole(value: Bare | None) -> int | None:
    """Return a number of a structured field that something can be counted by."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if value >= 0 else None
