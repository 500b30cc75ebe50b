"""The console's work beside cases: a month reconciled, an upload mended, a bill settled by hand and from a file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from starlette.testclient import TestClient

from liangding.config import Kind
from liangding.journal.settling import SettlementState
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
    records = [uploads.add("4601", report(number)) for number in (1, 2)]
    refusals(hospital.platform.world).update({f"S{number:06d}": ["输血信息[血型]不在字典中"] for number in (1, 2)})
    uploads.drain()
    assert {uploads.rows.get(each.id).state for each in records} == {UploadState.REFUSED}
    first, second = (f"/uploads/{d}/{each.id}" for each in records)
    assert first in office.sees("/uploads")
    opened = office.sends(f"{first}/open", first, reason="改正血型").text
    content = json.loads(re.findall(r"<textarea[^>]*>(.*?)</textarea>", opened, re.DOTALL)[0].replace("&#34;", '"'))
    content["data"][0]["memo"] = "改正"
    assert office.sends(f"{first}/mend", first, content="{").status_code == 422
    assert office.sends(f"{first}/mend", first, content=json.dumps({"data": []})).status_code == 422
    assert office.sends(f"{first}/mend", first, content=json.dumps(content)).status_code == 303
    uploads.drain()
    assert uploads.rows.get(records[0].id).state is UploadState.DONE
    assert office.sends(f"{second}/withdraw", second).status_code == 422
    assert office.sends(f"{second}/withdraw", second, reason="重复的记录").status_code == 303
    assert uploads.rows.get(records[1].id).state is UploadState.WITHDRAWN
    told = [
        event.detail.get("what") for event in hospital.runtime.journal.reports(0.0) if event.kind == "uploads_changed"
    ]
    assert told == ["撤下", "改正，重新传"]


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


@pytest.mark.parametrize("way", ["pasted", "with a heading", "csv", "xlsx"])
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


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"receipt_no": ""}, "单据号"), ({"credential.number": ""}, "凭证号码"), ({"rows": ""}, "一行明细"),
        ({"rows": "XA05,D1,测试药品,50.05"}, "第 1 行明细缺 数量"), ({"rows": "单价,数量\n1,1"}, "医保目录编码"),
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
