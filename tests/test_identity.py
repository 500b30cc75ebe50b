"""Who stands at the desk: codes and cards, the occasions on which they are shown, what a person may enjoy."""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from liangding.config import Kind, load_deployment
from liangding.contract.credentials import Decoded, Decoding, NotDecoded, read_decoded
from liangding.contract.hookspecs import hookimpl
from liangding.errors import ConfigurationError, NoAnswer
from liangding.identity import (
    SCENARIOS,
    NoScenario,
    Setting,
    check_benefits,
    decode,
    identify,
    of_document,
    scenario_for,
    scenario_named,
    token_holds,
)
from liangding.identity.uses import CodeUses, report
from liangding.journal.store import JournalUnavailable
from liangding.privacy import masked_text
from liangding.privacy import shown as shown_value
from liangding.runtime import Runtime
from liangding.spec.codes import code_table
from liangding.wire.json import decode as decode_json
from shell import liangding
from support import Rig, rig_for, write_deployment

OFFICE = 'office_id = "A01"\noffice_name = "收费处"'
PLATFORM = f'[ecredential]\nby = "platform"\n{OFFICE}'
DRIVER = f'[ecredential]\nby = "driver"\n{OFFICE}'
PURCHASE = scenario_named("purchase")


# -- the occasions -----------------------------------------------------------------------------------------------


def test_the_occasions_are_those_of_the_code_table() -> None:
    by_setting = {setting: [s for s in SCENARIOS if s.setting is setting] for setting in Setting}
    assert (len(by_setting[Setting.HOSPITAL]), len(by_setting[Setting.PHARMACY])) == (14, 4)
    table = code_table("code_biz_type")
    for scenario in SCENARIOS:
        if scenario.business_type is not None:
            assert table.name_of(scenario.business_type) == scenario.name
    assert {s.id for s in SCENARIOS if s.business_type is None} == {
        "verify_identity",
        "special_outpatient",
        "review_prescription",
    }


@pytest.mark.parametrize(
    ("infnos", "kind", "name"),
    [
        (["1101", "2101", "2102"], Kind.PHARMACY, "药店购药"),
        (["1101", "2101A"], Kind.PHARMACY, "药店购药"),
        (["1101", "2201", "2203", "2207"], Kind.HOSPITAL, "挂号"),
        (["2203A"], Kind.CLINIC, "问诊"),
        (["2206", "2207"], Kind.CLINIC, "结算"),
        (["2401"], Kind.HOSPITAL, "入院登记"),
        (["2304A"], Kind.HOSPITAL, "结算"),
    ],
)
def test_the_occasion_follows_from_what_is_about_to_be_done(infnos: list[str], kind: Kind, name: str) -> None:
    assert scenario_for(infnos, kind).name == name


def test_an_occasion_that_does_not_follow_is_not_guessed() -> None:
    with pytest.raises(NoScenario):
        scenario_for(["1101"], Kind.HOSPITAL)
    with pytest.raises(NoScenario):
        scenario_for(["2102"], Kind.HOSPITAL)
    with pytest.raises(NoScenario, match="是不是想写 register"):
        scenario_named("registr")


@pytest.mark.parametrize(
    ("kind", "opened", "scenario", "told"),
    [
        # 新疆 一(一)2：医疗机构 14 个场景，零售药店 4 个
        (Kind.PHARMACY, "", "入院登记", "入院登记 是医院的，本机构是零售药店"),
        (Kind.HOSPITAL, "", "药店购药", "药店购药 是药店的，本机构是医院"),
        (Kind.CLINIC, "", "挂号", ""), (Kind.PHARMACY, "", "药店购药", ""),
        (Kind.HOSPITAL, '["门诊"]', "入院登记", "用于住院、生育，本机构没有开通"),
        (Kind.HOSPITAL, '["门诊", "住院"]', "入院登记", ""),
    ],
)  # fmt: skip
def test_an_institution_has_its_own_occasions(
    tmp_path: Path, kind: Kind, opened: str, scenario: str, told: str
) -> None:
    opened = f"businesses = {opened}" if opened else ""
    with rig_for(tmp_path, kind=kind, province="", area="650100", more=PLATFORM, institution=opened) as rig:
        code = rig.person().qr_code
        if not told:
            assert decode(rig.runtime, scenario_named(scenario), code=code).token
            return
        with pytest.raises(NoScenario, match=told):
            decode(rig.runtime, scenario_named(scenario), code=code)
        assert rig.sent("6101") == 0


# -- 6101 --------------------------------------------------------------------------------------------------------


def test_a_code_becomes_a_person_by_the_platform(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=PLATFORM) as rig:
        person = rig.person("province")
        decoded = decode(rig.runtime, PURCHASE, code=person.qr_code)
        assert decoded.insured_place == person.covers[0].place
        found = identify(rig.runtime, decoded.credential())
        assert found.psn_no == person.psn_no
        (asked, queried) = rig.runtime.journal.latest(limit=2, infno="6101") + rig.runtime.journal.latest(
            limit=1, infno="1101"
        )
        assert json.loads(asked.request)["input"]["InData"]["businessType"] == "02121"
        assert json.loads(queried.request)["insuplc_admdvs"] == person.covers[0].place


def test_the_token_is_shown_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with rig_for(tmp_path, more=PLATFORM) as rig:
        person = rig.person()
        caplog.set_level(logging.DEBUG)
        decoded = decode(rig.runtime, PURCHASE, code=person.qr_code)
        asked = Decoding(
            business_type="02121", org_id="1", operator=rig.deployment.operators[0], office_id="1", office_name="1",
            code=person.qr_code,
        )  # fmt: skip
        shown = repr(decoded) + repr(decoded.credential()) + repr(asked) + caplog.text
        said = masked_text(f"{decoded.token} {person.qr_code}") + (shown_value("businessInfo", "abc") or "")
        for secret in (decoded.token, person.qr_code, "abc"):
            assert secret not in said
        for secret in (decoded.token, person.certno, person.name, person.qr_code):
            assert secret not in shown


@pytest.mark.parametrize("case", ["not_configured", "no_office", "no_code"])
def test_what_is_not_set_up_is_said(tmp_path: Path, case: str) -> None:
    more, scenario, says = {
        "not_configured": ("", "purchase", "[ecredential]"),
        "no_office": ('[ecredential]\nby = "platform"', "purchase", "office_id"),
        "no_code": (PLATFORM, "special_outpatient", "没有公布的业务类型代码"),
    }[case]
    with rig_for(tmp_path, more=more) as rig:
        with pytest.raises(ConfigurationError) as failed:
            decode(rig.runtime, scenario_named(scenario), code="1" * 28)
        assert rig.sent("6101") == 0
        assert says in f"{failed.value} {failed.value.remedy}"


def test_a_code_that_is_not_published_is_configured(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=PLATFORM + '\nbusiness_types = { review_prescription = "02999" }') as rig:
        person = rig.person()
        assert decode(rig.runtime, scenario_named("药师审核处方"), code=person.qr_code).name == person.name


def test_a_service_without_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="url"):
        load_deployment(write_deployment(tmp_path, more='[ecredential]\nby = "service"'))


# -- the decoding service ----------------------------------------------------------------------------------------


class Service:
    """A decoding service on the front-end machine: answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answer: Any = {}
        self.status = 200


@contextlib.contextmanager
def decoding_service() -> Iterator[tuple[Service, str]]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            service.asked.append((self.path, json.loads(body)))
            answer = json.dumps(service.answer, ensure_ascii=False).encode()
            self.send_response(service.status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield service, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def answered(rig: Rig, **changes: Any) -> dict[str, Any]:
    person = rig.person()
    data = {
        "userName": person.name, "idNo": person.certno[:14] + "****", "idType": "01", "insuOrg": "441900",
        "ecToken": person.token, "gender": "null", "extra": None, **changes,
    }  # fmt: skip
    return {"code": 0, "message": "成功", "success": True, "data": data}


@pytest.fixture
def front_end(tmp_path: Path) -> Iterator[tuple[Rig, Service]]:
    with decoding_service() as (service, url):
        more = f'[ecredential]\nby = "service"\nurl = "{url}"\norg_id = "33000000001"\n{OFFICE}'
        with rig_for(tmp_path, more=more) as rig:
            yield rig, service


def test_a_code_becomes_a_person_by_the_service(front_end: tuple[Rig, Service]) -> None:
    rig, service = front_end
    service.answer = answered(rig)
    decoded = decode(rig.runtime, PURCHASE, code=f" {rig.person().qr_code}\n", operator="002")
    ((path, request),) = service.asked
    assert path == "/localcfc/api/hsecfc/localQrCodeQuery"
    assert (request["transType"], request["orgId"]) == ("ec.query", "33000000001")
    assert request["data"] == {
        "orgId": "33000000001", "businessType": "02121", "operatorId": "002", "operatorName": "测试收银员乙",
        "officeId": "A01", "officeName": "收费处", "deviceType": "", "ecQrCode": rig.person().qr_code,
    }  # fmt: skip
    assert decoded.masked
    assert identify(rig.runtime, decoded.credential()).certno == rig.person().certno


def test_a_terminal_takes_the_code_by_itself(front_end: tuple[Rig, Service]) -> None:
    rig, service = front_end
    service.answer = answered(rig)
    decode(rig.runtime, PURCHASE, gain="FACE", serial="B1", office=("K1", "内科"))
    request = service.asked[0][1]
    assert request["transType"] == "iot.gain.ec.qrcode"
    assert (request["data"]["gainWay"], request["data"]["outBizNo"], request["data"]["officeId"]) == (
        "FACE",
        "B1",
        "K1",
    )
    assert "ecQrCode" not in request["data"]


def test_the_person_may_come_as_text(front_end: tuple[Rig, Service]) -> None:
    rig, service = front_end
    answer = answered(rig)
    service.answer = answer | {"code": "0", "data": json.dumps(answer["data"])}
    assert decode(rig.runtime, PURCHASE).token == rig.person().token


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"code": 500159, "message": "x"}, "不是医保电子凭证"),
        ({"code": -1, "message": "失败 ecToken=441900ec00000000000000000000000000abcd"}, r"\*\*\*"),
        ({"code": 0, "success": False, "message": "过期"}, "过期"),
        ({"code": 0, "data": {"ecToken": None}}, "没有令牌"),
        ({"code": 0, "data": "null"}, "没有令牌"),
        ("nonsense", "没有返回码"),
        ([], "没有返回码"),
    ],
)
def test_what_is_no_answer_gives_no_token(answer: Any, says: str) -> None:
    with pytest.raises(NotDecoded, match=says) as failed:
        read_decoded(answer)
    assert "441900ec" not in str(failed.value)


def test_a_service_that_is_out_of_order_is_named(front_end: tuple[Rig, Service]) -> None:
    rig, service = front_end
    service.status = 500
    with pytest.raises(NoAnswer, match="解码服务"):
        decode(rig.runtime, PURCHASE, code="1")
    with pytest.raises(NotDecoded, match="没有扫到"):
        decode(rig.runtime, PURCHASE, code=" ")


def test_a_token_is_checked(front_end: tuple[Rig, Service]) -> None:
    rig, service = front_end
    decoded = Decoded(token="T", idno="N", id_type="01", name="测试")
    for answer, holds in (({"flag": 1}, True), ({"data": {"flag": "0"}}, False)):
        service.answer = answer
        assert token_holds(rig.runtime, decoded) is holds
    assert service.asked[0] == (
        "/localcfc/api/hsecfc/localEcTokenCheck",
        {"ecToken": "T", "idType": "01", "idNo": "N", "userName": "测试"},
    )
    service.answer = {}
    with pytest.raises(NoAnswer):
        token_holds(rig.runtime, decoded)


# -- drivers -----------------------------------------------------------------------------------------------------


class Driver:
    """A device's driver: what a vendor's library answers, in the encoding of its machine."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    @hookimpl
    def liangding_decode_credential(self, asked: Decoding) -> Decoded:
        self.asked.append(asked.request())
        return read_decoded(self.answer.decode("gb18030"))


def test_a_driver_decodes(tmp_path: Path) -> None:
    with rig_for(tmp_path, more=DRIVER) as rig:
        driver = Driver(json.dumps(answered(rig), ensure_ascii=False).encode("gb18030"))
        with Runtime(rig.deployment, plugins={"scanner": driver}) as runtime:
            assert decode(runtime, PURCHASE).name == rig.person().name
        assert driver.asked[0]["transType"] == "ec.query"
        with pytest.raises(ConfigurationError, match="没有插件"):
            decode(rig.runtime, PURCHASE)
        with pytest.raises(ConfigurationError, match="liangding_decode_credential"):
            Runtime(rig.deployment, plugins={"one": driver, "two": Driver(b"")})


# -- documents and benefits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["local", "hong_kong", "macao", "taiwan", "foreigner"])
def test_a_document_finds_the_person(rig: Rig, case: str) -> None:
    person = rig.person(case)
    credential = of_document(person.cert_type, person.certno)
    assert credential.type == ("02" if case == "local" else "99")
    assert identify(rig.runtime, credential).psn_no == person.psn_no


def test_benefits_by_fund_with_the_reason(rig: Rig) -> None:
    found = identify(rig.runtime, of_document("01", rig.person().certno))
    fine = check_benefits(rig.runtime, found, found.covers[0], "41")
    assert fine.enjoys("310100")
    assert not fine.enjoys("390101")
    assert fine.refused == ()
    suspended = identify(rig.runtime, of_document("01", rig.person("suspended").certno))
    refused = check_benefits(rig.runtime, suspended, suspended.covers[0], "11", dise_codg="M00500").refused[0]
    assert "不能享受" in refused.reason
    assert "统筹基金" in refused.fund


# -- how often codes are used ---------------------------------------------------------------------------------------


def test_every_use_is_counted_by_occasion_day_and_department(tmp_path: Path) -> None:
    """A hospital's fourteen: those that are used, those that are not, the one without a published code."""
    with rig_for(tmp_path, kind=Kind.HOSPITAL, province="", area="650100", more=PLATFORM) as rig:
        shown = [
            ("挂号", ("01", "内科")), ("01101", ("01", "内科")), ("register", ("02", "外科")), ("取药", None),
            ("病例材料复印", ("03", "病案室")), ("病历材料复印", ("03", "病案室")),
        ]  # fmt: skip
        for scenario, office in shown:
            assert decode(rig.runtime, scenario_named(scenario), code=rig.person().qr_code, office=office).token
        with pytest.raises(ConfigurationError, match="没有公布的业务类型代码"):
            decode(rig.runtime, scenario_named("诊间核验身份"), code=rig.person().qr_code)
        told = json.loads(liangding("uses", "--config", rig.config, "--json").stdout)["scenarios"]
        assert len(told) == 14
        used = {each["name"]: [(row["office"], row["uses"]) for row in each["rows"]] for each in told if each["uses"]}
        assert used == {"挂号": [("01", 2), ("02", 1)], "取药": [("A01", 1)], "病历材料复印": [("03", 2)]}
        assert [each["name"] for each in told if each["open"]] == ["诊间核验身份"]
        printed = liangding("uses", "--config", rig.config).stdout
        assert "未决" in printed
        assert rig.person().certno not in printed


def test_a_pharmacys_occasions_and_a_code_that_the_bureau_gave(tmp_path: Path) -> None:
    more = f'{PLATFORM}\nbusiness_types = {{ special_outpatient = "02123", review_prescription = "02124" }}\n'
    opened = 'businesses = ["购药", "门慢"]'
    with rig_for(tmp_path, province="", area="650100", more=more, institution=opened) as rig:
        for name in ("特殊门诊", "药师审核处方", "下载外购处方"):
            assert decode(rig.runtime, scenario_named(name), code=rig.person().qr_code).token
        sent = [
            decode_json(call.request or b"")["input"]["InData"] for call in rig.runtime.journal.latest(infno="6101")
        ]
        assert sorted(each["businessType"] for each in sent) == ["02122", "02123", "02124"]
        today = rig.runtime.now().date()
        held = CodeUses(rig.runtime.journal, rig.deployment.institution.code).between(today, today)
        told = report(held, rig.deployment.institution, rig.deployment.ecredential)
        assert [(each.scenario.name, each.uses, each.open) for each in told] == [
            ("药店购药", 0, False), ("下载外购处方", 1, False), ("特殊门诊", 1, False), ("药师审核处方", 1, False),
        ]  # fmt: skip


def test_an_identity_is_checked_in_the_consulting_room(tmp_path: Path) -> None:
    more = f'{PLATFORM}\nbusiness_types = {{ verify_identity = "01202A" }}\n'
    with rig_for(tmp_path, kind=Kind.HOSPITAL, province="", area="650100", more=more) as rig:
        shown = decode(rig.runtime, scenario_named("诊间核验身份"), code=rig.person().qr_code, office=("01", "内科"))
        assert identify(rig.runtime, shown.credential()).psn_no == rig.person().psn_no
        (asked,) = rig.runtime.journal.latest(infno="6101")
        assert decode_json(asked.request or b"")["input"]["InData"]["businessType"] == "01202A"


def test_what_cannot_be_counted_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with rig_for(tmp_path, more=PLATFORM) as rig:

        def fails(*_: object) -> None:
            raise JournalUnavailable("磁盘满了")

        monkeypatch.setattr(CodeUses, "count", fails)
        assert decode(rig.runtime, PURCHASE, code=rig.person().qr_code).token
