"""What is known of a ticket that no list of tickets tells."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..rally.models import Comment
from ..rally.records import Attachment


@attrs.frozen
class Beside:
    """What is fetched for one ticket alone; None: it is not there yet."""

    comments: Sequence[Comment] | None = None
    files: Sequence[Attachment] | None = None
    trouble: str = ""
    """What went wrong with this ticket, and what to do about it."""
    is_old: bool = False
    """Whether it is to be fetched again."""
