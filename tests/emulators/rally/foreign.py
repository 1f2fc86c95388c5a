"""A client of somebody else's: plain HTTP, and what the reference says about the service."""

from __future__ import annotations

from typing import Any

import attrs
import httpx

from twofold.emulators.rally.emulator import RallyEmulator
from twofold.emulators.stage import Stage

ROOT = "/slm/webservice/v2.0"
INVALID_KEY = "Not authorized to perform action: Invalid key"
LONG = 30.0


@attrs.frozen
class Foreign:
    """Speaks HTTP with an emulator that is served."""

    emulator: RallyEmulator
    http: httpx.Client
    url: str

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.http.get(ROOT + path, params=parameters)

    def post(self, path: str, body: object = None, **parameters: Any) -> httpx.Response:
        return self.http.post(ROOT + path, json=body, params=parameters)

    def read(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Return what stands in the wrapper of an answer without errors."""
        return without_errors(self.get(path, **parameters))

    def rows(self, path: str, query: str = "", **parameters: Any) -> list[dict[str, Any]]:
        given = {"query": query, "fetch": "true", "pagesize": 2000, "project": "null"}
        found: list[dict[str, Any]] = self.read(path, **given | parameters)["Results"]
        return found

    def one(self, path: str, query: str = "", **parameters: Any) -> dict[str, Any]:
        return self.rows(path, query, **parameters)[0]

    def create(self, path: str, fields: dict[str, Any], **parameters: Any) -> dict[str, Any]:
        element = path.rpartition("/")[2]
        answer = self.post(f"{path}/create", {element: fields}, fetch="true", **parameters)
        made: dict[str, Any] = without_errors(answer)["Object"]
        return made

    def update(self, row: dict[str, Any], **fields: Any) -> dict[str, Any]:
        element = row["_type"].rpartition("/")[2]
        return inner(self.http.post(row["_ref"], json={element: fields}, params={"fetch": "true"}))

    def again(self, row: dict[str, Any]) -> dict[str, Any]:
        return without_errors(self.http.get(row["_ref"]))

    def below(self, row: dict[str, Any], name: str, **parameters: Any) -> list[dict[str, Any]]:
        answer = self.http.get(f"{row['_ref']}/{name}", params=parameters)
        found: list[dict[str, Any]] = without_errors(answer)["Results"]
        return found

    def member(self, row: dict[str, Any], name: str, verb: str, *items: object) -> dict[str, Any]:
        body = {"CollectionItems": list(items)}
        return inner(self.http.post(f"{row['_ref']}/{name}/{verb}", json=body))

    def refused(self, path: str, **parameters: Any) -> str:
        """Return the only error of a query."""
        (error,) = inner(self.get(path, **parameters))["Errors"]
        assert isinstance(error, str)
        return error


def inner(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    ((_, content),) = answer.json().items()
    wrapped: dict[str, Any] = content
    return wrapped


def without_errors(answer: httpx.Response) -> dict[str, Any]:
    content = inner(answer)
    assert content["Errors"] == []
    return content


def played(stage: Stage, url: str, **options: Any) -> Foreign:
    """Put a fresh emulator on a stage, and return a client with its key."""
    given: dict[str, Any] = {"tickets": 350, "unstable_ties": False}
    emulator = RallyEmulator(**given | options)
    stage.playing = emulator
    headers = {"ZSESSIONID": emulator.ready.api_key}
    http = httpx.Client(base_url=url, headers=headers, timeout=LONG, trust_env=False)
    return Foreign(emulator, http, url)
