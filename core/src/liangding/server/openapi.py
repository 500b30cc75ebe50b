"""The OpenAPI document of a deployment: a path for each transaction and flow that it knows, and for everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_type_hints

from .. import __version__
from ..calls.keying import needs_key
from ..spec import Transaction
from .bodies import flow_body, transaction_body
from .failing import ERROR, FAILED, FAILURES, PROBLEM, responses
from .labels import label_of
from .resources import Operation, content, query, resources, view_of
from .schemas import Json, Schemas, ref

if TYPE_CHECKING:
    from ..flows import Flows
    from ..runtime import Runtime


OF_THE_SERVER = ("/health", "/live", "/ready")
"""What is told of the whole server, whichever deployment's document says so."""


def openapi(runtime: Runtime, flows: Flows, base: str = "/v1", others: Sequence[str] = ()) -> Json:
    """OpenAPI 3.1 of what stands under ``base``. ``others`` are the documents of the other deployments here."""
    schemas = Schemas(runtime.known)
    operations = [
        *_transactions(runtime, schemas),
        *_flows(runtime, flows, schemas),
        *resources(schemas, runtime.known),
    ]
    paths: Json = {}
    for each in operations:
        at = f"/v1{each.path}" if each.path in OF_THE_SERVER else f"{base}{each.path}"
        paths.setdefault(at, {})[each.method] = each.as_json(FAILURES)
    title = f"两定接口 · {runtime.deployment.institution.name}"
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": __version__, "description": _about(others)},
        "security": [{"key": []}, {"header": []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR, "Failed": FAILED, "Problem": PROBLEM, **schemas.made},
            "responses": responses(),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
        },
    }


def _about(others: Sequence[str]) -> str:
    text = (
        '本机接口。除小票与 PDF 外都是 UTF-8 的 JSON；出错时是 {"error": {code, message, path, remedy, …}}。'
        "没有应答与 504 一样：用同一业务号再问，不要换号。没有配置密钥时只在本机回环上监听，不要密钥。"
        "一个服务有多家机构时，请求头 X-Institution 写机构编号。"
    )
    return text + (f"\n\n这里还有别的部署，各有文档：{'、'.join(others)}" if others else "")


def _transactions(runtime: Runtime, schemas: Schemas) -> list[Operation]:
    numbers = runtime.interfaces.numbers()
    return [_transaction(runtime.interfaces[each], runtime, schemas) for each in numbers
            if not runtime.interfaces[each].incoming]  # fmt: skip


def _transaction(transaction: Transaction, runtime: Runtime, schemas: Schemas) -> Operation:
    infno, text = transaction.infno, {"type": ["string", "null"]}
    number = infno if infno.isascii() else infno.encode().hex()[:12]
    request: Json = {
        "type": "object",
        "properties": {
            "input": schemas.shape(transaction.input, told=False),
            "insuplc_admdvs": {"title": "参保地医保区划", "description": "输入含 psn_no 时必填", **text},
            "operator": {"title": "经办人编号", "description": "缺省为部署文件中的第一个", **text},
            "head": {"title": "报文头另给的字段", "type": ["object", "null"], "additionalProperties": text},
            "bill_date": {"title": "单据日期", "description": "报文自己没有写时", "format": "date", **text},
            "meant": {"title": "确是另一单", "description": "同样的明细刚结算过，而这确是另一单", "type": "boolean"},
        },
        "additionalProperties": False,
    }  # fmt: skip
    answer: Json = {
        "type": "object",
        "properties": {
            "infno": {"title": "交易编号", "type": "string"},
            "msgid": {"title": "报文编号", "type": "string"},
            "call_id": {"title": "流水中的编号", "type": "integer"},
            "output": schemas.shape(transaction.output, told=True),
            "advice": {"title": "要给收款员看的话", "type": "array", "items": {"type": "string"}},
            "findings": {"title": "应答中的疑点", "type": "array", "items": ref("Problem")},
            "recorded": {"title": "取自流水，没有再次发送", "type": "boolean"},
        },
        "required": ["infno", "msgid", "call_id", "output", "advice", "findings", "recorded"],
    }
    return Operation(
        method="post", path=f"/transactions/{infno}", id=f"call_{infno}", summary=f"{infno} {transaction.name}",
        description="\n".join([transaction.english, *(f"- {rule}" for rule in transaction.rules)]),
        tag=transaction.group.partition("/")[0], role="transactions",
        parameters=(_key(needs_key(transaction), runtime, f"T-{number}"),) if transaction.changes else (), body=request,
        example=transaction_body(transaction, runtime.known), answers={"200": content(answer)},
    )  # fmt: skip


def _flows(runtime: Runtime, flows: Flows, schemas: Schemas) -> list[Operation]:
    held: list[Operation] = []
    any_view = schemas.made[view_of(schemas)["$ref"].rpartition("/")[2]]
    for name in flows.names():
        flow = flows.flow(name)
        result = schemas.type(get_type_hints(flow.result).get("return"), told=True)
        result = {"title": label_of("result")} | ({"allOf": [result]} if "$ref" in result else result)
        own = {"flow": {"title": label_of("flow"), "const": name}, "result": result}
        view = any_view | {"properties": any_view["properties"] | own}
        schemas.made[f"View.{name}"] = view
        shown, example = ref(f"View.{name}"), flow_body(name, flow.given, runtime.deployment)
        body = schemas.made[schemas.given(flow.given)["$ref"].rpartition("/")[2]]
        named = {"title": label_of("operator"), "type": ["string", "null"]}
        key = _key(any(step.charges for step in flows.steps(name)), runtime, f"K-{name}")
        day = query("bill_date", {"type": "string", "format": "date"}, text="单据日期，业务号每天重新编的要给")
        held += [
            Operation(
                method="post", path=f"/flows/{name}", id=f"start_{name}", summary=flow.title, role="flows", tag="业务",
                description=" ".join((flow.__doc__ or "").split()), parameters=(key,),
                body=body | {"properties": {**body["properties"], "operator": named}}, example=example,
                answers={"201": content(shown, "开始了；看 status"), "200": content(shown, "同一业务号的那一笔")},
            ),
            Operation(
                method="get", path=f"/flows/{name}/by-key", id=f"find_{name}", summary=f"按业务号找{flow.title}",
                role="flows", tag="业务", parameters=(query("key", {"type": "string"}, required=True), day),
                answers={"200": content(shown)},
            ),
        ]  # fmt: skip
    return held


def _key(needed: bool, runtime: Runtime, example: str) -> Json:
    """The business key, which is needed where money moves, unless the deployment derives it."""
    return {
        "name": "Idempotency-Key", "in": "header", "example": example,
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        "required": needed and runtime.deployment.keys.derive is False,
        "description": "业务号（ASCII）：同号同内容只办一次，再问得到记录的应答；同号异内容、异日、异人是冲突",
    }  # fmt: skip
