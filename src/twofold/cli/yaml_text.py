"""Rows as YAML that readers of version 1.1 and of version 1.2 take for the same."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import yaml

from .formats import Row

# What YAML 1.2 reads as a number though YAML 1.1 does not, as in 1e5.
NUMBER_OF_TODAY = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$|0o[0-7]+$", re.ASCII)

# What ends a line in some YAML: between double quotes it is escaped, in other styles it is folded.
BREAK = re.compile("[\n\r\x85\u2028\u2029]")


class Dumper(yaml.SafeDumper):  # type: ignore[misc] # untyped, as above
    """Writes fractions exactly, and quotes text that any YAML takes for something else."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library's hook
        return True


def quoted(dumper: Any, text: str) -> Any:
    style = '"' if BREAK.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def exactly(dumper: Any, number: Decimal) -> Any:
    digits = format(number, "f")
    kind = "float" if "." in digits else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", digits)


def dialect() -> Any:
    """Return the dumper, taught how we write text and numbers."""
    dumper: Any = Dumper
    dumper.add_representer(str, quoted)
    dumper.add_representer(Decimal, exactly)
    dumper.add_implicit_resolver("tag:yaml.org,2002:float", NUMBER_OF_TODAY, [*"-+.0123456789"])
    return dumper


DIALECT = dialect()


def yaml_text(rows: Iterable[Row]) -> str:
    written: str = yaml.dump(
        [dict(row) for row in rows],
        Dumper=DIALECT,
        allow_unicode=True,
        sort_keys=False,
        width=sys.maxsize,
    )
    return written
