"""The cookies of one server, in memory: what it sets, replaces and deletes (RFC 6265).

They are for the origin that set them, whatever `Domain` says: whoever signs requests sees to that.
How long one lasts is the server's affair; here it lasts until it is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import attrs

from ..core.request import Reply
from ..core.text.headers import NAME, Pairs
from ..core.text.retry_after import http_date

SESSION = "JSESSIONID"

# RFC 6265, 6.1, asks for more in all; servers take 8 KiB of header.
MOST = 20
LONGEST = 4096
LONGEST_OF_ALL = 6144

VALUE = re.compile(r"[ -:<-~]*")
AGE = re.compile(r"-?\d{1,12}", re.ASCII)


def field(cookies: Cookies) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.pairs)


@attrs.frozen
class Cookies:
    """Names and values, the latest last; of the values nothing is shown."""

    pairs: Pairs = attrs.field(default=(), repr=lambda pairs: repr([name for name, _ in pairs]))
    text: str = attrs.field(
        default=attrs.Factory(field, takes_self=True), init=False, eq=False, repr=False
    )
    """What stands in the header field of a request."""

    @property
    def session(self) -> str | None:
        """What names the session on the server; None: there is none."""
        return dict(self.pairs).get(SESSION)

    def after(self, reply: Reply) -> Cookies:
        """Return the cookies as an answer leaves them: these very ones if it changes nothing."""
        said = [value for name, value in reply.headers if name.lower() == "set-cookie"]
        if not said:
            return self
        kept = dict(self.pairs)
        for cookie in map(cookie_in, said):
            if cookie is not None and cookie.covers(reply.request.target):
                cookie.put(kept, reply.wall)
        pairs = bounded(kept)
        return self if pairs == self.pairs else Cookies(pairs)


@attrs.frozen
class Cookie:
    """One `Set-Cookie` field."""

    name: str
    value: str = attrs.field(repr=False)
    attributes: Mapping[str, str]

    def covers(self, target: str) -> bool:
        """Tell whether it is for a place on its server (5.1.4); without `Path` it is for all."""
        path, place = self.attributes.get("path", ""), target.partition("?")[0]
        if not path.startswith("/"):
            return True
        return place == path or place.startswith(path if path.endswith("/") else f"{path}/")

    def put(self, kept: dict[str, str], wall: float) -> None:
        """Set it, or delete what has its name; one that stays as it was keeps its place."""
        if self.is_over(wall):
            kept.pop(self.name, None)
        elif kept.get(self.name) != self.value:
            kept.pop(self.name, None)
            kept[self.name] = self.value

    def is_over(self, wall: float) -> bool:
        """Tell whether it is deleted: `Max-Age` comes before `Expires` (5.3)."""
        age = self.attributes.get("max-age", "")
        if AGE.fullmatch(age):
            return int(age) <= 0
        ends = http_date(self.attributes.get("expires"))
        return ends is not None and ends <= wall


def cookie_in(said: str) -> Cookie | None:
    """Read a `Set-Cookie` field (5.2); None: it is none, or nothing that we would send back."""
    first, *rest = said.split(";")
    name, sign, value = (part.strip() for part in first.partition("="))
    if not sign or not NAME.fullmatch(name) or not VALUE.fullmatch(value):
        return None
    if len(name) + len(value) > LONGEST:
        return None
    attributes = (part.partition("=") for part in rest)
    return Cookie(name, value, {key.strip().lower(): text.strip() for key, _, text in attributes})


def bounded(kept: Mapping[str, str]) -> Pairs:
    """Leave out the oldest if there are too many, or too much in all; the session stays."""
    pairs = list(kept.items())
    while len(pairs) > MOST or size(pairs) > LONGEST_OF_ALL:
        pairs.remove(next(pair for pair in pairs if pair[0] != SESSION))
    return tuple(pairs)


def size(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(len(name) + len(value) for name, value in pairs)
