"""A region's facts hold in every flow: what is expected here is from the provinces' own documents, section by section,
never read from the plugins."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

import bedside
import hospital
from bedside import HOSPITAL, done, go_on, numbers, run
from liangding.calls.validation import validate
from liangding.config import Kind, load_deployment
from liangding.contract import Credential, Region
from liangding.errors import ConfigurationError
from liangding.identity import Cover, Insured, NotInsured, asked, choices
from liangding.knowledge import Knowledge
from shell import liangding
from support import Rig, bill, simulated_rig_for, write_deployment
from test_plugins import least
from test_registrations import registered

AREAS = {
    "dongguan": "441900", "guangzhou": "440100", "shaanxi": "610100", "sichuan": "510400", "xinjiang": "650100",
    "gansu": "620100",
}  # fmt: skip
PLUGINS = {"guangzhou": "dongguan"}
ANSWERS = {"card_token": "token-1", "use_account": "0"}
TOKENS = ("card_token_1101", "card_token_2401")


def place(region: str, kind: Kind) -> dict[str, Any]:
    """What makes a rig's deployment an institution of a region."""
    area = AREAS[region]
    letter = "P" if kind is Kind.PHARMACY else "H"
    return {"province": PLUGINS.get(region, region), "area": area, "kind": kind, "code": f"{letter}{area}00001"}


# -- A variants --------------------------------------------------------------------------------------------------------

WITH_A = [
    # 东莞 附件6：药店 2101/2102、门诊部、医疗机构 2203/2206/2207、2303/2304：各表只列普通交易；转院两个都列
    ("dongguan", "cross", ""), ("dongguan", "local", ""),
    # 四川（攀枝花）二、三章：2101A、2102A、2203A、2206A、2207A、2303A、2304A "支持本地、省内异地及跨省异地"
    ("sichuan", "local", "A"), ("sichuan", "cross", "A"),
    # 陕西、新疆、甘肃与广州的文件没有另说：跨省用 A 版
    ("shaanxi", "local", ""), ("shaanxi", "cross", "A"), ("xinjiang", "cross", "A"), ("gansu", "province", ""),
    ("gansu", "cross", "A"), ("guangzhou", "cross", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("region", "case", "a"), WITH_A)
def test_who_is_served_by_the_transactions_with_a(tmp_path: Path, region: str, case: str, a: str) -> None:
    with simulated_rig_for(tmp_path, **place(region, Kind.PHARMACY)) as rig:
        done(run(rig, "pharmacy_purchase", bill(rig.person(case)), **ANSWERS))
        assert [n for n in numbers(rig) if n.startswith("21")] == [f"2101{a}", f"2102{a}"]
    (tmp_path / "h").mkdir()
    with simulated_rig_for(tmp_path / "h", **HOSPITAL | place(region, Kind.HOSPITAL)) as rig:
        person = rig.person(case)
        done(run(rig, "outpatient", bedside.bill(person), **ANSWERS))
        assert [n for n in numbers(rig) if n.startswith("22")] == ["2201", f"2203{a}", "2204", f"2206{a}", f"2207{a}"]
        done(registered(rig, "transfer", case))
        transfer = "2501A" if case == "cross" or region == "sichuan" else "2501"
        assert transfer in numbers(rig)


# -- transfers of Zhongshan --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "sent"), [("local", "2501A"), ("province", "2501"), ("cross", "2501")])
def test_zhongshan_files_local_transfers_by_the_variant(tmp_path: Path, case: str, sent: str) -> None:
    """中山：本地转院备案用 2501A，异地用 2501."""
    where = {"province": "dongguan", "area": "442000", "code": "H44200000001", "kind": Kind.HOSPITAL}
    with simulated_rig_for(tmp_path, **HOSPITAL | where) as rig:
        view = done(registered(rig, "transfer", case))
        assert [n for n in numbers(rig) if n.startswith("25")] == [sent]
        assert not [sentence for sentence in view.advice if "2501" in sentence]


# -- where an institution stands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("province", "area", "served"),
    [
        ("sichuan", "510400", True), ("sichuan", "620100", False), ("gansu", "620100", True),
        ("gansu", "610100", False),
        ("xinjiang", "650100", True), ("xinjiang", "660100", True), ("xinjiang", "510100", False),
        ("dongguan", "440300", True), ("dongguan", "450100", False), ("", "510400", True),
    ],
)  # fmt: skip
def test_an_area_of_another_province_is_an_error_at_start(
    tmp_path: Path, province: str, area: str, served: bool
) -> None:
    """新疆 65，兵团 66；其余各省只有自己的前两位."""
    deployment = load_deployment(write_deployment(tmp_path, province=province, area=area, gateway="plain"))
    if served:
        assert Knowledge(deployment).region.serves(area)
        return
    with pytest.raises(ConfigurationError, match=f"就医地 {area} 不归") as refused:
        Knowledge(deployment)
    assert refused.value.path == "test.toml: institution.area"


# -- which insurance ---------------------------------------------------------------------------------------------------

COVERS = [
    # 新疆、陕西、甘肃：通知没有另定，310、390、340 只有一种时用它；两种都正常时由人选
    (["310"], "11", "310"), (["340"], "11", "340"), (["390", "310"], "11", "?310 390"),
    (["310", "340"], "11", "?310 340"),
    # 510 只付生育（51 生育门诊），那时在先；平时不由它结算
    (["510", "310"], "11", "310"), (["510", "310"], "51", "510"), (["510"], "11", "-"),
    # 320、330、370、39999 不单独结算；别的险种要问
    (["320", "310"], "11", "310"), (["330", "370", "39999"], "11", "-"), (["410"], "11", "?410"),
]  # fmt: skip


COVER = Cover(insutype="310", insured_place="650100", status="1", psn_type="11", balance=Decimal(0))
NOBODY = Insured(
    psn_no="1", name="", certno="", cert_type="01", gender="1", covers=(), credential=Credential(type="02", number="1")
)


@pytest.mark.parametrize(("held", "med_type", "chosen"), COVERS)
def test_which_insurance_settles_does_not_follow_from_the_order_of_rows(
    held: list[str], med_type: str, chosen: str
) -> None:
    region = Region(name="x", local=("6501",), province=("65",))
    for rows in itertools.permutations(held):
        insured = attrs.evolve(NOBODY, covers=tuple(attrs.evolve(COVER, insutype=each) for each in rows))
        if chosen == "-":
            with pytest.raises(NotInsured):
                choices(insured, region, (), med_type=med_type)
            continue
        found = choices(insured, region, (), med_type=med_type)
        asks = len(found) > 1 or asked(found[0], ())
        assert (asks, [cover.insutype for cover in found]) == (chosen[0] == "?", chosen.lstrip("?").split())


def test_two_insurances_of_one_place_are_asked_about_and_may_be_named(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, **HOSPITAL | place("xinjiang", Kind.HOSPITAL)) as rig:
        person = rig.person()
        person.covers.insert(0, attrs.evolve(person.covers[0], insutype="340"))
        given = bedside.bill(person)
        view = rig.flows.start("outpatient", given, key="Q1")
        assert view.question is not None
        assert (view.question.id, [option.value for option in view.question.options]) == ("insutype", ["310", "340"])
        done(run(rig, "outpatient", given | {"insutype": "310"}, "Q2", **ANSWERS))
        assert [s.visit.cover.insutype for s in rig.platform.world.settlements.values()] == ["310"]


@pytest.mark.parametrize(
    ("region", "kind", "insutype", "asks"),
    [
        # 东莞 附件6 药店、门诊部 二(一)：310、390 都询问是否使用个人账户；别处只有职工有个人账户
        ("dongguan", Kind.PHARMACY, "390", True),
        ("dongguan", Kind.PHARMACY, "310", True),
        ("dongguan", Kind.CLINIC, "390", True),
        ("gansu", Kind.PHARMACY, "390", False),
        ("gansu", Kind.PHARMACY, "310", True),
    ],
)
def test_who_is_asked_about_the_account(tmp_path: Path, region: str, kind: Kind, insutype: str, asks: bool) -> None:
    with simulated_rig_for(tmp_path, **place(region, kind)) as rig:
        person = rig.person()
        person.covers[:] = [attrs.evolve(person.covers[0], insutype=insutype)]
        flow, given = "pharmacy_purchase", bill(person)
        if kind is Kind.CLINIC:
            flow, given = "outpatient", {**bedside.bill(person), "use_account": None}
        view = rig.flows.start(flow, given, key="Q1")
        assert view.question is not None
        assert (view.question.id == "use_account") is asks
        if asks:
            done(go_on(rig, view, use_account="1"))
            assert rig.platform.world.ledger()[0]["acct_pay"] > 0


# -- the kind of treatment ---------------------------------------------------------------------------------------------


def test_a_clinic_of_dongguan_needs_no_med_type_and_no_other_is_sent(tmp_path: Path) -> None:
    """东莞 附件6 门诊部二(一)：医疗类别 9935；以前挂号之后在 2203 停下，就诊留在平台上."""
    with simulated_rig_for(tmp_path, **place("dongguan", Kind.CLINIC)) as rig:
        given = bedside.bill(rig.person())
        given.pop("med_type", None)
        done(run(rig, "outpatient", given, "B1", **ANSWERS))
        assert {visit.med_type for visit in rig.platform.world.visits.values()} == {"9935"}
        before = numbers(rig)
        view = run(rig, "outpatient", given | {"med_type": "11", "chrg_bchno": "B2"}, "B2", **ANSWERS)
        assert (view.status.value, numbers(rig)) == ("stopped", before)
        assert "固定为 9935" in str(view.error)


# -- what a visit from another province is told with -------------------------------------------------------------------

OFFSITE = {"mdtrt_grp_type": "1", "trum_flag": "1", "rel_ttp_flag": "0", "otp_er_refl_flag": "1"}


def extensions(rig: Rig) -> dict[str, Any]:
    """The extension that each changing or trying message carried, by transaction."""
    found = {}
    for call in reversed(rig.runtime.journal.latest(limit=50)):
        sent = json.loads(call.request or b"{}").get("input") or {}
        node = sent.get("data") or sent.get("mdtrtinfo") or {}
        held = node.get("exp_content", node.get("expContent")) if isinstance(node, dict) else None
        if held:
            found[call.infno] = json.loads(held) if isinstance(held, str) else held
    return found


@pytest.mark.parametrize(("region", "case"), [("shaanxi", "cross"), ("shaanxi", "local"), ("sichuan", "cross")])
def test_a_visit_from_another_province_brings_its_keys(tmp_path: Path, region: str, case: str) -> None:
    """异地就医 2.1：2203 带外伤、第三方、急诊转诊，2206、2207 另带人群类型；本地参保人不带."""
    with simulated_rig_for(tmp_path, **HOSPITAL | place(region, Kind.HOSPITAL)) as rig:
        done(run(rig, "outpatient", bedside.bill(rig.person(case), offsite=OFFSITE), **ANSWERS))
        held = extensions(rig)
    if case == "local":
        assert held == {}
        return
    token = {"card_token": "token-1"} if region == "sichuan" else {}
    visit = {"TRUM_FLAG": "1", "REL_TTP_FLAG": "0", "OTP_ER_REFL_FLAG": "1"} | token
    assert {n: held[n] for n in ("2203A", "2206A", "2207A")} == {
        "2203A": visit, "2206A": visit | {"MDTRT_GRP_TYPE": "1"}, "2207A": visit | {"MDTRT_GRP_TYPE": "1"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "institution", "infno", "med_type", "fits"),
    [
        # 东莞 附件6 药店二(一)：2102 的医疗类别 41，存在 14 门诊慢特病服务范畴的还需实现；统筹支付的医疗机构另有一表
        (Kind.PHARMACY, "", "2102", "14", False), (Kind.PHARMACY, 'businesses = ["购药"]', "2102", "14", False),
        (Kind.PHARMACY, 'businesses = ["购药", "门慢"]', "2102", "14", True),
        (Kind.PHARMACY, 'businesses = ["购药", "门特"]', "2102A", "41", True),
        (Kind.PHARMACY, 'businesses = ["购药", "门慢"]', "2102", "11", False),
        (Kind.CLINIC, "", "2207", "11", False), (Kind.CLINIC, 'payment = "account"', "2207", "11", False),
        (Kind.CLINIC, 'payment = "pooled"', "2207", "11", True),
    ],
)  # fmt: skip
def test_what_an_institution_is_opened_for_decides_what_is_fixed(
    tmp_path: Path, kind: Kind, institution: str, infno: str, med_type: str, fits: bool
) -> None:
    config = write_deployment(tmp_path, area="441900", kind=kind, gateway="plain", institution=institution)
    known = Knowledge(load_deployment(config))
    node = "druginfo" if kind is Kind.PHARMACY else "data"
    message, _, problems = known.fixed.apply(known.interfaces[infno], {node: {"med_type": med_type}})
    assert (problems == []) is fits
    assert message[node]["med_type"] == med_type


# -- what an institution is opened for ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "opened", "flow", "med_type", "wanting"),
    [
        # 甘肃 系统联调验收单 业务范围：购药、门诊、门特、门慢、住院，各自开通
        (Kind.PHARMACY, '["购药"]', "pharmacy_purchase", "41", ""),
        (Kind.PHARMACY, '["购药"]', "pharmacy_purchase", "14", "没有开通门慢、门特"),
        (Kind.PHARMACY, "", "pharmacy_purchase", "14", ""),
        (Kind.PHARMACY, "", "admission", "21", "（零售药店）没有开通住院"),
        (Kind.HOSPITAL, "", "pharmacy_purchase", "41", "（医院）没有开通购药"),
        (Kind.HOSPITAL, '["门诊"]', "outpatient", "11", ""),
        (Kind.HOSPITAL, '["门诊"]', "admission", "21", "没有开通住院"),
        (Kind.HOSPITAL, '["门诊", "住院"]', "outpatient", "51", "没有开通生育"),
    ],
)  # fmt: skip
def test_a_flow_is_held_to_what_the_institution_is_opened_for(
    tmp_path: Path, kind: Kind, opened: str, flow: str, med_type: str, wanting: str
) -> None:
    businesses = f"businesses = {opened}" if opened else ""
    with simulated_rig_for(tmp_path, **place("gansu", kind), institution=businesses) as rig:
        person = rig.person()
        made: dict[str, Any] = {"pharmacy_purchase": bill, "outpatient": bedside.bill, "admission": bedside.admission}
        given = made[flow](person)
        view = run(rig, flow, given | {"med_type": med_type}, "B1", **ANSWERS)
        if not wanting:
            assert view.status.value == "done", view.error
            return
        assert view.error is not None
        assert (view.error["code"], numbers(rig)) == ("not_open_here", [])
        assert wanting in view.error["message"]


# -- the control's token -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "a"), [("", "A"), ('a_variants = "never"', ""), ("prefer_a = false", "")])
def test_a_purchase_in_sichuan_brings_the_token_with_or_without_a(tmp_path: Path, rule: str, a: str) -> None:
    """四川 三章 2101、2102（本地、省内异地）与 2101A、2102A，六章 药店购药 2：都带校验介质，按最后一个交易号取."""
    where = {**place("sichuan", Kind.PHARMACY), "more": f"[features]\n{rule}"}
    with simulated_rig_for(tmp_path, **where) as rig:
        view = rig.flows.start("pharmacy_purchase", bill(rig.person()), key="R1")
        assert view.question is not None
        assert view.question.read is not None
        assert (view.question.id, view.question.read.infno) == ("card_token", f"2102{a}")
        done(go_on(rig, view, **ANSWERS))
        sent = {call.infno: json.loads(call.request or b"{}")["input"] for call in rig.runtime.journal.latest(limit=9)}
        assert [n for n in numbers(rig) if n.startswith("21")] == [f"2101{a}", f"2102{a}"]
        for infno in (f"2101{a}", f"2102{a}"):
            assert sent[infno]["druginfo"]["expContent"] == {"card_token": "token-1"}


@pytest.mark.parametrize("infno", ["2203", "2203A"])
def test_a_visit_for_a_chronic_disease_names_it(tmp_path: Path, infno: str) -> None:
    """四川 三章 2203：病种编码（门慢必填）."""
    known = Knowledge(load_deployment(write_deployment(tmp_path, province="sichuan", area="510400", gateway="plain")))
    visit = {"mdtrt_id": "1", "psn_no": "1", "med_type": "14", "begntime": bedside.ADMITTED}
    rows = [hospital.diagnosis(1) | {"vali_flag": "1"}]
    for named, wrong in (({}, ["input.mdtrtinfo.dise_codg"]), ({"dise_codg": "M03900"}, [])):
        message = json.dumps(
            {"input": {"mdtrtinfo": visit | named, "diseinfo": rows}, "infno": infno, "msgid": "1" * 30}
        )
        found = validate(infno, message.encode(), "request", interfaces=known.interfaces, requests=known.requests)
        assert [each.where for each in found if each.rule == "condition" and each.level == "error"] == wrong


@pytest.mark.parametrize(("region", "asks"), [("sichuan", False), ("gansu", True), ("dongguan", True)])
def test_who_is_in_hospital_is_asked_for_again_only_where_the_region_says_so(
    tmp_path: Path, region: str, asks: bool
) -> None:
    """四川 三章 1101：在办业务除外，例如入院信息修改，医院本地已有信息时无需调用；别处没有这样说."""
    with simulated_rig_for(tmp_path, **place(region, Kind.HOSPITAL)) as rig:
        done(run(rig, "admission", bedside.admission(rig.person()), "A1", **dict.fromkeys(TOKENS, "token"), **ANSWERS))
        before = len(numbers(rig))
        change = {
            "stay": bedside.STAY, "ward": bedside.WARD | {"adm_bed": "14"}, "diagnoses": bedside.DIAGNOSES,
            "begun_at": bedside.ADMITTED, **({"credential": bedside.shown(rig.person())} if asks else {}),
        }  # fmt: skip
        done(run(rig, "admission_change", change, "C1"))
        assert numbers(rig)[before:] == ["1101"] * asks + ["2403"]
        assert (
            json.loads(rig.runtime.journal.latest(infno="2403")[0].request or b"")["input"]["adminfo"][
                "mdtrt_cert_type"
            ]
            == "02"
        )


# -- conditions of going live ------------------------------------------------------------------------------------------

DECODES = '[ecredential]\nby = "platform"\noffice_id = "1"\noffice_name = "x"'


@pytest.mark.parametrize(
    ("region", "more", "unmet"),
    [
        # 甘肃 验证标准 5：结算需要密码校验；四川 通知一：基线与扩展都完成，五章 安全控件；东莞 附件6：解码电子凭证
        ("gansu", "", ["密码校验"]), ("gansu", '[features]\npassword = ["03"]', []),
        ("sichuan", "", ["安全控件", "22 个扩展交易"]), ("dongguan", "", ["解码医保电子凭证"]),
        ("dongguan", DECODES, []), ("shaanxi", "", []),
    ],
)  # fmt: skip
def test_what_is_wanting_for_going_live_is_told_apart(tmp_path: Path, region: str, more: str, unmet: list[str]) -> None:
    config = write_deployment(tmp_path, **place(region, Kind.PHARMACY), gateway="plain", more=more)
    told = Knowledge(load_deployment(config)).region.unmet
    assert [words for words, sentence in zip(unmet, told, strict=True) if words not in sentence] == []
    for arguments, code in ((), 0), (("--go-live",), int(bool(unmet))):
        shown = liangding("check", "--config", config, *arguments)
        assert (shown.returncode, "上线条件还没有满足" in shown.stdout) == (code, bool(unmet)), shown.stderr


# -- what is not opened to everybody ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "service", "infno", "said"),
    [
        # 四川 通知一：线上支付、处方外购两类接口暂未发布；新疆 一(三)：移动支付可选，申请后接入；别处没有这样说
        ("sichuan", "mobile_payment", "6301", "暂未发布"), ("sichuan", "prescription", "7105", "暂未发布"),
        ("xinjiang", "mobile_payment", "6301", "申请后接入"), ("xinjiang", "prescription", "7105", ""),
        ("gansu", "mobile_payment", "6301", ""),
    ],
)  # fmt: skip
def test_what_a_region_has_not_opened_is_said_until_the_file_says_that_it_is(
    tmp_path: Path, region: str, service: str, infno: str, said: str
) -> None:
    """It goes out all the same: the document may be older than what the bureau has opened."""
    where = {**place(region, Kind.HOSPITAL), "gateway": "plain", "services": {service: 'address = "infno"'}}
    for opened in (False, True):
        (folder := tmp_path / str(opened)).mkdir()
        more = f'[features]\nopened = ["{service}"]' if opened else ""
        told = said and not opened
        with simulated_rig_for(folder, **where, more=more) as rig:
            called = rig.runtime.known.interfaces[infno]
            assert bool(rig.runtime.known.not_opened(called)) is bool(told)
            rig.platform.handlers[infno] = lambda request: {}
            answer = rig.runtime.call(infno, least(rig.runtime.known, called.input), insured_place=AREAS[region])
            assert any(said in sentence for sentence in answer.advice if said) is bool(told), answer.advice
            shown = liangding("check", "--config", rig.config).stdout
            assert ("配置了在线服务" in shown and said in shown) is bool(told), shown
            listed = liangding("interfaces", infno, "--config", rig.config).stdout
            assert ("未开放" in listed) is bool(told), listed


def test_a_chapter_that_is_none_is_no_chapter_that_was_opened(tmp_path: Path) -> None:
    more = '[features]\nopened = ["mobile_paymnet"]'
    config = write_deployment(tmp_path, **place("sichuan", Kind.HOSPITAL), gateway="plain", more=more)
    shown = liangding("check", "--config", config)
    assert (shown.returncode, "features.opened" in shown.stderr, "mobile_payment" in shown.stderr) == (2, True, True)


# -- the line ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "gateway", "address"),
    # 广东：省网关 TIF，交易编号在地址末段；湖南规范 4.5：CSB；四川：没有网关签名，统一地址；甘肃没有公开
    [("dongguan", "tif", "infno"), ("hunan", "csb", "single"), ("sichuan", "plain", "single"), ("gansu", "", "")],
)
def test_what_is_public_of_a_line_need_not_be_written(tmp_path: Path, region: str, gateway: str, address: str) -> None:
    """Province, institution and credentials are the only edits; a file that names its gateway stays as it is."""
    area = "430100" if region == "hunan" else AREAS[region]
    config = write_deployment(tmp_path, province=region, area=area, gateway=gateway or "plain")
    lines = [line for line in config.read_text("utf-8").splitlines() if not line.startswith(("address =", "recer_sys"))]
    config.write_text("\n".join(lines), "utf-8")
    assert Knowledge(load_deployment(config)).deployment.platform.address == "single"
    config.write_text("\n".join(line for line in lines if not line.startswith("gateway =")), "utf-8")
    if not gateway:
        with pytest.raises(ConfigurationError, match=r"platform\.gateway.*没有公开"):
            Knowledge(load_deployment(config))
        return
    known = Knowledge(load_deployment(config))
    platform = known.deployment.platform
    assert (platform.gateway, platform.address) == (gateway, address)
    assert (platform.recer_sys_code, platform.infver, platform.signtype) == ("01", "V1.0", "")
    assert known.address(known.interfaces["1101"]).endswith("/1101") is (address == "infno")
