"""What the API says of itself: its document describes every route, behaviour keeps to it, and so do the pages."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs
import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from liangding.config import Kind
from liangding.server.app import api
from liangding.simulator.background import Served
from support import Rig, rig_for

MORE = """
[resolution]
believe_seconds = 0

[ecredential]
by = "platform"
office_id = "A01"
office_name = "收费处"
"""

DOCUMENT = "urn:document"

GUIDE = Path(__file__).parent.parent / "docs" / "http-api.md"


@attrs.frozen
class Told:
    """A hospital's API at work, and what it says of itself."""

    rig: Rig
    app: Starlette
    url: str
    client: httpx.Client
    document: dict[str, Any]
    registry: jsonschema_rs.Registry

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield path, method, operation

    def wrong(self, place: tuple[str, ...], value: Any) -> list[str]:
        """What of a value does not fit the schema that stands at a place of the document."""
        pointer = "/".join(each.replace("~", "~0").replace("/", "~1") for each in place)
        held = {"$ref": f"{DOCUMENT}#/{quote(pointer)}"}
        validator = jsonschema_rs.validator_for(held, registry=self.registry)
        return [f"{each.message} at {each.instance_path}" for each in validator.iter_errors(value)]

    def misfit(self, path: str, method: str, response: httpx.Response) -> list[str]:
        """What of a response does not fit what the document says of its operation."""
        place: tuple[str, ...] = ("paths", path, method, "responses", str(response.status_code))
        described = self.document["paths"][path][method]["responses"].get(str(response.status_code))
        if described is None:
            return [f"{response.status_code} is not described: {response.text[:200]}"]
        if "$ref" in described:
            place = ("components", "responses", described["$ref"].rpartition("/")[2])
            described = self.document["components"]["responses"][place[2]]
        kind = response.headers["content-type"].partition(";")[0]
        if kind not in described["content"]:
            return [f"{kind} is not described"]
        if not kind.endswith("json"):
            return []
        return self.wrong((*place, "content", kind, "schema"), response.json())


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("told")
    with rig_for(folder, kind=Kind.HOSPITAL, code="H44190000001", more=MORE) as rig:
        app = api({"main": rig.runtime})
        with Served(app) as served, httpx.Client(base_url=served.url, trust_env=False, timeout=60) as client:
            document = client.get("/openapi.json").json()
            registry = jsonschema_rs.Registry([(DOCUMENT, document)])
            yield Told(rig, app, served.url, client, document, registry)


OF_THE_SERVER = ("health", "live", "ready")


def routes(app: Starlette) -> set[tuple[str, str]]:
    """Method and path of everything that is offered directly under /v1."""
    (mounted,) = [each for each in app.routes if isinstance(each, Mount) and each.path == "/v1"]
    found = {("get", f"/v1/{name}") for name in OF_THE_SERVER}
    for route in mounted.routes:
        assert isinstance(route, Route)
        found |= {(method.lower(), f"/v1{route.path}".replace(":int", "")) for method in route.methods or ()}
    return {each for each in found if each[0] != "head" and each[1] != "/v1/openapi.json"}


def test_every_route_is_in_the_document_and_nothing_else(told: Told) -> None:
    flows, interfaces = told.rig.flows.names(), told.rig.runtime.interfaces
    numbers = [number for number in interfaces.numbers() if not interfaces[number].incoming]
    by_name = {
        ("post", "/v1/transactions/{infno}"): {("post", f"/v1/transactions/{number}") for number in numbers},
        ("post", "/v1/flows/{flow}"): {("post", f"/v1/flows/{name}") for name in flows},
        ("get", "/v1/flows/{flow}/by-key"): {("get", f"/v1/flows/{name}/by-key") for name in flows},
    }
    expected = {each for route in routes(told.app) for each in by_name.get(route, {route})}
    assert {(method, path) for path, method, _ in told.operations()} == expected


def test_every_deployment_has_its_document(told: Told) -> None:
    own = told.client.get("/v1/deployments/main/openapi.json").json()
    moved = {path.replace("/v1/", "/v1/deployments/main/", 1) for path in told.document["paths"]}
    whole = {f"/v1/deployments/main/{name}" for name in OF_THE_SERVER}
    assert set(own["paths"]) == moved - whole | {f"/v1/{name}" for name in OF_THE_SERVER}
    assert own["components"] == told.document["components"]


def test_everything_has_a_chinese_name_and_flows_are_named_apart(told: Told) -> None:
    schemas = told.document["components"]["schemas"]
    nameless = [(name, key) for name, held in schemas.items() for key, value in held.get("properties", {}).items()
                if not value.get("title")]  # fmt: skip
    assert not nameless
    paths = told.document["paths"]
    bodies = {name: paths[f"/v1/flows/{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
              for name in ("inpatient_undo", "outpatient_undo")}  # fmt: skip
    assert "stay" in bodies["inpatient_undo"]["properties"]
    assert "bill_key" in bodies["outpatient_undo"]["properties"]
    view = schemas["View.pharmacy_purchase"]["properties"]
    assert {"question", "result", "status"} <= view.keys()
    assert "setlinfo" in schemas["told.receipts.money.SettledMoney"]["properties"]


def test_each_example_fits_its_schema_and_is_taken(told: Told) -> None:
    """Nothing that the document shows is refused as malformed, and whatever comes back is as described."""
    wrong: list[Any] = []
    for number, (path, method, operation) in enumerate(told.operations()):
        asked, headers, query = path, {}, {}
        for each in operation.get("parameters", ()):
            if each["in"] == "path":
                asked = asked.replace(f"{{{each['name']}}}", str(each["example"]))
            elif each["in"] == "header":
                headers[each["name"]] = f"{each['example']}-{number}"
            elif each["required"]:
                query[each["name"]] = "none"
            elif each["name"] == "seconds":  # a stream gives what is there
                query["seconds"] = "0"
        sent: dict[str, Any] = {}
        if "requestBody" in operation:
            sent["json"] = operation["requestBody"]["content"]["application/json"]["example"]
            place = ("paths", path, method, "requestBody", "content", "application/json", "schema")
            wrong += [(asked, each) for each in told.wrong(place, sent["json"])]
        response = told.client.request(method.upper(), asked, headers=headers, params=query, **sent)
        wrong += [(asked, each) for each in told.misfit(path, method, response)]
        if response.status_code in (400, 413, 415, 422, 500):
            wrong.append((asked, response.status_code, response.text[:300]))
    assert not wrong, "\n".join(map(str, wrong))


MONEY = ("1101", "2102", "2207", "2304", "2601", "4101A")
"""The transactions of which requests are generated beside everything that is none."""

SENT = ("method", "url", "headers", "params", "json", "data")


def generated(operation: Any, mode: GenerationMode) -> list[Any]:
    """A few requests to an operation, the same ones each time."""
    made: list[Any] = []

    @settings(
        max_examples=2, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Any) -> None:
        made.append(case)

    with contextlib.suppress(Unsatisfiable):  # where nothing can be asked wrongly
        draw()
    return made


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "not fitting"])
def test_whatever_is_sent_is_answered_as_described(told: Told, mode: GenerationMode) -> None:
    """Requests made from the document, those that fit it and those that do not: none is a 500."""
    wrong: list[Any] = []
    for result in schemathesis.openapi.from_dict(told.document).get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        transaction = operation.path.startswith("/v1/transactions/")
        if transaction and operation.path.rpartition("/")[2] not in MONEY:
            continue
        for case in generated(operation, mode):
            sent = {k: v for k, v in case.as_transport_kwargs(base_url=told.url).items() if k in SENT}
            if operation.path == "/v1/events" and str((sent.get("params") or {}).get("seconds", "0")).isdecimal():
                sent["params"] = {**sent["params"], "seconds": "0"}
            try:
                request = told.client.build_request(**{**sent, "headers": dict(sent["headers"])})
                response = told.client.send(request)
            except (ValueError, TypeError, httpx.LocalProtocolError):  # what no client can put on the line
                continue
            found = told.misfit(operation.path, operation.method, response)
            if found or response.status_code == 500:
                wrong.append((str(request.url), response.status_code, found, sent.get("json")))
    assert not wrong, "\n".join(map(str, wrong))


# -- the pages ---------------------------------------------------------------------------------------------------------


def test_the_guide_names_every_route_with_its_right(told: Told) -> None:
    text = GUIDE.read_text("utf-8")
    written = {
        (method.lower(), path): right
        for method, path, right in re.findall(r"^\| `(GET|POST) (/\S+)` \|.*\| ?(\w*) \|$", text, re.MULTILINE)
    }
    assert written.keys() == routes(told.app)
    for path, method, operation in told.operations():
        generic = re.sub(r"^/v1/flows/\w+(/by-key)?$", r"/v1/flows/{flow}\1", path)
        generic = path if path.startswith("/v1/flows/debts") else re.sub(r"(?<=transactions/).+", "{infno}", generic)
        right = f"权限 {written[method, generic]}" if written[method, generic] else ""
        assert operation.get("description", "").endswith(right), path


def test_the_guide_names_every_error_with_its_status(told: Told) -> None:
    text = GUIDE.read_text("utf-8").partition("| status | code |")[2]
    written = {
        (int(status), code)
        for status, cell in re.findall(r"^\| (\d{3}) \| ([^|]+) \|", text, re.MULTILINE)
        for code in re.findall(r"`(\w+)`", cell)
    }
    described = {
        (int(name[1:]), code)
        for name, each in told.document["components"]["responses"].items()
        for code in each["description"].partition("error.code：")[2].split("、")
        if code
    }
    assert written == described
