"""`twofold rally update` and `delete`: tickets, written to by their ids."""

from __future__ import annotations

import typer

from ...errors import ArgumentError
from ..entry import FAILED
from ..formats import Format
from ..output import agreed, askable, show, writable
from .options import (
    DryRun,
    IdFile,
    Project,
    RecordFile,
    Server,
    SomeIds,
    Workspace,
    Written,
    Yes,
    ids_of,
    reaching,
)
from .value_options import Fields, Iteration, Owner, Parent, Points, Release, State


def update(
    ids: SomeIds = None,
    state: State = None,
    points: Points = None,
    owner: Owner = None,
    parent: Parent = None,
    iteration: Iteration = None,
    release: Release = None,
    field: Fields = None,
    file: IdFile = None,
    record: RecordFile = None,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Set fields of many tickets, in one write each: one outcome each, in the order given."""
    from ...rally.bulk_record import BulkRecord
    from . import outcomes
    from .batches import checked, ending, look_up
    from .drafts import check_ids, drafted
    from .values import values

    writable(format)
    given = values(
        state=state,
        points=points,
        owner=owner,
        parent=parent,
        iteration=iteration,
        release=release,
        field=field,
    )
    if not given:
        raise ArgumentError("nothing to write: give --state, --points or another field")
    made = drafted(given)
    wanted = checked(ids_of(ids, file))
    check_ids(made, wanted)
    kept = BulkRecord(record)
    if dry_run:
        with reaching(server, workspace, project) as (rally, watch):
            found = look_up(rally, wanted, watch)
        rows = outcomes.plan(found, outcomes.changes_of(made))
        columns = outcomes.PLANNED
    else:
        with (
            outcomes.told_when_interrupted(kept, format, "updated"),
            reaching(server, workspace, project) as (rally, watch),
        ):
            done = rally.bulk_update(wanted, given, progress=watch("writing"), record=kept)
        rows, columns = outcomes.outcome_rows(done, "updated"), outcomes.CHANGED
    show(rows, format, columns)
    raise typer.Exit(ending(outcomes.failures(rows), len(wanted)))


def delete(
    ids: SomeIds = None,
    file: IdFile = None,
    record: RecordFile = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    format: Written = Format.TABLE,
    server: Server = None,
    workspace: Workspace = None,
    project: Project = None,
) -> None:
    """Move tickets to the recycle bin, from where people can restore them; asks before it does."""
    from ...rally.bulk_record import BulkRecord
    from . import outcomes
    from .batches import checked, ending, look_up

    writable(format)
    wanted = checked(ids_of(ids, file))
    askable(yes=yes or dry_run)
    kept = BulkRecord(record)
    if dry_run:
        with reaching(server, workspace, project) as (rally, watch):
            rows = outcomes.would("delete", look_up(rally, wanted, watch))
    else:
        if wanted and not (yes or agreed(f"Delete {', '.join(wanted)}?")):
            raise typer.Exit(FAILED)
        with (
            outcomes.told_when_interrupted(kept, format, "deleted"),
            reaching(server, workspace, project) as (rally, watch),
        ):
            done = rally.bulk_delete(wanted, progress=watch("deleting"), record=kept)
        rows = outcomes.outcome_rows(done, "deleted")
    show(rows, format, outcomes.CHANGED)
    raise typer.Exit(ending(outcomes.failures(rows), len(wanted)))
