"""HIS 一侧怎样收两定的 webhook：核对签名，同一件只算一次 · How a HIS takes the webhook: verified, and each event once.

    python listener.py secrets/webhook 8300       密钥文件（与两定的 [webhook] secret 同一份）、监听的端口

只用标准库。收到的 id 记在当前文件夹的 told.txt；真正的 HIS 记在自己的库里，和它随后要做的事在同一个事务。
"""

from __future__ import annotations

import base64
import hmac
import json
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

PATIENCE = 300
"""时间戳与本机的钟差这么多秒以上的不收：旧的报文不能再发一遍 · What is older is a replay."""

TOLD = Path("told.txt")


def verified(secret: bytes, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """这一件的 id；签名不对或太旧是 ValueError · The event's id; ValueError where it is not ours, or too old."""
    number, at = headers["webhook-id"], headers["webhook-timestamp"]
    held = f"{number}.{at}.".encode() + body
    expected = {
        "v1": base64.b64encode(hmac.digest(secret, held, "sha256")).decode(),
        # 部署文件写 digest = "sm3" 的是 v1sm3：HMAC-SM3，同样的内容
    }
    given = (each.partition(",") for each in headers["webhook-signature"].split())
    if not any(hmac.compare_digest(expected.get(name, ""), mac) for name, _, mac in given):
        raise ValueError("签名不对")
    if abs(now - int(at)) > PATIENCE:
        raise ValueError("太旧")
    return number


def is_new(number: str) -> bool:
    """同一件可能来不止一次：只算第一次 · The same event may come again: only its first time counts."""
    known = TOLD.read_text("ascii").split() if TOLD.exists() else []
    if number in known:
        return False
    with TOLD.open("a", encoding="ascii") as file:
        file.write(f"{number}\n")
    return True


def main(secret_file: str, port: str) -> None:
    """收到就答 204；随后用 call_id 向两定问这一笔 · Answers 204, and then would ask for the call by its call_id."""
    secret = base64.b64decode(Path(secret_file).read_text("ascii").strip())

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                number = verified(secret, headers, body, time.time())
            except (KeyError, ValueError) as wrong:
                print(f"不收：{wrong}", flush=True)
                self.send_response(401)
            else:
                event = json.loads(body)
                if is_new(number):
                    print(f"{event['type']} 流水 {event['call_id']} {event['state']}", flush=True)
                self.send_response(204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", int(port)), Listener)
    print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
