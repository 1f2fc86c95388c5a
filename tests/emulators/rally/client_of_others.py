"""A program written against Rally's official Python toolkit, which knows nothing of us.

    python client_of_others.py SERVER WORKSPACE PROJECT (--key KEY | --user NAME PASSWORD)

It prints one line of JSON: what it found.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyral
import pyral.restapi

# The one thing that it does not let its user say is that the server speaks plain HTTP.
pyral.restapi.PROTOCOL = "http"


def connected(server: str, workspace: str, project: str, how: str, *secrets: str) -> Any:
    if how == "--key":
        login = {"apikey": secrets[0]}
    else:
        login = {"user": secrets[0], "password": secrets[1]}
    return pyral.Rally(server=server, workspace=workspace, project=project, **login)


def reading(rally: Any) -> dict[str, Any]:
    wide = {"projectScopeDown": True}
    states = "((StartDate <= today) AND (EndDate >= today))"
    return {
        "subscription": rally.subscriptionName(),
        "projects": len(rally.getProjects()),
        "users": len(rally.getAllUsers()),
        "defects": len(list(rally.get("Defect", fetch="FormattedID", pagesize=20, **wide))),
        "story": rally.get("UserStory", query="FormattedID = US1", project=None).next().Name,
        "features": [
            each.FormattedID for each in rally.get("PortfolioItem/Feature", limit=2, **wide)
        ],
        "iterations": [each.Name for each in rally.get("Iteration", query=states)],
        "allowed": rally.getAllowedValues("Defect", "State"),
        "states": [each.Name for each in rally.getStates("Feature")],
        "errors": rally.get("Defect", query="(Nope = 1)").errors,
    }


def writing(rally: Any, folder: Path) -> dict[str, Any]:
    defect = rally.put("Defect", {"Name": "Made by others", "Severity": "Cosmetic"})
    changed = rally.post("Defect", {"FormattedID": defect.FormattedID, "State": "Open"})
    rally.put("Task", {"Name": "A task", "WorkProduct": defect.ref})
    rally.put("ConversationPost", {"Artifact": defect.ref, "Text": "A comment"})
    tag = rally.put("Tag", {"Name": "others"})
    added = rally.addCollectionItems(defect, [tag])
    note = folder / "note.txt"
    note.write_text("hello", encoding="utf-8")
    rally.addAttachment(again(rally, defect), str(note))
    rally.rankToTop(defect)
    known = again(rally, defect)
    return {
        "state": changed.State,
        "tasks": [each.Name for each in known.Tasks],
        "posts": [each.Text for each in known.Discussion],
        "added": added,
        "content": rally.getAttachment(known, "note.txt").Content.decode(),
        "revisions": [each.RevisionNumber for each in known.RevisionHistory.Revisions],
        "deleted": rally.delete("Defect", defect.FormattedID),
        "binned": [each.Name for each in rally.get("RecycleBinEntry", fetch=True)],
    }


def again(rally: Any, defect: Any) -> Any:
    query = f"FormattedID = {defect.FormattedID}"
    return rally.get("Defect", query=query, fetch=True, instance=True)


if __name__ == "__main__":
    toolkit = connected(*sys.argv[1:])
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps({**reading(toolkit), **writing(toolkit, Path(scratch))}))
