"""Which way a transaction goes, over which line, and numbers that a deployment opens by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from liangding.config import load_deployment
from liangding.errors import ConfigurationError, IncomingNotice, OutcomeUnknown, UnknownTransaction
from liangding.knowledge import Knowledge
from liangding.server.openapi import openapi
from liangding.simulator.faults import Fault
from liangding.spec import Does, Effect, Of
from support import Rig, rig_for, write_deployment
from test_plugins import least

OPENED = """
[transactions.1162]
name = "电子凭证解码"
changes = false

[transactions.9950]
name = "商品采购（聚合平台）"
like = "3503"

[transactions.9951]
name = "本地结算"
like = "2102"
"""

GOODS = {
    "purcinfo": {
        "med_list_codg": "Q02000000", "fixmedins_hilist_id": "D1", "fixmedins_hilist_name": "测试耗材", "dynt_no": "",
        "fixmedins_bchno": "B-1", "spler_name": "测试供货商", "spler_pmtno": "", "manu_lotnum": "20240517",
        "prodentp_name": "测试厂家", "aprvno": "测试注册证", "manu_date": "2024-05-17", "expy_end": "2027-05-16",
        "finl_trns_pric": "", "purc_retn_cnt": 3, "purc_invo_codg": "", "purc_invo_no": "TR1", "rx_flag": "0",
        "purc_retn_stoin_time": "2024-08-07 00:00:00", "purc_retn_opter_name": "测试员", "prod_geay_flag": "",
        "memo": "",
    }
}  # fmt: skip
"""A real request's shape, with the empty optional fields that such requests have."""


@pytest.fixture
def rig(tmp_path: Path) -> Any:
    with rig_for(tmp_path, gateway="plain", more=OPENED) as made:
        yield made


@pytest.mark.parametrize("infno", ["6302", "7108", "7109", "6204"])
def test_what_the_platform_tells_us_cannot_be_called(rig: Rig, infno: str) -> None:
    with pytest.raises(IncomingNotice, match=f"{infno} .*通知"):
        rig.runtime.call(infno, {})
    assert (rig.platform.requests, rig.runtime.journal.latest(infno=infno)) == ([], [])
    assert f"/v1/transactions/{infno}" not in openapi(rig.runtime, rig.flows)["paths"]


@pytest.mark.parametrize("infno", ["6201", "6202", "6203", "6301", "6401"])
def test_what_is_secured_never_goes_in_clear_to_the_settlement_address(rig: Rig, infno: str) -> None:
    with pytest.raises(ConfigurationError, match="不向结算地址明文发送"):
        rig.runtime.call(infno, {"data": {}})
    assert rig.platform.requests == []


def test_a_front_machine_of_ones_own_may_be_routed_to(tmp_path: Path) -> None:
    route = '[platform.routes]\n"62" = "http://127.0.0.1:9/front"'
    text = write_deployment(tmp_path, gateway="plain").read_text("utf-8").replace("[journal]", f"{route}\n\n[journal]")
    (tmp_path / "test.toml").write_text(text, "utf-8")
    known = Knowledge(load_deployment(tmp_path / "test.toml"))
    known.refuse_unsendable(known.interfaces["6202"])
    assert known.address(known.interfaces["6202"]).startswith("http://127.0.0.1:9/front")


def test_reconciling_totals_changes_something_where_it_applies_for_clearing(tmp_path: Path) -> None:
    """四川 工作指引第三章 3201：行总账对账-视同清算申请."""
    found = {}
    for province, area in (("sichuan", "510400"), ("dongguan", "441900")):
        (tmp_path / province).mkdir()
        config = write_deployment(tmp_path / province, province=province, area=area, gateway="plain")
        found[province] = Knowledge(load_deployment(config)).interfaces["3201"]
    assert (found["sichuan"].effect, found["sichuan"].means) == (Effect.CHANGES, (Does.REGISTERS, Of.CLEARING))
    assert found["dongguan"].effect is Effect.READS


def test_a_lost_answer_to_what_applies_for_clearing_is_not_asked_for_again(tmp_path: Path) -> None:
    """四川 三章 3201：视同清算申请。应答丢失后再发一遍，就是申请两次."""
    with rig_for(tmp_path, province="sichuan", area="510400", gateway="plain") as rig:
        rig.strike(Fault.ANSWER_LOST, "3201", times=3)
        message = least(rig.runtime.known, rig.runtime.interfaces["3201"].input)
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                rig.runtime.call("3201", message, key="C1")
        assert rig.sent("3201") == 1


# -- numbers of one's own ----------------------------------------------------------------------------------------------


def test_a_number_that_nobody_declares_says_how_it_is_opened(tmp_path: Path) -> None:
    known = Knowledge(load_deployment(write_deployment(tmp_path, gateway="plain")))
    with pytest.raises(UnknownTransaction) as caught:
        known.interfaces["1191"]
    assert "[transactions.编号]" in (caught.value.remedy or "")


def test_a_number_is_opened_with_the_shape_of_another_or_with_none(rig: Rig) -> None:
    rig.platform.handlers |= {"1162": lambda request: {"data": {"ok": "1"}}, "9950": lambda request: {}}
    asked = rig.runtime.call("1162", {"data": {"orgId": "H1", "businessType": "01101"}})
    assert (asked.body["output"], rig.runtime.interfaces["1162"].changes) == ({"data": {"ok": "1"}}, False)
    rig.runtime.call("9950", GOODS, key="P1")
    sent = json.loads(rig.runtime.journal.latest(infno="9950", limit=1)[0].request or b"")
    assert (sent["infno"], sent["input"]["purcinfo"]["med_list_codg"]) == ("9950", "Q02000000")
    assert rig.runtime.interfaces["9950"].means == (Does.UPLOADS, Of.GOODS)


def test_an_own_number_with_the_shape_of_a_settlement_is_held_and_goes_to_a_person(rig: Rig) -> None:
    opened = rig.runtime.interfaces["9951"]
    assert (opened.does, opened.holds) == (Does.SETTLES, True)
    assert rig.runtime.resolver.can_ask("9951") is False


@pytest.mark.parametrize(("number", "like", "told"), [("2102", "", "已有声明"), ("9950", "3599", "没有交易 3599")])
def test_what_cannot_be_opened_is_said_at_start(tmp_path: Path, number: str, like: str, told: str) -> None:
    more = f'[transactions.{number}]\nname = "x"\nlike = "{like}"'
    with pytest.raises(ConfigurationError, match=told) as caught:
        Knowledge(load_deployment(write_deployment(tmp_path, gateway="plain", more=more)))
    assert f"transactions.{number}" in (caught.value.path or "")
