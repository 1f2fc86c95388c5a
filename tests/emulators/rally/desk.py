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
        **parameters: Any,
    ) -> Answer:
        query = f"?{urlencode(parameters)}" if parameters else ""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        target = path if path.startswith("/-") else f"{ROOT}{path}"
        request = Request(method, target + query, headers or self.headers, content)
        return self.emulator.answer(request, self.now)

    def result(self, method: str, path: str, body: object = b"", **parameters: Any) -> Any:
        """Return the only value of an answer's wrapper."""
        answer = self.send(method, path, body, **parameters)
        assert answer.status == 200, answer.body
        ((_, result),) = json.loads(answer.body).items()
        return result

    def query(self, path: str, query: str = "", **parameters: Any) -> Any:
        defaults: dict[str, Any] = {"fetch": "ObjectID,FormattedID,Name", "pagesize": 2000}
        return self.result("GET", path, query=query, **defaults | parameters)

    def rows(self, path: str, query: str = "", **parameters: Any) -> list[dict[str, Any]]:
        result = self.query(path, query, **parameters)
        assert result["Errors"] == []
        assert result["TotalResultCount"] == len(result["Results"])
        rows: list[dict[str, Any]] = result["Results"]
        return rows

    def ids(self, path: str, query: str = "", **parameters: Any) -> list[str]:
        return [row["FormattedID"] for row in self.rows(path, query, **parameters)]

    def errors(self, path: str, query: str = "", **parameters: Any) -> list[str]:
        errors: list[str] = self.query(path, query, **parameters)["Errors"]
        return errors

    def ticket(self, path: str, formatted_id: str, fetch: str = "true") -> dict[str, Any]:
        (row,) = self.rows(path, f'(FormattedID = "{formatted_id}")', fetch=fetch)
        return row

    def oid(self, path: str, formatted_id: str) -> int:
        oid: int = self.ticket(path, formatted_id, "ObjectID")["ObjectID"]
        return oid

    def update(self, kind: str, oid: object, fields: dict[str, Any], **parameters: Any) -> Any:
        return self.result("POST", f"/{kind}/{oid}", {kind: fields}, **parameters)

    def create(self, kind: str, fields: dict[str, Any], **parameters: Any) -> Any:
        return self.result("POST", f"/{kind}/create", {kind: fields}, **parameters)

    def statistics(self, method: str = "GET") -> dict[str, int]:
        answer = self.send(method, "/-/emulator/statistics", headers=(("a", "b"),))
        counters: dict[str, int] = json.loads(answer.body)
        return counters


def quoted(value: str) -> str:
    """Quote a value as a careful client does."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
