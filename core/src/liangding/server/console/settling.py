"""结算: an institution without software of its own settles here, by hand or from a file, by the same flows."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import attrs
from starlette.responses import Response

from ...config import Kind
from ...errors import LiangdingError
from ...files.tables import rows_of_file
from ...flows import Flows
from ...runtime import Runtime
from .frame import PageVisit, on_disk
from .rights import Right

ROW_COLUMNS = {
    "医保目录编码": "med_list_codg", "机构内编码": "medins_list_codg", "名称": "name", "单价": "price", "数量": "count",
    "医院审批标志": "hosp_appr_flag",
}  # fmt: skip
"""The columns of the rows that are charged, in the order in which they are taken where there is no heading."""

NEEDED = ("med_list_codg", "medins_list_codg", "price", "count")
BY_HAND, MOST_BY_HAND = 5, 100
"""So many rows may be typed in at first, and at most."""

SUFFIXES = (".csv", ".xlsx")


class WrongEntry(LiangdingError):
    """What was filled in is not what the business takes."""

    code = "wrong_entry"
    http_status = 422


@attrs.frozen
class Ask:
    """A field of a form: where it goes in what the flow is given, what it is called, and what it may be."""

    path: str
    label: str
    needed: bool = True
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@attrs.frozen(kw_only=True)
class EntryForm:
    """What a clerk fills in to begin a flow. ``key`` is the field with the institution's own number of the business."""

    flow: str
    title: str
    key: str
    entries: tuple[Ask, ...]
    rows: bool = False
    diagnoses: bool = False


CREDENTIALS = (("02", "身份证"), ("03", "社会保障卡"), ("01", "医保电子凭证"))
"""Kinds of credentials that are typed or scanned in here: mdtrt_cert_type and what it is called."""

CREDENTIAL = (
    Ask("credential.type", "凭证", choices=CREDENTIALS),
    Ask("credential.number", "凭证号码"),
    Ask("credential.card_sn", "卡识别码", needed=False, hint="用社会保障卡时"),
)
INSURED = (*CREDENTIAL, Ask("insured_place", "参保地区划", needed=False, hint="在几处参保时"))
"""Who comes, where a business begins; who is in hospital is asked for the credential alone."""
DOCTOR = (
    Ask("atddr_no", "医师编码"), Ask("dr_name", "医师姓名"), Ask("dept_code", "科室编码"),
    Ask("dept_name", "科室名称"), Ask("caty", "科别", hint="如 A03"),
)  # fmt: skip


def _under(path: str) -> tuple[Ask, ...]:
    return tuple(attrs.evolve(entry, path=f"{path}.{entry.path}") for entry in DOCTOR)


STAY = Ask("stay.admission_key", "住院号", hint="办入院时的住院号")
FORMS: dict[Kind, tuple[EntryForm, ...]] = {
    Kind.PHARMACY: (
        EntryForm(
            flow="pharmacy_purchase", title="药店购药", key="receipt_no", rows=True,
            entries=(Ask("receipt_no", "单据号"), *INSURED),
        ),
    ),
    Kind.CLINIC: (),
    Kind.HOSPITAL: (),
}  # fmt: skip
_VISITS = (
    EntryForm(
        flow="outpatient", title="门诊结算", key="chrg_bchno", rows=True, diagnoses=True,
        entries=(
            Ask("chrg_bchno", "收费批次号"), Ask("ipt_otp_no", "门诊号"), *INSURED, *_under("doctor"),
        ),
    ),
    EntryForm(
        flow="admission", title="入院办理", key="ipt_no", diagnoses=True,
        entries=(
            Ask("ipt_no", "住院号"), Ask("begun_at", "入院时间", hint="2026-07-01 09:00:00"), *INSURED,
            *_under("ward.doctor"), Ask("ward.adm_bed", "床位"), Ask("ward.adm_diag_dscr", "入院诊断描述"),
        ),
    ),
    EntryForm(
        flow="inpatient_fees", title="住院费用上传", key="", rows=True, entries=(STAY, *_under("doctor")),
    ),
    EntryForm(
        flow="discharge", title="出院结算", key="stay.admission_key", diagnoses=True,
        entries=(STAY, *CREDENTIAL, *_under("doctor"), Ask("dscg_way", "离院方式", hint="1 医嘱离院")),
    ),
)  # fmt: skip
FORMS |= {Kind.CLINIC: _VISITS, Kind.HOSPITAL: _VISITS}


def shown(visit: PageVisit) -> Response:
    """What may be begun at each deployment, and the form of what was chosen."""
    asked = visit.request.query_params
    lines = asked.get("lines", "")
    wanted = min(int(lines), MOST_BY_HAND) if lines.isdecimal() and len(lines) < 4 else BY_HAND
    return _page(visit, asked.get("d", ""), asked.get("flow", ""), lines=wanted)


def _page(visit: PageVisit, d: str, flow: str, *, lines: int, error: LiangdingError | None = None) -> Response:
    seen = visit.site.seen_by(visit.person, Right.FLOWS)
    offered = [(name, form) for name, runtime in seen.items() for form in _forms(runtime)]
    chosen = next((each for each in offered if each == (d, _form(each[1], flow))), None)
    return visit.render(
        "settle.html", offered=offered, chosen=chosen, columns=list(ROW_COLUMNS), lines=lines, most=MOST_BY_HAND,
        error=error, filled=visit.form, status=200 if error is None else error.http_status,
    )  # fmt: skip


def _form(form: EntryForm, flow: str) -> EntryForm | None:
    return form if form.flow == flow else None


def _forms(runtime: Runtime) -> list[EntryForm]:
    there = Flows(runtime).names()
    return [form for form in FORMS[runtime.deployment.institution.kind] if form.flow in there]


def begin(visit: PageVisit) -> Response:
    """Begin the business; it goes on on its own page, where it asks. What is wrong with what was filled in is told
    beside it, and nothing of it is lost but a file."""
    flow = str(visit.request.path_params["flow"])
    form = next((each for each in _forms(visit.runtime) if each.flow == flow), None)
    if form is None:
        raise WrongEntry(f"这里不办 {flow}")
    try:
        given = given_of(form, visit.form, visit.request.state.files)
        key = visit.form.get(form.key) or visit.form.get("key") or None
        view = Flows(visit.runtime).start(flow, given, key=key, operator=visit.person.operator or None)
    except LiangdingError as wrong:
        if wrong.http_status != WrongEntry.http_status:
            raise
        typed = [int(name.split(":")[1]) for name in visit.form if re.fullmatch(r"row:\d{1,3}:.+", name)]
        lines = min(max(typed, default=BY_HAND), MOST_BY_HAND)
        return _page(visit, visit.deployment, flow, lines=lines, error=wrong)
    told = {"what": f"开始{form.title}", "flow": view.id, "bill": visit.form.get(form.key, "")}
    visit.runtime.journal.report("flow_acted", told)
    return visit.go(f"/console/flows/{visit.deployment}/{view.id}")


def given_of(form: EntryForm, filled: dict[str, str], files: dict[str, tuple[str, bytes]]) -> dict[str, Any]:
    """What the flow is given. WrongEntry names the field that is wanting, or the line that is wrong."""
    made: dict[str, Any] = {}
    for entry in form.entries:
        value = filled.get(entry.path, "")
        if not value and entry.needed:
            raise WrongEntry(f"请填{entry.label}", path=entry.path)
        if value:
            _put(made, entry.path, value)
    if form.diagnoses:
        made["diagnoses"] = _diagnoses(filled.get("diagnoses", ""))
    if form.rows:
        name, content = files.get("file", ("", b""))
        ways = [_typed(filled), _of_text(filled.get("rows", "")), _of_file(name, content) if content else []]
        if sum(map(bool, ways)) > 1:
            raise WrongEntry("明细只用一种办法：逐行填、粘贴，或选文件", path="rows")
        table = next(filter(None, ways), [])
        made["rows"] = [_row(number, line) for number, line in enumerate(table, 1)]
        if not made["rows"]:
            raise WrongEntry("至少要有一行明细", path="rows")
    return made


def _put(made: dict[str, Any], path: str, value: str) -> None:
    *above, last = path.split(".")
    for name in above:
        made = made.setdefault(name, {})
    made[last] = value


def _diagnoses(text: str) -> list[dict[str, str]]:
    """A line for each diagnosis, code and name; the first is the main one."""
    found = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    if not found or any(len(each) != 2 for each in found):
        raise WrongEntry("诊断每行写一个：编码 名称", path="diagnoses")
    return [{"diag_code": code, "diag_name": name.strip()} for code, name in found]


def _typed(filled: dict[str, str]) -> list[dict[str, str]]:
    """The rows that were typed in, field by field (``row:3:数量``); those where nothing is are left out."""
    found: dict[int, dict[str, str]] = {}
    for name, value in filled.items():
        kind, _, place = name.partition(":")
        number, _, head = place.partition(":")
        if kind == "row" and value and number.isdecimal() and head in ROW_COLUMNS:
            found.setdefault(int(number), {})[head] = value
    return [found[number] for number in sorted(found)]


def _of_text(text: str) -> list[dict[str, str]]:
    """Rows as they come out of a spreadsheet (between TABs), or between commas; a heading may be there or not."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    table = list(csv.reader(io.StringIO("\n".join(lines)), delimiter="\t" if "\t" in lines[0] else ","))
    heads = [cell.strip() for cell in table[0]]
    if set(heads) & set(ROW_COLUMNS):
        table = table[1:]
    else:
        heads = list(ROW_COLUMNS)
    return [dict(zip(heads, (cell.strip() for cell in line), strict=False)) for line in table]


def _of_file(name: str, content: bytes) -> list[dict[str, str]]:
    with on_disk(name, content, SUFFIXES) as path:
        return rows_of_file(path)


def _row(number: int, line: dict[str, str]) -> dict[str, str]:
    made = {field: line[head] for head, field in ROW_COLUMNS.items() if line.get(head)}
    wanting = [head for head, field in ROW_COLUMNS.items() if field in NEEDED and field not in made]
    if wanting:
        raise WrongEntry(f"第 {number} 行明细缺 {'、'.join(wanting)}", path="rows")
    return {"feedetl_sn": str(number), **made}
