"""How flows are declared: places that exist, steps of plugins, drawings; the real uses of it by provinces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bedside import admission, bill, done, run, shown
from dying import Plugin
from liangding.cli.app import run as cli
from liangding.config import Deployment, Kind
from liangding.contract.hookspecs import hookimpl
from liangding.contract.questions import AnswerKind
from liangding.contract.steps import Change
from liangding.errors import ConfigurationError
from liangding.flows import After, Around, Before, EachCall, Flows, FlowStopped, Question, Status, Work, step
from liangding.flows.all import FLOWS
from liangding.journal.flows import AT_REST
from liangding.knowledge.interfaces import BASELINE
from liangding.runtime import Runtime
from liangding.server.openapi import openapi
from liangding.spec.nodes import members, node_of
from support import Rig, free_port, new_key, rig_for
from support import bill as purchase_bill
from test_server import serving


def place(path: str) -> bool:
    """Whether ``2201.output.data.mdtrt_id`` is a place of a declaration."""
    infno, side, *names = path.split(".")
    shape = getattr(BASELINE[infno], side)
    nodes: list[Any] = [node_of(shape)]
    for name in names:
        found = [m for node in nodes for m in members(node) if m.wire == name]
        if not found:
            return False
        nodes = [m.node for m in found if m.node is not None]
    return True


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_a_flow_names_what_exists(flow: Any) -> None:
    names = [each.name for each in flow.steps]
    assert len(set(names)) == len(names)
    for each in flow.steps:
        assert each.run.__doc__, each.name
        assert each.skip is None or each.when, each.name
        for infno in (*each.calls, *filter(None, [each.undone_by])):
            assert infno in BASELINE
        for path in each.takes:
            assert place(path), path
        taken_back = {BASELINE[infno].undone_by for infno in each.calls} - {None}
        assert each.undone_by in taken_back or not taken_back or flow.name == "pharmacy_refund", each.name
    assert flow.undone_by is None or flow.undone_by in {each.name for each in FLOWS}


# -- steps of plugins --------------------------------------------------------------------------------------------------


@step("密码校验", when="结算前")
def check_password(work: Work[Any]) -> None:
    """Ask for the password."""
    if work.ask(Question(id="password", text="请输入密码", kind=AnswerKind.SECRET)) != "123456":
        work.forget("password")
        raise FlowStopped("密码不对")
    work.kept["checked"] = "yes"


def with_plugin(rig: Rig, *changes: Change) -> Runtime:
    return Runtime(rig.deployment, plugins={"added": Plugin("outpatient", *changes)})


def test_a_step_of_a_plugin_stops_a_settlement_and_lets_it_go_on(ward: Rig) -> None:
    with with_plugin(ward, Before("settle", check_password)) as runtime:
        flows = Flows(runtime)
        assert [s.name for s in flows.steps("outpatient")][-3:] == ["check_password", "settle", "print_slip"]
        view = flows.start("outpatient", bill(ward.person()), key="B1")
        view = flows.answer(view.id, "yes")
        assert (view.step, view.question and view.question.kind.value) == ("check_password", "secret")
        view = flows.answer(view.id, "000000")
        assert (view.status, view.error and view.error["message"]) == (Status.STOPPED, "密码不对")
        assert ward.standing() == []
        view = flows.answer(flows.resume(view.id).id, "123456")
        assert view.status is Status.DONE
        assert "123456" not in str(view.as_json())


def test_a_flow_that_stands_at_a_step_of_a_plugin_waits_for_the_plugin(ward: Rig) -> None:
    with with_plugin(ward, Before("settle", check_password)) as runtime:
        flows = Flows(runtime)
        view = flows.answer(flows.start("outpatient", bill(ward.person()), key="B1").id, "yes")
        flows.answer(view.id, "000000")
    with pytest.raises(FlowStopped, match="没有这一步"):
        ward.flows.resume(view.id)
    assert ward.standing() == []
    assert ward.flows.get(view.id).status is Status.STOPPED, "it is nobody's who cannot go on with it"
    with with_plugin(ward, Before("settle", check_password)) as runtime:
        assert Flows(runtime).resume(view.id).status is Status.QUESTION


def test_a_plugin_goes_round_a_step_and_sees_each_call(ward: Rig) -> None:
    seen: list[str] = []

    def around(work: Work[Any], go_on: Callable[[], None]) -> None:
        seen.append("before")
        go_on()
        seen.append(work.state.settlement.setl_id)

    def see(work: Work[Any], infno: str, message: Any) -> None:
        seen.append(infno)

    changes = (Around("settle", around), EachCall(see), After("print_slip", attrs_named("after_all", seen)))
    with with_plugin(ward, *changes) as runtime:
        flows = Flows(runtime)
        view = flows.answer(flows.start("outpatient", bill(ward.person()), key=new_key()).id, "yes")
        assert view.status is Status.DONE
    settled = view.result["settlement"].setl_id
    assert seen == ["1101", "2201", "2203", "2204", "2206", "before", "2207", settled, "after_all"]


def attrs_named(name: str, seen: list[str]) -> Any:
    def last(work: Work[Any]) -> None:
        """Say that it was reached."""
        seen.append(name)

    last.__name__ = name
    return step("最后")(last)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Before("setle", check_password), "没有这一步"),
        (After("settle", step("又一次")(FLOWS[2].steps[0].run)), "已经有了"),
    ],
)
def test_a_change_that_fits_nowhere_is_an_error_at_start(ward: Rig, change: Change, words: str) -> None:
    with with_plugin(ward, change) as runtime, pytest.raises(ConfigurationError, match=words):
        Flows(runtime)


class Asked:
    """A plugin that changes nothing, and knows how often it was asked."""

    times = 0

    @hookimpl
    def liangding_flow_steps(self, flow: str, deployment: Deployment) -> Iterable[Change]:
        self.times += 1
        return ()


def test_plugins_are_asked_once_for_each_flow_and_never_by_a_step(rig: Rig) -> None:
    asked = Asked()
    with Runtime(rig.deployment, plugins={"asked": asked}) as runtime:
        flows = Flows(runtime)
        assert asked.times == len(flows.names())
        bought = flows.start("pharmacy_purchase", purchase_bill(rig.person(), use_account=True), key="R1")
        flows.answer(bought.id, "yes")
        back = {"credential": shown(rig.person(), "01"), "purchase": bought.id}
        view = done(flows.answer(flows.start("pharmacy_refund", back, key="R1-back").id, "yes"))
        assert view.result["cancelled"] is not None
        assert asked.times == len(flows.names())


# -- Sichuan's control -------------------------------------------------------------------------------------------------


@pytest.fixture
def panzhihua(tmp_path: Path) -> Any:
    settings = {"province": "sichuan", "area": "510400", "kind": Kind.HOSPITAL, "gateway": "plain"}
    with rig_for(tmp_path, code="H51040000001", **settings) as made:
        yield made


def tokens(rig: Rig, infno: str) -> list[str]:
    """The tokens that the journal has of a transaction's requests."""
    calls = rig.runtime.journal.latest(infno=infno, limit=100)
    return [str(call.request).partition('"card_token":"')[2].partition('"')[0] for call in calls]


@pytest.mark.parametrize("given", [True, False])
def test_the_token_of_a_visit_travels_with_every_call_that_carries_it(panzhihua: Rig, *, given: bool) -> None:
    person = panzhihua.person()
    credential = shown(person) | ({"card_token": "made-up"} if given else {})
    view = panzhihua.flows.start("outpatient", bill(person, credential=credential), key=new_key())
    if not given:
        assert view.question is not None
        assert "2207A" in view.question.text
        view = panzhihua.flows.answer(view.id, "made-up")
    done(panzhihua.flows.answer(view.id, "yes"))
    for infno in ("1101", "2201", "2203A", "2204", "2206A", "2207A"):
        assert tokens(panzhihua, infno) == ["made-up"], infno


def test_a_stay_takes_a_token_for_every_call(panzhihua: Rig) -> None:
    done(run(panzhihua, "admission", admission(panzhihua.person()), card_token_1101="one", card_token_2401="two"))
    assert (tokens(panzhihua, "1101"), tokens(panzhihua, "2401")) == (["one"], ["two"])


# -- drawings and documents --------------------------------------------------------------------------------------------


def test_flow_show_draws_the_steps(capsys: pytest.CaptureFixture[str], panzhihua: Rig) -> None:
    assert cli(["flow", "show", "outpatient"]) == 0
    drawn = capsys.readouterr().out
    assert all(each.name in drawn for each in FLOWS[2].steps)
    assert "take_card_token" not in drawn
    assert cli(["flow", "show", "outpatient", "--config", str(panzhihua.config)]) == 0
    drawn = capsys.readouterr().out
    assert "take_card_token" in drawn
    assert "sichuan" in drawn
    assert cli(["flow", "show"]) == 0
    assert all(each.name in capsys.readouterr().out for each in FLOWS[:1])
    assert cli(["flow", "show", "outpatint"]) == 1


def test_a_visit_through_the_http_api_and_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    more = f'[server]\nport = {port}\napi_keys = [{{ name = "his", key = {{ file = "secrets/journal" }} }}]'
    with rig_for(tmp_path, kind=Kind.HOSPITAL, code="H44190000001", more=more) as rig:
        key = (tmp_path / "secrets" / "journal").read_text()
        with serving(rig.config, port=port), httpx.Client(trust_env=False, timeout=30) as client:
            flows, headers = (
                f"http://127.0.0.1:{port}/v1/flows",
                {"authorization": f"Bearer {key}", "idempotency-key": "B1"},
            )
            view = client.post(f"{flows}/outpatient", json=bill(rig.person()), headers=headers).json()
            assert (view["status"], view["question"]["kind"]) == ("question", "choice")
            view = client.post(f"{flows}/{view['id']}/answer", json={"value": "yes"}, headers=headers).json()
            assert view["status"] == "done"
            assert view["result"]["settlement"]["setl_id"] in rig.standing()
        file = tmp_path / "undo.json"
        undo = {"credential": shown(rig.person()), "level": "registration", "bill": view["id"]}
        file.write_text(json.dumps(undo), "utf-8")
        start = ["flow", "start", "outpatient_undo", str(file), "--config", str(rig.config)]
        assert cli([*start, "--answer", "confirm_undo=yes", "--key", "U1", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["result"]["registration_cancelled"]
        assert rig.standing() == []


def test_every_flow_is_in_the_api_document(ward: Rig) -> None:
    document = openapi(ward.runtime, ward.flows)
    for flow in FLOWS:
        assert f"/v1/flows/{flow.name}" in document["paths"]
    rows = document["components"]["schemas"]["flows.outpatient.bill.OutpatientGiven"]["properties"]["rows"]
    assert rows["items"] == {"$ref": "#/components/schemas/flows.visits.FeeItem"}
    facts = document["components"]["schemas"]["flows.registrations.ChronicDiseaseFacts"]
    assert {"opsp_dise_code", "hosp_ide_date"} <= set(facts["required"])
    assert "psn_no" not in facts["properties"]


def test_a_flow_is_under_way_or_at_rest_for_the_journal_as_for_flows() -> None:
    """The journal keeps statuses as words."""
    assert set(Status) == {Status.RUNNING, Status.QUESTION, Status.UNKNOWN, *AT_REST}
