"""The support bundle: what somebody else needs to understand a trouble, and nothing that names a patient.

Bodies are shown as their shape: keys as they were, values only of fields that are declared technical and hold a code of
a published table or a number; of everything else the kind and length, of what is no message at all, too. Messages of
the platform, which may name persons, are left out.
"""

from __future__ import annotations

import io
import math
import platform
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

import attrs

from .. import __version__
from ..acceptance.evidence import labelled
from ..journal import CallRecord, Event, Journal
from ..knowledge import Knowledge
from ..privacy import is_personal
from ..spec.fields import Field
from ..spec.nodes import Member, Shape, members, node_of
from ..spec.personal import Personal
from ..wire.json import decode, encode

MOST_CALLS = 5000

ABOUT = """流水摘要，用于查问题。没有姓名、证件号、卡号、令牌，也没有平台的提示文字；
报文只留结构和技术性的代码、数字：身份、联系方式、健康、费用的值一个也没有。

about.json    版本、插件、部署（不含密钥）
calls.jsonl   每次调用一行：编号、时间、结果、报文结构
events.jsonl  每次调用经过的事
verify.txt    这段时间流水的校验结果（全部的：liangding journal verify）
"""

_KEY = re.compile(r"[A-Za-z_][\w.-]{0,40}")
_DETAIL = frozenset({"seen", "by", "state", "action", "attempts", "code"})


def bundle(known: Knowledge, journal: Journal, *, since: float) -> bytes:
    """A ZIP of what happened since then (seconds since 1970), of the latest calls where there are too many."""
    return bundle_of(known, journal, journal.created_since(known.deployment.name, since, limit=MOST_CALLS))


def bundle_of(known: Knowledge, journal: Journal, calls: Sequence[CallRecord]) -> bytes:
    """The same of these calls alone; what the journal holds is verified from a minute before the first of them on."""
    since = min((call.created_epoch for call in calls), default=math.inf) - 60
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", ABOUT)
        archive.writestr("about.json", encode(_about(known)))
        archive.writestr("calls.jsonl", b"\n".join(encode(_call(known, journal, call)) for call in calls))
        archive.writestr(
            "events.jsonl", b"\n".join(encode(_event(e)) for call in calls for e in journal.history(call.id))
        )
        archive.writestr("verify.txt", "\n".join(journal.verify_since(since)) or "完好")
    return made.getvalue()


def _about(known: Knowledge) -> dict[str, Any]:
    deployment = known.deployment
    plugins = [deployment.province, *deployment.plugins]
    return {
        "liangding": __version__,
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "libraries": {name: metadata.version(name) for name in ("pluggy", "attrs", "cattrs", "httpx", "sqlalchemy")},
        "plugins": plugins,
        "region": known.region.name,
        "institution": {"kind": deployment.institution.kind.value, "area": deployment.institution.area},
        "gateway": deployment.platform.gateway,
        "address": deployment.platform.address,
        "journal": deployment.journal.url.partition(":")[0],
        "features": attrs.asdict(deployment.features),
        "checks": attrs.asdict(deployment.checks),
        "resolution": attrs.asdict(deployment.resolution),
    }


def _call(known: Knowledge, journal: Journal, call: CallRecord) -> dict[str, Any]:
    shown = call.as_json()
    for personal in ("content", "person", "amount"):
        shown.pop(personal, None)
    shown |= {name: journal.vault.hashed(shown[name]) for name in ("key", "bill_no")}
    shown["principal"] = (call.principal or "").partition(":")[0] or None
    return shown | {part: outline for part, _, outline in _outlines(known, call)}


def outlined(known: Knowledge, call: CallRecord) -> dict[str, list[tuple[str, str]]]:
    """The bodies of a call by their labels, without a value that may name somebody: what was sent, what came back."""
    return {
        part: [(name, str(value)) for name, value in labelled(node_of(shape), outline)]
        for part, shape, outline in _outlines(known, call)
    }


def _outlines(known: Knowledge, call: CallRecord) -> Iterator[tuple[str, Shape, Any]]:
    if call.infno not in known.interfaces:
        return
    transaction = known.interfaces[call.infno]
    for part, shape, body in (("input", transaction.input, call.request), ("output", transaction.output, call.answer)):
        yield part, shape, _outline(shape, _body(body), part, known)


def _body(data: bytes) -> Any:
    try:
        return decode(data) if data else None
    except ValueError:
        return f"不是 JSON，{len(data)} 字节"


def _event(event: Event) -> dict[str, Any]:
    detail = {name: value for name, value in event.detail.items() if name in _DETAIL}
    at = event.at.isoformat(" ", "milliseconds")
    return {"call_id": event.call_id, "at": at, "kind": event.kind, "detail": detail}


# -- the outline of a body ---------------------------------------------------------------------------------------------


def _outline(shape: Shape, body: Any, part: str, known: Knowledge) -> Any:
    if not isinstance(body, Mapping):
        return _of_node(None, body, known)
    return _of_node(node_of(shape), body.get(part), known)


def _of_node(node: Any, value: Any, known: Knowledge) -> Any:
    if isinstance(value, list):
        return [_of_node(node, each, known) for each in value]
    if not isinstance(value, Mapping):
        return _kind(value)
    declared: dict[str, Member] = {member.wire: member for member in members(node)} if node is not None else {}
    return {_key(key): _of_member(declared.get(str(key)), each, known) for key, each in value.items()}


def _of_member(member: Member | None, value: Any, known: Knowledge) -> Any:
    if member is None or isinstance(value, Mapping | list):
        return _of_node(member.node if member else None, value, known)
    technical = member.field is not None and member.personal is Personal.TECHNICAL and not is_personal(member.wire)
    return value if technical and _harmless(member.field, value, known) else _kind(value)


def _harmless(field: Field | None, value: Any, known: Knowledge) -> bool:
    """Whether a technical value is what it should be, and may be shown: a code that its table knows, or a number."""
    if field is None:
        return False
    if field.code_table:
        table = known.code_table(field.code_table)
        return table is not None and str(value) in table
    return field.type == "number" and re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", str(value)) is not None


def _key(key: Any) -> str:
    return key if isinstance(key, str) and _KEY.fullmatch(key) else "（键）"


def _kind(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    return f"{'数值' if isinstance(value, int | float) else '文本'}，{len(str(value))} 位"
