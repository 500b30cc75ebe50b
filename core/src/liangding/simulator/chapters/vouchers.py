"""Electronic settlement vouchers (4901, 4902, 4905, 5501): batches held against their files and their settlements."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from typing import Any

import attrs

from ...contract.simulation import Refuse
from ...spec.writing import SPARSE, MessageWriter
from ..requests import Request, handles
from ..world import World

RUNNING, GOOD, BAD = "0", "1", "2"
REAL_TIME = "1"

_write = MessageWriter(SPARSE).write


@attrs.define(kw_only=True)
class Voucher:
    """One voucher: what was told of it, and why it was not kept."""

    told: dict[str, Any] = attrs.field(repr=False)
    batch: str
    file: bytes = attrs.field(repr=False)
    made_at: float
    refused: str = ""

    @property
    def name(self) -> str:
        return name_of(self.told)


@attrs.define
class Vouchers:
    """All vouchers by name; a batch is judged after ``seconds``."""

    by_name: dict[str, Voucher] = attrs.field(factory=dict)
    seconds: float = 0.0


def vouchers_of(world: World) -> Vouchers:
    kept: Vouchers = world.kept.setdefault("vouchers", Vouchers())
    return kept


def name_of(told: dict[str, Any]) -> str:
    code, number = told.get("elecSetlCertCode"), told["elecSetlCertNo"]
    return f"{code}-{number}" if code else str(number)


@handles("4901")
def upload(request: Request) -> None:
    rows = [_write(row) for row in request.input.upldDetlList]
    held = vouchers_of(request.world)
    if any(name_of(row) in held.by_name for row in rows):
        raise Refuse("凭证已上传")
    _keep(request, rows)


@handles("4905")
def upload_again(request: Request) -> None:
    rows = [_write(row) for row in request.input.reUploadDetlDTOList]
    held = vouchers_of(request.world)
    for row in rows:
        first = name_of(
            {"elecSetlCertCode": row.get("initElecSetlCertCode"), "elecSetlCertNo": row["initElecSetlCertNo"]}
        )
        if first not in held.by_name:
            raise Refuse("原凭证没有上传过")
        del held.by_name[first]
    _keep(request, rows)


@handles("4902")
def query(request: Request) -> list[dict[str, Any]]:
    held = vouchers_of(request.world)
    return [
        {
            **{k: v for k, v in each.told.items() if k in _TOLD}, "savFaleRea": each.refused,
            "ftfileSavRslt": _judged(each, request, held.seconds), "chkRslt": _judged(each, request, held.seconds),
        }
        for each in held.by_name.values()
        if each.batch == request.input.upldBchno
    ]  # fmt: skip


@handles("5501")
def query_state(request: Request) -> dict[str, Any]:
    found = vouchers_of(request.world).by_name.get(name_of(_write(request.input)))
    if found is None or found.refused:
        raise Refuse("未查询到凭证信息")
    return {**{k: v for k, v in found.told.items() if k in _TOLD}, "rhredFlag": "0", "reimFlag": "0"}


_TOLD = ("elecSetlCertCode", "elecSetlCertNo", "elecSetlCertChkcode", "elecSetlCertType", "certSetlType")


def _judged(voucher: Voucher, request: Request, seconds: float) -> str:
    if request.epoch < voucher.made_at + seconds:
        return RUNNING
    return BAD if voucher.refused else GOOD


def _keep(request: Request, rows: list[dict[str, Any]]) -> None:
    asked = request.input
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(asked.ftfileCompac, validate=True))) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
    except (binascii.Error, ValueError, zipfile.BadZipFile):
        raise Refuse("版式文件压缩包打不开") from None
    wanted = {name_of(row) for row in rows}
    layouts = {name.rpartition(".")[0]: data for name, data in files.items() if not name.endswith("-extinfo.xml")}
    if layouts.keys() != wanted or len(rows) != asked.elecSetlCertCnt:
        raise Refuse("版式文件与凭证列表不一致")
    if asked.upldMode == "2" and any(f"{name}-extinfo.xml" not in files for name in wanted):
        raise Refuse("缺少结构化数据文件")
    held = vouchers_of(request.world)
    for row in rows:
        name = name_of(row)
        held.by_name[name] = Voucher(
            told=row, batch=asked.upldBchno, file=layouts[name], made_at=request.epoch, refused=_why(request, row)
        )


def _why(request: Request, row: dict[str, Any]) -> str:
    """Why a voucher of a real-time settlement does not fit it; empty where it does."""
    if row["certSetlType"] != REAL_TIME:
        return ""
    settlement = request.world.settlements.get(str(row.get("setlId")))
    if settlement is None or not settlement.counts:
        return "结算不存在或已撤销"
    same = f"{settlement.split.total:.2f}" == f"{float(row['medfeeSumamt']):.2f}"
    return "" if same else "票面金额与结算不一致"
