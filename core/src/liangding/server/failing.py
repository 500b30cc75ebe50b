"""What can go wrong with a request, by status: the codes that its errors carry, from the errors themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import LiangdingError
from .labels import label_of

Json = dict[str, Any]

ELSEWHERE = (
    "acceptance", "catalogue", "cli", "files", "intake", "kit", "reconciliation", "rollout", "simulator", "torture",
)  # fmt: skip
"""Parts whose errors no request comes to."""

PAGES = "liangding.server.console."
"""What the pages of the console say to persons."""

NOT_TOLD = frozenset({
    "error", "device", "call_failed", "no_such_rule", "broken_import", "bad_departments", "bad_staff_list",
    "not_moved", "no_such_visit",
})  # fmt: skip
"""Codes of errors that are only what others have in common, or that the command line alone comes to."""

MEANINGS = {
    400: "请求本身不对，或缺业务号",
    401: "密钥不对、过期，或没有给出",
    403: "密钥没有这个权限，或不能以这个经办人办理",
    404: "没有这个资源、交易或业务",
    408: "请求正文没有发完，没有办理",
    409: "平台拒绝，或现在不能办：error.code 说是哪一种",
    413: "请求太大，没有读完，没有办理",
    415: "请求不是 UTF-8 的 JSON，没有办理",
    422: "内容不符合规范，没有发送；problems 列出每一处",
    500: "本机出了错，详见日志；交易是否发出，用同一业务号再问即知",
    501: "这台机器上缺少要用的组件",
    502: "设备或插件给的东西读不懂",
    503: "没有发出，或流水库不可用，或正忙（Retry-After 后再问）",
    504: "已发出而结果不明：不要重新收费，用同一业务号再问",
}


def codes() -> dict[int, set[str]]:
    """The codes of errors that a request can come to, by their status."""
    from . import institutions  # noqa: F401 - its errors belong to it, whether or not a folder is served

    found: dict[int, set[str]] = {status: set() for status in MEANINGS}
    for kind in _below(LiangdingError):
        part = kind.__module__.removeprefix("liangding.").partition(".")[0]
        own = kind.__module__.startswith("liangding.") and not kind.__name__.startswith("_")
        own = own and not kind.__module__.startswith(PAGES)
        if own and part not in ELSEWHERE and kind.code not in NOT_TOLD:
            found.setdefault(kind.http_status, set()).add(kind.code)
    return found


def _below(kind: type[LiangdingError]) -> Iterator[type[LiangdingError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


ERROR: Json = {
    "type": "object",
    "description": "一个错误：code 给程序看，message 与 remedy 给人看",
    "properties": {
        name: {"title": label_of(name), "type": "string"}
        for name in ("code", "message", "path", "remedy", "infno", "cause", "check", "device", "known_from")
    }
    | {
        "msgid": {"title": label_of("msgid"), "type": ["string", "null"]},
        "call_id": {"title": label_of("call_id"), "type": ["integer", "null"]},
        "may_have_happened": {"title": label_of("may_have_happened"), "type": ["boolean", "string", "null"]},
        "problems": {
            "title": "每一处问题", "type": "array", "items": {"$ref": "#/components/schemas/Problem"},
        },
    },
    "required": ["code", "message", "path", "remedy"],
}  # fmt: skip

FAILED: Json = {
    "type": "object",
    "properties": {"error": {"title": label_of("error"), "allOf": [{"$ref": "#/components/schemas/Error"}]}},
    "required": ["error"],
}

PROBLEM: Json = {
    "type": "object",
    "description": "一处问题：在哪里、违反哪条规则",
    "properties": {
        "path": {"title": "位置", "type": "string"},
        "node": {"title": "节点", "type": "string"},
        "row": {"title": "第几行，从 1 数起", "type": ["integer", "null"]},
        "field": {"title": "字段", "type": "string"},
        "label": {"title": "名称", "type": "string"},
        "rule": {"title": "规则", "type": "string"},
        "message": {"title": "说明", "type": "string"},
        "value": {"title": "给的值，不涉及个人信息时", "type": ["string", "null"]},
        "level": {"title": "严重程度", "enum": ["error", "warning", "info"]},
    },
}


def responses() -> Json:
    """The component responses, by name."""
    named = codes()
    return {
        f"E{status}": {
            "description": meaning + (f"。error.code：{'、'.join(sorted(named[status]))}" if named[status] else ""),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failed"}}},
        }
        for status, meaning in MEANINGS.items()
    }


FAILURES: Json = {str(status): {"$ref": f"#/components/responses/E{status}"} for status in MEANINGS}
"""What any operation may answer beside its own."""
