"""The OpenAPI document, generated from the declarations that this deployment knows."""

from __future__ import annotations

import types
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

import attrs

from .. import __version__
from ..calls.keying import needs_key
from ..contract.devices import PasswordRequest, ReadRequest
from ..desk import Search
from ..flows import Status
from ..resolution import Action
from ..spec import Transaction
from ..spec.nodes import Member, Shape, Undeclared, is_list, members, node_of
from .shown import ShownCode

if TYPE_CHECKING:
    from ..flows import Flows
    from ..runtime import Runtime

Json = dict[str, Any]


def openapi(runtime: Runtime, flows: Flows) -> Json:
    """OpenAPI 3.1: a path for each transaction and flow, a schema for each node."""
    schemas: Json = {"Error": _ERROR, "FlowView": _FLOW_VIEW}
    paths: Json = {}
    for infno in runtime.interfaces.numbers():
        transaction = runtime.interfaces[infno]
        if transaction.incoming:
            continue
        paths[f"/v1/transactions/{infno}"] = {"post": _transaction(transaction, runtime, schemas)}
    for name in flows.names():
        flow = flows.flow(name)
        paths[f"/v1/flows/{name}"] = {
            "post": {
                "summary": flow.title,
                "description": (flow.__doc__ or "").strip(),
                "operationId": f"start_{name}",
                "parameters": [_key(any(step.charges for step in flows.steps(name)), runtime)],
                "requestBody": _body(_of_class(flow.given, schemas)),
                "responses": {
                    "201": _content({"$ref": "#/components/schemas/FlowView"}) | {"description": "开始了；看 status"},
                    "200": _content({"$ref": "#/components/schemas/FlowView"}) | {"description": "同一业务号的那一笔"},
                    **_FAILURES,
                },
            }
        }
        paths[f"/v1/flows/{name}/by-key"] = {
            "get": {
                "summary": f"按业务号找{flow.title}",
                "operationId": f"find_{name}",
                "parameters": [
                    {"name": "key", "in": "query", "required": True, "schema": {"type": "string"}},
                    {"name": "bill_date", "in": "query", "schema": {"type": "string", "format": "date"}},
                ],
                "responses": _VIEW,
            }
        }
    paths |= _COMMON_PATHS | _desk_paths(schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"两定接口 · {runtime.deployment.institution.name}",
            "version": __version__,
            "description": "Local API of Liangding. Errors are JSON with code, message, path and remedy. "
            "一个服务有多家机构时，请求头 X-Institution 写机构编号。",
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _transaction(transaction: Transaction, runtime: Runtime, schemas: Json) -> Json:
    taken = _shape(transaction.input, transaction, runtime, schemas)
    given = _shape(transaction.output, transaction, runtime, schemas)
    request = {
        "type": "object",
        "properties": {
            "input": taken,
            "insuplc_admdvs": {"type": "string", "description": "参保地医保区划；输入含 psn_no 时必填"},
            "operator": {"type": "string", "description": "经办人编号，缺省为部署文件中的第一个"},
            "head": {"type": "object", "additionalProperties": {"type": "string"}},
            "bill_date": {"type": "string", "format": "date", "description": "单据日期，报文自己没有写时"},
            "meant": {"type": "boolean", "description": "同样的明细刚结算过，而这确是另一单"},
        },
        "required": ["input"],
    }
    answer = {
        "type": "object",
        "properties": {
            "infno": {"type": "string"},
            "msgid": {"type": "string"},
            "call_id": {"type": "integer"},
            "output": given,
            "advice": {"type": "array", "items": {"type": "string"}},
            "findings": {"type": "array", "items": {"type": "object"}},
            "recorded": {"type": "boolean", "description": "true：取自流水，没有再次发送"},
        },
    }
    return {
        "summary": f"{transaction.infno} {transaction.name}",
        "description": "\n".join([transaction.english, *(f"- {rule}" for rule in transaction.rules)]),
        "operationId": f"call_{transaction.infno}",
        "tags": [transaction.group.partition("/")[0]],
        "parameters": [_key(needs_key(transaction), runtime)] if transaction.changes else [],
        "requestBody": _body(request),
        "responses": {"200": _content(answer), **_FAILURES},
    }


def _shape(shape: Shape, transaction: Transaction, runtime: Runtime, schemas: Json) -> Json:
    node = node_of(shape)
    if node is Undeclared:
        return {"type": "object", "description": "字段没有公开，原样通过"}
    reference = _node(node, runtime, schemas)
    return {"type": "array", "items": reference} if is_list(shape) else reference


def _node(node: Any, runtime: Runtime, schemas: Json) -> Json:
    name = f"{node.__module__.rpartition('.')[2]}.{node.__qualname__}"
    if name not in schemas:
        schemas[name] = {}
        listed = members(node)
        schemas[name] = {
            "type": "object",
            "properties": {member.wire: _member(member, runtime, schemas) for member in listed},
            "required": [member.wire for member in listed if member.required],
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _member(member: Member, runtime: Runtime, schemas: Json) -> Json:
    if member.node is not None:
        reference = _node(member.node, runtime, schemas)
        return {"type": "array", "items": reference, "title": member.label} if member.repeats else reference
    field = member.field
    assert field is not None
    condition = [f"条件必填：{member.condition.text}"] if member.condition else []
    described: Json = {"title": field.label, "description": "；".join([*condition, *filter(None, [field.note])])}
    if field.open:
        return described
    if field.boolean:
        return described | {"type": "boolean"}
    if field.type == "number":
        described["type"] = ["number", "string"]
        if field.scale is not None:
            described["multipleOf"] = float(Decimal(1).scaleb(-field.scale))
        return described
    described["type"] = "string"
    if field.type == "date":
        return described | {"format": "date"}
    if field.type == "datetime":
        return described | {"pattern": r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$"}
    if field.length is not None:
        described["maxLength"] = field.length
    table = runtime.known.code_table(field.code_table) if field.code_table else None
    if table is not None:
        described["x-code-table"] = table.table
        if table.complete and len(table.values) <= 40:
            described["description"] += "；".join(f"{c.code} {c.name}" for c in table)
    return described


def _of_class(cls: Any, schemas: Json) -> Json:
    """The schema of a plain attrs class, as flows are given."""
    name = f"flows.{cls.__name__}"
    if name not in schemas:
        schemas[name] = {}
        hints = get_type_hints(cls)
        schemas[name] = {
            "type": "object",
            "description": (cls.__doc__ or "").strip(),
            "properties": {a.name: _of_type(hints[a.name], schemas) for a in attrs.fields(cls)},
            "required": [a.name for a in attrs.fields(cls) if a.default is attrs.NOTHING],
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}


_PLAIN: dict[Any, Json] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: {"type": "string", "description": "小数，写成字符串"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "description": "yyyy-MM-dd HH:mm:ss"},
}


def _of_type(hint: Any, schemas: Json) -> Json:
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if attrs.has(hint):
        return _of_class(hint, schemas)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"type": "string", "enum": [each.value for each in hint]}
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (list, tuple):
        return {"type": "array", "items": _of_type(inner[0], schemas)}
    if origin in (Union, types.UnionType):
        return _of_type(next(each for each in inner if each is not types.NoneType), schemas)
    return {}


def _desk_paths(schemas: Json) -> Json:
    """What the desk asks for. Personal data goes into bodies, never into addresses."""

    def post(summary: str, operation: str, body: Any) -> Json:
        answers = {"200": _content({"type": "object"}), **_FAILURES}
        described = {"summary": summary, "operationId": operation, "requestBody": _body(_of_class(body, schemas))}
        return {"post": described | {"responses": answers}}

    return {
        "/v1/credentials/decode": post("解码医保电子凭证", "decode_credential", ShownCode),
        "/v1/devices/read": post("由设备读凭证：社会保障卡、身份证、医保码", "read_device", ReadRequest),
        "/v1/devices/verify-password": post("由设备校验密码", "verify_password", PasswordRequest),
        "/v1/devices/change-password": post("由设备修改密码", "change_password", PasswordRequest),
        "/v1/devices/cancel": {
            "post": {
                "summary": "取消正在等的读取",
                "operationId": "cancel_reading",
                "responses": {"200": _content({"type": "object"}), **_FAILURES},
            }
        },
        "/v1/devices": {
            "get": {
                "summary": "这里的设备",
                "operationId": "list_devices",
                "responses": {"200": _content({"type": "array", "items": {"type": "object"}}), **_FAILURES},
            }
        },
        "/v1/desk/person": post("看一个人：参保、就诊、结算、备案、累计", "desk_person", Search),
        "/v1/desk/visits": post("看一个人的就诊、费用与结算", "desk_visits", Search),
    }


def _content(schema: Json) -> Json:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _body(schema: Json) -> Json:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string"},
    "description": "业务号（ASCII）：同号同内容只办一次，再问得到记录的应答；同号异内容、异日、异人是冲突",
}


def _key(needed: bool, runtime: Runtime) -> Json:
    """The business key, which is needed where money moves, unless the deployment derives it."""
    return _KEY | {"required": needed and runtime.deployment.keys.derive is False}


_ERROR: Json = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "path": {"type": "string"},
                "remedy": {"type": "string"},
                "problems": {"type": "array", "items": {"type": "object"}},
            },
        }
    },
}

_FLOW_VIEW: Json = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "flow": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "string", "enum": [status.value for status in Status]},
        "step": {"type": "string"},
        "step_title": {"type": "string"},
        "question": {"type": ["object", "null"]},
        "error": {"type": ["object", "null"]},
        "advice": {"type": "array", "items": {"type": "string"}},
        "result": {"type": "object"},
        "debts": {"type": "array", "items": {"type": "object"}, "description": "插件的步骤没有办成的，会自动再办"},
    },
}

_FAILURES: Json = {
    status: {**_content({"$ref": "#/components/schemas/Error"}), "description": meaning}
    for status, meaning in {
        "400": "请求本身不对，或缺业务号",
        "401": "密钥不对",
        "403": "密钥没有这个权限，或不能以这个经办人办理",
        "404": "没有这个交易或业务",
        "409": "平台拒绝，或同一业务号正在办理或内容不同",
        "422": "报文不符合规范，未发送",
        "503": "未发出，或流水库不可用，或正忙（Retry-After 后再问）",
        "504": "已发出而结果不明：不要重新收费",
    }.items()
}

_VIEW: Json = {"200": _content({"$ref": "#/components/schemas/FlowView"}), **_FAILURES}


def _queries(*names: str) -> list[Json]:
    return [{"name": name, "in": "query", "schema": {"type": "string"}} for name in names]


_FLOW_ID: Json = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _flow_path(method: str, summary: str, operation: str, body: Json | None = None) -> Json:
    described: Json = {"summary": summary, "operationId": operation, "parameters": [_FLOW_ID], "responses": _VIEW}
    return {method: described | ({"requestBody": _body(body)} if body else {})}


_COMMON_PATHS: Json = {
    "/v1/flows/debts": {
        "get": {
            "summary": "办完了、而插件的步骤还没有办成的业务",
            "operationId": "show_debts",
            "responses": {
                "200": _content({"type": "array", "items": {"$ref": "#/components/schemas/FlowView"}}),
                **_FAILURES,
            },
        }
    },
    "/v1/flows/{id}": _flow_path("get", "看一笔业务", "show_flow"),
    "/v1/flows/{id}/answer": _flow_path(
        "post",
        "回答业务的提问",
        "answer_flow",
        {
            "type": "object",
            "properties": {"question": {"type": "string"}, "value": {"type": "string"}},
            "required": ["value"],
        },
    ),
    "/v1/flows/{id}/resume": _flow_path("post", "让停下的业务继续", "resume_flow"),
    "/v1/flows/{id}/abandon": _flow_path("post", "放弃尚未结算的业务", "abandon_flow"),
    "/v1/flows/{id}/slip": {
        "get": {
            "summary": "重打小票（文本）",
            "operationId": "print_slip",
            "parameters": [_FLOW_ID, *_queries("columns", "setl_id")],
            "responses": {"200": {"description": "", "content": {"text/plain": {"schema": {"type": "string"}}}}},
        }
    },
    "/v1/flows/{id}/statement": {
        "get": {
            "summary": "结算单（kind=settlement）或费用清单（fees）的 PDF，paper 为 A4 或 A5",
            "operationId": "make_statement",
            "parameters": [_FLOW_ID, *_queries("kind", "paper", "setl_id")],
            "responses": {"200": {"description": "", "content": {"application/pdf": {}}}, **_FAILURES},
        }
    },
    "/v1/glance": {
        "get": {
            "summary": "这个部署一眼看去：版本、结果不明、逾期的要求、目录几天前的（liangding fleet）",
            "operationId": "glance",
            "responses": {"200": _content({"type": "object"})},
        }
    },
    "/v1/journal": {
        "get": {
            "summary": "最近的调用",
            "operationId": "list_calls",
            "parameters": _queries("state", "infno", "limit"),
            "responses": {"200": _content({"type": "array", "items": {"type": "object"}})},
        }
    },
    "/v1/journal/{id}": {
        "get": {
            "summary": "一次调用",
            "operationId": "show_call",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "responses": {"200": _content({"type": "object"}), **_FAILURES},
        }
    },
    "/v1/journal/{id}/decision": {
        "post": {
            "summary": "交人处理的一笔：照人的决定办（先向平台核对）",
            "operationId": "decide",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "requestBody": _body(
                {
                    "type": "object",
                    "properties": {
                        "action": {"type": "string", "enum": list(Action)},
                        "person": {"type": "string", "description": "谁决定的；不给则为密钥的名字"},
                        "reason": {"type": "string"},
                        "setl_id": {"type": "string"},
                        "mdtrt_id": {"type": "string"},
                    },
                    "required": ["action", "reason"],
                }
            ),
            "responses": {"200": _content({"type": "object"}), **_FAILURES},
        }
    },
    "/v1/health": {
        "get": {
            "summary": "是否健康",
            "operationId": "health",
            "security": [],
            "responses": {"200": _content({"type": "object"})},
        }
    },
}
