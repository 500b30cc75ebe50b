"""What refusals and codes mean: at least as many as are promised, each whole, and none that talks money away."""

from __future__ import annotations

import json
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import liangding as package
from liangding.contract import Refuse
from liangding.errors import CallRefused, LiangdingError
from liangding.national.meaning import arrived_before, perhaps_done
from liangding.national.refusals import SIDES, explained, known
from liangding.server.frame import told
from shell import liangding
from support import simulated_rig_for

SAID = [
    # 平台、网关、转发端、控件说过的话 → 原因里的词，可能已办成没有
    ("该参保人的基本信息为空", "查不到参保人", False),
    ("【2207】该人员未签到，请先签到", "没有签到", False),
    ("500159：扫到的不是电子凭证码", "不是医保电子凭证码", False),
    ("NATY：字典项校验错误", "字典", False),
    ("ORA-00001: unique constraint (CHS.OPERATION_UNIQUE) violated", "唯一键", True),
    ("调用省平台查询本地就医信息失败", "还没有这次就诊", False),
    ("调用接口失败,原因：Unexpected end of file from server", "没有收全", True),
    ("error status code :504", "超时", True),
    ("java.net.SocketTimeoutException: Read timed out", "超时", True),
    ("发送方报文ID重复", "同一报文号", True),
    ("该笔记录已结算（单边账），需先在两定平台冲销", "已经结算过", True),
    ("预结算金额不匹配", "预结算之后", False),
    ("异地药店未上传追溯码", "追溯码", False),
    ("监管接口短暂异常", "监管接口", True),
    ("原结算已退费的不能冲正", "撤销", True),
    ("诊断里没有主诊断", "主诊断", False),
    ("验签失败", "签名不对", False),
    ("该人员处于欠费状态，不能享受医保待遇", "欠缴", False),
    ("调用接口失败,原因：人员待遇封锁", "封锁", False),
    ("备案有效期已过", "备案不在有效期", False),
    ("【0】医保结算失败：备案信息不存在", "没有要用到的备案", False),
    ("交易失败：药品目录编码对应的药品已失效", "目录里已停用", False),
    ("该参保人员年度统筹基金支付已达封顶线", "年度支付限额", False),
    ("开单医生不是医保医师", "医师", False),
    ("目录对照未审核通过", "对照", False),
    ("药品价格超过挂网价", "挂网价", False),
    ("处方超过30天用量", "用药天数", False),
    ("费用发生时间不在住院期间内", "不在这次就诊之内", False),
    ("费用明细已结算，不能撤销", "要先撤销结算", False),
    ("只能按结算顺序倒序退费", "从最后一笔往前退", False),
    ("该结算已对账，不允许退费", "已对账或清算", False),
    ("退费数量大于原收费数量", "退的比原来的多", False),
    ("IP地址未授权", "地址没有登记", False),
    ("时间戳超时，请检查服务器时间", "本机时钟", True),
    ("Could not read document: Unrecognized token", "读不了报文", False),
    ("SSLHandshakeException: PKIX path building failed", "证书", True),
    ("电子凭证二维码已失效", "展示的码过期", False),
    ("家庭共济账户未绑定", "家庭共济", False),
    ("参保地系统返回错误：人员信息不存在", "查不到参保人", False),
    ("医保系统正在日终处理", "日终处理", True),
    ("国家平台返回超时", "超时", True),
    ("系统异常，请联系管理员", "没有说原因", True),
    ("该批次费用已结算", "已经结算过", True),
    ("该病人的陪护登记还没有办理", "还没有办", False),
    ("护理等级不正确", "句中所说的一项不对", False),
    ("outcome_unknown", "不知道平台办成没有", True),
    ("refused", "平台拒绝", False),
]


def test_what_is_known_is_whole_and_enough() -> None:
    rows = known()
    assert len(rows) >= 250
    assert all(each.side in SIDES and each.cause and each.check and each.remedy and each.source for each in rows)
    assert {each.happened for each in rows} <= {"no", "maybe", "yes"}
    assert [words for words, count in Counter(each.words.pattern for each in rows).items() if count > 1] == []
    assert {each.side for each in rows} == set(SIDES)


@pytest.mark.parametrize(("sentence", "cause", "happened"), SAID)
def test_a_sentence_is_explained(sentence: str, cause: str, happened: bool) -> None:
    found = explained(sentence)
    assert found, sentence
    exact = [each for each in found if not each.general] or found
    assert any(cause in each.cause for each in exact), [each.cause for each in found]
    assert found[0] in exact or found[0].happened != "no"
    assert found[0].as_json()["may_have_happened"] is happened


def test_nothing_is_told_to_be_undone_that_the_product_itself_doubts() -> None:
    silent = ["索引超出了数组界限。", "中心返回为空", "无法确定交易结果", "系统错误"]
    further = ["java.net.UnknownHostException: platform", *silent]
    for sentence in [sentence for sentence, _, _ in SAID] + further:
        if perhaps_done(sentence) or arrived_before(sentence) or sentence in silent:
            assert explained(sentence)[0].happened != "no", sentence


def test_the_command_tells_it_to_people_and_programs() -> None:
    told = liangding("decode", "该参保人的基本信息为空", "--json")
    assert json.loads(told.stdout)[0]["cause"] in liangding("decode", "该参保人的基本信息为空").stdout
    assert "没有公开的对照表" in liangding("decode", "-1001").stdout
    nothing = liangding("decode", "天气不错")
    assert (nothing.returncode, "没有收录" in nothing.stdout) == (1, True)


def test_what_one_region_alone_is_known_to_say_is_told_there_and_with_its_name(tmp_path: Path) -> None:
    """校验介质 and 控件 are known from one province's guidance: the core and other regions say nothing of them."""
    sentence = "校验介质已失效，请重新获取"
    assert not any("校验介质" in each.cause for each in explained(sentence))
    told = json.loads(liangding("decode", sentence, "--json").stdout)
    assert (told[0]["region"], "校验介质" in told[0]["cause"]) == ("四川", True)
    for region, area, known_from in (("sichuan", "510400", "四川"), ("gansu", "620100", None)):
        folder = tmp_path / region
        folder.mkdir()
        with simulated_rig_for(folder, province=region, area=area, code=f"P{area}00001") as rig:
            rig.platform.handlers["5303"] = refuse(sentence)
            asked = {"data": {"psn_no": rig.person().psn_no, "begntime": "2026-11-01", "endtime": "2026-11-30"}}
            with pytest.raises(CallRefused) as refused:
                rig.runtime.call("5303", asked, insured_place=area)
            assert refused.value.as_json().get("known_from") == known_from
            decoded = liangding("decode", sentence, "--config", rig.deployment.source)
            assert ("只在四川见过" in decoded.stdout) is bool(known_from)


def test_every_code_of_our_own_is_explained() -> None:
    """Every error of the core, whatever module it stands in."""
    for module in pkgutil.walk_packages(package.__path__, "liangding."):
        if "._" not in module.name and ".migrations" not in module.name:
            import_module(module.name)
    codes = {error.code for error in _below(LiangdingError) if error.__module__.startswith("liangding.")}
    assert [code for code in sorted(codes) if not any(each.side == "own" for each in explained(code))] == []


def _below(cls: type[LiangdingError]) -> Iterator[type[LiangdingError]]:
    for each in cls.__subclasses__():
        yield each
        yield from _below(each)


def refuse(sentence: str) -> Callable[[Any], None]:
    def handler(request: Any) -> None:
        raise Refuse(sentence)

    return handler


def test_a_refusal_over_http_brings_its_cause() -> None:
    body = told(CallRefused("该结算已撤销，不能重复撤销", infno="2103"))
    assert (body["code"], body["may_have_happened"]) == ("refused", True)
    assert body["cause"].startswith("结算已被撤销")
    assert "cause" not in told(CallRefused("天气不错", infno="2103"))
