"""Devices in the regions: Sichuan's control, Gansu's password, Dongguan's media, Guangdong's card signature."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

import bedside
from bedside import HOSPITAL
from compiled import CONTROL, compiled
from liangding.config import Kind, load_deployment
from liangding.contract import hookimpl
from liangding.contract.devices import Medium, PasswordRequest, Patience, Reading, Signature
from liangding.devices.simulated import SimulatedReader
from liangding.errors import ConfigurationError, UnknownTransaction
from liangding.flows import Flows, Status, View
from liangding.identity import credential_of, scenario_named
from liangding.identity import decode as decode_code
from liangding.national.passwords import digest
from liangding.runtime import Runtime
from liangding.simulator.people import Person
from liangding.wire.json import decode
from shell import liangding
from support import Rig, bill, new_key, rig_for, run_flow, simulated_rig_for, write_deployment
from test_device_library import control_log, show_card
from test_devices import YES, persona_of, shows

ANSWERS = {**YES, "confirm_refund": "yes", "confirm_undo": "yes", "insured_place": "510400"}
CONTROLS = """\
[devices.control]
driver = "vendorlib"
library = "yinhai"
path = "{path}"
values = {{ local_type = "1", out_type = "1" }}
"""


@contextmanager
def sichuan(folder: Path, **settings: Any) -> Iterator[Rig]:
    """An institution in Panzhihua with the control, compiled a moment ago, in a folder of its own."""
    path = folder / "control" / "yh_interface_chs.so"
    path.parent.mkdir()
    shutil.copy(compiled(CONTROL), path)
    more = CONTROLS.format(path=path)
    with rig_for(
        folder, province="sichuan", area="510400", gateway="plain", more=more, plugins=("vendorlib",), **settings
    ) as rig:
        present(rig, rig.person())
        yield rig


def present(rig: Rig, person: Person, kind: str = "03") -> None:
    """Put the person's card, or code, before the control."""
    number = {"03": person.card_no, "01": person.token}[kind]
    show_card(
        rig.folder / "control", card_no=person.card_no, psn_name=person.name, certno=person.certno,
        mdtrt_cert_type=kind, mdtrt_cert_no=number, card_sn=person.card_sn, insuplc_admdvs="510499",
    )  # fmt: skip


def flow(rig: Rig, name: str, given: dict[str, Any], key: str) -> View:
    """A flow that nobody gave a credential, answered to its end."""
    given = {field: value for field, value in given.items() if field != "credential"}
    view = run_flow(rig.flows, rig.flows.start(name, given, key=key), ANSWERS)
    assert view.status is Status.DONE, view.error
    return view


def bore(rig: Rig, view: View) -> list[tuple[str, str]]:
    """Which call of a flow bore which token, in order; those that bear none are left out."""
    nodes = [
        (call.infno, each)
        for call in rig.runtime.journal.of_flow(view.id)
        for node in decode(call.request)["input"].values()
        for each in (node if isinstance(node, list) else [node])
    ]
    held = [(infno, (each.get("expContent") or {}).get("card_token")) for infno, each in nodes]
    return list(dict.fromkeys((infno, token) for infno, token in held if token))


def test_sichuan_a_purchase_and_its_refund(tmp_path: Path) -> None:
    with sichuan(tmp_path, code="P51040000001") as rig:
        bought = flow(rig, "pharmacy_purchase", bill(rig.person(), "R1"), "R1")
        assert bore(rig, bought) == [(n, "tok-1-2102A") for n in ("1101", "2101A", "2102A")]
        asked = decode(rig.runtime.journal.of_flow(bought.id)[0].request)
        assert (asked["infno"], asked["insuplc_admdvs"]) == ("1101", "510499"), "where the control says"
        back = flow(rig, "pharmacy_refund", {"purchase_key": "R1"}, "B1")
        assert bore(rig, back) == [(n, "tok-2-2103") for n in ("1101", "2103")]
        rig.runtime.sign_out()
        assert control_log(rig.folder / "control") == [
            "init", "call 2102A tok-1-2102A", "call 2103 tok-2-2103", "destroy",
        ]  # fmt: skip
        assert rig.standing() == []


def test_sichuan_a_visit_with_two_bills_and_its_undo(tmp_path: Path) -> None:
    with sichuan(tmp_path, kind=Kind.HOSPITAL, code="H51040000001") as rig:
        present(rig, rig.person(), "01")
        first = flow(rig, "outpatient", bedside.bill(rig.person(), "B1"), "B1")
        visit = ("1101", "2201", "2203A", "2204", "2206A", "2207A")
        assert bore(rig, first) == [(n, "tok-1-2207A") for n in visit]
        second = flow(rig, "outpatient", bedside.bill(rig.person(), "B2", visit_key="B1"), "B2")
        assert {token for _, token in bore(rig, second)} == {"tok-2-2207A"}
        assert [n for n, _ in bore(rig, second)] == [n for n in visit if n != "2201"]
        back = flow(rig, "outpatient_undo", {"bill_key": "B2", "level": "settlement"}, "U2")
        assert bore(rig, back) == [(n, "tok-3-2208") for n in ("1101", "2208")]
        undone = flow(rig, "outpatient_undo", {"bill_key": "B1", "level": "registration"}, "U1")
        assert {token for _, token in bore(rig, undone)} == {"tok-4-2202"}
        assert rig.standing() == []


def test_sichuan_every_call_of_a_stay_has_a_token_of_its_own(tmp_path: Path) -> None:
    with sichuan(tmp_path, kind=Kind.HOSPITAL, code="H51040000001") as rig:
        person = rig.person()
        tables = [bore(rig, flow(rig, "admission", bedside.admission(person), "A1"))]
        flow(
            rig, "inpatient_fees", {"stay": bedside.STAY, "doctor": bedside.DOCTOR, "rows": [bedside.item("F1")]}, "F1"
        )
        tables.append(bore(rig, flow(rig, "discharge", bedside.discharge(person), "D1")))
        tables.append(bore(rig, flow(rig, "inpatient_undo", {"stay": bedside.STAY, "level": "settlement"}, "U1")))
        assert [[infno for infno, _ in table] for table in tables] == [
            ["1101", "2401"], ["1101", "2303A", "2304A"], ["1101", "2305"],
        ]  # fmt: skip
        held = [(infno, token) for table in tables for infno, token in table]
        assert all(token.endswith(f"-{infno}") for infno, token in held), "got under the call's own number"
        assert len({token for _, token in held}) == len(held), "and for that call alone"


def test_sichuan_somebody_else_at_the_control_is_refused(tmp_path: Path) -> None:
    with sichuan(tmp_path, kind=Kind.HOSPITAL, code="H51040000001") as rig:
        flow(rig, "admission", bedside.admission(rig.person()), "A1")
        present(rig, rig.person("retired"))
        given = {"stay": bedside.STAY, "level": "admission"}
        view = run_flow(rig.flows, rig.flows.start("inpatient_undo", given, key="U1"), ANSWERS)
        assert view.error is not None
        assert view.error["code"] in ("other_person", "wrong_card")


def test_sichuan_a_token_of_another_transaction_is_not_used(tmp_path: Path) -> None:
    """One that was got under 2201 serves 2201 only: without a device a fresh one is asked of the till's program."""
    with rig_for(tmp_path, province="sichuan", area="510400", gateway="plain", code="P51040000001") as rig:
        person, given = rig.person(), bill(rig.person())
        for got_for, asks in (("2201", True), ("2102A", False), (None, False)):
            shown = {"type": "01", "number": person.token, "card_token": "tok", "card_token_for": got_for}
            view = rig.flows.start("pharmacy_purchase", {**given, "credential": shown}, key=new_key())
            assert view.question is not None
            assert (view.question.id == "card_token") == asks
            if asks:
                assert (view.question.kind, view.question.whom) == ("secret", "收银程序")
                assert view.question.read is not None
                assert view.question.read.infno == "2102A"


# -- Gansu -------------------------------------------------------------------------------------------------------

WRONG = "135791"
GANSU = '[features]\npassword = ["03"]\n[devices.till]\ndriver = "simulated"\n'


def test_gansu_no_settlement_without_the_password(tmp_path: Path) -> None:
    """Wrong three times: locked, nothing settled. Another card: wrong, then right; then the password is changed."""
    with rig_for(tmp_path, province="gansu", area="620100", gateway="plain", code="P62010000001", more=GANSU) as rig:
        device = shows(rig, rig.person(), media=(Medium.SOCIAL_CARD,))
        device.password = "864209"
        given = {k: v for k, v in bill(rig.person(), "R1").items() if k != "credential"}

        def until_password(key: str) -> View:
            view = rig.flows.start("pharmacy_purchase", given, key=key)
            while view.question is not None and view.question.id in ANSWERS:
                view = rig.flows.answer(view.id, ANSWERS[view.question.id])
            assert view.question is not None
            assert (view.question.id, view.question.kind) == ("password", "secret")
            return view

        view = until_password("R1")
        for left in (2, 1):
            view = rig.flows.answer(view.id, WRONG)
            assert view.question is not None
            assert f"{left} 次" in view.question.text
        view = rig.flows.answer(view.id, WRONG)
        assert view.error is not None
        assert view.error["code"] == "card_locked"
        assert (rig.sent("2102"), rig.sent("2102A"), rig.standing()) == (0, 0, [])

        device._tries = 3  # the holder had it unlocked
        view = until_password("R2")
        view = rig.flows.answer(view.id, WRONG)
        view = rig.flows.answer(view.id, device.password)
        assert view.status is Status.DONE, view.error
        assert len(rig.standing()) == 1
        for call in rig.runtime.journal.latest(limit=100):
            request = rig.runtime.journal.call(call.id).request
            assert WRONG.encode() not in request
            assert b"864209" not in request
        change(device)


def test_gansu_the_key_pad_asks(tmp_path: Path) -> None:
    """A plugin that has a key pad: nobody is asked by the flow, and a wrong password is typed again there."""
    typed = [WRONG, "864209"]

    class Pad:
        @hookimpl
        def liangding_enter_password(self, asked: PasswordRequest) -> str | None:
            return typed.pop(0)

    settings = {"province": "gansu", "area": "620100", "gateway": "plain", "code": "P62010000001", "more": GANSU}
    with rig_for(tmp_path, **settings) as rig, Runtime(rig.deployment, plugins={"pad": Pad()}) as runtime:
        at_pad = attrs.evolve(rig, runtime=runtime)
        shows(at_pad, rig.person(), media=(Medium.SOCIAL_CARD,)).password = "864209"
        flow(at_pad, "pharmacy_purchase", bill(rig.person(), "R1"), "R1")
        assert typed == []
        assert len(rig.standing()) == 1


BY_THE_PLATFORM = '[features]\npassword = ["02"]\npassword_by = { "02" = "1602" }\n'


def test_gansu_the_platform_may_check_what_the_holder_types(tmp_path: Path) -> None:
    """1602 is a candidate: where a deployment names it, nothing is settled before the platform has said yes; what was
    typed stands nowhere in clear, and the flow asks again in the platform's own words."""
    settings = {"province": "gansu", "area": "620100", "code": "P62010000001", "more": BY_THE_PLATFORM}
    with simulated_rig_for(tmp_path, **settings) as rig:
        given = {**bill(rig.person(), "R1"), "credential": {"type": "02", "number": rig.person().certno}}
        view = rig.flows.start("pharmacy_purchase", given, key="R1")
        while view.question is not None and view.question.id in ANSWERS:
            view = rig.flows.answer(view.id, ANSWERS[view.question.id])
        assert (view.question and view.question.id) == "password"
        view = rig.flows.answer(view.id, WRONG)
        assert view.question is not None
        assert "密码不正确" in view.question.text
        assert rig.standing() == []
        view = rig.flows.answer(view.id, "123456")
        assert view.status is Status.DONE, view.error
        sent = [json.loads(call.request) for call in rig.runtime.journal.latest(limit=100) if call.infno == "1602"]
        assert [set(each["input"]) for each in sent] == [{"idcard", "insuAdmdvs", "fixmedinsCode", "inputPassword"}] * 2
        assert all("123456" not in each["input"]["inputPassword"] for each in sent)
        assert all(len(each["input"]["inputPassword"]) == 32 for each in sent)
        changed = {
            "idcard": rig.person().certno, "psnName": rig.person().name, "insuAdmdvs": "620100",
            "oldPassword": digest("123456"), "password": digest("864209"),
        }  # fmt: skip
        with pytest.raises(UnknownTransaction, match="1603"):
            rig.runtime.call("1603", changed)


SHAANXI, SICHUAN = {"province": "shaanxi", "area": "610100"}, {"province": "sichuan", "area": "510400"}
LANZHOU, LANZHOU_HOSPITAL = {"province": "gansu", "area": "620100"}, {"province": "gansu", "kind": Kind.HOSPITAL}
CODES = '\n[ecredential]\nby = "platform"\n'
URUMQI_CLINIC = {"province": "xinjiang", "area": "650100", "kind": Kind.CLINIC}


@pytest.mark.parametrize(
    ("where", "features", "told"),
    [
        # who checks no password
        (SHAANXI, 'password = ["03"]', "features.password"), (SICHUAN, 'password = ["02"]', "features.password"),
        # what only a pharmacy does
        (HOSPITAL, 'trace_codes = "both"', "features.trace_codes"),
        (URUMQI_CLINIC, 'trace_codes = "sale"', "features.trace_codes"),
        # what does not go in batches, and what is no transaction
        (HOSPITAL, 'row_limits = { "2207" = 5 }', "row_limits.2207"),
        (LANZHOU, 'row_limits = { "2204" = 5, "22O4" = 5 }', "row_limits.22O4"),
        # ways that are none, or of another credential, or of one that is not checked
        (LANZHOU, 'password = ["03"]\npassword_by = { "03" = "1602" }', "password_by.03"),
        (LANZHOU, 'password = ["02"]\npassword_by = { "02" = "1603" }', "password_by.02"),
        (LANZHOU, 'password_by = { "02" = "1602" }', "password_by.02"),
        (LANZHOU, 'password = ["99"]', "99 没有密码"),
        (LANZHOU, 'password = ["03"]\npassword_by = { "03" = "cainfo" }', "没有这种方式 cainfo"),
        # occasions that are none, or none of a pharmacy
        (LANZHOU, f'{CODES}business_types = {{ purchas = "1" }}', "是不是想写 purchase"),
        (LANZHOU, f'{CODES}business_types = {{ admission = "1" }}', "business_types.admission"),
        (LANZHOU, f'{CODES}url = "http://10.0.0.1/"', "只用于 by = service"),
        # businesses that no institution of the kind has
        ({**LANZHOU, "institution": 'businesses = ["购药", "住院"]'}, "", "零售药店没有 住院"),
        ({**HOSPITAL, "institution": 'businesses = ["购药"]'}, "", "医院没有 购药"),
    ],
    ids=[
        "shaanxi", "sichuan", "hospital", "clinic", "2207", "22O4", "way of another", "changes", "unchecked", "none",
        "not made",
        "no occasion", "elsewhere", "url", "stays", "purchases",
    ],
)  # fmt: skip
def test_a_setting_that_no_flow_uses_is_an_error_at_start(
    tmp_path: Path, where: dict[str, Any], features: str, told: str
) -> None:
    config = write_deployment(tmp_path, **{"code": "P00000000001"} | where, more=f"[features]\n{features}")
    with pytest.raises(ConfigurationError) as refused, Runtime(load_deployment(config)) as runtime:
        Flows(runtime)
    assert told in str(refused.value)


def test_check_says_the_way_of_a_password_and_which_setting_is_of_no_use(tmp_path: Path) -> None:
    config = write_deployment(tmp_path, **LANZHOU, more=BY_THE_PLATFORM)
    shown = liangding("check", "--config", config)
    assert (shown.returncode, "02 由 1602（把握：低）" in shown.stdout) == (0, True), shown.stderr
    config = write_deployment(tmp_path, **SHAANXI, more=BY_THE_PLATFORM)
    shown = liangding("check", "--config", config)
    assert (shown.returncode, "features.password" in shown.stderr) == (2, True), shown.stderr
    assert json.loads(liangding("devices", "passwords", "--json").stdout)[1]["confidence"] == "low"


def change(device: SimulatedReader) -> None:
    device.change_password(PasswordRequest(password="864209", new="654321"), Patience(1))
    device.verify_password(PasswordRequest(password="654321"), Patience(1))


# -- Dongguan ----------------------------------------------------------------------------------------------------

DONGGUAN = """\
[ecredential]
by = "platform"
office_id = "A01"
office_name = "收费处"

[devices.till]
driver = "simulated"
"""


@pytest.mark.parametrize("case", ["local", "hong_kong", "macao", "taiwan", "foreigner"])
@pytest.mark.parametrize("medium", [Medium.SOCIAL_CARD, Medium.IDENTITY_CARD, Medium.CODE])
def test_dongguan_every_medium_is_read_and_settled(tmp_path: Path, medium: Medium, case: str) -> None:
    """Identity card, medical-insurance code and social security card, residents and people with other papers."""
    with rig_for(tmp_path, more=DONGGUAN) as rig:
        person = rig.person(case)
        shows(rig, person, media=(medium,))
        view = flow(rig, "pharmacy_purchase", bill(person, "R1"), "R1")
        asked = next(c for c in rig.runtime.journal.of_flow(view.id) if c.infno == "1101")
        kinds = {
            Medium.CODE: "01",
            Medium.IDENTITY_CARD: "02" if case == "local" else "99",
            Medium.SOCIAL_CARD: "04" if case in ("hong_kong", "macao") else "02",
        }
        data = decode(asked.request)["input"]["data"]
        assert data["mdtrt_cert_type"] == kinds[medium], "how it is asked first; by 99 once more where nobody is found"
        if data["mdtrt_cert_type"] == "99":
            assert data["psn_cert_type"] == person.cert_type
        assert len(rig.standing()) == 1


@pytest.mark.parametrize(("province", "area"), [("gansu", "620100"), ("shaanxi", "610100"), ("xinjiang", "650100")])
@pytest.mark.parametrize("medium", [Medium.SOCIAL_CARD, Medium.IDENTITY_CARD, Medium.CODE])
def test_elsewhere_every_medium_is_read_and_settled(tmp_path: Path, province: str, area: str, medium: Medium) -> None:
    settings = {"province": province, "area": area, "gateway": "plain", "code": f"P{area}00001", "more": DONGGUAN}
    with rig_for(tmp_path, **settings) as rig:
        shows(rig, rig.person(), media=(medium,))
        flow(rig, "pharmacy_purchase", bill(rig.person(), "R1"), "R1")
        assert len(rig.standing()) == 1


# -- Guangdong's card ---------------------------------------------------------------------------------------------

CARDS = """\
[devices.reader]
driver = "vendorlib"
library = "sscard_insurance"
values = {{ url = "http://127.0.0.1/card", user = "U1" }}
emulated = "{path}"
"""


@pytest.mark.parametrize(("place", "kind"), [("440100", "02"), ("441900", "02"), ("510400", "03")])
def test_guangdong_the_cards_own_place_decides(tmp_path: Path, place: str, kind: str) -> None:
    """A card of the province goes as 02 with its holder's number, whatever city it is of; another province's as 03."""
    with rig_for(tmp_path, area="440100", kind=Kind.HOSPITAL, code="H44010000001") as rig:
        reading = Reading(
            medium=Medium.SOCIAL_CARD, number="A12345678", card_sn="X" * 32, certno="44010619900307001X", place=place
        )
        credential = credential_of(rig.runtime, reading, None)
        assert (credential.type, credential.number) == (kind, "44010619900307001X" if kind == "02" else "A12345678")
        macao = attrs.evolve(reading, certno="820000199003070010")
        assert credential_of(rig.runtime, macao, None).type == "04"


def test_guangzhou_the_readers_signature_arrives_in_2207(tmp_path: Path) -> None:
    from liangding_vendorlib import LibraryDriver

    driver = LibraryDriver()
    with rig_for(tmp_path, area="440100", **{**HOSPITAL, "code": "H44010000001"}) as probe:
        personas = [persona_of(probe.person())]
    with driver.emulate(personas, {"library": "sscard_insurance"}) as emulated:
        more = CARDS.format(path=emulated.settings["emulated"])
        folder = tmp_path / "second"
        folder.mkdir()
        settings = {**HOSPITAL, "code": "H44010000001", "plugins": ("vendorlib",), "more": more}
        with rig_for(folder, area="440100", **settings) as rig:
            view = flow(rig, "outpatient", bedside.bill(rig.person(), "B1"), "B1")
            signed = {}
            for call in rig.runtime.journal.of_flow(view.id):
                for node in decode(call.request)["input"].values():
                    if isinstance(node, dict) and "hcard_basinfo" in node:
                        signed[call.infno] = Signature(
                            hcard_basinfo=node["hcard_basinfo"], hcard_chkinfo=node["hcard_chkinfo"]
                        )
            assert {"1101", "2201", "2207"} <= signed.keys()
            assert len(set(signed.values())) == 1
            text = signed["2207"].hcard_basinfo
            assert (text.count("|"), rig.person().certno in text) == (11, True)
            assert signed["2207"].hcard_chkinfo == "c2lnbmF0dXJl"


def test_the_national_library_decodes_by_itself(tmp_path: Path) -> None:
    """NationECCode drives the scanner and gives the token: nothing is asked of the platform for it."""
    from liangding_vendorlib import LibraryDriver

    with rig_for(tmp_path) as probe:
        personas = [persona_of(probe.person())]
    with LibraryDriver().emulate(personas, {"library": "nation_ec"}) as emulated:
        table = 'driver = "vendorlib"\nlibrary = "nation_ec"\nvalues = { url = "http://127.0.0.1", device_type = "" }'
        more = DONGGUAN.replace('"platform"', '"driver"').partition("[devices")[0]
        more += f'[devices.ec]\n{table}\nemulated = "{emulated.settings["emulated"]}"\n'
        folder = tmp_path / "second"
        folder.mkdir()
        with rig_for(folder, plugins=("vendorlib",), more=more) as rig:
            flow(rig, "pharmacy_purchase", bill(rig.person(), "R1"), "R1")
            assert decode_code(rig.runtime, scenario_named("药店购药")).token == rig.person().token
            assert rig.sent("6101") == 0


def test_a_card_that_withholds_its_holder_does_where_its_number_is_enough(tmp_path: Path) -> None:
    """A third-generation card without authentication: elsewhere it goes by its own number; in Guangdong it cannot."""
    from liangding.contract.device_errors import NeedsAuthentication

    reading = Reading(medium=Medium.SOCIAL_CARD, number="A12345678", card_sn="X" * 32, place="620100")
    with rig_for(tmp_path, province="gansu", area="620100", gateway="plain", code="P62010000001") as rig:
        credential = credential_of(rig.runtime, reading, None)
        assert (credential.type, credential.card_sn) == ("03", "X" * 32)
    folder = tmp_path / "guangdong"
    folder.mkdir()
    with rig_for(folder) as rig, pytest.raises(NeedsAuthentication):
        credential_of(rig.runtime, attrs.evolve(reading, place="441900"), None)
