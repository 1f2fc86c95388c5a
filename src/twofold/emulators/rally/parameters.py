"""A request taken apart: path, parameters, and the form that stands for a long GET."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

import attrs

from ..exchange import Incoming
from .refused import inconvertible

FORM = "application/x-www-form-urlencoded"
LARGEST_PAGE = 2000
USUAL_PAGE = 20

_POSITIVE = re.compile("0*[1-9][0-9]{0,11}")


@attrs.frozen
class Call:
    """One request; parameter names are lower case, header names too, the last one counts."""

    method: str
    path: str
    target: str
    """Path and query, percent-decoded: what faults are matched with."""
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    is_form: bool = False
    largest_page: int = LARGEST_PAGE

    @property
    def is_write(self) -> bool:
        return self.method != "GET"


def taken_apart(request: Incoming, largest_page: int = LARGEST_PAGE) -> Call:
    """Read a request; `_method=GET` in a form turns a POST into the GET that it stands for."""
    path, _, query = request.target.partition("?")
    headers = {name.lower(): value for name, value in request.headers}
    parameters = pairs(query)
    method, is_form = request.method.upper(), False
    if method == "POST" and headers.get("content-type", "").lower().startswith(FORM):
        form = pairs(request.body.decode("utf-8", "replace"))
        if form.get("_method", "").upper() == "GET":
            method, is_form, parameters = "GET", True, {**parameters, **form}
    return Call(
        method,
        unquote(path),
        unquote(request.target.replace("+", " ")),
        parameters,
        headers,
        request.body,
        is_form,
        largest_page,
    )


def pairs(query: str) -> dict[str, str]:
    """Read a query; names become lower case, the last of equal ones counts."""
    listed = parse_qsl(query, keep_blank_values=True, errors="replace")
    return {name.lower(): value for name, value in listed}


@attrs.frozen
class Window:
    """Which of the results to send; `start` counts from 1."""

    start: int
    pagesize: int


def window(call: Call) -> Window:
    """Read `start` and `pagesize`; a page larger than the largest becomes the largest."""
    size = _positive(call.parameters, "pagesize", USUAL_PAGE)
    return Window(_positive(call.parameters, "start", 1), min(size, call.largest_page))


def flag(parameters: Mapping[str, str], name: str, *, usual: bool) -> bool:
    value = parameters.get(name, "").lower()
    return usual if value not in ("true", "false") else value == "true"


def _positive(parameters: Mapping[str, str], name: str, usual: int) -> int:
    text = parameters.get(name, "")
    if not text:
        return usual
    if not _POSITIVE.fullmatch(text):
        raise inconvertible(f'{name} must be a number from 1 on, not "{text}"')
    return int(text)
