"""A refusal is a claim: what proves one, and the second look at what nothing proves. An ordinary one costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bedside import HOSPITAL, bill, done, registration, run
from liangding.config import load_deployment
from liangding.contract import Region, hookimpl
from liangding.contract.region import Refusals
from liangding.contract.simulation import Refuse
from liangding.errors import CallRefused, ConfigurationError, OutcomeUnknown
from liangding.journal import Journal, JournalUnavailable, KeyConflict, State
from liangding.journal.records import CallRecord
from liangding.knowledge import Knowledge
from liangding.national.meaning import DOUBTS
from liangding.simulator.chapters.settling import take_back_elsewhere
from liangding.simulator.faults import Fault
from liangding.simulator.line import SimulatedLine
from liangding.wire.json import decode, encode
from liangding.wire.transport import Exchange
from support import Rig, simulated_rig_for, write_deployment

QUERIES = ("5201", "5203", "5204")
ORDINARY = (
    "参保人员已停保", "个人账户余额不足", "诊断编码不存在", "医保目录编码不存在", "该人员不在享受待遇期",
    "医疗类别与险种不符", "BusinessException: 未找到参保信息", "费用明细流水号重复", "处方已过期",
)  # fmt: skip
STOPPED = "参保人员已停保"
NOWHERE = {"province": "", "area": "990100", "code": "", "gateway": "plain"}
"""An institution where no province's plugin says anything."""

HOUR = 3600.0


class Answering:
    """A line on which another answer comes back to the first call of a transaction; ``lost``: the platform never saw
    it."""

    def __init__(self, line: SimulatedLine, infno: str, said: Mapping[str, Any], *, lost: bool) -> None:
        self.line, self.infno, self.said, self.lost = line, infno, said, lost

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        if not url.endswith(self.infno):
            return self.line.post(url, headers, body)
        self.infno = "none"
        if not self.lost:
            self.line.post(url, headers, body)
        return Exchange(status=200, body=encode(dict(self.said)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


MARKS = {"inf_refmsgid": "44190020261121100000000000000001", "refmsg_time": "20261121100000000"}


def told(rig: Rig, infno: str, sentence: Any, *, lost: bool = False, infcode: Any = "-1", **more: Any) -> None:
    """The next answer to a transaction is this refusal, whatever the platform said."""
    said = {"infcode": infcode, "err_msg": sentence, **more}
    rig.runtime.transport = Answering(rig.runtime.transport, infno, said, lost=lost)  # type: ignore[arg-type]


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path) as made:
        made.runtime.sign_in(made.deployment.operators[0])
        yield made


def held(rig: Rig, key: str = "B1") -> CallRecord:
    found = rig.runtime.journal.by_key(rig.deployment.institution.code, key)
    assert found is not None
    return found


def asked(rig: Rig) -> int:
    return sum(rig.sent(infno) for infno in QUERIES)


# -- an ordinary refusal costs nothing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("marked", [False, True])
@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_refusal_is_told_at_once(tmp_path: Path, sentence: str, marked: bool) -> None:
    """With the platform's marks where they are compulsory, without them elsewhere: no query, no wait."""
    with simulated_rig_for(tmp_path, objects={"region": Says(marked=marked)}, **NOWHERE) as sim:
        sim.runtime.sign_in(sim.deployment.operators[0])
        told(sim, "2102", sentence, lost=True, **(MARKS if marked else {}))
        begun = sim.runtime.clock.epoch()
        with pytest.raises(CallRefused, match=sentence):
            sim.settle(key="B1")
        assert (asked(sim), sim.runtime.clock.epoch()) == (0, begun)
        assert sim.settle(key="B1").output.setlinfo.setl_id == sim.standing()[0]
        assert asked(sim) <= 3, "one look before the key is used again"


def test_what_moves_no_money_is_not_looked_at_again(clinic: Rig) -> None:
    def refuses(_: Any) -> Any:
        raise Refuse(STOPPED)

    clinic.platform.handlers["2201"] = refuses
    person = clinic.person()
    for _ in range(2):
        with pytest.raises(CallRefused, match=STOPPED):
            clinic.runtime.call("2201", registration(person), key="V1", insured_place=person.covers[0].place)
    assert (asked(clinic), clinic.runtime.journal.next_due()) == (0, None)


# -- what is no refusal ------------------------------------------------------------------------------------------------

DOUBTFUL = (
    "调用接口失败,原因：Unexpected end of file from server", "error status code :504", "系统繁忙，请稍后再试",
    "java.net.SocketException: Connection reset", "java.lang.NullPointerException", "feign.RetryableException",
    "监管接口短暂异常", "网络异常", "服务暂不可用", "交易处理中", "Read timed out", "socket closed", "",
)  # fmt: skip
ARRIVED = ("发送方报文ID重复", "该报文已处理", "该收费批次已结算", "请勿重复提交", "该笔记录已结算（单边账）需先冲销")


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("sentence", [*DOUBTFUL, *ARRIVED])
def test_a_refusal_that_does_not_say_no_is_found_out(sim: Rig, sentence: str, lost: bool) -> None:
    told(sim, "2102", sentence, lost=lost)
    if lost:
        with pytest.raises(OutcomeUnknown):
            sim.settle(key="B1")
        sim.let_pass(300)
    assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()


NO_REASON = """
系统异常|结算未成功|系统内部错误|系统异常，请联系管理员|服务器内部错误|服务器无响应|未知异常|程序异常
调用中心接口异常|请求失败
操作失败|结算失败|结算成功|通讯中断|网络连接异常|网络波动|连接被重置|对端关闭连接|远程主机强迫关闭了一个现有的连接。
无法连接到远程服务器|基础连接已经关闭: 接收时发生错误。|远程服务器返回错误: (502) 错误的网关。|正在中止线程。
数据库连接异常|调用参保地平台失败|异地系统异常|路由寻址失败|服务降级|数据库死锁|事务回滚|返回报文为空
未收到中心返回|省平台未返回结果|中心无应答|返回数据解析失败
响应报文格式错误|响应报文验签失败|结果未返回|交易状态不明|请查询结算结果|结算中|正在处理
业务正在办理中，请勿重复操作|超  时|超時|com.alibaba.dubbo.rpc.RpcException: Failed to invoke the method settle
org.apache.http.NoHttpResponseException: 10.0.0.1:80 failed to respond|I/O error on POST request for "http://x/2102"
javax.net.ssl.SSLHandshakeException: 握手失败，卡号已送出|java.lang.OutOfMemoryError: Java heap space
Unexpected token < in JSON at position 0|upstream connect error or disconnect/reset before headers|HTTP 504
Hystrix circuit is OPEN|Deadlock found when trying to get lock; try restarting transaction
ORA-03113: end-of-file on communication channel|curl: (52) Empty reply from server|ECONNRESET
Max retries exceeded with url|socket hang up|null
undefined|error|-1|500|-|.|<html><body>网关错误，请核对参保地</body></html>|{"code":500,"message":"Internal error"}
{"infcode":-1,"err_msg":"系统异常"}|{"infcode":0,"err_msg":"参保地已核对"}|{"出错":"参保地"|绯荤粺绻佸繖
ϵͳ\ufffd\ufffdæ参保|????????|锟斤拷锟斤拷参保|ORA-00001: unique constraint violated|主键冲突|重复的交易
交易流水号重复|msgid已存在|任务已提交，请稍后查看|该就诊已有结算记录|存在有效结算
返回错误|返回错误：系统异常|返回错误：结果未知|返回失败：调用参保地平台超时|返回错误：报文为空|返回错误：数据解析失败
中心返回异常：网络异常
返回错误，请稍后再试|接口返回失败，原因不明|响应异常：Read timed out|返回错误：该报文已处理
服务异常：数据库死锁|返回结果解析错误：诊断编码
未能解析此远程名称: 'hsa.example'|未将对象引用设置到对象的实例。|空指针异常|索引超出了数组界限。|内存不足
交易排队中|接口返回空
解析JSON失败|前置服务未启动|请到医保系统核对结算是否成功|本次交易可能已成功，请先查询|交易状态不确定|无法确定交易结果
值不能为 null。 参数名: source|线程被终止|结算结果暂时无法获取|保存结算信息失败|存储过程执行失败，请联系管理员
处理超时未完成
您的主机中的软件中止了一个已建立的连接。|系统缓冲区空间不足或队列已满|指定的转换无效。
流水号重复|发送方流水号已使用|报文编号已被占用|记录已存在|该就诊已完成结算|费用已被结算|该收费批次号已被结算|已存在相同结算单
该单据已收费|单据已扣费，请勿重复|该处方已支付|该次就诊已办理结算
未收到返回错误：诊断编码不存在|等待响应失败：参保人|返回错误信息：交易处理中|返回错误码[-1]：系统繁忙
"""
"""What relays, libraries, platforms elsewhere and wrong character sets make of an answer: words, and no reason."""

REASONS = """
cn.hsa.exception.HsafException: 参保人暂停参保|java.lang.RuntimeException: 该参保人已停保
调用接口失败,原因：余额不足|系统异常：参保人已停保|结算失败：个人账户余额不足|交易失败,卡已挂失|密码错误
接口参数psn_no不能为空|psn_no: must not be null|参数校验异常：medfee_sumamt不能为空|定点机构已中止协议
参保信息异常，请到经办机构核实|卡状态异常，请换卡|医保码已失效|报文格式错误|处方已处理完毕不能再用
超时未缴费，待遇中止|该人员未登记|该结算已撤销|追溯码重复销售|[E001]余额不足|参保地错误|psn_no mismatch
<2207>单据重复|等待期内不享受待遇|备案审核中，不能结算
返回错误：诊断编码不存在|返回失败:个人账户余额不足|接口返回异常：参保人员已停保|医保中心返回错误：处方已过期
返回错误信息：该药品未对码|返回错误码[E013]：就诊ID不能为空
响应错误：医疗类别与险种不符|服务异常：参保人已停保
业务异常：未找到参保信息|错误信息：密码错误|调用失败：该人员不在享受待遇期|返回错误，诊断编码不存在
结算中药品目录编码为空|医保卡超时未激活|处方超时未审核|二维码已超时，请刷新|凭证已超时，请重新出示
The person is not insured
Permission denied: institution has no access|drug not found: XB01|处理中心未开通该机构|参保状态不明，请到参保地核实
结算方式不明确，请传psn_setlway|是否结算标志错误|请核实是否已预结算|发票流水号重复，请更换|药品已结算价格高于限价|存在结算限制：仅限本院
待遇已封顶，统筹基金已支付达上限|保存失败：医师编码不存在|参保地返回失败：该人员已死亡|返回错误：身份证号格式错误|失败原因：超过限定天数
{"code":"E1","message":"余额不足"}|鍙備繚浜哄憳宸插仠淇濓紝璇锋牳瀵�|参保人员已停保，请核对\ufffd
"""
"""Real ones, also where a program speaks round them, in its own words or its own character set."""


def test_words_that_give_no_reason_are_no_refusal_and_a_reason_is_one_whatever_is_round_it(sim: Rig) -> None:
    line = sim.runtime.transport
    for number, sentence in enumerate(
        [*NO_REASON.strip().replace("\n", "|").split("|"), {"code": 7}, ["系统异常"], 500, True]
    ):
        sim.runtime.transport = line
        told(sim, "2102", sentence)
        setl_id = sim.settle(key=f"N{number}").output.setlinfo.setl_id
        assert sim.standing()[-1] == setl_id, sentence
    looked = asked(sim)
    for number, sentence in enumerate(
        [*REASONS.strip().replace("\n", "|").split("|"), {"code": "E1", "message": "余额不足"}]
    ):
        sim.runtime.transport = line
        told(sim, "2102", sentence, lost=True, infcode=" -1 ")
        with pytest.raises(CallRefused) as caught:
            sim.settle(key=f"R{number}")
        assert "余额不足" in str(caught.value) or isinstance(sentence, str), sentence
    assert asked(sim) == looked
    assert "参保人员已停保" in str(explained_by(sim, "鍙備繚浜哄憳宸插仠淇濓紝璇锋牳瀵�"))


def explained_by(sim: Rig, sentence: str) -> CallRefused:
    """What a till hears of a refusal."""
    told(sim, "2102", sentence, lost=True)
    with pytest.raises(CallRefused) as caught:
        sim.settle()
    return caught.value


def test_a_refusal_that_names_a_settlement_is_none(sim: Rig) -> None:
    told(sim, "2102", STOPPED, output={"setlinfo": {"setl_id": "S1"}})
    assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()


@pytest.mark.parametrize("infcode", [None, "", {}, True, 0.0, "0000", "success", "1", -2, []])
def test_a_code_that_is_neither_is_found_out(sim: Rig, infcode: Any) -> None:
    told(sim, "2102", STOPPED, infcode=infcode)
    assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()


def test_every_word_of_doubt_says_where_it_was_seen() -> None:
    assert all(len(evidence) > 10 for evidence in DOUBTS.values())


class Says:
    """A region that refuses in its own way."""

    def __init__(self, **refusals: Any) -> None:
        self.refusals = Refusals(**refusals)

    @hookimpl
    def liangding_region(self) -> Region:
        return Region(name="测试", local=("9901",), province=("99",), refusals=self.refusals)


@pytest.mark.parametrize(
    ("refusals", "said", "refused"),
    [
        ({}, {"infcode": "-9"}, False),
        ({"codes": ("-9",)}, {"infcode": "-9"}, True),
        ({"codes": ("-9",)}, {"infcode": "-1"}, True),
        ({"doubts": (r"排队",)}, {"sentence": "请求排队中"}, False),
        ({"done": (r"已入账",)}, {"sentence": "已入账"}, False),
        ({"marked": True}, {}, False),
        ({"marked": True}, {"inf_refmsgid": ""}, False),
        ({"marked": True}, {"inf_refmsgid": "", "refmsg_time": "1", "respond_time": None}, False),
        ({"marked": True}, {"inf_refmsgid": "", "refmsg_time": "1", "respond_time": "1"}, True),
        ({"marked": True}, {"inf_refmsgid": "4419"}, True),
    ],
)
def test_how_a_region_refuses_is_its_own_data(
    tmp_path: Path, refusals: dict[str, Any], said: dict[str, Any], refused: bool
) -> None:
    with simulated_rig_for(tmp_path, objects={"region": Says(**refusals)}, **NOWHERE) as sim:
        sim.runtime.sign_in(sim.deployment.operators[0])
        told(sim, "2102", **{"sentence": STOPPED, **said})
        if refused:
            with pytest.raises(CallRefused):
                sim.settle(key="B1")
        assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()
        assert sim.sent("2102") == 1


@pytest.mark.parametrize("pattern", ["(", ".*"])
def test_a_regions_word_that_can_be_none_is_an_error_at_start(tmp_path: Path, pattern: str) -> None:
    deployment = load_deployment(write_deployment(tmp_path, **NOWHERE))
    with pytest.raises(ConfigurationError, match=r"refusals\.doubts"):
        Knowledge(deployment, plugins={"region": Says(doubts=(pattern,))})


@pytest.mark.parametrize("marked", [False, True])
def test_behind_a_relay_a_refusal_without_marks_is_none(tmp_path: Path, marked: bool) -> None:
    with simulated_rig_for(tmp_path, platform="behind_relay = true") as sim:
        sim.runtime.sign_in(sim.deployment.operators[0])
        told(sim, "2102", STOPPED, lost=True, **(MARKS if marked else {}))
        with pytest.raises(CallRefused if marked else OutcomeUnknown):
            sim.settle(key="B1")


# -- the second look ---------------------------------------------------------------------------------------------------


def refused(rig: Rig, **more: Any) -> None:
    """The platform settles, and somebody says a plain no."""
    told(rig, "2102", STOPPED, **more)
    with pytest.raises(CallRefused):
        rig.settle(key="B1")
    assert len(rig.standing()) == (0 if more.get("lost") else 1)


def test_what_stands_although_it_was_refused_is_the_answer_for_who_asks_again(sim: Rig) -> None:
    refused(sim)
    assert held(sim).due_at == sim.runtime.clock.epoch() + 60
    assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()
    sim.let_pass(48 * HOUR)
    assert (sim.sent("2102"), len(sim.standing()), held(sim).resolution) == (1, 1, "asked:5201+5204+5203")


@pytest.mark.parametrize("looked", [True, False])
def test_a_full_disk_after_the_second_look_is_not_told_as_nothing_done(
    sim: Rig, monkeypatch: pytest.MonkeyPatch, looked: bool
) -> None:
    """What was told to have failed was just found to stand: who hears of the disk alone would not ask again."""
    refused(sim)
    open_call, asked = Journal.open_call, iter([not looked, looked])

    def full(self: Journal, new: Any, **more: Any) -> Any:
        if new.infno == "2102" and next(asked):
            raise JournalUnavailable("流水库不可用：database or disk is full")
        return open_call(self, new, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "open_call", full)
        with pytest.raises(OutcomeUnknown if looked else JournalUnavailable, match="disk is full"):
            sim.settle(key="B1")
    assert held(sim).state is (State.ACCEPTED if looked else State.REFUSED)
    assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()


@pytest.mark.parametrize("written", [0, 1])
def test_what_is_looked_for_while_the_disk_fails_is_not_told_as_nothing_done(
    sim: Rig, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    """The first look tells nothing, so that what was refused is unknown from then on; the next one finds it."""
    refused(sim)
    told(sim, "5201", "查询超时")
    conclude, left = Journal.conclude, iter([True] * written)

    def full(self: Journal, *what: Any, **more: Any) -> Any:
        if not next(left, False):
            raise JournalUnavailable("流水库不可用：database is locked")
        return conclude(self, *what, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "conclude", full)
        with pytest.raises(OutcomeUnknown, match="is locked"):
            sim.settle(key="B1")
    assert held(sim).state is (State.UNKNOWN if written else State.REFUSED)
    assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()


@pytest.mark.parametrize("lies", [True, False])
def test_what_stands_after_all_is_not_the_answer_for_a_bill_that_was_mended(sim: Rig, lies: bool) -> None:
    """Refused by nobody's word, or done late; the till mends the bill and asks under its key."""
    person = sim.person()
    if lies:
        told(sim, "2102", STOPPED)
    else:
        sim.strike(Fault.LATE_COMMIT, "2102", seconds=150)
    with pytest.raises(CallRefused if lies else OutcomeUnknown):
        sim.settle(person, key="B1", total="100.00")
    if not lies:
        sim.let_pass(140)
        sim.runtime.clock.sleep(20)
    for _ in range(2):
        with pytest.raises(KeyConflict, match=r"已受理，100\.00 元"):
            sim.settle(person, key="B1", total="80.00")
    assert [sim.settle(person, key="B1", total="100.00").output.setlinfo.setl_id] == sim.standing()


@pytest.mark.parametrize("lag", [0, 90])
def test_what_stands_although_it_was_refused_is_taken_back_where_nobody_asks_again(sim: Rig, lag: float) -> None:
    sim.platform.world.query_delay = lag
    refused(sim)
    sim.let_pass(61 if not lag else 125)
    assert held(sim).state is not State.REFUSED
    sim.let_pass(HOUR)
    assert (held(sim).state, sim.standing()) == (State.REVERSED, [])
    assert sim.settle(key="B1").output.setlinfo.setl_id == sim.standing()[0]


def test_it_comes_first_until_it_is_taken_back(sim: Rig) -> None:
    refused(sim)
    sim.strike(Fault.REQUEST_LOST, "2601", times=0)
    sim.let_pass(61)
    waiting = held(sim)
    assert (waiting.state, waiting.resolution) == (State.UNKNOWN, "late")
    assert [call.id for call in sim.runtime.journal.pending()] == [waiting.id]


@pytest.mark.parametrize("marked", [False, True])
def test_where_the_platform_cannot_be_asked_marks_free_the_key(sim: Rig, marked: bool) -> None:
    refused(sim, lost=True, **(MARKS if marked else {}))
    sim.deafen()
    if marked:
        assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()
        return
    with pytest.raises(OutcomeUnknown, match="先查明"):
        sim.settle(key="B1")
    assert (held(sim).state, sim.sent("2102")) == (State.UNKNOWN, 0)
    sim.door.faults.clear()
    sim.let_pass(400)
    assert [sim.settle(key="B1").output.setlinfo.setl_id] == sim.standing()


@pytest.mark.parametrize("key", ["B1", "another"])
def test_a_refusal_that_nothing_disproves_is_looked_at_and_let_be(sim: Rig, key: str) -> None:
    refused(sim, lost=True)
    sim.let_pass(HOUR)
    assert (held(sim).state, held(sim).watch_until, sim.runtime.journal.next_due()) == (State.REFUSED, None, None)
    assert [sim.settle(key=key).output.setlinfo.setl_id] == sim.standing()


def test_of_two_attempts_of_one_bill_one_stands(sim: Rig) -> None:
    """The first was refused by nobody's word, is not shown yet when the till asks again, and turns up later."""
    sim.platform.world.query_delay = 30
    refused(sim)
    sim.runtime.clock.sleep(1)
    second = sim.settle(key="B1").output.setlinfo.setl_id
    assert len(sim.standing()) == 2
    sim.let_pass(HOUR)
    assert sim.standing() == [second]


# -- cancellations -----------------------------------------------------------------------------------------------------


def cancel(rig: Rig, info: Any, key: str = "R1") -> Any:
    data = {"psn_no": info.psn_no, "setl_id": info.setl_id, "mdtrt_id": info.mdtrt_id}
    return rig.runtime.call("2103", {"data": data}, key=key, insured_place="441900")


@pytest.mark.parametrize("again", [True, False])
def test_a_cancellation_that_was_refused_and_done_all_the_same(sim: Rig, again: bool) -> None:
    info = sim.settle(key="B1").output.setlinfo
    told(sim, "2103", STOPPED)
    with pytest.raises(CallRefused):
        cancel(sim, info)
    if again:
        assert cancel(sim, info).output.setlinfo.medfee_sumamt == -info.medfee_sumamt
    sim.let_pass(48 * HOUR)
    assert sim.standing() == ([] if again else [info.setl_id])
    assert sim.runtime.journal.pending() == []


@pytest.mark.parametrize("before", [True, False])
def test_what_somebody_else_took_back_is_not_our_late_cancellation(sim: Rig, before: bool) -> None:
    info = sim.settle(key="B1").output.setlinfo
    settlement = sim.platform.world.settlements[info.setl_id]
    if before:
        take_back_elsewhere(settlement)
    else:
        told(sim, "2103", STOPPED, lost=True)
    with pytest.raises(CallRefused):
        cancel(sim, info)
    if not before:
        take_back_elsewhere(settlement)
    sim.let_pass(48 * HOUR)
    assert sim.standing() == []
    assert held(sim, "R1").state is (State.REFUSED if before else State.ABSENT)
    assert sim.sent("2601") <= 3, "it does not go round and round"


# -- settled by another message ----------------------------------------------------------------------------------------


def test_what_another_message_settled_is_a_refusal_that_says_by_which(tmp_path: Path) -> None:
    with simulated_rig_for(tmp_path, **HOSPITAL) as sim:
        person = sim.person()
        settled = done(run(sim, "outpatient", bill(person), "B1")).result["settlement"]
        first = sim.runtime.journal.latest(infno="2207", limit=1)[0]
        message = decode(first.request)["input"]
        for _ in range(2):
            with pytest.raises(CallRefused) as caught:
                sim.runtime.call("2207", message, key="B2", insured_place=person.covers[0].place, meant=True)
            for part in ("已结算", settled.setl_id, "2026-11-21 10:00:00", f"{settled.split.total}"):
                assert part in str(caught.value)
        sim.let_pass(48 * HOUR)
        assert (held(sim, "B2").state, sim.standing()) == (State.REFUSED, [settled.setl_id])
        assert sim.runtime.journal.pending() == []


def test_what_another_batch_was_settled_by_is_not_said_of_this_one(tmp_path: Path) -> None:
    """A relay says of a batch that it is settled: what the visit has is another batch's."""
    with simulated_rig_for(tmp_path, **HOSPITAL) as sim:
        person = sim.person()
        done(run(sim, "outpatient", bill(person), "B1"))
        place: dict[str, Any] = {"insured_place": person.covers[0].place}
        upload, message = (
            decode(sim.runtime.journal.latest(infno=infno, limit=1)[0].request)["input"] for infno in ("2204", "2207")
        )
        for row in upload["feedetail"]:
            row |= {"feedetl_sn": f"X{row['feedetl_sn']}", "chrg_bchno": "C2"}
        sim.runtime.call("2204", upload, **place)
        message["data"]["chrg_bchno"] = "C2"
        told(sim, "2207", "该批次已结算", lost=True)
        with pytest.raises(OutcomeUnknown):
            sim.runtime.call("2207", message, key="B2", meant=True, **place)
        sim.let_pass(48 * HOUR)
        assert held(sim, "B2").state is State.ABSENT
        sim.runtime.call("2207", message, key="B2", meant=True, **place)
        assert len(sim.standing()) == 2


class Dawdling:
    """A line on which settlements are on their way for a minute."""

    def __init__(self, rig: Rig) -> None:
        self.line, self.clock = rig.runtime.transport, rig.runtime.clock

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        self.clock.sleep(60 if url.endswith("2207") else 0)
        return self.line.post(url, headers, body)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.line, name)


@pytest.mark.parametrize("stuck", [False, True])
@pytest.mark.parametrize("same_key", [True, False])
def test_our_own_settlement_that_came_late_is_nobody_elses(tmp_path: Path, same_key: bool, stuck: bool) -> None:
    """Found not to be there and given up; it is done just before the next attempt, which is refused for it."""
    with simulated_rig_for(tmp_path, **HOSPITAL) as sim:
        person = sim.person()
        sim.strike(Fault.LATE_COMMIT, "2207", seconds=230)
        run(sim, "outpatient", bill(person), "B1")
        sim.let_pass(200)
        first = sim.runtime.journal.latest(infno="2207", limit=1)[0]
        assert (first.state, sim.standing()) == (State.ABSENT, [])
        message = decode(first.request)["input"]
        sim.runtime.transport = Dawdling(sim)

        def ask() -> Any:
            key = first.key if same_key else "B2"
            return sim.runtime.call("2207", message, key=key, insured_place=person.covers[0].place, meant=True)

        if stuck:
            for infno in ("2601", "2208"):
                sim.strike(Fault.REQUEST_LOST, infno, times=0)
        with pytest.raises(OutcomeUnknown if stuck else CallRefused) as caught:
            ask()
        assert "另一报文" not in str(caught.value)
        assert stuck or ("可以重办" in str(caught.value) and sim.standing() == [])
        sim.door.faults.clear()
        sim.let_pass(HOUR if stuck else 1)
        assert [ask().output.setlinfo.setl_id] == sim.standing()
        sim.let_pass(48 * HOUR)
        assert len(sim.standing()) == 1
        assert sim.runtime.journal.call(first.id).state is State.REVERSED
        assert sim.runtime.journal.pending() == []
