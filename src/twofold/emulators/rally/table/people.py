"""Users, their preferences and what they may do."""

from __future__ import annotations

from collections.abc import Callable

from ..attributes import boolean, many, ref, state, string
from ..model import Record
from .common import IN_WORKSPACE, PERSISTABLE, element_type

USER = element_type(
    "User",
    *PERSISTABLE,
    string("UserName", required=True),
    string("DisplayName"),
    string("FirstName"),
    string("LastName"),
    string("EmailAddress"),
    boolean("Disabled"),
    boolean("SubscriptionAdmin", read_only=True),
    ref("UserProfile", "UserProfile", read_only=True),
    many("TeamMemberships", "Project", writable=True, inverse="TeamMembers"),
    many("UserPermissions", "UserPermission"),
    operations="CRUDQ",
    copyable=True,
    label="DisplayName",
)
USER_PROFILE = element_type(
    "UserProfile",
    *PERSISTABLE,
    ref("DefaultWorkspace", "Workspace"),
    ref("DefaultProject", "Project"),
    string("TimeZone"),
    string("DateFormat"),
    operations="RUQ",
    label="",
)


def _permission(place: str) -> Callable[[Record], str]:
    """Return what makes ids such as `{user}u{workspace}w1`."""

    def identify(record: Record) -> str:
        user, where = record.values["User"], record.values[place]
        return f"{user.oid}u{where.oid}{place[0].lower()}1"

    return identify


_ROLES = ("No Access", "Viewer", "Editor", "Admin")
WORKSPACE_PERMISSION = element_type(
    "WorkspacePermission",
    *IN_WORKSPACE,
    string("Name", read_only=True),
    state("Role", ("User", "Admin"), "User"),
    ref("User", "User", required=True, inverse="UserPermissions"),
    operations="CRDQ",
    parent="UserPermission",
    identify=_permission("Workspace"),
)
PROJECT_PERMISSION = element_type(
    "ProjectPermission",
    *IN_WORKSPACE,
    string("Name", read_only=True),
    state("Role", _ROLES, "Viewer"),
    ref("User", "User", required=True, inverse="UserPermissions"),
    ref("Project", "Project", required=True),
    operations="CRDQ",
    parent="UserPermission",
    identify=_permission("Project"),
)
PREFERENCE = element_type(
    "Preference",
    *IN_WORKSPACE,
    string("Name", required=True),
    string("Value"),
    string("AppId"),
    ref("User", "User"),
    ref("Project", "Project"),
    operations="CRUDQ",
)
