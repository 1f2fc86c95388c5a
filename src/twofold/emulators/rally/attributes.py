"""Short spellings for the table of types."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .model import Attribute, Kind, Record


def string(name: str, *, required: bool = False, read_only: bool = False) -> Attribute:
    return Attribute(
        name, Kind.STRING, required=required, read_only=read_only, default="", longest=256
    )


def text(name: str, *, required: bool = False) -> Attribute:
    return Attribute(name, Kind.TEXT, required=required, default="")


def integer(name: str, *, read_only: bool = False) -> Attribute:
    return Attribute(name, Kind.INTEGER, read_only=read_only)


def decimal(name: str, *, read_only: bool = False) -> Attribute:
    return Attribute(name, Kind.DECIMAL, read_only=read_only)


def boolean(name: str, *, read_only: bool = False) -> Attribute:
    return Attribute(name, Kind.BOOLEAN, read_only=read_only, default=False)


def date(name: str, *, required: bool = False, read_only: bool = False) -> Attribute:
    return Attribute(name, Kind.DATE, required=required, read_only=read_only)


def state(name: str, allowed: Iterable[str], default: str) -> Attribute:
    return Attribute(name, Kind.STATE, required=True, default=default, allowed=tuple(allowed))


def choice(name: str, allowed: Iterable[str]) -> Attribute:
    """A STATE that may be unset, which reads as `None`, the word."""
    return Attribute(name, Kind.STATE, default="None", allowed=("None", *allowed))


def ref(
    name: str,
    target: str,
    *,
    required: bool = False,
    read_only: bool = False,
    inverse: str = "",
) -> Attribute:
    return Attribute(
        name, Kind.OBJECT, required=required, read_only=read_only, target=target, inverse=inverse
    )


def many(name: str, target: str, *, writable: bool = False, inverse: str = "") -> Attribute:
    """A collection; `inverse` is the collection of each element that holds the owner in turn."""
    return Attribute(name, Kind.COLLECTION, read_only=not writable, target=target, inverse=inverse)


def alias(name: str, other: Attribute) -> Attribute:
    """A second name of a reference, for reading and writing."""

    def same(record: Record) -> object:
        return record.values[other.name]

    return Attribute(name, Kind.OBJECT, derived=same, target=other.target, alias_of=other.name)


def binary(name: str, *, required: bool = False) -> Attribute:
    return Attribute(name, Kind.BINARY, required=required)


def derived(
    name: str, kind: Kind, compute: Callable[[Record], object], *, target: str = ""
) -> Attribute:
    return Attribute(name, kind, read_only=True, derived=compute, target=target)
