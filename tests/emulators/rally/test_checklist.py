"""The checklist of the reference, point by point, over HTTP as a client of others meets it.

Each test is named for a point of its section 15 ("State" and "Must"); `test_checklist_switches`
goes through the switches. The rest of this folder has the details.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from emulators.rally.conftest import Play
from emulators.rally.foreign import INVALID_KEY, LONG, ROOT, Foreign, inner, without_errors

pytestmark = pytest.mark.real_time

STORY, DEFECT = "/hierarchicalrequirement", "/defect"
SCOPES = {
    # Of the tree A > B, A > C > D, seen from C.
    (False, False): {"C"},
    (False, True): {"C", "D"},
    (True, False): {"A", "C"},
    (True, True): {"A", "C", "D"},
}


# --- State -------------------------------------------------------------------------------------


def test_state_subscription_workspaces_projects_items(rally: Foreign) -> None:
    subscription = rally.read("/subscription")
    workspaces = rally.below(subscription, "Workspaces")
    assert len(workspaces) == 2
    projects = rally.below(workspaces[0], "Projects", pagesize=200)
    assert [each["Name"] for each in projects if each["Parent"] is None] != []
    assert any(rally.below(each, "Children") for each in projects)
    assert rally.rows(STORY, f"(Project = {projects[1]['_ref'].partition(ROOT)[2]})")


def test_state_users_with_profile_defaults(rally: Foreign) -> None:
    user = rally.read("/user", fetch="UserName,UserProfile,DefaultWorkspace,DefaultProject")
    profile = user["UserProfile"]
    ready = rally.emulator.ready
    assert user["UserName"] == ready.username
    assert profile["DefaultWorkspace"]["_refObjectName"] == ready.workspace
    assert profile["DefaultProject"]["_refObjectName"] == ready.project


def test_state_revisions_versions_ranks_counters(rally: Foreign) -> None:
    first, second = (rally.create(DEFECT, {"Name": name}) for name in "ab")
    assert int(second["FormattedID"][2:]) == int(first["FormattedID"][2:]) + 1
    assert first["DragAndDropRank"] < second["DragAndDropRank"]
    rally.update(first, State="Open")
    changed = rally.again(first)
    assert (first["VersionId"], changed["VersionId"], changed["_objectVersion"]) == ("1", "2", "2")
    newest, oldest = rally.below(changed["RevisionHistory"], "Revisions")
    assert (newest["RevisionNumber"], oldest["RevisionNumber"]) == (1, 0)
    assert "STATE changed from [Submitted] to [Open]" in newest["Description"]


def test_state_recycle_bin(rally: Foreign) -> None:
    defect = rally.create(DEFECT, {"Name": "gone"})
    without_errors(rally.http.delete(defect["_ref"]))
    (entry,) = rally.rows("/recyclebinentry", f"(ItemOID = {defect['ObjectID']})")
    assert (entry["ID"], entry["Name"], entry["Type"]) == (defect["FormattedID"], "gone", "Defect")
    (error,) = inner(rally.post("/recyclebinentry/create", {"RecycleBinEntry": {}}))["Errors"]
    assert error.startswith("Not authorized to create")
    oid = entry["ObjectID"]
    assert rally.http.get(f"/slm/recyclebin/restore.sp?oid={oid}").status_code == 200
    assert rally.again(defect)["Name"] == "gone"


def test_state_flow_states_per_project(rally: Foreign) -> None:
    defect = rally.create(DEFECT, {"Name": "x"})
    own = rally.rows("/flowstate", f"(Project = {ref(defect['Project'])})", order="OrderIndex")
    assert [each["Name"] for each in own][1:3] == ["Defined", "In-Progress"]
    rally.update(defect, FlowState=own[2]["_ref"])
    assert rally.again(defect)["ScheduleState"] == "In-Progress"
    other = rally.one("/flowstate", f"(Project != {ref(defect['Project'])})")
    (error,) = rally.update(defect, FlowState=other["_ref"])["Errors"]
    assert error.startswith("Validation error: FlowState")


def test_state_schema_from_the_tables_that_check_writes(rally: Foreign) -> None:
    """Whatever the schema calls read-only is ignored, whatever it requires is asked for."""
    defect = rally.create(DEFECT, {"Name": "x"})
    attributes = schema(rally)["Defect"]["Attributes"]
    read_only = [each["ElementName"] for each in attributes if each["ReadOnly"]]
    warnings = rally.update(defect, **dict.fromkeys(read_only))["Warnings"]
    assert [each.partition("defect.")[2].partition(" ")[0] for each in warnings] == read_only
    for each in attributes:
        if each["Required"]:
            (error,) = rally.update(defect, **{each["ElementName"]: None})["Errors"]
            assert error == f"Validation error: Defect.{each['ElementName']} should not be null"


# --- Must --------------------------------------------------------------------------------------


def basic(rally: Foreign) -> httpx.Client:
    ready = rally.emulator.ready
    login = (ready.username, ready.password)
    return httpx.Client(base_url=rally.url, auth=login, timeout=LONG, trust_env=False)


def test_must_both_ways_to_log_in_with_cookies(rally: Foreign) -> None:
    assert "set-cookie" not in rally.get("/user").headers
    with basic(rally) as http:
        granted = http.get(f"{ROOT}/security/authorize")
        assert granted.json()["OperationResult"]["_rallyAPIMajor"] == "2"
        token = granted.json()["OperationResult"]["SecurityToken"]
        assert "JSESSIONID" in http.cookies
        answer = http.post(f"{ROOT}/tag/create", params={"key": token}, json={"Tag": {"Name": "x"}})
        assert without_errors(answer)["Object"]["_refObjectName"] == "x"


def test_must_invalid_key(rally: Foreign) -> None:
    body = {"Tag": {"Name": "x"}}
    with basic(rally) as http:
        assert http.get(f"{ROOT}/tag").status_code == 200
        for key in ({}, {"key": "foreign"}, {"key": ""}):
            answer = http.post(f"{ROOT}/tag/create", params=key, json=body)
            assert inner(answer)["Errors"] == [INVALID_KEY]
        session = http.cookies["JSESSIONID"]
        rally.http.cookies.set("JSESSIONID", session)
        assert inner(rally.post("/tag/create", body))["Errors"] == [INVALID_KEY]
        rally.http.cookies.clear()
        assert inner(rally.post("/tag/create", body, key="None"))["Errors"] == []
    assert "x" in [each["Name"] for each in rally.rows("/tag")]


@pytest.mark.parametrize(
    "path", ["/Defect", "/DEFECTS", "/defects.js", "/defect.js", "/artifacts.js", "/Users"]
)
def test_must_paths_in_any_case_plural_and_with_suffix(rally: Foreign, path: str) -> None:
    plain = path.lower().removesuffix(".js").removesuffix("s")
    assert rally.rows(path, order="ObjectID") == rally.rows(plain, order="ObjectID")


def test_must_a_get_as_a_form(rally: Foreign) -> None:
    groups = '(Name = "x")'
    for place in range(300):
        groups = f'({groups} OR (Name = "{"long" * 9}{place}"))'
    form = {"_method": "GET", "query": f"({groups} OR (FormattedID = 1))", "fetch": "FormattedID"}
    (row,) = without_errors(rally.http.post(ROOT + DEFECT, data=form))["Results"]
    assert row["FormattedID"] == "DE1"
    with basic(rally) as http:
        assert inner(http.post(ROOT + DEFECT, data=form))["Errors"] == [INVALID_KEY]
        granted = http.get(f"{ROOT}/security/authorize").json()["OperationResult"]
        key = {"key": granted["SecurityToken"]}
        assert without_errors(http.post(ROOT + DEFECT, data=form, params=key))["Results"] == [row]


def test_must_all_envelopes(rally: Foreign) -> None:
    tag = {"Tag": {"Name": "x"}}
    made = rally.post("/tag/create", tag).json()["CreateResult"]
    path = ref(made["Object"])
    defect = ref(rally.one(DEFECT))
    added = {"CollectionItems": [{"_ref": path}]}
    entry = {"Entry": {"Path": path, "Method": "POST", "Body": {"Tag": {"Name": "y"}}}}
    answers = {
        "QueryResult": (rally.get("/tag"), "Results TotalResultCount StartIndex PageSize"),
        "Tag": (rally.get(path), "Name _ref"),
        "Feature": (rally.get(ref(rally.one("/portfolioitem/feature"))), "Name _ref _type"),
        "CreateResult": (rally.post("/tag/create", tag), "Object"),
        "OperationResult": (rally.post(path, tag), "Object"),
        "BatchResult": (rally.post("/batch", {"Batch": [entry]}), "Results"),
    }
    for name, (answer, fields) in answers.items():
        content = answer.json()[name]
        assert list(answer.json()) == [name]
        assert (content["Errors"], content["Warnings"]) == ([], [])
        assert (content["_rallyAPIMajor"], content["_rallyAPIMinor"]) == ("2", "0")
        assert set(fields.split()) <= set(content)
    changed = rally.post(f"{defect}/Tags/add", added).json()["OperationResult"]
    assert [ref(each) for each in changed["Results"]] == [path]
    deleted = rally.http.delete(ROOT + path).json()["OperationResult"]
    assert (deleted["Errors"], "Object" in deleted) == ([], False)
    gone = rally.get(path).json()["OperationResult"]
    assert (gone["Errors"], "Object" in gone) == (["Cannot find object to read"], False)


def test_must_singletons(rally: Foreign) -> None:
    assert list(rally.get("/user").json()) == ["User"]
    assert list(rally.get("/subscription").json()) == ["Subscription"]
    for path, query in (("/users", {}), ("/user", {"query": ""}), ("/subscriptions", {})):
        assert list(rally.get(path, **query).json()) == ["QueryResult"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (
            '((Name = "a") AND (Name = "b") AND (Name = "c"))',
            'Error parsing expression -- expected ")" but saw "AND" instead.',
        ),
        ("(State=Open)", 'Unknown operator ")"'),
        ('(Name ="a")', 'Unknown operator "="'),
        ('((Name = "a")AND(Name = "b"))', "Error parsing expression -- expected"),
        ("(Nope = 1)", 'Unknown attribute "Nope" of type Defect'),
        ('(Name = "a"', "Error parsing expression -- expected"),
    ],
)
def test_must_query_grammar_with_the_parse_errors(rally: Foreign, query: str, error: str) -> None:
    assert rally.refused(DEFECT, query=query).startswith(f"Could not parse: {error}")


def test_must_queries_that_parse(rally: Foreign) -> None:
    name = 'a "b" \\ (c) 100% & d'
    made = rally.create(DEFECT, {"Name": name})["FormattedID"]
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    for query in (
        f'(Name = "{quoted}")',
        '(Name CONTAINS "A \\"B")',
        f'((Name contains "100%") And (FormattedID = "{made}"))',
        f'(((Owner = null) AND (State in "Submitted,Open")) and (FormattedID = {made[2:]}))',
        f'((CreationDate >= today - 7) AND (FormattedID in "{made},DE9999"))',
    ):
        assert [row["FormattedID"] for row in rally.rows(DEFECT, query)] == [made]


def test_must_ordinal_and_numeric_comparison(rally: Foreign) -> None:
    rows = rally.rows(STORY)
    early = rally.rows(STORY, "(ScheduleState < Completed)")
    words = {"Idea", "Defined", "In-Progress"}
    assert len(early) == sum(row["ScheduleState"] in words for row in rows) > 0
    high = rally.rows(STORY, "(FormattedID >= US60)")
    assert len(high) == sum(int(row["FormattedID"][2:]) >= 60 for row in rows)
    large = rally.rows(STORY, "(PlanEstimate > 2.5)")
    assert len(large) == sum((row["PlanEstimate"] or 0) > 2.5 for row in rows) > 0


def test_must_dotted_paths_across_references_and_collections(rally: Foreign) -> None:
    owner = rally.one(STORY, "(Owner != null)")["Owner"]["_refObjectName"]
    for row in rally.rows(STORY, f'(Owner.DisplayName = "{owner}")'):
        assert row["Owner"]["_refObjectName"] == owner
    both = rally.rows("/artifact", '((Tags.Name = "spike") AND (Tags.Name = "R&D"))')
    for row in both:
        names = {each["Name"] for each in row["Tags"]["_tagsNameArray"]}
        assert {"spike", "R&D"} <= names
    task = rally.one("/task", "(WorkProduct.Iteration != null)")
    iteration = task["Iteration"]["_refObjectName"]
    assert rally.rows("/task", f'(WorkProduct.Iteration.Name = "{iteration}")')


def test_must_fetch_at_all_levels(rally: Foreign) -> None:
    fetch = "Name,Owner,UserName,PortfolioItem,FormattedID"
    row = rally.one(STORY, "((PortfolioItem != null) AND (Owner != null))", fetch=fetch)
    assert {"Name", "Owner", "FormattedID"} <= set(row)
    assert "@" in row["Owner"]["UserName"]
    assert row["PortfolioItem"]["FormattedID"].startswith("F")
    assert "ScheduleState" not in row
    shell = rally.one(STORY, fetch="false")
    assert all(name.startswith("_") for name in shell)
    assert rally.one(STORY, fetch='"Name,Nope"').keys() - shell.keys() == {"Name"}
    deep = "Name,WorkProduct[Name;Project[Name]]"
    task = rally.one("/task", fetch="", shallowFetch=deep)
    assert task["WorkProduct"]["Project"]["Name"]
    summed = rally.one(STORY, "(Tasks != null)", fetch="Tasks:summary[State;Owner]")["Tasks"]
    assert sum(summed["Summary"]["State"].values()) == summed["Count"]


def test_must_collection_shells(rally: Foreign) -> None:
    row = rally.one(STORY, "((Tags != null) AND (Tasks != null))")
    tasks, tags = row["Tasks"], row["Tags"]
    assert (tasks["_type"], tasks["Count"]) == ("Task", len(rally.below(row, "Tasks")))
    assert "Results" not in tasks
    assert [each["Name"] for each in tags["_tagsNameArray"]] == [
        each["Name"] for each in rally.below(row, "Tags")
    ]
    milestone = rally.one("/milestone")
    feature = rally.below(milestone, "Artifacts")[0]
    assert feature["Milestones"]["_tagsNameArray"][0]["Name"] == milestone["Name"]


def test_must_paging(play: Play) -> None:
    rally = play(tickets=5250)
    whole = {"project": "null", "order": "ObjectID", "fetch": "ObjectID"}
    first = rally.read(STORY, **whole)
    total = first["TotalResultCount"]
    assert (total, first["PageSize"], first["StartIndex"], len(first["Results"])) == (
        *(3000, 20, 1),
        20,
    )
    large = rally.read(STORY, pagesize=5000, **whole)
    assert (large["PageSize"], len(large["Results"])) == (2000, 2000)
    rest = rally.read(STORY, start=2001, pagesize=2000, **whole)
    assert len({row["ObjectID"] for row in large["Results"] + rest["Results"]}) == total
    past = rally.read(STORY, start=total + 1, **whole)
    assert (past["Results"], past["TotalResultCount"]) == ([], total)
    assert rally.refused(STORY, start=0).startswith("Could not convert: ")
    small = play(tickets=70, largest_page=7).read(STORY, pagesize=20, **whole)
    assert (small["TotalResultCount"], small["PageSize"], len(small["Results"])) == (40, 7, 7)


def test_must_project_scope(rally: Foreign) -> None:
    top = rally.create("/project", {"Name": "A"})
    beside = rally.create("/project", {"Name": "B", "Parent": top["_ref"]})
    middle = rally.create("/project", {"Name": "C", "Parent": top["_ref"]})
    below = rally.create("/project", {"Name": "D", "Parent": middle["_ref"]})
    for each in (top, beside, middle, below):
        rally.create(DEFECT, {"Name": each["Name"], "Project": each["_ref"]})
    for (up, down), names in SCOPES.items():
        directions: dict[str, Any] = {"projectScopeUp": up, "projectScopeDown": down}
        for project in (middle["_ref"], middle["ObjectID"], ref(middle)):
            rows = rally.rows(DEFECT, project=project, **directions)
            assert {row["Name"] for row in rows} == names
    everywhere = rally.rows(DEFECT, project="null")
    assert {"A", "B", "C", "D"} < {row["Name"] for row in everywhere}


def test_must_types(rally: Foreign) -> None:
    types = "hierarchicalrequirement,defect"
    rows = rally.rows("/artifact", types=types)
    assert {row["_type"] for row in rows} == {"HierarchicalRequirement", "Defect"}
    assert rally.rows("/artifact", "(ScheduleState = Defined)", types=types)
    error = rally.refused("/artifact", query="(ScheduleState = Defined)")
    expected = "Could not read: could not read all instances of class"
    assert error == f"{expected} com.f4tech.slm.domain.Artifact"
    unknown = rally.refused("/artifact", types="payjammas")
    assert unknown == 'Requested type name "payjammas" is unknown.'


def test_must_rank(rally: Foreign) -> None:
    def order() -> list[str]:
        return [row["Name"] for row in rally.rows(DEFECT, '(Name contains "ranked")', order="Rank")]

    a, b, c = (rally.create(DEFECT, {"Name": f"ranked {name}"}) for name in "abc")
    for where, expected in (
        ({"rankAbove": a["_ref"]}, "cab"),
        ({"rankBelow": a["_ref"]}, "acb"),
        ({"rankTo": "TOP"}, "cab"),
        ({"rankTo": "BOTTOM"}, "abc"),
    ):
        moved = rally.post(ref(c), {"Defect": {"_ref": c["_ref"]}}, **where)
        assert inner(moved)["Errors"] == []
        assert order() == [f"ranked {name}" for name in expected]
    assert b["DragAndDropRank"] < rally.again(c)["DragAndDropRank"]


def test_must_collection_add_and_remove(rally: Foreign) -> None:
    defect = rally.create(DEFECT, {"Name": "x"})
    tag = rally.one("/tag")
    added = rally.member(defect, "Tags", "add", {"_ref": tag["_ref"]}, {"Name": "brand new"})
    assert [each["_refObjectName"] for each in added["Results"]] == [tag["Name"], "brand new"]
    assert rally.member(defect, "Tags", "remove", {"_ref": tag["_ref"]})["Errors"] == []
    assert [each["Name"] for each in rally.below(defect, "Tags")] == ["brand new"]
    milestone = rally.one("/milestone")
    rally.member(defect, "Milestones", "add", {"_ref": milestone["_ref"]})
    assert defect["_ref"] in [each["_ref"] for each in rally.below(milestone, "Artifacts")]


def test_must_batch(rally: Foreign) -> None:
    defect = rally.create(DEFECT, {"Name": "x"})
    entries = [
        ("POST", ref(defect), {"Defect": {"State": "Open"}}),
        ("POST", ref(defect), {"Defect": {"State": "Nope"}}),
        ("PUT", "/task/create", {"Task": {"Name": "x", "WorkProduct": ref(defect)}}),
        ("GET", f"{ref(defect)}/Tasks", None),
    ]
    batch = [{"Entry": {"Method": m, "Path": p, "Body": b}} for m, p, b in entries]
    results = inner(rally.post("/batch", {"Batch": batch}, fetch="State"))["Results"]
    changed, refused, made, listed = results
    assert changed["Object"]["State"] == "Open"
    assert refused["Errors"][0].startswith("Validation error: ")
    assert listed["Results"][0]["_ref"] == made["Object"]["_ref"]


def test_must_attachments_both_ways(rally: Foreign) -> None:
    defect = rally.create(DEFECT, {"Name": "x"})
    content, name = bytes(range(256)), "50% of #2/größe (1).bin"
    text = base64.b64encode(content).decode()
    stored = rally.create("/attachmentcontent", {"Content": text})
    fields = {"ContentType": "application/x-a", "Size": len(content), "Content": stored["_ref"]}
    made = rally.create("/attachment", {**fields, "Name": name, "Artifact": defect["_ref"]})
    encoded = httpx.URL(f"/slm/attachment/{made['ObjectID']}/50%25%20of%20%232%2Fgr%C3%B6%C3%9Fe")
    raw = rally.http.get(encoded)
    assert (raw.content, raw.headers["content-type"]) == (content, "application/x-a")
    assert base64.b64decode(rally.again(stored)["Content"]) == content
    (listed,) = rally.below(defect, "Attachments", fetch="Name,Size,ContentType,Content")
    assert (listed["Name"], listed["Size"]) == (name, len(content))
    broken = rally.post(
        "/attachmentcontent/create", {"AttachmentContent": {"Content": "QUJD\nQQ=="}}
    )
    assert inner(broken)["Errors"][0].startswith("Could not convert: ")
    without_errors(rally.http.delete(made["_ref"]))
    assert rally.http.get(encoded).status_code == 404
    assert "Cannot find" in rally.http.get(stored["_ref"]).text


def test_must_images_in_rich_text(rally: Foreign) -> None:
    row = rally.one(STORY, '(Notes contains "<img")')
    address = row["Notes"].partition('src="')[2].partition('"')[0]
    image = rally.http.get(address)
    assert (image.headers["content-type"], image.content[:4]) == ("image/png", b"\x89PNG")
    (error,) = rally.update(row, Notes="<p>x</p><iframe></iframe>")["Errors"]
    assert error.startswith("Validation error: ")


def test_must_allowed_values(rally: Foreign) -> None:
    definition = rally.one("/typedefinition", '(ElementName = "Defect")')
    attributes = rally.below(definition, "Attributes", pagesize=200)
    (state,) = (each for each in attributes if each["ElementName"] == "State")
    values = rally.below(state, "AllowedValues")
    assert [each["StringValue"] for each in values] == ["Submitted", "Open", "Fixed", "Closed"]
    assert all(each["ObjectID"] < 0 for each in (definition, state, *values))
    states = rally.rows("/state", '(TypeDef.Name = "Feature")', order="OrderIndex")
    assert states[-1]["AcceptedMarker"] is True


def schema(rally: Foreign) -> dict[str, Any]:
    oid = rally.one("/workspace")["ObjectID"]
    moved = rally.http.get(f"/slm/schema/v2.0/workspace/{oid}")
    assert moved.status_code == 302
    address = moved.headers["location"]
    assert len(address.rpartition("/")[2]) >= 16
    types = without_errors(rally.http.get(address))["Results"]
    return {each["ElementName"]: each for each in types}


def test_must_schema_redirect(rally: Foreign) -> None:
    types = schema(rally)
    assert types["Feature"]["Ordinal"] == 0
    assert types["HierarchicalRequirement"]["IDPrefix"] == "US"
    severity = {each["ElementName"]: each for each in types["Defect"]["Attributes"]}["Severity"]
    assert {"StringValue", "LocalizedStringValue"} <= set(severity["AllowedValues"][0])


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (DEFECT, "c_Nope"),
        (DEFECT, "FormattedID"),
        ("/task", "PlanEstimate"),
        ("/task", "FlowState"),
    ],
)
def test_must_warn_of_ignored_elements(rally: Foreign, path: str, field: str) -> None:
    row = rally.one(path)
    result = rally.update(row, Name="still written", **{field: 1})
    element = f"{row['_type'].lower()}.{field}"
    assert (result["Errors"], result["Warnings"]) == (
        [],
        [f"Ignored JSON element {element} during processing of this request."],
    )
    assert rally.again(row)["Name"] == "still written"


@pytest.mark.parametrize(
    ("path", "fields", "missing"),
    [
        (STORY, {}, "HierarchicalRequirement.Name"),
        ("/task", {"Name": "x"}, "Task.WorkProduct"),
        ("/iteration", {"Name": "x", "StartDate": "2026-01-01"}, "Iteration.EndDate"),
        ("/conversationpost", {"Text": "x"}, "ConversationPost.Artifact"),
    ],
)
def test_must_ask_for_required_fields(
    rally: Foreign, path: str, fields: dict[str, Any], missing: str
) -> None:
    answer = rally.post(f"{path}/create", {path.strip("/"): fields})
    assert inner(answer)["Errors"] == [f"Validation error: {missing} should not be null"]


def test_must_html_for_401_and_5xx(play: Play) -> None:
    rally = play(faults=[{"match": {"path": "v2.0/defect"}, "fault": "status", "status": 500}])
    stranger = httpx.get(rally.url + ROOT + "/tag", trust_env=False)
    wrong = rally.http.get(ROOT + "/tag", headers={"ZSESSIONID": "_wrong"})
    reading = {"ZSESSIONID": rally.emulator.ready.read_only_api_key}
    write = rally.http.post(ROOT + "/tag/create", headers=reading, json={"Tag": {"Name": "x"}})
    broken = rally.get(DEFECT)
    for answer, status in ((stranger, 401), (wrong, 401), (write, 401), (broken, 500)):
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        with pytest.raises(ValueError):
            json.loads(answer.text)
    away = rally.http.get("/slm/webservice/v1.0/defect")
    assert (away.status_code, "login" in away.headers["location"]) == (302, True)


def ref(row: dict[str, Any]) -> str:
    """Return the relative reference of an object."""
    address: str = row["_ref"]
    return address.partition(ROOT)[2]
