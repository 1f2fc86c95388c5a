"""Calls to a Rally emulator, spelled shortly."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import attrs

from twofold.emulators.exchange import Answer
from twofold.emulators.rally.emulator import RallyEmulator

ROOT = "/slm/webservice/v2.0"


@attrs.frozen
class Request:
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


class Desk:
    """One emulator and a time that stands still until it is told to move."""

    def __init__(self, **options: Any) -> None:
        self.emulator = RallyEmulator(**{"tickets": 140, "unstable_ties": False} | options)
        self.headers: tuple[tuple[str, str], ...] = (
            ("Host", "rally.test"),
            ("ZSESSIONID", self.emulator.ready.api_key),
        )
        self.now = 100.0

    def send(
        self,
        method: str,
        path: str,
        body: object = b"",
        *,
        headers: tuple[tuple[str, str], ...] | None = None,
        **parameters: object,
    ) -> Answer:
        query = f"?{urlencode(parameters)}" if parameters else ""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = path if path.startswith("/-") else f"{ROOT}{path}"
        request = Request(method, target + query, headers or self.headers, content)
        return self.emulator.answer(request, self.now)

    def result(self, method: str, path: str, body: object = b"", **parameters: object) -> Any:
        """Return the only value of an answer's wrapper."""
        answer = self.send(method, path, body, **parameters)
        assert answer.status == 200, answer.body
        ((_, result),) = json.loads(answer.body).items()
        return result

    def query(self, path: str, query: str = "", **parameters: object) -> Any:
        defaults: dict[str, object] = {"fetch": "ObjectID,FormattedID,Name", "pagesize": 2000}
        return self.result("GET", path, query=query, **defaults | parameters)

    def rows(self, path: str, query: str = "", **parameters: object) -> list[dict[str, Any]]:
        result = self.query(path, query, **parameters)
        assert result["Errors"] == []
        assert result["TotalResultCount"] == len(result["Results"])
        return result["Results"]

    def ids(self, path: str, query: str = "", **parameters: object) -> list[str]:
        return [row["FormattedID"] for row in self.rows(path, query, **parameters)]

    def errors(self, path: str, query: str = "", **parameters: object) -> list[str]:
        return self.query(path, query, **parameters)["Errors"]

    def ticket(self, path: str, formatted_id: str, fetch: str = "true") -> dict[str, Any]:
        (row,) = self.rows(path, f'(FormattedID = "{formatted_id}")', fetch=fetch)
        return row

    def oid(self, path: str, formatted_id: str) -> int:
        return self.ticket(path, formatted_id, "ObjectID")["ObjectID"]

    def update(self, kind: str, oid: object, fields: dict[str, Any], **parameters: object) -> Any:
        return self.result("POST", f"/{kind}/{oid}", {kind: fields}, **parameters)

    def create(self, kind: str, fields: dict[str, Any], **parameters: object) -> Any:
        return self.result("POST", f"/{kind}/create", {kind: fields}, **parameters)

    def statistics(self, method: str = "GET") -> dict[str, int]:
        return json.loads(self.send(method, "/-/emulator/statistics", headers=(("a", "b"),)).body)


def quoted(value: str) -> str:
    """Quote a value as a careful client does."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
