"""The console's work beside cases: a month reconciled, an upload mended, a bill settled by hand and from a file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from starlette.testclient import TestClient

from liangding.cli.app import run
from liangding.config import Kind
from liangding.journal.settling import SettlementState
from liangding.runtime import Runtime
from liangding.server.app import api
from liangding.server.console.rights import EVERYWHERE, PersonRole
from liangding.server.console.settling import FORMS, ROW_COLUMNS, WrongEntry, given_of
from liangding.simulator.chapters.accounts import plant
from liangding.simulator.chapters.records import refusals
from liangding.uploads.queue import Uploads
from liangding.uploads.records import UploadState
from liangding.workflow.storing import restore
from support import Rig, simulated_rig_for
from test_console import HERE, PASSWORD, Someone, inside, people, persons_of, rig
from test_uploads import ALWAYS, HOSPITAL, report

__all__ = ["inside", "people", "rig"]

DAY = "2026-11-21"


def test_a_difference_is_acted_on_by_two(rig: Rig, inside: Callable[..., Someone]) -> None:
    """A refund that was made elsewhere: found, proposed, not approved by its own proposer, recorded."""
    d = rig.deployment.name
    number = rig.settle(key="B1").output.setlinfo.setl_id
    plant(rig.platform.world, "foreign refund", number)
    office, head, watch = inside("office"), inside("head"), inside("watch")
    assert "写成 2026-11" in office.sends(f"/reconcile/{d}/run", "/reconcile", period="202611").text
    shown = office.sends(f"/reconcile/{d}/run", "/reconcile", period=DAY).text
    assert number in shown
    kind = re.findall(r'name="kind" value="(\w+)"', shown)[0]
    given = {"period": DAY, "setl_id": number, "kind": kind}
    assert office.sends(f"/reconcile/{d}/propose", "/reconcile", **given).status_code == 409, "without a reason"
    assert office.sends(f"/reconcile/{d}/propose", "/reconcile", **given, reason="中心已退").status_code == 303
    assert "等另一个人批准" in office.sees("/reconcile")
    own = re.findall(r'name="number" value="(\w+)"', office.sees("/reconcile"))[0]
    till = inside("till")
    assert till.sends(f"/reconcile/{d}/return", number=own, reason="x").status_code == 403
    assert office.sends(f"/reconcile/{d}/return", "/reconcile", number=own, reason="看错了").status_code == 303
    assert "等另一个人批准" not in head.sees("/reconcile"), "the own one is taken back"
    office.sends(f"/reconcile/{d}/propose", "/reconcile", **given, reason="中心已退")
    proposal = re.findall(r'name="number" value="(\w+)"', head.sees("/reconcile"))[0]
    assert office.sends(f"/reconcile/{d}/approve", "/reconcile", number=proposal).status_code == 403
    assert head.sends(f"/reconcile/{d}/return", "/reconcile", number="none", reason="x").status_code == 409
    done = head.sends(f"/reconcile/{d}/approve", "/reconcile", number=proposal, password=PASSWORD)
    assert "已记为在别处退费" in done.text
    (settled,) = rig.runtime.journal.settlements.by_setl_id(number)
    assert settled.state is SettlementState.REFUNDED_ELSEWHERE
    assert head.sends(f"/reconcile/{d}/approve", "/reconcile", number=proposal).status_code == 409, "once"
    assert "对账差异" in watch.sees("/audit")


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, more=f"[console]\n{ALWAYS}", **HOSPITAL) as made:
        yield made


def test_a_refused_record_is_mended_or_taken_off(hospital: Rig) -> None:
    office = _somebody(hospital)
    d, uploads = hospital.deployment.name, Uploads(hospital.runtime)
    day = date(2026, 11, 17)
    records = [uploads.add("4601", report(number), day=day) for number in (1, 2)]
    refusals(hospital.platform.world).update({f"S{number:06d}": ["输血Rh血型代码不在字典中"] for number in (1, 2)})
    uploads.drain()
    assert {uploads.rows.get(each.id).state for each in records} == {UploadState.REFUSED}
    first, second = (f"/uploads/{d}/{each.id}" for each in records)
    assert first in office.sees("/uploads")
    opened = office.sends(f"{first}/open", first, reason="改正血型").text
    (version,), names = re.findall(r'name="version" value="(\d+)"', opened), re.findall(r'name="(f:[^"]+)"', opened)
    why = next(name for name in names if name.endswith(".bld_rea"))
    assert re.search(r"输血Rh血型代码：平台说的是这一项", opened)
    given = {"version": version, why: "改正"}
    assert office.sends(f"{first}/mend", first, **given | {"version": "7"}).status_code == 422, "of another content"
    when = next(name for name in names if name.endswith(".bld_time"))
    wrong = office.sends(f"{first}/mend", first, **given, **{when: "昨天"})
    assert (wrong.status_code, "改正" in wrong.text) == (422, True), "what was filled in stays"
    assert office.sends(f"{first}/mend", first, **given).status_code == 303
    held = uploads.rows.get(records[0].id)
    assert held.day == "2026-11-17", "mended later, it is of the same day"
    assert held.message == _with(records[0].message, bld_rea="改正"), "nothing else is another one"
    uploads.drain()
    assert uploads.rows.get(records[0].id).state is UploadState.DONE
    assert office.sends(f"{second}/withdraw", second).status_code == 422
    assert office.sends(f"{second}/withdraw", second, reason="重复的记录").status_code == 303
    assert uploads.rows.get(records[1].id).state is UploadState.WITHDRAWN
    told = [
        event.detail.get("what") for event in hospital.runtime.journal.reports(0.0) if event.kind == "uploads_changed"
    ]
    assert told == ["撤下", "改正，重新传"]


def _with(message: Any, **more: str) -> Any:
    return {**message, "data": [{**row, **more} for row in message["data"]]}


def test_a_kind_is_stopped_and_goes_on(hospital: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    """For every process on the journal; said in the console, by the check of the file and in the server's health."""
    office, d = _somebody(hospital), hospital.deployment.name
    uploads = Uploads(hospital.runtime)
    uploads.add("4601", report(1))
    assert office.sends(f"/uploads/{d}/pause", "/uploads", infno="4601").status_code == 409, "without a reason"
    given = {"infno": "4601", "reason": "中心升级"}
    assert office.sends(f"/uploads/{d}/pause", "/uploads", **given).status_code == 303
    assert (uploads.is_due(), uploads.drain()) == (False, 0)
    with Runtime(hospital.deployment) as other:
        assert Uploads(other).drain() == 0
        assert uploads.add("4601", report(2)).state is UploadState.WAITING, "taken in as before"
    for page in ("/", "/uploads"):
        assert "4601 停着不传：医保办甲" in office.sees(page), page
    health = office.client.get("/v1/health").json()
    assert health["deployments"][d]["paused_uploads"] == ["4601"]
    assert run(["check", "--config", str(hospital.config)]) == 0
    assert "4601 停着不传" in capsys.readouterr().out
    assert office.sends(f"/uploads/{d}/resume", "/uploads", infno="4601").status_code == 303
    assert office.sends(f"/uploads/{d}/resume", "/uploads", infno="4601").status_code == 409
    assert uploads.drain() == 2
    told = [e.detail["what"] for e in hospital.runtime.journal.reports(0.0) if e.kind == "uploads_changed"]
    assert told == ["接着传一类", "停下一类"]


def _somebody(rig: Rig) -> Someone:
    known = persons_of(rig)
    _, secret = known.add("office", "医保办甲", {EVERYWHERE: (PersonRole.OFFICE,)})
    known.set_password(known.get("office"), PASSWORD)
    app = api({rig.deployment.name: rig.runtime})
    client = TestClient(app, base_url=HERE, headers={"origin": HERE}, follow_redirects=False)
    someone = Someone(name="office", secret=secret, client=client, rig=rig)
    assert someone.signs_in().status_code == 303
    return someone


APPROVED = "XA05\tD1\t测试药品\t50.05\t2\t1"
ROWS = "XA05\tD1\t测试药品\t50.05\t2\nXA08\tD2\t另一种\t12.30\t1"


@pytest.mark.parametrize("way", ["typed", "pasted", "with a heading", "csv", "xlsx"])
def test_a_purchase_is_settled_by_hand(way: str, rig: Rig, inside: Callable[..., Someone]) -> None:
    """A clerk of a pharmacy without software fills in the person and the rows; the flow asks on its own page."""
    till, d, person = inside("till"), rig.deployment.name, rig.person("retired")
    fields = {
        "receipt_no": "W1", "credential.type": "02", "credential.number": person.certno,
        "insured_place": person.covers[0].place,
    }  # fmt: skip
    heads, lines = list(ROW_COLUMNS)[:5], [line.split("\t") for line in ROWS.splitlines()]
    files = {}
    if way == "pasted":
        fields["rows"] = ROWS
    elif way == "typed":
        fields |= {
            f"row:{i * 2}:{head}": cell for i, line in enumerate(lines) for head, cell in zip(heads, line, strict=True)
        }
    elif way == "with a heading":
        fields["rows"] = "\n".join(",".join(row) for row in [heads[::-1], *(line[::-1] for line in lines)])
    elif way == "csv":
        files["file"] = ("明细.csv", "\n".join(",".join(row) for row in [heads, *lines]).encode("gb18030"), "text/csv")
    else:
        book, held = Workbook(), io.BytesIO()
        for row in [heads, *lines]:
            book.worksheets[0].append(row)
        book.save(held)
        files["file"] = ("rows.xlsx", held.getvalue(), "application/octet-stream")
    page = till.sees(f"/settle?d={d}&flow=pharmacy_purchase")
    mark = re.findall(r'name="form" value="(\w+)"', page)[0]
    parts = {name: (None, value) for name, value in {"form": mark, **fields}.items()}
    begun = till.client.post(f"/console/settle/{d}/pharmacy_purchase", files={**parts, **files})
    assert begun.status_code == 303, begun.text
    at = begun.headers["location"].removeprefix("/console")
    while (view := rig.flows.get(at.rpartition("/")[2])).question is not None:
        options = [option.value for option in view.question.options]
        assert view.question.text in till.sees(at)
        till.sends(f"{at}/answer", question=view.question.id, value=options[0])
    assert (view.status, rig.flows.find("pharmacy_purchase", "W1") is not None) == ("done", True), view.error
    assert f"{view.result['settlement'].split.total}" == "112.40"
    assert "112.40" in till.sees(f"{at}/slip")
    again = till.client.post(f"/console/settle/{d}/pharmacy_purchase", files={**parts, **files})
    assert again.headers["location"] == begun.headers["location"], "the same bill once"


def test_the_warning_stands_where_the_bill_was_settled(rig: Rig, inside: Callable[..., Someone]) -> None:
    """东莞 药店 注意: what the account has paid is not charged once more at the POS; the till's own page says so."""
    till, d, person = inside("till"), rig.deployment.name, rig.person()
    given = {
        "receipt_no": "W2", "credential.type": "02", "credential.number": person.certno, "rows": ROWS,
        "insured_place": person.covers[0].place,
    }  # fmt: skip
    at = till.sends(f"/settle/{d}/pharmacy_purchase", **given).headers["location"].removeprefix("/console")
    while (view := rig.flows.get(at.rpartition("/")[2])).question is not None:
        till.sends(f"{at}/answer", question=view.question.id, value=view.question.options[0].value)
    assert "请勿再刷 POS 机" in till.sees(at)


def test_what_was_filled_in_is_not_lost(rig: Rig, inside: Callable[..., Someone]) -> None:
    """Where something is wanting, or the business does not take it, the form comes back as it was filled in."""
    till, d = inside("till"), rig.deployment.name
    given = {"receipt_no": "W1", "credential.type": "03", "credential.number": "A-77", "row:7:名称": "<某药>"}
    back = till.sends(f"/settle/{d}/pharmacy_purchase", **given)
    assert back.status_code == 422
    assert "第 1 行明细缺 医保目录编码" in back.text
    for kept in ('value="W1"', 'value="A-77"', '<option value="03" selected>', 'value="&lt;某药&gt;"'):
        assert kept in back.text, kept


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"receipt_no": ""}, "单据号"), ({"credential.number": ""}, "凭证号码"), ({"rows": ""}, "一行明细"),
        ({"rows": "XA05,D1,测试药品,50.05"}, "第 1 行明细缺 数量"), ({"row:1:数量": "2"}, "只用一种办法"),
        ({"rows": "单价,数量\n1,1"}, "医保目录编码"),
    ],
)  # fmt: skip
def test_what_is_wanting_is_named(changed: dict[str, str], said: str) -> None:
    (form,) = FORMS[Kind.PHARMACY]
    filled = {"receipt_no": "W1", "credential.type": "02", "credential.number": "1", "rows": ROWS}
    with pytest.raises(WrongEntry) as wrong:
        given_of(form, filled | changed, {})
    assert said in wrong.value.message


def test_what_a_form_gives_is_what_its_flow_takes(hospital: Rig) -> None:
    """Admission, fees and discharge: what each form gives is what its flow takes."""
    for form in FORMS[Kind.HOSPITAL]:
        filled = {entry.path: entry.choices[0][0] if entry.choices else "X1" for entry in form.entries}
        filled |= {
            "begun_at": "2026-11-21 09:00:00",
            "diagnoses": "I10.x00 高血压\nJ06.900 急性上呼吸道感染",
            "rows": "\n".join(f"{line}\t1" for line in ROWS.splitlines()),
        }
        given = given_of(form, filled, {})
        restore(given, hospital.flows.flow(form.flow).given, ("given",))
        assert given.get("diagnoses", [{}])[0].get("diag_name", "高血压") == "高血压"
