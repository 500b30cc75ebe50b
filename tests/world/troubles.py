"""What may go wrong with one exchange: what reaches the platform, and what comes back. Each has a name of its own.

The catalogue is a product: the forms of answers (``FORMS``) with whether the platform had the request (``done``) or not
(``lost``), and the troubles that are not of that shape.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping

from .line import Met, Trouble, http_answer

LONGER_THAN_THE_LIMIT = 4
"""Seconds: more than the servers of these tests wait for an answer."""


def said(**answer: object) -> Callable[[bytes], bytes]:
    """An envelope that something on the way made, in place of the platform's."""
    return lambda _: http_answer(json.dumps(answer, ensure_ascii=False).encode())


def refused(sentence: str) -> Callable[[bytes], bytes]:
    """What relays, front machines and libraries make of a broken line: a refusal without the platform's marks."""
    return said(infcode="-1", err_msg=sentence)


def changed(change: Callable[[dict[str, object]], object]) -> Callable[[bytes], bytes]:
    """The platform's own answer, changed."""

    def made(answer: bytes) -> bytes:
        body = json.loads(answer) if answer else {"infcode": 0, "err_msg": None, "output": {"setlinfo": {}}}
        return http_answer(json.dumps(change(body), ensure_ascii=False).encode())

    return made


def _infcode(value: object) -> Callable[[bytes], bytes]:
    return changed(lambda body: {**body, "infcode": value, "err_msg": None, "output": None})


def _output(value: object) -> Callable[[bytes], bytes]:
    return changed(lambda body: {**body, "infcode": 0, "output": value})


def _status(status: int, text: bytes = b"Service Unavailable") -> Callable[[bytes], bytes]:
    return lambda _: http_answer(text, status, "text/plain")


def _half(answer: bytes) -> bytes:
    whole = answer or b'{"infcode":0,"err_msg":null,"output":{"setlinfo":{"setl_id":"'
    return http_answer(whole[: len(whole) // 2])


def _gzipped(answer: bytes) -> bytes:
    return gzip.compress(answer or b'{"infcode":0}')


BOMB = gzip.compress(b'{"infcode":0,"output":"' + b"0" * (2 << 20) + b'"}', 9)
"""2 MB of zeros in 2 kB."""

PAGE = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"

FORMS: Mapping[str, Callable[[bytes], bytes]] = {
    # a status of HTTP
    "500": _status(500, b"Internal Server Error"),
    "502": _status(502, PAGE),
    "503": _status(503),
    "504": _status(504, b"upstream request timeout"),
    "429": _status(429, b"Too Many Requests"),
    "302": lambda _: http_answer(b"", 302, "text/plain", "location: http://127.0.0.1:9/login\r\n"),
    # bodies that are no envelope
    "a page": lambda _: http_answer(PAGE, kind="text/html"),
    "an empty body": lambda _: http_answer(b""),
    "a blank body": lambda _: http_answer(b"  \n"),
    "half a body": _half,
    "null": lambda _: http_answer(b"null"),
    "a list": lambda _: http_answer(b"[]"),
    "a number": lambda _: http_answer(b"0"),
    "no infcode": said(code=0, message="success"),
    "broken gzip": lambda answer: http_answer(_gzipped(answer)[:-9], headers="content-encoding: gzip\r\n"),
    "a gzip bomb": lambda _: http_answer(BOMB, headers="content-encoding: gzip\r\n"),
    "deep nesting": lambda _: http_answer(b'{"infcode":0,"output":' + b"[" * 50_000),
    # a gateway's own word
    "gateway 500": said(code=500, message="服务调用失败", data=None),
    "gateway -1": said(code=-1, msg="系统异常"),
    # refusals that nobody of the platform made
    "EOF as refusal": refused("调用接口失败,原因：Unexpected end of file from server"),
    "504 as refusal": refused("error status code :504"),
    "reset as refusal": refused("java.net.SocketException: Connection reset"),
    "timeout as refusal": refused("feign.RetryableException: Read timed out executing POST"),
    "NPE as refusal": refused("java.lang.NullPointerException"),
    "busy as refusal": refused("系统繁忙，请稍后再试"),
    "in progress as refusal": refused("交易处理中"),
    "network as refusal": refused("网络异常"),
    "unavailable as refusal": refused("服务暂不可用"),
    "refusal without words": refused(""),
    "refusal with null": said(infcode=-1, err_msg=None),
    "duplicate as refusal": refused("发送方报文ID重复"),
    "handled as refusal": refused("该报文已处理"),
    "settled as refusal": refused("该收费批次已结算"),
    "again as refusal": refused("请勿重复提交"),
    # codes that are neither success nor refusal
    "infcode null": _infcode(None),
    "infcode empty": _infcode(""),
    "infcode {}": _infcode({}),
    "infcode true": _infcode(True),
    "infcode 0.0": _infcode(0.0),
    "infcode 0000": _infcode("0000"),
    "infcode success": _infcode("success"),
    "infcode 1": _infcode(1),
    # successes that tell nothing
    "output null": _output(None),
    "output text": _output("c2VhbGVk"),
    "output a list": _output([]),
    "output a number": _output(7),
    "output rows that are none": _output({"setlinfo": [1, 2]}),
    "no setl_id": _output({"setlinfo": {"mdtrt_id": "M1"}}),
}
"""What comes back in the place of the platform's answer (which it is given, empty where there is none)."""


def _said_in_place(form: Callable[[bytes], bytes], *, reaches: bool) -> Trouble:
    def trouble(met: Met) -> None:
        answer = met.pass_on() if reaches else b""
        met.say(form(answer))
        met.close()

    return trouble


# -- troubles of other shapes ------------------------------------------------------------------------------------------


def request_lost(met: Met) -> None:
    met.reset()


def answer_lost(met: Met) -> None:
    met.pass_on()
    met.reset()


def closed_in_silence(met: Met) -> None:
    met.pass_on()
    met.close()


def never_answered(met: Met) -> None:
    met.pass_on()
    met.wait(LONGER_THAN_THE_LIMIT)
    met.reset()


def answered_too_late(met: Met) -> None:
    answer = met.pass_on()
    met.wait(LONGER_THAN_THE_LIMIT)
    met.say(http_answer(answer))


def drips(met: Met) -> None:
    """Every piece comes within the limit, the whole never."""
    whole = http_answer(met.pass_on())
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        met.say(whole[at : at + max(1, len(whole) // 40)])
        met.wait(0.4)
        if at > len(whole) // 2:
            break
    met.reset()


def cut_in_its_head(met: Met) -> None:
    met.pass_on()
    met.say(b"HTTP/1.1 200 OK\r\ncontent-ty")
    met.reset()


def cut_in_its_body(met: Met) -> None:
    answer = met.pass_on()
    met.say(http_answer(answer[: len(answer) // 2], length=len(answer)))
    met.reset()


def broken_chunks(met: Met) -> None:
    met.pass_on()
    met.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n")
    met.close()


def no_http_at_all(met: Met) -> None:
    met.pass_on()
    met.say(b"SSH-2.0-gateway\r\n")
    met.close()


def delivered_twice_first_answer(met: Met) -> None:
    answer = met.pass_on()
    met.pass_on()
    met.say(http_answer(answer))


def delivered_twice_second_answer(met: Met) -> None:
    """The answer that comes back belongs to the second delivery: 发送方报文ID重复."""
    met.pass_on()
    met.say(http_answer(met.pass_on()))


def held_on_the_way(met: Met) -> None:
    """Nothing is heard; the platform has the request later, when the line delivers it."""
    met.hold()
    met.reset()


def a_second_answer(met: Met) -> None:
    """An unsolicited answer follows the right one on the same connection: it belongs to nobody."""
    answer = met.pass_on()
    met.say(http_answer(answer) + http_answer(answer))


OTHERS: Mapping[str, Trouble] = {
    "request lost": request_lost,
    "answer lost": answer_lost,
    "closed in silence": closed_in_silence,
    "never answered": never_answered,
    "answered too late": answered_too_late,
    "drips": drips,
    "cut in its head": cut_in_its_head,
    "cut in its body": cut_in_its_body,
    "broken chunks": broken_chunks,
    "no HTTP": no_http_at_all,
    "delivered twice, first answer": delivered_twice_first_answer,
    "delivered twice, second answer": delivered_twice_second_answer,
    "held on the way": held_on_the_way,
}

TROUBLES: dict[str, Trouble] = {
    **OTHERS,
    **{f"{name}, done": _said_in_place(form, reaches=True) for name, form in FORMS.items()},
    **{f"{name}, lost": _said_in_place(form, reaches=False) for name, form in FORMS.items()},
}
"""Every single fault, by name."""
