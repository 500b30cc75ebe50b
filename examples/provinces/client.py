"""经本地接口依次办一个目录里的业务 · Does the business of a folder, one file after the other, over the local HTTP API.

    python client.py hospital gansu      hospital/*.json，由 people.json 里 gansu 的参保人出示凭证

只用标准库。换了省份，这个程序一个字也不改：接口问什么，按问的是谁、问的是哪一种作答。
Nothing but the standard library. In another province not a word of it changes: what is asked is answered by whom it is
put to, and by its kind.

退出码 · exit codes：0 全部办完；1 没办成；3 结果不明（同样再运行一次，同号不会再收费）
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

URL = os.environ.get("LIANGDING_URL", "http://127.0.0.1:8180")
HERE = Path(__file__).parent
TRIES = 20

ANSWERS = {"confirm": "yes", "use_account": "0", "same_bill": "another"}
"""参保人、收款员的答案；真实的系统在屏幕上问 · What persons answer; a real system asks on its screen."""


def control_token(infno: str) -> str:
    """安全控件的校验介质；有控件的系统在这里调用它 · What a safety control gives; a real system calls it here."""
    return f"模拟校验介质-{infno}-{time.time_ns()}"


def ask(method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
    """一次请求；没有应答是 0 · One request; 0 where no answer came."""
    headers = {"authorization": f"Bearer {os.environ['LIANGDING_API_KEY']}", "content-type": "application/json"}
    if key:
        headers["idempotency-key"] = key
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{URL}{path}", data=data, headers=headers, method=method)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=90) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as failed:
        return failed.code, json.load(failed)
    except OSError:
        return 0, {"error": {"code": "no_answer", "message": "本地接口没有应答"}}


def answer_to(question: dict[str, Any], credential: Any) -> Any:
    """怎样作答：凭证再出示；问收银程序的由程序给；其余按人的选择，没有准备的选第一个。"""
    if question["kind"] == "credential":
        return credential
    if question["whom"] == "收银程序":
        return control_token((question["read"] or {}).get("infno", ""))
    values = [option["value"] for option in question["options"]]
    wanted = ANSWERS.get(question["id"])
    return wanted if wanted in values else values[0]


def run(name: str, asked: dict[str, Any], credential: Any) -> int:
    """一笔业务，直到有确定的结果 · One piece of business until its result is certain."""
    body = asked["body"] | {"credential": credential}
    if asked["flow"] == "inpatient_fees":  # 每日费用不用再出示凭证
        body = asked["body"]
    status, view = ask("POST", f"/v1/flows/{asked['flow']}", body, asked["key"])
    for _ in range(TRIES):
        code = view.get("error", {}).get("code") if status not in (200, 201) else None
        if status in (0, 500, 503, 504) or code in ("in_progress", "flow_busy", "bad_answer"):
            time.sleep(1)  # 没有确定的结果：同一业务号、同一内容再问，永不换号
            status, view = ask("POST", f"/v1/flows/{asked['flow']}", body, asked["key"])
        elif code is not None:
            print(f"✗ {name} {code}：{view['error']['message']}")
            return 1
        elif view["status"] == "question":
            question = view["question"]
            said = {"question": question["id"], "value": answer_to(question, credential)}
            print(f"  问{question['whom']}：{question['text']}")
            status, view = ask("POST", f"/v1/flows/{view['id']}/answer", said)
        elif view["status"] in ("running", "unknown"):
            time.sleep(1)
            status, view = ask("POST", f"/v1/flows/{asked['flow']}", body, asked["key"])
        elif view["status"] == "done":
            return done(name, view)
        else:
            print(f"✗ {name} {view['status']}：{(view['error'] or {}).get('message', '')}")
            return 1
    print(f"？ {name} 结果不明：不要重新收费，稍后照样再运行")
    return 3


def done(name: str, view: dict[str, Any]) -> int:
    """办完：应收现金、要给收款员看的话 · Done: what is to be paid in cash, and what the cashier has to read."""
    settlement = view["result"].get("settlement")
    told = f"，结算编号 {settlement['setl_id']}，应收现金 {settlement['split']['cash']} 元" if settlement else ""
    print(f"✓ {name} {view['title']}{told}")
    for sentence in view["advice"]:
        print(f"  ※ {sentence}")
    return 0


def main(folder: str, person: str) -> int:
    credential = json.loads((HERE / "people.json").read_text("utf-8"))[person]
    for file in sorted((HERE / folder).glob("*.json")):
        ended = run(file.stem, json.loads(file.read_text("utf-8")), credential)
        if ended:
            return ended
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 3 else "用法：python client.py 目录 参保人")
