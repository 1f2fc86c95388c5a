"""From text to conditions. Groups are strictly binary, everything stands in parentheses.

    group     = "(" condition ")" | "(" group ("AND" | "OR") group ")"
    condition = path operator value

White space stands on both sides of an operator, and of AND and OR.

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


@attrs.frozen
class _Half:
    """A group read up to its word; its second operand follows."""

    first: Node
    word: Word


def parse(query: str) -> Node:
    """Read a whole query."""
    tokens = Tokens(query)
    groups: list[_Half | None] = []  # those that are open, outermost first
    while True:
        tokens.expect("(")
        if tokens.peek().is_word("("):
            groups.append(None)
            continue
        node: Node = _condition(tokens)
        tokens.expect(")")
        while groups and (half := groups[-1]) is not None:
            tokens.expect(")")
            node = _joined(half.word, half.first, node)
            groups.pop()
        if not groups:
            return _ended(node, tokens)
        groups[-1] = _Half(node, _word(tokens))


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
    if token.is_word("AND") and token.is_apart:
        return "AND"
    if token.is_word("OR") and token.is_apart:
        return "OR"
    raise unexpected('"AND" or "OR"', str(token))


def _condition(tokens: Tokens) -> Condition:
    path = tokens.take()
    if path is END or path.is_quoted or path.text == ")":
        raise unexpected("an attribute", str(path))
    operator = tokens.take()
    is_known = not operator.is_quoted and operator.text.lower() in OPERATORS
    if not is_known or not operator.is_apart:
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
