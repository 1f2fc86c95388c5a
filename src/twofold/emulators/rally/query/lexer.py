"""Words, quoted values and parentheses of a query."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from ..refused import unexpected, unparsable

_TOKEN = re.compile(
    r"""\s* (?: (?P<paren>[()])
              | "(?P<quoted>[^"\\]*(?:\\.[^"\\]*)*)"
              | (?P<bare>[^\s()"][^\s()]*) )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r'\\(["\\])')


@attrs.frozen
class Token:
    """A parenthesis, a bare word, or a quoted value without its quotes and escapes."""

    text: str
    is_quoted: bool = False
    is_apart: bool = True
    """Whether white space stands on both sides of it."""

    def __str__(self) -> str:
        return f'"{self.text}"'

    def is_word(self, text: str) -> bool:
        return not self.is_quoted and self.text.lower() == text.lower()


END = Token("")


class Tokens:
    """The tokens of a query, read one by one; after the last comes END for ever."""

    def __init__(self, query: str) -> None:
        self._tokens = list(_tokens(query))
        self._place = 0

    def peek(self) -> Token:
        return self._tokens[self._place] if self._place < len(self._tokens) else END

    def take(self) -> Token:
        token = self.peek()
        self._place += 1
        return token

    def expect(self, word: str) -> None:
        token = self.take()
        if not token.is_word(word):
            raise unexpected(f'"{word}"', str(token))


def _tokens(query: str) -> Iterator[Token]:
    place, end = 0, len(query.rstrip())
    while place < end:
        match = _TOKEN.match(query, place)
        if match is None:
            raise unparsable("Error parsing expression -- a quoted value has no end.")
        place = match.end()
        quoted = match["quoted"]
        if quoted is None:
            is_apart = match[0][0].isspace() and query[place : place + 1].isspace()
            yield Token(match["paren"] or match["bare"], is_apart=is_apart)
        else:
            yield Token(_ESCAPED.sub(r"\1", quoted), is_quoted=True)
