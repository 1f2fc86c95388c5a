"""Writes of every kind with values of every kind: each is answered, and the data holds together."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from emulators.rally.desk import ROOT, Desk

STRANGE: list[Any] = [
    "x",
    "",
    None,
    1,
    2.5,
    True,
    [],
    {},
    "2026-01-01",
    "RATING",
    "/tag/1",
    "<b>x</b>",
]
PLACES = ("Defect", "Task", "PortfolioItem/Feature", "User", "PortfolioItem")
REQUESTS = 250


class Reckless:
    """Sends what no client should, and remembers all objects that it met."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.desk = Desk(tickets=35, roll_up=seed % 2 == 0, conflicts=seed % 3 == 0, latency=0.05)
        self.types: dict[str, dict[str, Any]] = {}
        self.refs: list[str] = []
        for row in self.desk.rows("/typedefinition", "(Abstract = false)", fetch="true"):
            fields = self.elements(row["_ref"], "Attributes")
            path: str = row["TypePath"].lower()
            self.types[path] = {each["ElementName"]: each for each in fields}
            if row["TypePath"] in PLACES:
                self.refs += [row["_ref"], *(each["_ref"] for each in fields)]
            if row["Queryable"]:
                listed = self.desk.result("GET", f"/{path}", query="", pagesize=9, project="null")
                self.refs += [each["_ref"] for each in listed["Results"]]

    def elements(self, ref: str, name: str) -> list[dict[str, Any]]:
        path = f"{ref.partition(ROOT)[2]}/{name}"
        found: list[dict[str, Any]] = self.desk.result("GET", path, pagesize=2000)["Results"]
        return found

    def value(self, field: dict[str, Any]) -> Any:
        kind = field["AttributeType"]
        if self.chance.random() < 0.2:
            return self.chance.choice(STRANGE)
        if kind == "OBJECT":
            near = [each for each in self.refs if f"/{field['SchemaType'].lower()}/" in each]
            return self.chance.choice(near or self.refs)
        if kind == "COLLECTION":
            return [{"_ref": self.chance.choice(self.refs)}]
        words = [each["StringValue"] for each in self.elements(field["_ref"], "AllowedValues")]
        return self.chance.choice(words or STRANGE)

    def body(self, path: str, *, is_new: bool) -> dict[str, Any]:
        chosen = [
            each
            for each in self.types[path].values()
            if self.chance.random() < (0.9 if is_new and each["Required"] else 0.12)
        ]
        fields = {each["ElementName"]: self.value(each) for each in chosen}
        return {path.rpartition("/")[2]: fields}

    def request(self) -> tuple[str, str, object]:
        path = self.chance.choice(list(self.types))
        if self.chance.random() < 0.4:
            return "POST", f"/{path}/create", self.body(path, is_new=True)
        ref = self.chance.choice(self.refs).partition(ROOT)[2]
        path = ref[1:].rpartition("/")[0]
        many = [n for n, each in self.types[path].items() if each["AttributeType"] == "COLLECTION"]
        items = [{"_ref": self.chance.choice(self.refs)}, {"Name": "n"}]
        changes: list[tuple[str, str, object]] = [
            ("POST", ref, self.body(path, is_new=False)),
            ("POST", f"{ref}/copy", b""),
            ("DELETE", ref, b""),
            *(("POST", f"{ref}/{each}/add", {"CollectionItems": items}) for each in many[:2]),
            *(("POST", f"{ref}/{each}/remove", {"CollectionItems": items}) for each in many[:2]),
        ]
        return self.chance.choices(changes, weights=[6, 1, 1, *(1 for _ in changes[3:])])[0]


@pytest.mark.parametrize("seed", range(4))
def test_any_write_is_answered_in_its_envelope(seed: int) -> None:
    reckless = Reckless(seed)
    done = 0
    for _ in range(REQUESTS):
        reckless.desk.now += reckless.chance.choice([0.0, 0.03, 1.0])
        answer = reckless.desk.send(*reckless.request(), fetch="true")
        assert answer.status == 200
        ((name, result),) = json.loads(answer.body).items()
        assert name in ("CreateResult", "OperationResult")
        assert result["Errors"] == [] or "Object" not in result
        done += result["Errors"] == []
        if "Object" in result:
            reckless.refs.append(result["Object"]["_ref"])
    assert done > REQUESTS / 8
    check(reckless)


def check(reckless: Reckless) -> None:
    """What refers to an object is in the object's collection, and all that is shown is there."""
    desk = reckless.desk
    desk.now += 100
    for path in ("/hierarchicalrequirement", "/defect"):
        for row in desk.rows(path, fetch="true", project="null"):
            tasks = reckless.elements(row["_ref"], "Tasks")
            assert row["Tasks"]["Count"] == len(tasks)
            assert {each["WorkProduct"]["_ref"] for each in tasks} <= {row["_ref"]}
            for ref in filter(None, map(reference, row.values())):
                assert desk.result("GET", ref.partition(ROOT)[2])["Errors"] == []


def reference(value: Any) -> str | None:
    """Return where a field leads that shows one object."""
    is_shell = hasattr(value, "get") and "Count" not in value
    return str(value["_ref"]) if is_shell else None
