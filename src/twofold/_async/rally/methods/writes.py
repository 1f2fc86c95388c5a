# SPDX-License-Identifier: MIT
"""One ticket, written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol, Unpack

from .own import session_of

if TYPE_CHECKING:
    from decimal import Decimal

    from ....core.options import CallOptions
    from ....rally.ids import TicketId
    from ....rally.models import Comment, Reference, Ticket
    from ....rally.records import Iteration, Release, Tag, User


class AsyncTicketWrites(Protocol):
    """One ticket, written to.

    All but `create_ticket` and `add_comment` are repeated after a lost answer, since twice is as
    good as once; those two are sent once: if the answer is lost, OutcomeUnknownError.  What the
    server ignored is among the `warnings` of the ticket, and with `strict` an error.
    """

    async def create_ticket(
        self,
        type: str,
        name: str,
        fields: Mapping[str, object] | None = None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Create a ticket in the client's project, and return it.

        Fields go by the names of the models (`plan_estimate`), by Rally's (`PlanEstimate`), or by
        what people say: `state`, `points`, `parent`, `flow_state`.  Users, iterations, releases,
        states, projects and tags may be given by name, other tickets by any id; a tag that there is
        not yet is created.  Numbers are sent exactly; a time must be aware; None leaves a field
        empty.  `description` and `notes` are HTML, and sent as they are given.

        A wrong argument, a field that this type has not, or one given twice is refused before
        anything is sent.  A task needs a `parent`, whose project it is in.  It is sent once: if its
        answer is lost, OutcomeUnknownError: search before creating it again.
        """
        from ....rally.drafts import new
        from .. import creating

        session = session_of(self, call)
        return await creating.create(session, new(type, name, fields, session.prefixes))

    async def update_ticket(
        self, ticket: TicketId, fields: Mapping[str, object], **call: Unpack[CallOptions]
    ) -> Ticket:
        """Set fields of a ticket, all in one write, and return it; all others stay as they are.

        Fields are named and given as in `create_ticket`; None clears one.  What refers to many, as
        `tags` does, is replaced as a whole.
        """
        from ....rally.drafts import draft
        from .. import writing

        session = session_of(self, call)
        return await writing.write(session, ticket, draft(fields, session.prefixes))

    async def delete_ticket(self, ticket: TicketId, **call: Unpack[CallOptions]) -> None:
        """Move a ticket to the recycle bin, from where people can restore it.

        Tasks, test cases' steps and comments go with what they belong to.  One that is not there is
        NotFoundError, unless it was this very call that deleted it and the answer was lost.
        """
        from .. import writing

        await writing.delete(session_of(self, call), ticket)

    async def update_state(
        self,
        ticket: TicketId,
        state: str,
        *,
        field: str | None = None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Set the state: the schedule state of a story, the state of a defect or a task.

        The state of a portfolio item is looked up by its name among those of its level.  `field`
        names another one: with `FlowState`, the flow state of that name in the ticket's project.
        A test case has no state: ArgumentError.
        """
        from ....rally.drafts import stated
        from .. import writing

        return await writing.write(session_of(self, call), ticket, stated(state, field))

    async def update_points(
        self,
        ticket: TicketId,
        points: Decimal | float | str | None,
        *,
        field: str | None = None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Set the size: points of a story or defect, estimated hours of a task; None clears it.

        Of a portfolio item it is the refined estimate.  `field` names another one: `to_do`, or
        `PreliminaryEstimate`, whose sizes go by their names (`M`).
        """
        from ....rally.drafts import sized
        from .. import writing

        return await writing.write(session_of(self, call), ticket, sized(points, field))

    async def add_comment(
        self, ticket: TicketId, text: str, **call: Unpack[CallOptions]
    ) -> Comment:
        """Add a comment to a ticket's discussion; the text is plain, not HTML.

        It is sent once: if its answer is lost, OutcomeUnknownError.
        """
        from .. import writing

        return await writing.comment(session_of(self, call), ticket, text)

    async def assign_owner(
        self,
        ticket: TicketId,
        owner: User | Reference | str | None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Set the owner of a ticket; None leaves it without one.

        A text is a user name, else an e-mail address, else the name that is displayed, exactly as
        it is written; or a ref; or `me`, the user to whom the credentials belong.  Of several of
        one name those that are disabled do not count; RequestError names those that are left.
        """
        from ....rally.drafts import draft
        from .. import writing

        return await writing.write(session_of(self, call), ticket, draft({"owner": owner}))

    async def set_parent(
        self, ticket: TicketId, parent: TicketId | None, **call: Unpack[CallOptions]
    ) -> Ticket:
        """Put a ticket under another, in the field that says so for these two types; None: nowhere.

        A story goes under a story or a portfolio item and leaves the other; a defect under a story,
        a portfolio item, or both; a task under a story, defect, defect suite or test set, always;
        a test case under a story or defect; a portfolio item under one of the next level.  Any
        other pair is an ArgumentError, before anything is sent if the ids tell the types.
        """
        from ....rally.drafts import draft
        from .. import writing

        session = session_of(self, call)
        return await writing.write(session, ticket, draft({"parent": parent}, session.prefixes))

    async def set_iteration(
        self,
        ticket: TicketId,
        iteration: Iteration | Reference | str | None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Plan a ticket into an iteration; None takes it out of any.

        Iterations belong to a project: a name, or an iteration of another project, means the one of
        that name (and those days) in the ticket's own.  A reference, or a ref, is taken as it is.
        Tasks and test cases have none of their own: ArgumentError.
        """
        from ....rally.drafts import draft
        from .. import writing

        return await writing.write(session_of(self, call), ticket, draft({"iteration": iteration}))

    async def set_release(
        self,
        ticket: TicketId,
        release: Release | Reference | str | None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Plan a ticket into a release; None takes it out of any.

        Releases belong to a project, as iterations do: see `set_iteration`.
        """
        from ....rally.drafts import draft
        from .. import writing

        return await writing.write(session_of(self, call), ticket, draft({"release": release}))

    async def add_tag(
        self, ticket: TicketId, tag: Tag | Reference | str, **call: Unpack[CallOptions]
    ) -> Ticket:
        """Add a tag to those of a ticket, and return the ticket as it is then.

        A text is its name, or a ref.  A tag that there is not yet is created first: see
        `create_tag`.
        """
        from .. import tagging

        return await tagging.add(session_of(self, call), ticket, tag)

    async def remove_tag(
        self, ticket: TicketId, tag: Tag | Reference | str, **call: Unpack[CallOptions]
    ) -> Ticket:
        """Take a tag from those of a ticket, and return the ticket as it is then.

        A ticket that does not have it stays as it is; a name that no tag has is NotFoundError.
        """
        from .. import tagging

        return await tagging.remove(session_of(self, call), ticket, tag)

    async def rank(
        self,
        ticket: TicketId,
        *,
        above: TicketId | None = None,
        below: TicketId | None = None,
        to: Literal["top", "bottom"] | None = None,
        **call: Unpack[CallOptions],
    ) -> Ticket:
        """Rank a ticket directly above or below another one, or to the top or bottom of all.

        Exactly one of the three must be given.  The other ticket may be of another type.
        """
        from .. import ranking

        return await ranking.rank(session_of(self, call), ticket, above, below, to)
