"""不经 HTTP，在 Python 程序里直接办一笔医保购药 · A purchase through the Python API, without HTTP.

    python purchase.py ../dongguan-pharmacy.toml ../bill.json                               在终端里回答提问
    python purchase.py ../dongguan-pharmacy.toml ../bill.json use_account=1 confirm=yes     预先回答

业务号就是账单的 receipt_no：同号同内容只办一次。拿不到确定的结果，就用同一业务号、同一内容再办一次，永不换号。
The key is the bill's receipt_no. Without a certain result: the same key and the same content again, never a new key.

退出码 · exit codes：0 办完；1 没办成、没收费；2 请求或部署不对；3 结果不明；4 已收费而后续未完
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from liangding.contract.questions import BadAnswer
from liangding.errors import InProgress, LiangdingError
from liangding.flows import Flows, FlowStopped, Question, Status, View
from liangding.journal.store import JournalUnavailable
from liangding.runtime import Runtime

FLOW = "pharmacy_purchase"
DONE, NOT_CHARGED, WRONG_REQUEST, OUTCOME_UNKNOWN, CHARGED_BUT_UNFINISHED = range(5)

PAUSE = 2.0
"""再问之间等多少秒 · Seconds between two askings."""
PATIENCE = float(os.environ.get("LIANGDING_PATIENCE", "60"))
"""总共等多少秒 · Seconds of waiting, all in all."""

BUSY = (InProgress, FlowStopped, JournalUnavailable, BadAnswer)
"""另一处正在办或已回答，或流水库一时不可用：再问 · Worked on elsewhere, or the journal is not available: ask again."""


class OutOfPatience(Exception):
    """一直没有确定的结果 · No certain result in all that time."""


class Purchase:
    """从开始到有确定结果的一笔购药 · One purchase until its result is certain, or patience is at its end."""

    def __init__(self, flows: Flows, given: Mapping[str, Any], answers: Mapping[str, str]) -> None:
        self.flows = flows
        self.given = given
        self.key: str = given["receipt_no"]
        self.answers = answers
        self.declined = False
        self.deadline = time.monotonic() + PATIENCE

    def run(self) -> int:
        try:
            view = self.ask()
            while True:
                settled = view.result["settlement"] is not None
                if view.status is Status.QUESTION:
                    view = self.answer(view)
                elif view.status is Status.DONE:
                    return done(view)
                elif settled:
                    return unfinished(view)
                elif view.status is Status.STOPPED:
                    return self.stopped(view)
                elif view.status is Status.ABANDONED:
                    return not_charged("这笔业务已放弃；要重新办，请用新的业务号")
                else:  # RUNNING, UNKNOWN
                    self.pause(view.error["message"] if view.error else "正在办理")
                    view = self.ask()
        except OutOfPatience as unknown:
            print(f"结果不明：{unknown}")
            print(f"不要重新收费，不要换业务号。记下业务号 {self.key}，稍后用它再问；也可看 liangding journal list")
            return OUTCOME_UNKNOWN

    def ask(self) -> View:
        """开始，或再问：同一个调用 · Start, or ask again: it is the same call."""
        while True:
            try:
                return self.flows.start(FLOW, self.given, key=self.key)
            except BUSY as busy:
                self.pause(busy.message)

    def answer(self, view: View) -> View:
        question = view.question
        assert question is not None
        value = answer_to(question, self.answers)
        self.declined = (question.id, value) == ("confirm", "no")
        try:
            return self.flows.answer(view.id, value, question=question.id)
        except BUSY as busy:
            self.pause(busy.message)
            return self.ask()

    def stopped(self, view: View) -> int:
        if self.declined:
            self.flows.abandon(view.id)
            return not_charged("参保人没有确认")
        error = view.error or {}
        list_problems(error)
        return not_charged(error.get("message", ""), error.get("remedy", ""))

    def pause(self, because: str) -> None:
        if time.monotonic() + PAUSE > self.deadline:
            raise OutOfPatience(because)
        print(f"… {because}；稍候，用同一业务号再问")
        time.sleep(PAUSE)


# -- 收银台 · the till -------------------------------------------------------------------------------------------


def answer_to(question: Question, answers: Mapping[str, str]) -> str:
    """参保人（或收款员）的答案；EOFError：没有人答 · The person's answer. EOFError where nobody gives one."""
    print(f"问{question.whom}：{question.text}")
    for label, amount in question.facts:
        print(f"    {label}  {amount}")
    for option in question.options:
        print(f"  {option.value}  {option.label}  {option.detail}")
    value = answers.get(question.id, "")
    while value not in [option.value for option in question.options]:
        value = input("答：").strip()
    print(f"答：{value}")
    return value


def done(view: View) -> int:
    print(view.result["slip"])
    settled(view)
    return DONE


def unfinished(view: View) -> int:
    """钱已结算，后面的步骤（如销售上传）没完 · The money is settled; a later step is not done."""
    settled(view)
    error = view.error or {}
    print(f"医保已结算，照此收款。「{view.step_title}」还没办完：{error.get('message', '')}")
    print("稍后用同一业务号再问，会从这一步继续，不会再收费")
    return CHARGED_BUT_UNFINISHED


def settled(view: View) -> None:
    settlement = view.result["settlement"]
    print(f"结算编号 {settlement.setl_id}，应收现金 {settlement.split.cash:.2f} 元")
    for sentence in view.advice:
        print(f"※ {sentence}")


def not_charged(message: str, remedy: str = "") -> int:
    print(f"没有办成，没有收费：{message}")
    if remedy:
        print(f"办法：{remedy}")
    return NOT_CHARGED


def list_problems(error: Mapping[str, Any]) -> None:
    for problem in error.get("problems", ()):
        where = " ".join(filter(None, (problem["path"], problem["label"])))
        print(f"  ✗ {where}：{problem['message']}")


def main(deployment: str, bill: str, *answers: str) -> int:
    with open(bill, encoding="utf-8") as file:
        given = json.load(file, parse_float=Decimal)
    try:
        with Runtime.from_file(deployment) as runtime:
            return Purchase(Flows(runtime), given, dict(pair.split("=", 1) for pair in answers)).run()
    except EOFError:
        print("\n没有人回答，这笔业务等着答案；用同一账单再来即从这里继续")
        return NOT_CHARGED
    except LiangdingError as wrong:  # 部署文件、账单或业务号不对 · the deployment, the bill or the key is wrong
        print(f"没有办（{wrong.code}）：{wrong}")
        list_problems(wrong.as_json())
        if wrong.remedy:
            print(f"办法：{wrong.remedy}")
        return WRONG_REQUEST


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("用法：python purchase.py 部署文件.toml 账单.json [问题=答案 …]")
    sys.exit(main(*sys.argv[1:]))
