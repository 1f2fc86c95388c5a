"""What hangs on items: tags, comments, attachments, history, and what was deleted."""

from __future__ import annotations

from .. import computed
from ..attributes import binary, boolean, date, derived, integer, many, ref, string, text
from ..model import Kind
from .common import IN_WORKSPACE, PERSISTABLE, element_type

TAG = element_type(
    "Tag",
    *PERSISTABLE,
    ref("Workspace", "Workspace", read_only=True, inverse="Tags"),
    string("Name", required=True),
    boolean("Archived"),
    derived("UsageCount", Kind.INTEGER, computed.usage_count),
    operations="CRUDQ",
)
CONVERSATION_POST = element_type(
    "ConversationPost",
    *IN_WORKSPACE,
    ref("Artifact", "Artifact", required=True, inverse="Discussion"),
    text("Text", required=True),
    ref("User", "User"),
    integer("PostNumber", read_only=True),
    operations="CRUDQ",
    label="",
)
ATTACHMENT = element_type(
    "Attachment",
    *IN_WORKSPACE,
    string("Name", required=True),
    string("Description"),
    string("ContentType", required=True),
    integer("Size"),
    ref("Content", "AttachmentContent", required=True),
    ref("Artifact", "Artifact", inverse="Attachments"),
    ref("TestCaseResult", "TestCaseResult", inverse="Attachments"),
    ref("User", "User"),
    date("Date", read_only=True),
    operations="CRUDQ",
)
ATTACHMENT_CONTENT = element_type(
    "AttachmentContent",
    *IN_WORKSPACE,
    binary("Content", required=True),
    operations="CRD",
    label="",
)
REVISION_HISTORY = element_type(
    "RevisionHistory", *PERSISTABLE, many("Revisions", "Revision"), operations="R", label=""
)
REVISION = element_type(
    "Revision",
    *PERSISTABLE,
    ref("RevisionHistory", "RevisionHistory", read_only=True, inverse="Revisions"),
    integer("RevisionNumber", read_only=True),
    text("Description"),
    ref("User", "User", read_only=True),
    label="",
    usual_order="RevisionNumber DESC",
)
RECYCLE_BIN_ENTRY = element_type(
    "RecycleBinEntry",
    *IN_WORKSPACE,
    string("ID", read_only=True),
    string("Name", read_only=True),
    integer("ItemOID", read_only=True),
    string("Type", read_only=True),
    ref("DeletedBy", "User", read_only=True),
    date("DeletionDate", read_only=True),
    ref("Project", "Project", read_only=True),
    operations="RDQ",
)
CHANGESET = element_type(
    "Changeset",
    *IN_WORKSPACE,
    string("Name"),
    string("Revision", required=True),
    text("Message"),
    string("Uri"),
    ref("Author", "User"),
    date("CommitTimestamp"),
    many("Artifacts", "Artifact", writable=True, inverse="Changesets"),
    operations="CRUDQ",
)
PULL_REQUEST = element_type(
    "PullRequest",
    *IN_WORKSPACE,
    string("Name", required=True),
    text("Description"),
    string("ExternalId"),
    string("ExternalFormattedId"),
    string("Url"),
    ref("Artifact", "Artifact", required=True, inverse="Connections"),
    operations="CRUDQ",
    parent="Connection",
)
