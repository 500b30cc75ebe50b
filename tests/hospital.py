"""A hospital's messages for tests: one patient at a desk, the input of each transaction, and what came back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import attrs
import pytest

from liangding.contract.calls import Answer
from liangding.errors import CallRefused
from liangding.simulator.people import Person
from support import Rig, new_key

AT = "2026-11-20 09:00:00"
DOCTOR = {"atddr_no": "D1", "dr_name": "测试医师", "dept_code": "K1", "dept_name": "测试内科", "caty": "A03"}
SCOPE = ("fulamt_ownpay_amt", "overlmt_selfpay", "preselfpay_amt", "inscp_scp_amt")

STAY = {
    "atddr_no": "D1", "chfpdr_name": "测试医师", "adm_diag_dscr": "高血压", "adm_dept_codg": "K1",
    "adm_dept_name": "测试内科", "adm_bed": "12", "dscg_maindiag_code": "I10.x00", "dscg_maindiag_name": "高血压",
}  # fmt: skip


@attrs.define(kw_only=True)
class Desk:
    """One patient of a hospital. ``visit`` is the visit at hand, ``a`` the suffix of the transactions that have
    variants."""

    rig: Rig
    person: Person
    visit: str = ""
    a: str = ""
    cover: int = 0

    def call(self, infno: str, message: Any, key: str | None = None) -> Answer[Any]:
        """One call, under a key of its own; an answer has to be free of findings. A reversal goes out as the
        resolver's, which may send what a caller may not."""
        place = self.person.covers[self.cover].place
        resolves = self.rig.runtime.journal.latest(limit=1)[0].id if infno == "2601" else None
        answer = self.rig.runtime.call(infno, message, key=key or new_key(), insured_place=place, resolves=resolves)
        assert answer.findings == (), (infno, [str(finding) for finding in answer.findings])
        return answer

    def refused(self, infno: str, message: Any) -> str:
        """The platform's words where it has to refuse."""
        with pytest.raises(CallRefused) as caught:
            self.call(infno, message)
        return str(caught.value)

    @property
    def named(self) -> dict[str, str]:
        return {"mdtrt_id": self.visit, "psn_no": self.person.psn_no}

    @property
    def credential(self) -> dict[str, str]:
        return {
            "psn_no": self.person.psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": self.person.certno,
            "insutype": self.person.covers[self.cover].insutype,
        }  # fmt: skip

    # -- outpatients ---------------------------------------------------------------------------------------------------

    def registration(self, number: str = "O1") -> dict[str, Any]:
        return {"data": {**self.credential, **DOCTOR, "begntime": AT, "ipt_otp_no": number}}

    def register(self, number: str = "O1") -> str:
        self.visit = self.call("2201", self.registration(number)).output.data.mdtrt_id
        return self.visit

    def description(self, med_type: str = "11", **facts: Any) -> dict[str, Any]:
        return {
            "mdtrtinfo": {**self.named, "med_type": med_type, "begntime": AT, **facts},
            "diseinfo": [
                {**diagnosis(1), "vali_flag": "1"},
                {**diagnosis(2, "J06.900", "急性上呼吸道感染"), "vali_flag": "1"},
            ],
        }

    def describe(self, med_type: str = "11", **facts: Any) -> None:
        self.call(f"2203{self.a}", self.description(med_type, **facts))

    def fee(self, serial: str, price: str, count: str = "1", code: str = "XA01", **more: Any) -> dict[str, Any]:
        """One row of 2204; what 2301 does not have is left out by :meth:`daily`."""
        total = (Decimal(price) * Decimal(count)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return {
            **self.named, "feedetl_sn": serial, "chrg_bchno": "B1", "rx_circ_flag": "0", "rxno": "R1",
            "fee_ocur_time": AT, "med_list_codg": code, "medins_list_codg": f"H{code}",
            "det_item_fee_sumamt": str(total), "cnt": count, "pric": price, "bilg_dept_codg": "K1",
            "bilg_dept_name": "测试内科", "bilg_dr_codg": "D1", "bilg_dr_name": "测试医师", "hosp_appr_flag": "1",
            **more,
        }  # fmt: skip

    def charge(self, *rows: dict[str, Any]) -> Answer[Any]:
        return self.call("2204", {"feedetail": list(rows)})

    def bill(self, total: str, batch: str = "B1", med_type: str = "11", account: str = "1") -> dict[str, Any]:
        return {
            "data": {
                **self.named, **self.credential, "med_type": med_type, "medfee_sumamt": total, "psn_setlway": "01",
                "chrg_bchno": batch, "acct_used_flag": account,
            }
        }  # fmt: skip

    def settle(self, total: str, batch: str = "B1", med_type: str = "11", account: str = "1") -> Answer[Any]:
        """2206 and 2207 of one batch, which have to agree."""
        given = self.bill(total, batch, med_type, account)
        trial = self.call(f"2206{self.a}", given).output.setlinfo
        given["data"] |= {name: str(getattr(trial, name)) for name in SCOPE}
        answer = self.call(f"2207{self.a}", given)
        assert_same(trial, answer.output.setlinfo)
        return answer

    def undo(self, settled: Answer[Any], infno: str = "2208") -> Answer[Any]:
        info = settled.output.setlinfo
        return self.call(infno, self.taking_back(info.setl_id))

    def taking_back(self, setl_id: str) -> dict[str, Any]:
        return {"data": {**self.named, "setl_id": setl_id}}

    def withdrawing(self, batch: str = "0000") -> dict[str, Any]:
        return {"data": {**self.named, "chrg_bchno": batch}}

    def unregistering(self, number: str = "O1") -> dict[str, Any]:
        return {"data": {**self.named, "ipt_otp_no": number}}

    # -- inpatients ----------------------------------------------------------------------------------------------------

    def admission(self, med_type: str = "21", **more: Any) -> dict[str, Any]:
        return {
            "mdtrtinfo": {
                **self.credential, **STAY, "begntime": AT, "med_type": med_type, "ipt_no": "I1", **more,
            },
            "diseinfo": [{**diagnosis(1), "psn_no": self.person.psn_no}],
        }  # fmt: skip

    def admit(self, med_type: str = "21", **more: Any) -> str:
        self.visit = self.call("2401", self.admission(med_type, **more)).output.result.mdtrt_id
        return self.visit

    def change(self, med_type: str = "21", **more: Any) -> dict[str, Any]:
        about = {"mdtrt_cert_type": "02", "begntime": AT, "med_type": med_type, "ipt_otp_no": "I1"}
        return {
            "adminfo": {**self.named, **STAY, **about, **more},
            "diseinfo": [{**diagnosis(1, "I11.900", "高血压性心脏病"), **self.named}],
        }

    def discharge(self, end: str = "2026-11-22 10:00:00") -> dict[str, Any]:
        return {
            "dscginfo": {
                **self.named, "insutype": self.credential["insutype"], "endtime": end, "dscg_dept_codg": "K1",
                "dscg_dept_name": "测试内科", "dscg_way": "1",
            },
            "diseinfo": [{**diagnosis(1), **self.named}],
        }  # fmt: skip

    def daily(self, serial: str, price: str, count: str = "1", code: str = "XA01", **more: Any) -> dict[str, Any]:
        """One row of 2301."""
        row = self.fee(serial, price, count, code, med_type="21", **more)
        return {name: value for name, value in row.items() if name not in ("chrg_bchno", "rx_circ_flag", "rxno")}

    def charge_stay(self, *rows: dict[str, Any]) -> Answer[Any]:
        return self.call("2301", {"feedetail": list(rows)})

    def stay_bill(self, total: str, account: str = "1", interim: bool = False) -> dict[str, Any]:
        return {
            "data": {
                **self.named, **self.credential, "medfee_sumamt": total, "psn_setlway": "01",
                "acct_used_flag": account, "mid_setl_flag": "1" if interim else "0", **dict.fromkeys(SCOPE, "0"),
            }
        }  # fmt: skip

    def settle_stay(self, total: str, account: str = "1", *, interim: bool = False) -> Answer[Any]:
        """2303 and 2304, which have to agree."""
        given = self.stay_bill(total, account, interim)
        trial = self.call(f"2303{self.a}", given).output.setlinfo
        given["data"] |= {name: str(getattr(trial, name)) for name in SCOPE}
        answer = self.call(f"2304{self.a}", given)
        assert_same(trial, answer.output.setlinfo)
        return answer

    def withdrawing_rows(self, *serials: str) -> dict[str, Any]:
        return {"data": [{**self.named, "feedetl_sn": serial} for serial in serials or ("0000",)]}

    def reversal(self, infno: str, msgid: str) -> dict[str, Any]:
        return {"data": {"psn_no": self.person.psn_no, "omsgid": msgid, "oinfno": infno}}


def diagnosis(number: int, code: str = "I10.x00", name: str = "高血压") -> dict[str, Any]:
    return {
        "diag_type": "1", "diag_srt_no": str(number), "diag_code": code, "diag_name": name, "diag_dept": "测试内科",
        "dise_dor_no": "D1", "dise_dor_name": "测试医师", "diag_time": AT, "maindiag_flag": "1" if number == 1 else "0",
    }  # fmt: skip


def assert_same(trial: Any, settled: Any) -> None:
    """A settlement has the amounts of its pre-settlement."""
    for name in (
        *SCOPE, "medfee_sumamt", "act_pay_dedc", "hifp_pay", "cvlserv_pay", "hifmi_pay", "hifob_pay", "acct_pay",
        "fund_pay_sumamt", "psn_cash_pay", "balc",
    ):  # fmt: skip
        assert getattr(trial, name) == getattr(settled, name), name
