"""What this API has beside transactions and flows: each resource with what it takes and tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from ..config import Kind
from ..config.clients import Role
from ..contract.devices import PasswordRequest, Reading, ReadRequest
from ..contract.questions import Question
from ..desk import Search
from ..desk.views import Failure, Sums
from ..identity import Insured
from ..journal import CallRecord, State
from ..knowledge import Knowledge
from ..resolution import Action, NotYet, PossibleSettlement
from ..uploads.records import QueuedUpload, UploadState
from ..workflow.standing import Status, View
from .bodies import CREDENTIAL, transaction_body, with_somebody
from .labels import label_of
from .schemas import MOMENT, MOMENT_OR_DAY, Json, Schemas, ref
from .shown import ShownCode

MOMENT_OR_NULL: Json = {"type": ["string", "null"], "pattern": MOMENT}


@attrs.frozen(kw_only=True)
class Operation:
    """One thing that can be asked of this API. ``answers`` are what it tells, by status."""

    method: str
    path: str
    id: str
    summary: str
    answers: Json
    role: Role | None = None
    keyed: bool = False
    """Whether it wants a key, though no right of its own."""
    parameters: tuple[Json, ...] = ()
    body: Json | None = None
    example: Any = None
    needs_body: bool = True
    description: str = ""
    tag: str = ""

    def as_json(self, failures: Json) -> Json:
        allowed = f"权限 {self.role}" if self.role else ""
        described: Json = {"summary": self.summary, "operationId": self.id, "responses": {**self.answers, **failures}}
        text = "\n\n".join(filter(None, [self.description, allowed]))
        if text:
            described["description"] = text
        if self.tag:
            described["tags"] = [self.tag]
        if self.parameters:
            described["parameters"] = list(self.parameters)
        if self.body is not None:
            held: Json = {"schema": self.body} | ({} if self.example is None else {"example": self.example})
            described["requestBody"] = {"required": self.needs_body, "content": {"application/json": held}}
        if self.role is None and not self.keyed:
            described["security"] = []
        return described


def content(schema: Json, description: str = "办成了", kind: str = "application/json") -> Json:
    return {"description": description, "content": {kind: {"schema": schema}}}


def query(name: str, schema: Json, *, required: bool = False, text: str = "") -> Json:
    described = {"name": name, "in": "query", "required": required, "schema": schema}
    return described | {"description": text or label_of(name)}


def in_path(name: str, schema: Json, example: Any) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}


FLOW_ID = in_path("id", {"type": "string", "pattern": r"^[0-9A-Za-z_\-]+$"}, "none")
NUMBER = in_path("id", {"type": "integer", "minimum": 0, "maximum": 2**62}, 1)
DAY: Json = {"type": "string", "format": "date"}


def view_of(schemas: Schemas) -> Json:
    """A flow as its caller sees it, whatever flow it is."""
    facts: Json = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"label": {"type": "string"}, "value": {"type": "string"}},
            "required": ["label", "value"],
        },
    }
    schemas.told(Question, more={"facts": facts})
    error: Json = {"anyOf": [ref("Error"), {"type": "null"}]}
    return schemas.told(View, but=("new",), more={"error": error, "result": {"type": "object"}})


def resources(schemas: Schemas, known: Knowledge) -> Iterable[Operation]:
    """Everything that is no transaction and no flow's beginning."""
    view = view_of(schemas)
    yield from _flows(view)
    yield from _desk(schemas, known)
    yield from _devices(schemas)
    yield from _journal(schemas)
    yield from _uploads(schemas, known)
    yield Operation(
        method="get", path="/events", id="listen", tag="流水", keyed=True, summary="发生的事，一件一件推来（SSE）",
        description="结果不明与它的了结（journal 权限）、业务办完（flows）、人的决定（decisions）；不含个人信息。"
        "断了重连时请求头 Last-Event-ID 写收到的最后一个 id，一件不漏。",
        parameters=(
            query("after", {"type": "string"}, text="同 Last-Event-ID；0 是留着的最早一件起"),
            query("seconds", {"type": "integer", "minimum": 0, "maximum": 3600}, text="听多久，0 是已有的给完就断"),
        ),
        answers={"200": content({"type": "string"}, kind="text/event-stream")},
    )  # fmt: skip
    yield Operation(
        method="get", path="/glance", id="glance", tag="运行", role="journal",
        answers={"200": content({"type": "object"})},
        summary="这个部署一眼看去：版本、结果不明、逾期的要求、目录几天前的（liangding fleet）",
    )  # fmt: skip
    yield Operation(
        method="get", path="/health", id="health", summary="是否健康，多少笔结果不明", tag="运行",
        answers={"200": content(_HEALTH)},
    )  # fmt: skip
    ready: Json = {"type": "object", "properties": {"status": {"title": "能不能办", "enum": ["ready", "not ready"]}}}
    alive: Json = {"type": "object", "properties": {"status": {"title": "活着", "const": "alive"}}}
    yield Operation(
        method="get",
        path="/live",
        id="live",
        summary="进程活着；什么也不去查",
        tag="运行",
        answers={"200": content(alive)},
    )
    yield Operation(
        method="get", path="/ready", id="ready", tag="运行",
        summary="能不能办：磁盘、流水与密钥、平台线路、后台查明；最久的结果不明",
        answers={"200": content(ready), "503": content(ready)},
    )  # fmt: skip


def _flows(view: Json) -> Iterable[Operation]:
    seen = {"200": content(view)}

    def flow(method: str, path: str, name: str, summary: str, **more: Any) -> Operation:
        return Operation(
            method=method, path=f"/flows/{{id}}{path}", id=name, summary=summary, role="flows", tag="业务",
            **{"parameters": (FLOW_ID,), "answers": seen, **more},
        )  # fmt: skip

    yield Operation(
        method="get", path="/flows/debts", id="show_debts", role="flows", tag="业务",
        summary="办完了、而有步骤还欠着的业务", answers={"200": content({"type": "array", "items": view})},
    )  # fmt: skip
    yield Operation(
        method="get", path="/flows", id="list_flows", role="flows", tag="业务", summary="办过的业务，最近的在前",
        parameters=(
            query("status", {"type": "array", "items": {"enum": [each.value for each in Status]}}),
            query("flow", {"type": "string"}, text="哪种业务，如 pharmacy_purchase"),
            query("number", {"type": "string"}, text="完整的业务号或自己的单据号"), *_WITHIN,
            query("before", {"type": "string"}, text="下一页：上一页最后一笔的 id"),
            query("limit", {"type": "integer", "minimum": 1, "maximum": 200}, text="最多几笔，缺省 50"),
        ),
        answers={"200": content({"type": "array", "items": view})},
    )  # fmt: skip
    yield flow("get", "", "show_flow", "看一笔业务")
    answer: Json = {
        "type": "object",
        "properties": {
            "question": {"title": "回答的是哪个提问", "type": ["string", "null"]},
            "value": {"title": "答案", "description": "所选的 value；凭证可以是对象", "type": ["string", "object"]},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
    example = {"question": "confirm", "value": "yes"}
    yield flow("post", "/answer", "answer_flow", "回答业务的提问", body=answer, example=example)
    yield flow("post", "/resume", "resume_flow", "让停下的业务继续")
    yield flow("post", "/abandon", "abandon_flow", "放弃尚未结算的业务")
    columns = query("columns", {"type": "integer", "minimum": 24, "maximum": 120}, text="半角字符的列数，缺省 32")
    setl_id = query("setl_id", {"type": "string"})
    yield flow(
        "get", "/slip", "print_slip", "重打小票（文本）", parameters=(FLOW_ID, columns, setl_id),
        answers={"200": content({"type": "string"}, kind="text/plain")},
    )  # fmt: skip
    kind = query("kind", {"enum": ["settlement", "fees"]}, text="settlement 结算单，fees 费用清单")
    paper = query("paper", {"enum": ["A4", "A5"]}, text="纸张")
    yield flow(
        "get", "/statement", "make_statement", "结算单或费用清单的 PDF", parameters=(FLOW_ID, kind, paper, setl_id),
        answers={"200": content({"type": "string", "contentEncoding": "binary"}, kind="application/pdf")},
    )  # fmt: skip


def _desk(schemas: Schemas, known: Knowledge) -> Iterable[Operation]:
    rows: Json = {
        "type": "object",
        "properties": {
            "rows": {"title": "平台的各行", "type": "array", "items": {"type": "object"}},
            "failures": {"type": "array", "items": schemas.told(Failure)},
        },
    }
    visits: Json = {
        "type": "object",
        "properties": {
            "psn_no": {"type": "string"}, "insured_place": {"type": "string"}, "since": DAY, "until": DAY,
            "med_types": {"type": "array", "items": {"type": "string"}},
            "visits": {"type": "array", "items": {"type": "object"}}, "sums": schemas.told(Sums),
            "failures": {"type": "array", "items": schemas.told(Failure)}, "complete": {"type": "boolean"},
        },
        "required": ["visits", "sums", "failures", "complete"],
    }  # fmt: skip
    person: Json = {
        "type": "object",
        "properties": {
            "person": {"anyOf": [schemas.told(Insured, but=("credential",)), {"type": "null"}]}, "visits": visits,
            "complete": {"title": "各项查询都得到了答复", "type": "boolean"},
        },
        "required": ["person", "visits", "complete"],
        "additionalProperties": rows,
    }  # fmt: skip
    decoded: Json = {
        "type": "object",
        "properties": {"credential": {"title": "凭证，可交给业务", "type": "object"}, "masked": {"type": "boolean"}}
        | {name: {"title": label_of(name), "type": "string"} for name in ("name", "idno", "id_type", "auth_no")},
        "required": ["credential"],
    }
    scenario = "药店购药" if known.deployment.institution.kind is Kind.PHARMACY else "结算"
    asked = with_somebody({"credential": CREDENTIAL, "since": "2026-01-01"}, known.deployment)
    search, code = with_operator(schemas, Search), with_operator(schemas, ShownCode)
    for path, name, summary, body, example, told in (
        ("/credentials/decode", "decode_credential", "解码医保电子凭证", code,
         {"scenario": scenario, "code": "4240000000000000000001000000"}, decoded),
        ("/desk/person", "desk_person", "看一个人：参保、就诊、结算、备案、累计", search, asked, person),
        ("/desk/visits", "desk_visits", "看一个人的就诊、费用与结算", search, asked, visits),
    ):  # fmt: skip
        yield Operation(
            method="post", path=path, id=name, summary=summary, role="desk", tag="柜台", body=body, example=example,
            answers={"200": content(told)},
        )  # fmt: skip


def with_operator(schemas: Schemas, cls: Any) -> Json:
    """A class that a request gives, with the operator whom it works as."""
    return _with(schemas, cls, "operator", "经办人编号，缺省为部署文件中的第一个")


def _with(schemas: Schemas, cls: Any, name: str, text: str) -> Json:
    """A class that a request gives, and one thing more beside it."""
    held = schemas.made[schemas.given(cls)["$ref"].rpartition("/")[2]]
    described = {"title": label_of(name), "description": text, "type": ["string", "null"]}
    return held | {"properties": {**held["properties"], name: described}}


def _devices(schemas: Schemas) -> Iterable[Operation]:
    device = "设备名；不给则谁能读谁读"
    read, password = _with(schemas, ReadRequest, "device", device), _with(schemas, PasswordRequest, "device", device)
    listed: Json = {
        "type": "object",
        "properties": {name: {"title": label_of(name), "type": "string"} for name in ("name", "driver", "title")}
        | {"media": {"title": label_of("media"), "type": "array", "items": {"type": "string"}}},
    }
    ok: Json = {"type": "object", "properties": {"ok": {"title": label_of("ok"), "type": "boolean"}}}
    cancelled: Json = {"type": "object", "properties": {"cancelled": {"title": "取消了几个", "type": "integer"}}}
    yield Operation(
        method="get", path="/devices", id="list_devices", summary="这里的设备", role="devices", tag="设备",
        answers={"200": content({"type": "array", "items": listed})},
    )  # fmt: skip
    for path, name, summary, body, example, told in (
        ("read", "read_device", "由设备读凭证：社会保障卡、身份证、医保码", read, {"media": ["code"], "seconds": 1},
         schemas.told(Reading)),
        ("verify-password", "verify_password", "由设备校验密码", password, {"seconds": 1}, ok),
        ("change-password", "change_password", "由设备修改密码", password, {"new": "135790", "seconds": 1}, ok),
        ("cancel", "cancel_reading", "取消正在等的读取", None, None, cancelled),
    ):  # fmt: skip
        yield Operation(
            method="post", path=f"/devices/{path}", id=name, summary=summary, role="devices", tag="设备", body=body,
            example=example, answers={"200": content(told)},
        )  # fmt: skip


_AMOUNT: Json = {"type": "string", "pattern": r"^\d{1,9}(\.\d{1,2})?$"}
_WITHIN = tuple(
    query(name, {"type": "string", "pattern": MOMENT_OR_DAY}, text=text)
    for name, text in (("since", "从何时起，中国时间"), ("until", "到何时为止，不含；写日期的，含那一天"))
)


def _journal(schemas: Schemas) -> Iterable[Operation]:
    moments = dict.fromkeys(("created_at", "finished_at", "escalated_at"), MOMENT_OR_NULL)
    hidden = (
        "created_epoch",
        "due_at",
        "watch_until",
        *(a.name for a in attrs.fields(CallRecord) if a.repr is not True),
    )
    call = schemas.told(CallRecord, but=hidden, more={**moments, "state_name": {"type": "string"}})
    states = {"type": "array", "items": {"enum": [each.value for each in State]}}
    asked = (
        query("state", states), query("infno", {"type": "string"}),
        query("number", {"type": "string"}, text="任一个完整的号：自己的单据号、业务号、报文号、结算ID、就诊ID"),
        query("operator", {"type": "string"}), *_WITHIN,
        query("least", _AMOUNT, text="金额至少，元"), query("most", _AMOUNT, text="金额至多，元"),
        query("before", {"type": "integer", "minimum": 1}, text="下一页：上一页最后一笔的 id"),
        query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, text="最多几笔，缺省 50"),
    )  # fmt: skip
    yield Operation(
        method="get", path="/journal", id="list_calls", summary="调用，最近的在前，不含报文", role="journal",
        tag="流水", parameters=asked, answers={"200": content({"type": "array", "items": call})},
    )  # fmt: skip
    person: Json = {"psn_no": {"title": "人员编号", "description": "要 desk 权限", "type": "string"}}
    named = {each["name"]: {"title": each["description"], **each["schema"]} for each in asked}
    searched: Json = {"type": "object", "properties": person | named, "additionalProperties": False}
    yield Operation(
        method="post", path="/journal/search", id="search_calls", summary="同上，还可按参保人找：号码不进网址",
        role="journal", tag="流水", body=searched,
        example={"psn_no": "1000000001", "limit": 20},
        answers={"200": content({"type": "array", "items": call})},
    )  # fmt: skip
    yield Operation(
        method="get", path="/journal/{id}", id="show_call", summary="一次调用，不含报文", role="journal", tag="流水",
        parameters=(NUMBER,), answers={"200": content(call)},
    )  # fmt: skip
    candidates = {"type": "array", "items": schemas.told(PossibleSettlement)}
    case: Json = {
        "allOf": [call],
        "properties": {
            **{
                name: {"title": label_of(name), "type": "string"}
                for name in ("bill_no", "bill_date", "psn_no", "psn_name", "unasked")
            },
            "candidates": candidates, "later": {"type": "array", "items": schemas.told(NotYet)},
            "actions": {"type": "array", "items": {"enum": [each.value for each in Action]}},
        },
    }  # fmt: skip
    yield Operation(
        method="get", path="/journal/{id}/case", id="show_case", role="decisions", tag="流水", parameters=(NUMBER,),
        summary="交人处理的一笔：单据、参保人（隐去）、平台上可能的结算、能怎样办", answers={"200": content(case)},
    )  # fmt: skip
    yield from _decisions(call)


def _decisions(call: Json) -> Iterable[Operation]:
    """What persons decide: by one, or proposed by one and approved by another."""
    texts = ("person", "reason", "setl_id", "mdtrt_id")
    given = {"action": {"title": label_of("action"), "enum": [each.value for each in Action]}}
    given |= {name: {"title": label_of(name), "type": "string"} for name in texts}
    alone = {"break_glass": {"title": label_of("break_glass"), "type": "boolean"}}
    answered = {name: {"title": label_of(name), "type": "string"} for name in ("number", "person", "reason")}
    names = ("number", "action", "person", "reason", "by", "at", "seen")
    held: Json = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    told: Json = {"actions": {"type": "array"}, "proposal": {"anyOf": [held, {"type": "null"}]}}

    def one(method: str, path: str, name: str, summary: str, body: Json | None = None, **more: Any) -> Operation:
        return Operation(
            method=method, path=f"/journal/{{id}}/{path}", id=name, role="decisions", tag="流水", parameters=(NUMBER,),
            summary=summary, answers={"200": content({"allOf": [call], "properties": told})},
            body=body and {"type": "object", "additionalProperties": False, **body}, **more,
        )  # fmt: skip

    yield one(
        "post", "decision", "decide", "交人处理的一笔：照人的决定办（先向平台核对）",
        {"properties": given | alone, "required": ["action"]}, example={"action": "retry", "reason": "窗口在等"},
    )  # fmt: skip
    yield one("get", "proposal", "show_proposal", "交人处理的一笔：能怎样办，有没有人提出了办法")
    yield one(
        "post", "proposal", "propose", "提出办法，等另一个人批准", {"properties": given, "required": ["action"]},
        example={"action": "absent", "reason": "平台上查不到，患者没有拿药"},
    )  # fmt: skip
    for path, name, summary, wanted in (
        ("proposal/approve", "approve", "批准另一个人提出的办法，随即照办", ["number"]),
        ("proposal/return", "give_back", "退回提出的办法", ["number", "reason"]),
    ):
        example = {"number": "0123456789ab", "reason": "请先核对"}
        yield one("post", path, name, summary, {"properties": answered, "required": wanted}, example=example)


def _uploads(schemas: Schemas, known: Knowledge) -> Iterable[Operation]:
    upload = schemas.told(QueuedUpload, but=("message", "owner", "place"))
    states = {"type": "array", "items": {"enum": [each.value for each in UploadState]}}
    counted: Json = {
        "type": "object",
        "properties": {
            "infno": {"type": "string"}, "state": {"enum": [each.value for each in UploadState]},
            "count": {"type": "integer"},
        },
    }  # fmt: skip
    many = query("limit", {"type": "integer", "minimum": 1, "maximum": 1000}, text="最多几条，缺省 100")
    asked = (query("state", states), query("infno", {"type": "string"}), query("day", {"type": "string"}), many)
    day: Json = {"title": label_of("day"), "type": ["string", "null"], "format": "date"}
    body: Json = {
        "type": "object",
        "properties": {
            "input": {"title": "一条记录，同这个交易的 input"},
            "insuplc_admdvs": {"title": "参保地医保区划", "type": ["string", "null"]}, "day": day,
        },
        "required": ["input"],
        "additionalProperties": False,
    }  # fmt: skip
    number = in_path("infno", {"type": "string", "pattern": r"^[0-9A-Za-z_]+$"}, "4101A")

    def one(method: str, path: str, name: str, summary: str, status: str = "200", **more: Any) -> Operation:
        return Operation(
            method=method, path=f"/uploads{path}", id=name, summary=summary, role="transactions", tag="日常上传",
            **{"answers": {status: content(upload)}, **more},
        )  # fmt: skip

    yield one(
        "get", "", "list_uploads", "日常上传的记录，不含内容", parameters=asked,
        answers={"200": content({"type": "array", "items": upload})},
    )  # fmt: skip
    yield one(
        "get", "/counts", "count_uploads", "各交易各状态几条", parameters=(query("day", {"type": "string"}),),
        answers={"200": content({"type": "array", "items": counted})},
    )  # fmt: skip
    yield one("get", "/{id}", "show_upload", "一条记录", parameters=(NUMBER,))
    yield one("post", "/{id}/withdraw", "withdraw_upload", "撤下还没有传的一条", parameters=(NUMBER,))
    yield one(
        "post", "/{infno}", "take_in_upload", "收下一条记录，到时候传", "202", parameters=(number,), body=body,
        example=transaction_body(known.interfaces["4101A"], known),
    )  # fmt: skip


_STANDING = ("unknown", "open", "late", "debts", "untold")
_HEALTH: Json = {
    "type": "object",
    "properties": {
        "status": {"const": "ok"},
        "version": {"type": "string"},
        "deployments": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "province": {"title": "省份", "type": "string"},
                    "institution": {"title": "机构编号", "type": "string"},
                }
                | {name: {"title": label_of(name), "type": "integer"} for name in _STANDING},
            },
        },
    },
    "required": ["status", "version", "deployments"],
}
