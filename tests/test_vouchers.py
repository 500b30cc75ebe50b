"""Electronic settlement vouchers: built, uploaded, asked for, and what was refused uploaded again."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liangding.flows import Status, View
from liangding.simulator.chapters.vouchers import vouchers_of
from liangding.simulator.faults import Fault
from support import Rig, simulated_rig_for
from test_online_line import HOSPITAL

PDF = base64.b64encode(b"%PDF-1.4 voucher").decode()
OFD = base64.b64encode(b"PK\x03\x04 voucher").decode()
XML = base64.b64encode("<票/>".encode()).decode()


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, **HOSPITAL, gateway="plain") as rig:
        yield rig


def voucher(number: str, **more: Any) -> dict[str, Any]:
    told = {
        "elecSetlCertCode": "44060124", "elecSetlCertNo": number, "elecSetlCertChkcode": "abc123",
        "elecSetlCertType": "1", "certSetlType": "2", "mdtrtType": "1", "billDate": "2026-11-20",
        "medfeeSumamt": "100.00", "bizSn": f"V{number}", "psnName": "测试甲", "maindiagCode": "J06.900",
        "maindiagName": "急性上呼吸道感染", "mdtrtareaAdmdvs": "990100", **more,
    }  # fmt: skip
    return {"told": told, "document": PDF}


def settled(number: str, setl_id: str, total: str, **more: Any) -> dict[str, Any]:
    """A voucher of a settlement that the platform made."""
    return voucher(
        number, certSetlType="1", setlId=setl_id, setlTime="2026-11-20 10:00:00", psnNo="1", insutype="310",
        inscpAmt="100.00", hifpPay="60.00", insuplcAdmdvs="990100", medfeeSumamt=total,
        **more,
    )  # fmt: skip


def sent(rig: Rig, batch: str, *vouchers: dict[str, Any], **more: Any) -> View:
    given = {"batch_no": batch, "vouchers": list(vouchers), **more}
    return rig.flows.start("voucher_upload", given, key=batch)


def test_a_batch_is_kept_and_what_is_refused_goes_again(hospital: Rig) -> None:
    wrong = settled("0002", "NONE", "100.00")
    view = sent(hospital, "2026112100001", voucher("0001"), wrong)
    assert view.status is Status.DONE, view.error
    assert (view.result["kept"], view.result["refused"]) == (1, {"44060124-0002": "结算不存在或已撤销"})
    held = vouchers_of(hospital.platform.world).by_name
    assert held["44060124-0001"].file == base64.b64decode(PDF), "byte for byte"
    again = voucher(
        "0003", initElecSetlCertCode="44060124", initElecSetlCertNo="0002", initUpldWay="1", rea="结算编号填错",
        certCodeNoErrFlag="1",
    )  # fmt: skip
    view = sent(hospital, "2026112100002", again, again=True)
    assert (view.status, view.result["refused"]) == (Status.DONE, {}), view.error
    assert sorted(held) == ["44060124-0001", "44060124-0003"]
    asked = {
        "fixmedinsCode": "H99010000001", "fixmedinsName": "测试机构", "elecSetlCertCode": "44060124",
        "elecSetlCertNo": "0003", "elecSetlCertChkcode": "abc123", "elecSetlCertType": "1",
    }  # fmt: skip
    state = hospital.runtime.call("5501", asked).output
    assert (state.rhredFlag, state.reimFlag) == ("0", "0")


def test_documents_of_both_forms_and_their_xml(hospital: Rig) -> None:
    both = [voucher("0001") | {"xml": XML}, voucher("0002") | {"document": OFD, "xml": XML}]
    assert sent(hospital, "2026112100001", *both).result["kept"] == 2
    assert hospital.sent("4901") == 1


def test_a_batch_that_the_platform_works_on_is_asked_for_again(hospital: Rig) -> None:
    vouchers_of(hospital.platform.world).seconds = 60
    view = sent(hospital, "2026112100001", voucher("0001"))
    assert view.error is not None
    assert (view.status, view.error["code"]) == (Status.STOPPED, "still_running")
    hospital.runtime.clock.sleep(61)
    view = sent(hospital, "2026112100001", voucher("0001"))
    assert (view.status, hospital.sent("4901"), hospital.sent("4902")) == (Status.DONE, 1, 2)


def test_a_batch_is_packed_the_same_however_often(hospital: Rig) -> None:
    """What did not arrive is sent again with the same bytes under the same key."""
    hospital.strike(Fault.ERROR_BEFORE, "4902", times=0)
    view = sent(hospital, "2026112100001", voucher("0001"))
    assert view.status is Status.STOPPED
    hospital.door.faults.clear()
    assert sent(hospital, "2026112100001", voucher("0001")).status is Status.DONE
    assert hospital.sent("4901") == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"batch_no": "1"}, "5 位流水号"), ({"vouchers": []}, "1 至 100"), ({"again": True}, "initElecSetlCertNo"),
        ({"vouchers": [voucher("1"), voucher("1")]}, "凭证重复"),
        ({"vouchers": [voucher("1"), voucher("2") | {"xml": XML}]}, "要么每张都给"),
        ({"vouchers": [voucher("1") | {"document": XML}]}, "PDF 或 OFD"),
    ],
)  # fmt: skip
def test_what_is_not_right_is_named(hospital: Rig, change: dict[str, Any], says: str) -> None:
    given = {"batch_no": "2026112100001", "vouchers": [voucher("1")]} | change
    with pytest.raises(Exception, match=says):
        hospital.flows.start("voucher_upload", given, key="B")
    assert hospital.sent("4901") == 0
