"""What refusals and codes mean: at least as many as are promised, each whole, and none that talks money away."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from liangding.national.meaning import arrived_before, perhaps_done
from liangding.national.refusals import SIDES, explained, known
from test_cli import liangding

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
    ("校验介质已失效", "校验介质", False),
    ("outcome_unknown", "不知道平台办成没有", True),
    ("refused", "平台拒绝", False),
]


def test_what_is_known_is_whole_and_enough() -> None:
    rows = known()
    assert len(rows) >= 120
    assert all(each.side in SIDES and each.cause and each.check and each.remedy and each.source for each in rows)
    assert {each.happened for each in rows} <= {"no", "maybe", "yes"}
    assert [words for words, count in Counter(each.words.pattern for each in rows).items() if count > 1] == []
    assert {each.side for each in rows} == set(SIDES)


@pytest.mark.parametrize(("sentence", "cause", "happened"), SAID)
def test_a_sentence_is_explained(sentence: str, cause: str, happened: bool) -> None:
    found = explained(sentence)
    assert any(cause in each.cause for each in found), [each.cause for each in found]
    assert found[0].as_json()["may_have_happened"] is happened


def test_nothing_is_told_to_be_undone_that_the_product_itself_doubts() -> None:
    for sentence, _, _ in SAID:
        if perhaps_done(sentence) or arrived_before(sentence):
            assert explained(sentence)[0].happened != "no", sentence


def test_the_command_tells_it_to_people_and_programs() -> None:
    told = liangding("decode", "该参保人的基本信息为空", "--json")
    assert json.loads(told.stdout)[0]["cause"] in liangding("decode", "该参保人的基本信息为空").stdout
    nothing = liangding("decode", "天气不错")
    assert (nothing.returncode, "没有收录" in nothing.stdout) == (1, True)


def test_a_refusal_over_http_brings_its_cause() -> None:
    from liangding.errors import CallRefused
    from liangding.server.frame import told

    body = told(CallRefused("该结算已撤销，不能重复撤销", infno="2103"))
    assert (body["code"], body["may_have_happened"]) == ("refused", True)
    assert body["cause"].startswith("结算已被撤销")
    assert "cause" not in told(CallRefused("天气不错", infno="2103"))
