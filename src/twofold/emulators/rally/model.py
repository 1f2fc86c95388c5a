"""Types, attributes and records: the shape of all data.

Nothing here knows which types there are, how they are stored or how they are written to the wire.
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Callable, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol

import attrs


class Kind(enum.Enum):
    """What an attribute holds, and so how it is compared, sorted and checked."""

    STRING = "STRING"
    TEXT = "TEXT"
    INTEGER = "INTEGER"
    DECIMAL = "DECIMAL"
    BOOLEAN = "BOOLEAN"
    BINARY = "BINARY_DATA"
    """Bytes, kept and sent as base64."""
    DATE = "DATE"
    """Kept as ISO 8601 in UTC with milliseconds: its text order is its time order."""
    STATE = "STATE"
    """A word of an ordered list."""
    OBJECT = "OBJECT"
    COLLECTION = "COLLECTION"


@attrs.frozen(eq=False)
class Attribute:
    """One field of a type."""

    name: str
    kind: Kind
    required: bool = False
    read_only: bool = False
    default: object = None
    allowed: tuple[str, ...] = ()
    """The words of a STATE, in their order."""
    target: str = ""
    """The type that an OBJECT or the elements of a COLLECTION have; may be abstract."""
    inverse: str = ""
    """The collection of the target that lists those who refer to it."""
    alias_of: str = ""
    """Which attribute is meant when this one is written; it is derived from it."""
    derived: Callable[[Record], object] | None = None
    """Computes the value from other fields; it is not stored then."""
    longest: int = 32_768


class Home(Protocol):
    """What a type lives among: all other types, their records and a clock."""

    def concrete(self, name: str) -> tuple[ElementType, ...]:
        """Return the types that a name stands for, none if it is unknown."""
        ...

    def records(self, types: Sequence[ElementType], /) -> list[Record]: ...

    def now(self) -> str: ...


@attrs.define(eq=False, slots=False)
class ElementType:
    """One concrete type of object, known by its name.

    Each store has copies of its own, which change when its definitions are written to.
    """

    name: str
    attributes: dict[str, Attribute]
    prefix: str = ""
    """Of its FormattedIDs; empty for types that have none."""
    label: str = "Name"
    """Which attribute is shown as `_refObjectName`; empty for nameless types."""
    java_class: str = ""
    """The name of the class in the server's own error texts."""
    display: str = ""
    """The name for people."""
    parent: str = ""
    """The abstract type that the schema names above it."""
    operations: str = "RQ"
    """Of create, read, update, delete and query: `CRUDQ`."""
    is_copyable: bool = False
    is_recyclable: bool = False
    """Whether what is deleted is kept in the recycle bin."""
    ordinal: int = -1
    """The level of a portfolio type; 0 is the lowest."""
    usual_order: str = ""
    """How its collections are sorted if nobody says."""
    identify: Callable[[Record], str] | None = None
    """Makes the id in references, where it is not the ObjectID."""
    home: Home = attrs.field(init=False, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ElementType) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def own_copy(self, home: Home) -> ElementType:
        """Return a type like this one that lives elsewhere and may change there."""
        own = copy.copy(self)
        own.attributes = dict(self.attributes)
        own.home = home
        return own

    def take(self, attribute: Attribute) -> None:
        """Add an attribute, or put it in the place of the one with its name."""
        self.attributes[attribute.name] = attribute
        self._recompute()

    def drop(self, name: str) -> None:
        """Take an attribute away."""
        del self.attributes[name]
        self._recompute()

    def _recompute(self) -> None:
        for known in ("stored", "collections", "mirrored", "is_scoped"):
            self.__dict__.pop(known, None)

    @cached_property
    def path(self) -> str:
        return self.name.lower()

    @cached_property
    def element(self) -> str:
        """The bare name: `Feature` of `PortfolioItem/Feature`."""
        return self.name.rpartition("/")[2]

    def allows(self, operation: str) -> bool:
        """Whether one of `CRUDQ` may be done."""
        return operation in self.operations

    @cached_property
    def is_scoped(self) -> bool:
        """Whether `project` and its scope narrow a query of this type."""
        return "Project" in self.attributes

    @cached_property
    def stored(self) -> MappingProxyType[str, object]:
        """The values a new record starts from, collections left out."""
        values = {
            each.name: each.default
            for each in self.attributes.values()
            if each.derived is None and each.kind is not Kind.COLLECTION
        }
        return MappingProxyType(values)

    @cached_property
    def collections(self) -> tuple[Attribute, ...]:
        return tuple(a for a in self.attributes.values() if a.kind is Kind.COLLECTION)

    @cached_property
    def mirrored(self) -> tuple[Attribute, ...]:
        """The references that a collection of their target mirrors."""
        return tuple(
            a for a in self.attributes.values() if a.inverse and a.kind is not Kind.COLLECTION
        )


class Record:
    """One object; its values are exactly its type's stored attributes and collections."""

    __slots__ = ("id", "oid", "type", "uuid", "values", "version")

    def __init__(self, type: ElementType, oid: int, uuid: str, values: dict[str, Any]) -> None:
        self.type = type
        self.oid = oid
        self.uuid = uuid
        self.values = values
        self.version = 1
        self.id = str(oid) if type.identify is None else type.identify(self)

    def __repr__(self) -> str:
        return f"<{self.type.name} {self.oid}>"

    def twin(self, type: ElementType) -> Record:
        """Return a record that says the same of itself; what its values hold is still the same."""
        twin = Record.__new__(Record)
        twin.type = type
        twin.oid = self.oid
        twin.uuid = self.uuid
        twin.values = self.values.copy()
        twin.version = self.version
        twin.id = self.id
        return twin

    def get(self, attribute: Attribute) -> Any:
        """Return the value of an attribute of this record's type."""
        if attribute.derived is not None:
            return attribute.derived(self)
        return self.values[attribute.name]

    @property
    def ref(self) -> str:
        return f"/{self.type.path}/{self.id}"


class Collection:
    """The elements of one collection of one record, in the order in which they came."""

    __slots__ = ("attribute", "elements", "owner")

    def __init__(self, owner: Record, attribute: Attribute) -> None:
        self.owner = owner
        self.attribute = attribute
        self.elements: dict[Record, None] = {}
