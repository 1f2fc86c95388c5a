"""From text to conditions. Groups are strictly binary, everything stands in parentheses.

    group     = "(" condition ")" | "(" group ("AND" | "OR") group ")"
    condition = path operator value

The parser keeps its own stack: clients nest hundreds of groups to list as many ids.
"""

from __future__ import annotations

from typing import Literal

import attrs

from ..refused import unexpected, unparsable
from .lexer import END, Token, Tokens

Word = Literal["AND", "OR"]

OPERATORS = ("=", "!=", "<", ">", "<=", ">=", "contains", "!contains", "in")


@attrs.frozen
class Condition:
    """`path operator value`; the operator is lower case."""

    path: tuple[str, ...]
    operator: str
    value: str
    is_quoted: bool = False

    @property
    def is_null(self) -> bool:
        return self.value == "null" and not self.is_quoted


@attrs.frozen
class Junction:
    """Two or more parts under one word; nested groups of the same word are one junction."""

    word: Word
    parts: tuple[Node, ...]


Node = Condition | Junction


class _Group:
    """A group whose first operand is a group; None as long as it is still open."""

    def __init__(self) -> None:
        self.parts: list[Node] = []
        self.word: Word | None = None


def parse(query: str) -> Node:
    """Read a whole query."""
    tokens = Tokens(query)
    open_groups: list[_Group] = []
    while True:
        tokens.expect("(")
        if tokens.peek().is_word("("):
            open_groups.append(_Group())
            continue
        node: Node = _condition(tokens)
        tokens.expect(")")
        while open_groups and open_groups[-1].word is not None:
            node = _close(open_groups.pop(), node, tokens)
        if not open_groups:
            return _ended(node, tokens)
        open_groups[-1].parts.append(node)
        open_groups[-1].word = _word(tokens)


def _close(group: _Group, second: Node, tokens: Tokens) -> Node:
    tokens.expect(")")
    assert group.word is not None
    return _joined(group.word, group.parts[0], second)


def _joined(word: Word, first: Node, second: Node) -> Node:
    parts: list[Node] = []
    for node in (first, second):
        parts += node.parts if isinstance(node, Junction) and node.word == word else (node,)
    return Junction(word, tuple(parts))


def _ended(node: Node, tokens: Tokens) -> Node:
    token = tokens.peek()
    if token is not END:
        raise unexpected("the end of the query", str(token))
    return node


def _word(tokens: Tokens) -> Word:
    token = tokens.take()
    if token.is_word("AND"):
        return "AND"
    if token.is_word("OR"):
        return "OR"
    raise unexpected('"AND" or "OR"', str(token))


def _condition(tokens: Tokens) -> Condition:
    path = tokens.take()
    if path is END or path.is_quoted or path.text == ")":
        raise unexpected("an attribute", str(path))
    operator = tokens.take()
    if operator.is_quoted or operator.text.lower() not in OPERATORS:
        raise unparsable(f"Unknown operator {operator}")
    value = _value(tokens)
    return Condition(
        tuple(path.text.split(".")), operator.text.lower(), value.text, value.is_quoted
    )


def _value(tokens: Tokens) -> Token:
    token = tokens.take()
    if token is END or (not token.is_quoted and token.text in "()"):
        raise unexpected("a value", str(token))
    if not token.is_word("today"):
        return token
    # `today - 7` may be spelled with spaces; it is the only value that may.
    words = [token.text]
    while tokens.peek() is not END and tokens.peek().text not in "()":
        words.append(tokens.take().text)
    return Token(" ".join(words))
