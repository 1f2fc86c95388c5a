"""Paths: what a request is about. Case, a plural `s` and a `.js` suffix make no difference."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .model import ElementType
from .references import is_reference
from .table.portfolio import PORTFOLIO_ITEM

ROOT = "/slm/webservice/v2.0"
LOGIN = "/slm/login.op"
AUTHORIZE = "security/authorize"


@attrs.frozen
class Route:
    """`/{name}[/{id}[/{collection}[/{verb}]]]`; the name may be `portfolioitem/feature`."""

    name: str
    """As sent, without suffix."""
    types: tuple[ElementType, ...]
    """Empty for an unknown name, several for an abstract one."""
    id: str = ""
    collection: str = ""
    verb: str = ""
    is_plural: bool = False

    @property
    def type(self) -> ElementType:
        return self.types[0]

    @property
    def is_abstract(self) -> bool:
        return bool(self.types) and self.types[0].path not in (self.name.lower(), self._singular)

    @property
    def _singular(self) -> str:
        return self.name.lower().removesuffix("s")


def below_root(path: str) -> str | None:
    """Return what follows the service's address, without slashes and suffix; None outside."""
    if path.lower() != ROOT and not path.lower().startswith(ROOT + "/"):
        return None
    rest = path[len(ROOT) :].strip("/")
    return rest[:-3] if rest.lower().endswith(".js") else rest


Concrete = Callable[[str], tuple[ElementType, ...]]
"""From a name to the types that it stands for."""


def route(rest: str, concrete: Concrete) -> Route | None:
    """Read what follows the service's address; None if nothing can stand there."""
    parts = rest.split("/")
    if len(parts) > 1 and _is_name("/".join(parts[:2]), concrete):
        parts[:2] = ["/".join(parts[:2])]
    if not parts[0] or len(parts) > 4:
        return None
    name, *others = parts
    types, is_plural = _named(name, concrete)
    item, collection, verb = (*others, "", "", "")[:3]
    return Route(name, types, item, collection, verb, is_plural)


def _is_name(name: str, concrete: Concrete) -> bool:
    """Whether two parts of a path are one name; of a level that is not there, too."""
    above, _, below = name.partition("/")
    is_level = above.lower() == PORTFOLIO_ITEM.lower() and not is_reference(below)
    return bool(_named(name, concrete)[0]) or (is_level and below.lower() != "create")


def _named(name: str, concrete: Concrete) -> tuple[tuple[ElementType, ...], bool]:
    """Return the types of a name, and whether it is a plural."""
    types = concrete(name)
    if not types and name.lower().endswith("s"):
        return concrete(name[:-1]), True
    return types, False
