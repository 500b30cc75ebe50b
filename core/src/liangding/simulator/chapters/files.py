"""Files: uploads and downloads (9101, 9102), made-up catalogues (1301 to 1327), reconciliation in detail (3202)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ...contract.simulation import Refuse
from ...files.cells import NULL, SEPARATOR
from ...files.columns import Column, Layout
from ...files.errors import BrokenFile
from ...files.layouts import CATALOGUE_OWNER, catalogues, layout_of
from ...files.reading import FileRow, open_text
from ...files.writing import write_zip
from ...national.meaning import NOT_REFUNDED, REFUNDED
from ...spec.nodes import members, node_of
from ..requests import HeldFile, Request, handles
from ..world import LedgerEntry
from .accounts import within

DAYS_TO_FETCH = 1

VERSIONS = ("v0001", "v0002")
"""The versions of every made-up catalogue: whoever has none is given the first, and the second after that."""

ENTRIES = {"v0001": ((1, "1"), (2, "1"), (3, "1")), "v0002": ((3, "0"), (4, "1"))}
"""What each version holds: number of an entry, and whether it is valid."""


def sizes(world: Any) -> dict[str, int]:
    """Number of a catalogue → so many rows its first version has instead; what a test sets."""
    held: dict[str, int] = world.kept.setdefault("catalogue_sizes", {})
    return held


def _entries(request: Request, version: str) -> Iterable[tuple[int, str]]:
    size = sizes(request.world).get(request.infno)
    return ENTRIES[version] if size is None or version != VERSIONS[0] else ((n, "1") for n in range(1, size + 1))


@handles("9101")
def take_file(request: Request) -> dict[str, Any]:
    asked = request.input.fsUploadIn
    if request.file is None:
        raise Refuse("没有收到文件")
    if asked.fixmedins_code != request.world.institution:
        raise Refuse("医药机构编号与报文头不一致")
    return {
        "file_qury_no": _hold(request, asked.filename, asked.fixmedins_code, request.file),
        "filename": asked.filename, "fixmedins_code": asked.fixmedins_code, "dld_endtime": _deadline(request),
    }  # fmt: skip


@handles("9102")
def give_file(request: Request) -> HeldFile:
    asked = request.input.fsDownloadIn
    held = request.files.get(asked.file_qury_no)
    if held is None or (held.filename, held.owner) != (asked.filename, asked.fixmedins_code):
        raise Refuse("文件不存在")
    return held


def _hold(request: Request, filename: str, owner: str, data: bytes) -> str:
    """Keep a file; its file_qury_no."""
    number = f"fsi/{owner}/{request.world.number('file'):032x}"
    request.files[number] = HeldFile(filename=filename, owner=owner, data=data)
    return number


def _deadline(request: Request) -> str:
    return (request.at + timedelta(days=DAYS_TO_FETCH)).isoformat(" ", "seconds")


# -- catalogues ------------------------------------------------------------------------------------------------------


@handles(*catalogues())
def offer_catalogue(request: Request) -> dict[str, Any]:
    newer = [version for version in VERSIONS if version > request.input.data.ver]
    deadline = next(m.wire for m in members(node_of(request.transaction.output)) if m.wire.startswith("dld_end"))
    if not newer:
        return {"file_qury_no": "", "filename": "", deadline: _deadline(request), "data_cnt": 0}
    layout = layout_of(request.infno)
    filename = f"{request.at:%Y%m%d%H%M%S}{request.infno}.txt.zip"
    packed, count = io.BytesIO(), 0
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(filename.removesuffix(".zip"), "w", force_zip64=True) as file,
    ):
        for number, valid in _entries(request, newer[0]):
            file.write(f"{SEPARATOR.join(_entry(layout, newer[0], number, valid))}\n".encode())
            count += 1
    return {
        "file_qury_no": _hold(request, filename, CATALOGUE_OWNER, packed.getvalue()), "filename": filename,
        deadline: _deadline(request), "data_cnt": count,
    }  # fmt: skip


def _entry(layout: Layout, version: str, number: int, valid: str) -> Iterator[str]:
    known = {"ver": version, "ver_name": version, "vali_flag": valid, "crte_time": "Thu Jan 01 08:00:00 CST 2026"}
    unnamed = not any(column.label.endswith(NAMED) for column in layout.names)
    for column in layout.columns:
        if unnamed and column in layout.names[:1]:
            yield f"测试{column.label}{number}"
        elif column in (layout.key, layout.code):
            yield f"SIM{layout.number}{number:04d}"
        else:
            yield known.get(column.key) or _made_up(column, number)


def _made_up(column: Column, number: int) -> str:
    if column.field.type == "datetime":
        return "2026-01-01 00:00:00"
    return f"测试{column.label}{number}" if column.label.endswith(NAMED) else NULL


NAMED = "名称"
"""What the label of a column ends with that has a name in it; a catalogue without any has its first one filled."""


# -- reconciliation --------------------------------------------------------------------------------------------------

BALANCED, PLATFORM_ONLY, INSTITUTION_ONLY, DIFFERENT = "0", "101", "102", "103"
"""stmt_rslt of a result row."""

AMOUNTS = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay")


@handles("3202")
def reconcile_details(request: Request) -> dict[str, Any]:
    asked = request.input.data
    given = _given(request)
    sums = [sum((row[name] for row in given), Decimal(0)) for name in AMOUNTS[:2]]
    if (len(given), *sums) != (asked.fixmedins_setl_cnt, asked.medfee_sumamt, asked.fund_pay_sumamt):
        raise Refuse("文件的笔数或金额合计与入参不一致")
    standing = {s.setl_id: s for s in within(request.world, asked)}
    results = [_compared(row, standing.pop(row["setl_id"], None)) for row in given]
    results += [_result(s, PLATFORM_ONLY, "医药机构没有这笔结算") | {"mdtrt_id": None} for s in standing.values()]
    packed = io.BytesIO()
    write_zip(layout_of("3202.results"), results, packed, "result.txt")
    filename = f"{request.at:%Y%m%d%H%M%S}.txt.zip"
    number = _hold(request, filename, request.world.institution, packed.getvalue())
    return {"fileinfo": {"file_qury_no": number, "filename": filename, "dld_endtime": _deadline(request)}}


def _given(request: Request) -> list[FileRow]:
    held = request.files.get(request.input.data.file_qury_no)
    if held is None or held.owner != request.world.institution:
        raise Refuse("对账文件不存在，请先上传")
    try:
        with open_text(io.BytesIO(held.data), layout_of("3202.details")) as details:
            rows = list(details)
            details.check()
    except BrokenFile as broken:
        raise Refuse(f"对账文件读不了：{broken.message}") from None
    if any(row[name] is None for row in rows for name in AMOUNTS):
        raise Refuse("对账文件有金额不是数值")
    return rows


def _compared(row: FileRow, settlement: LedgerEntry | None) -> dict[str, Any]:
    if settlement is None:
        return row.as_dict() | {"msgid": "0", "stmt_rslt": INSTITUTION_ONLY, "memo": "中心没有这笔结算"}
    ours = _result(settlement, BALANCED)
    different = [name for name in ("psn_no", "mdtrt_id", *AMOUNTS, "refd_setl_flag") if row[name] != ours[name]]
    return ours if not different else _result(settlement, DIFFERENT, f"不一致：{'、'.join(different)}")


def _result(settlement: LedgerEntry, outcome: str, memo: str | None = None) -> dict[str, Any]:
    split, visit = settlement.split, settlement.visit
    return {
        "psn_no": visit.person.psn_no, "mdtrt_id": visit.mdtrt_id, "setl_id": settlement.setl_id,
        "msgid": settlement.msgid, "stmt_rslt": outcome, "memo": memo, "medfee_sumamt": split.total,
        "fund_pay_sumamt": split.fund, "acct_pay": split.account,
        "refd_setl_flag": NOT_REFUNDED if settlement.counts else REFUNDED,
    }  # fmt: skip
