"""Rally's other nouns: timeboxes, people, tags, what happened to tickets, and any object at all.

They know nothing of JSON: see `structure`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs

from .models import Extra, Reference


@attrs.frozen(kw_only=True)
class Iteration:
    """A sprint of one project; of the same name and dates there is one in each."""

    ref: str
    object_id: int
    name: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    state: str | None = None
    """Planning, Committed or Accepted."""
    theme: str | None = None
    """HTML."""
    notes: str | None = None
    """HTML."""
    planned_velocity: Decimal | None = None
    """Points."""
    plan_estimate: Decimal | None = None
    """Points of all that is planned into it."""
    project: Reference | None = None
    created: datetime | None = None
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen(kw_only=True)
class Release:
    """A release of one project; of the same name and dates there is one in each."""

    ref: str
    object_id: int
    name: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None
    """When it is released."""
    state: str | None = None
    """Planning, Active or Accepted."""
    theme: str | None = None
    """HTML."""
    notes: str | None = None
    """HTML."""
    version: str | None = None
    """What its authors call it, such as `4.12`."""
    planned_velocity: Decimal | None = None
    """Points."""
    project: Reference | None = None
    created: datetime | None = None
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen(kw_only=True)
class User:
    """Somebody who works with Rally, or did: nobody is deleted."""

    ref: str
    object_id: int
    user_name: str | None = None
    """What is entered to log in, mostly an address of mail."""
    display_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    disabled: bool | None = None
    profile: Reference | None = None
    """Where the defaults are: workspace, project, time zone."""
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen(kw_only=True)
class Tag:
    """A tag of the workspace."""

    ref: str
    object_id: int
    name: str | None = None
    archived: bool | None = None
    usage_count: int | None = None
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen(kw_only=True)
class Revision:
    """One change of an object."""

    ref: str
    object_id: int
    number: int | None = None
    """Counted from 0, which is its creation."""
    description: str | None = None
    """What was changed from what to what, for people."""
    user: Reference | None = None
    created: datetime | None = None
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen(kw_only=True)
class Attachment:
    """What is known of an attached file; names are not unique on a ticket."""

    ref: str
    object_id: int
    name: str | None = None
    description: str | None = None
    content_type: str | None = None
    size: int | None = None
    """Bytes."""
    content: Reference | None = None
    """Where the bytes are, in base64."""
    artifact: Reference | None = None
    user: Reference | None = None
    created: datetime | None = None
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen(kw_only=True)
class AllowedValue:
    """One of the values that a field may have."""

    value: str | None = None
    """What is written; None or empty: nothing."""
    label: str | None = None
    """What is shown, in the user's language."""
    index: int | None = None
    """Where it stands in the order of values."""
    ref: str | None = None
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)


@attrs.frozen(kw_only=True)
class Record:
    """An object of any type; its fields are as sent, by Rally's names: ``record["Name"]``."""

    ref: str
    type: str | None = None
    name: str | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)

    @property
    def object_id(self) -> int:
        """The number at the end of its ref; some types have none: ValueError."""
        return int(self.ref.rpartition("/")[2])

    def __getitem__(self, field: str) -> Any:
        return self.extra[field]
