"""The schema's own types: definitions of types, of their attributes, and allowed values."""

from __future__ import annotations

from ..attributes import boolean, integer, many, ref, string
from .common import IN_WORKSPACE, element_type

TYPE_DEFINITION = element_type(
    "TypeDefinition",
    *IN_WORKSPACE,
    string("Name", required=True),
    string("DisplayName"),
    string("ElementName", read_only=True),
    string("TypePath", read_only=True),
    string("IDPrefix"),
    boolean("Abstract", read_only=True),
    ref("Parent", "TypeDefinition"),
    *(
        boolean(name, read_only=True)
        for name in ("Creatable", "Queryable", "ReadOnly", "Deletable", "Restorable", "Copyable")
    ),
    integer("Ordinal", read_only=True),
    ref("RevisionHistory", "RevisionHistory", read_only=True),
    many("Attributes", "AttributeDefinition"),
    operations="CRUDQ",
)
ATTRIBUTE_DEFINITION = element_type(
    "AttributeDefinition",
    *IN_WORKSPACE,
    ref("TypeDefinition", "TypeDefinition", required=True, inverse="Attributes"),
    string("Name", required=True),
    string("ElementName", read_only=True),
    string("AttributeType", required=True),
    string("SchemaType", read_only=True),
    many("AllowedValues", "AllowedAttributeValue"),
    ref("AllowedValueType", "TypeDefinition"),
    boolean("Required"),
    boolean("Hidden"),
    *(
        boolean(name, read_only=True)
        for name in ("ReadOnly", "Custom", "Constrained", "Filterable", "Sortable", "Owned")
    ),
    integer("MaxLength", read_only=True),
    integer("MaxFractionalDigits", read_only=True),
    operations="CRU",
)
ALLOWED_VALUE = element_type(
    "AllowedAttributeValue",
    *IN_WORKSPACE,
    string("StringValue", required=True),
    string("LocalizedStringValue", read_only=True),
    integer("ValueIndex", read_only=True),
    ref("AttributeDefinition", "AttributeDefinition", required=True, inverse="AllowedValues"),
    operations="CRUD",
    label="StringValue",
    usual_order="ValueIndex",
)
