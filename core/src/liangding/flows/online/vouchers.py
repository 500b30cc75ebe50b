"""电子结算凭证: a batch built, uploaded (4901), asked for (4902), what was refused uploaded again (4905)."""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
from typing import Any, TypedDict

import attrs

from ...contract.steps import Flow, step
from ...spec.writing import SPARSE, MessageWriter
from ...workflow.standing import StillRunning
from ...workflow.work import Work

_write = MessageWriter(SPARSE).write

MOST = 100
"""Vouchers in one batch, by the table."""

FORMS = {b"%PDF": "pdf", b"PK\x03\x04": "ofd"}
"""How a layout file begins."""

RUNNING, GOOD = "0", "1"
"""ftfile_sav_rslt, chk_rslt."""

PACKED_AT = (1980, 1, 1, 0, 0, 0)
"""The same files make the same bytes, whenever they are packed."""


@attrs.define(kw_only=True)
class VoucherGiven:
    """One voucher: its row in wire names (``told``), the layout file (PDF or OFD) and, where it goes by itself, its
    XML, both in Base64. A row of 4905 names the first one, too: initElecSetlCertNo, initUpldWay, rea,
    certCodeNoErrFlag."""

    told: dict[str, Any] = attrs.field(repr=False)
    document: str = attrs.field(repr=False)
    xml: str | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if not (self.told.get("elecSetlCertNo") and self.told.get("billDate")):
            raise ValueError("told 缺少 elecSetlCertNo 或 billDate")
        if not _decoded(self.document, "document").startswith(tuple(FORMS)):
            raise ValueError("document 应为 PDF 或 OFD")
        if self.xml is not None:
            _decoded(self.xml, "xml")

    @property
    def name(self) -> str:
        """What its files are called."""
        code, number = self.told.get("elecSetlCertCode"), self.told["elecSetlCertNo"]
        return f"{code}-{number}" if code else str(number)

    def files(self) -> list[tuple[str, bytes]]:
        content = _decoded(self.document, "document")
        form = next(form for begins, form in FORMS.items() if content.startswith(begins))
        extra = [(f"{self.name}-extinfo.xml", _decoded(self.xml, "xml"))] if self.xml is not None else []
        return [(f"{self.name}.{form}", content), *extra]


def _decoded(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{name} 应为 Base64") from None


@attrs.define(kw_only=True)
class VouchersGiven:
    """A batch: ``batch_no`` is the upload's date and five digits. ``again``: these were refused before (4905)."""

    batch_no: str
    vouchers: list[VoucherGiven]
    again: bool = False

    def __attrs_post_init__(self) -> None:
        if not re.fullmatch(r"\d{13}", self.batch_no):
            raise ValueError("batch_no 应为上传日期 8 位加 5 位流水号")
        if not 0 < len(self.vouchers) <= MOST:
            raise ValueError(f"一批 1 至 {MOST} 张凭证")
        names = [voucher.name for voucher in self.vouchers]
        if len(set(names)) != len(names):
            raise ValueError("凭证重复")
        if len({voucher.xml is None for voucher in self.vouchers}) != 1:
            raise ValueError("xml 要么每张都给，要么都不给")
        if self.again and not all(voucher.told.get("initElecSetlCertNo") for voucher in self.vouchers):
            raise ValueError("重新上传的凭证要有 initElecSetlCertNo")


@attrs.define(kw_only=True)
class VouchersState:
    """How far a batch has got: ``results`` are 4902's rows, ``refused`` why each voucher was not kept that was not."""

    given: VouchersGiven
    results: list[dict[str, Any]] = attrs.field(factory=list, repr=False)
    refused: dict[str, str] = attrs.field(factory=dict)


def _batch(work: Work[VouchersState]) -> dict[str, Any]:
    """What every transaction of a batch says of it."""
    given, institution = work.state.given, work.runtime.deployment.institution
    dates = sorted(re.sub(r"\D", "", str(voucher.told["billDate"]))[:8] for voucher in given.vouchers)
    return {
        "fixmedinsCode": institution.code, "fixmedinsName": institution.name, "upldBchno": given.batch_no,
        "bizStsb": f"{dates[0]}-{dates[-1]}",
    }  # fmt: skip


def _packed(given: VouchersGiven) -> str:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in (file for voucher in given.vouchers for file in voucher.files()):
            packed.writestr(zipfile.ZipInfo(name, PACKED_AT), content)
    return base64.b64encode(held.getvalue()).decode()


def _message(work: Work[VouchersState], rows: str) -> dict[str, Any]:
    given = work.state.given
    return {
        **_batch(work), "elecSetlCertCnt": str(len(given.vouchers)), "filename": f"{given.batch_no}.zip",
        "ftfileCompac": _packed(given), "upldMode": "1" if given.vouchers[0].xml is None else "2",
        rows: [dict(voucher.told) for voucher in given.vouchers],
    }  # fmt: skip


@step("上传凭证", "4901", skip=lambda state: state.given.again, when="第一次上传")
def upload(work: Work[VouchersState]) -> None:
    """Upload the batch for the first time."""
    work.call("4901", lambda: _message(work, "upldDetlList"))


@step("重新上传凭证", "4905", skip=lambda state: not state.given.again, when="again 为 true")
def upload_again(work: Work[VouchersState]) -> None:
    """Upload what was refused before, corrected."""
    work.call("4905", lambda: _message(work, "reUploadDetlDTOList"))


@step("查询上传结果", "4902", repeats="到每张都有结果")
def ask_results(work: Work[VouchersState]) -> None:
    """Ask what became of each voucher. StillRunning while the platform works on one: resume the flow later."""
    state = work.state
    rows = [_write(row) for row in work.call("4902", _batch(work)).output or ()]
    told = {(row.get("elecSetlCertCode") or "", row.get("elecSetlCertNo")): row for row in rows}
    wanted = [(v.told.get("elecSetlCertCode") or "", v.told["elecSetlCertNo"]) for v in state.given.vouchers]
    found = [told.get(each) for each in wanted]
    if any(row is None or RUNNING in (row.get("ftfileSavRslt"), row.get("chkRslt")) for row in found):
        raise StillRunning("平台还在处理这批凭证")
    state.results = [row for row in found if row is not None]
    named = zip(state.given.vouchers, state.results, strict=True)
    state.refused = {
        voucher.name: row.get("savFaleRea") or "平台没有说原因"
        for voucher, row in named
        if (row.get("ftfileSavRslt"), row.get("chkRslt")) != (GOOD, GOOD)
    }
    for name, why in state.refused.items():
        work.advise(f"凭证 {name} 没有通过：{why}；改正后以 again 重新上传")


class VouchersResult(TypedDict):
    """How a batch of vouchers stands."""

    batch_no: str
    kept: int
    refused: dict[str, str]


class VoucherUpload(Flow[VouchersState]):
    """电子结算凭证上传: a batch, and what became of each voucher in it."""

    name = "voucher_upload"
    title = "电子结算凭证上传"
    given = VouchersGiven
    state = VouchersState
    keyed_by = (("batch_no",),)
    steps = (upload, upload_again, ask_results)

    @staticmethod
    def result(state: VouchersState) -> VouchersResult:
        given = state.given
        return {
            "batch_no": given.batch_no, "kept": len(state.results) - len(state.refused), "refused": dict(state.refused),
        }  # fmt: skip
