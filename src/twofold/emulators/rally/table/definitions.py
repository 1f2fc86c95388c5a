"""The schema's own types: definitions of types, of their attributes, and allowed values."""

from __future__ import annotations

from ..attributes import boolean, integer, many, ref, string
from .common import IN_WORKSPACE, element_type

TYPE_DEFINITION = element_type(
    "TypeDefinition",
    *IN_WORKSPACE,
    string("Name", read_only=True),
    string("DisplayName", read_only=True),
    string("ElementName", read_only=True),
    string("TypePath", read_only=True),
    string("IDPrefix", read_only=True),
    boolean("Abstract", read_only=True),
    ref("Parent", "TypeDefinition", read_only=True),
    *(
        boolean(name, read_only=True)
        for name in ("Creatable", "Queryable", "ReadOnly", "Deletable", "Restorable", "Copyable")
    ),
    integer("Ordinal", read_only=True),
    ref("RevisionHistory", "RevisionHistory", read_only=True),
    many("Attributes", "AttributeDefinition"),
    operations="RQ",
)
ATTRIBUTE_DEFINITION = element_type(
    "AttributeDefinition",
    *IN_WORKSPACE,
    ref("TypeDefinition", "TypeDefinition", read_only=True, inverse="Attributes"),
    string("Name", read_only=True),
    string("ElementName", read_only=True),
    string("AttributeType", read_only=True),
    string("SchemaType", read_only=True),
    many("AllowedValues", "AllowedAttributeValue"),
    ref("AllowedValueType", "TypeDefinition", read_only=True),
    *(
        boolean(name, read_only=True)
        for name in (
            *("Required", "ReadOnly", "Custom", "Constrained", "Hidden"),
            *("Filterable", "Sortable", "Owned"),
        )
    ),
    integer("MaxLength", read_only=True),
    integer("MaxFractionalDigits", read_only=True),
    operations="R",
)
ALLOWED_VALUE = element_type(
    "AllowedAttributeValue",
    *IN_WORKSPACE,
    string("StringValue", read_only=True),
    string("LocalizedStringValue", read_only=True),
    integer("ValueIndex", read_only=True),
    ref("AttributeDefinition", "AttributeDefinition", read_only=True, inverse="AllowedValues"),
    operations="R",
    label="StringValue",
    usual_order="ValueIndex",
)
