"""Which projects a request means."""

from __future__ import annotations

from collections.abc import Mapping

from . import references
from .model import Record
from .parameters import flag
from .refused import inconvertible
from .store import Store
from .table.places import PROJECT, WORKSPACE

Scope = frozenset[Record] | None
"""Some projects, or the whole workspace."""


def scope(parameters: Mapping[str, str], store: Store, user: Record) -> Scope:
    """Read `workspace`, `project`, `projectScopeUp` and `projectScopeDown`.

    Without a project the user's default counts; `null` or nothing means the whole workspace.
    """
    workspace = workspace_of(parameters, store)
    project = project_of(parameters, store, user)
    if project is None or project.values["Workspace"] is not (workspace or store.workspace):
        return None
    chosen = {project}
    if flag(parameters, "projectscopeup", usual=False):
        chosen |= _above(project)
    if flag(parameters, "projectscopedown", usual=True):
        chosen |= _below(project)
    return None if len(chosen) == len(store.of_type[PROJECT]) else frozenset(chosen)


def project_of(parameters: Mapping[str, str], store: Store, user: Record) -> Record | None:
    """Return the project named by a request; None stands for the whole workspace."""
    text = parameters.get("project")
    if text is None:
        default: Record | None = user.values["UserProfile"].values["DefaultProject"]
        return default
    if text in ("", "null"):
        return None
    found = references.resolved(store, text)
    if found is None or found.type != PROJECT:
        raise inconvertible(f'Cannot parse object reference from "{text}"')
    return found


def workspace_of(parameters: Mapping[str, str], store: Store) -> Record | None:
    """Return the workspace named by a request; None is the one that all is in."""
    text = parameters.get("workspace", "")
    if text in ("", "null"):
        return None
    found = references.resolved(store, text)
    if found is None or found.type != WORKSPACE:
        raise inconvertible(f'Cannot parse object reference from "{text}"')
    return None if found is store.workspace else found


def _above(project: Record) -> set[Record]:
    above: set[Record] = set()
    parent: Record | None = project.values["Parent"]
    while parent is not None and parent not in above:
        above.add(parent)
        parent = parent.values["Parent"]
    return above


def _below(project: Record) -> set[Record]:
    below: set[Record] = set()
    waiting = [project]
    while waiting:
        for child in waiting.pop().values["Children"].elements:
            if child not in below:
                below.add(child)
                waiting.append(child)
    return below
