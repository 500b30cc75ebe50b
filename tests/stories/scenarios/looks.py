"""What the platform may tell of each kind of call, what it is asked, and what is made of it: the tables of test_looks,
with everything that a look says."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import test_looks
from liangding.contract.cases import CannotAsk
from liangding.national.order_states import OrderState
from liangding.resolution import goods, lists, matchings, national, online, self_pay
from liangding.resolution.ways import WAYS

from .. import story
from ..scene import Scene


def _told(scene: Scene, case: str, look: Any, told: Any) -> None:
    scene.say(case)
    found = look(told)
    for infno, data in told.questions:
        scene.show(f"asks {infno}", data)
    scene.show("finds", found)


@story()
def of_a_hospital(scene: Scene) -> None:
    """Visits, stays and changes."""
    for case, (look, asked, told, _) in test_looks.CASES.items():
        _told(scene, case, look, test_looks.Told(asked, told))


@story()
def the_ways(scene: Scene) -> None:
    """How each thing that a declaration names is looked for."""
    for what, way in WAYS.items():
        scene.show(what.value, {
            "look": getattr(way.look, "__name__", ""), "by": list(way.by), "why": way.why, "by_message": way.by_message,
            "behind_opposites": way.behind_opposites, "lags": list(way.lags),
        })  # fmt: skip


CODES = ["C1", "C2"]
AT = "2026-11-21 09:00:00"


def _pack(number: str = "B1", codes: list[str] | None = None, **more: Any) -> SimpleNamespace:
    """A row of goods."""
    held = [SimpleNamespace(drug_trac_codg=code) for code in (CODES if codes is None else codes)]
    return SimpleNamespace(fixmedins_bchno=number, drugtracinfo=held, **more)


def _record(number: str = "B1", **more: Any) -> dict[str, Any]:
    return {"fixmedinsBchno": number, "valiFlag": "1", **more}


def _codes(*codes: str, number: str = "B1") -> dict[str, Any]:
    return {"3512": {"output": [_record(number, drugTracCodg=code) for code in codes]}}


def _of(infno: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {infno: {"output": list(rows)}}


class Silent(test_looks.Told):
    """A platform that does not answer one question."""

    def __init__(self, asked: dict[str, Any], told: dict[str, Any], silent: str) -> None:
        super().__init__(asked, told)
        self.silent = silent

    def ask(self, infno: str, message: dict[str, Any]) -> Any:
        if infno == self.silent:
            self.questions.append((infno, message.get("data", message)))
            raise CannotAsk(f"{infno} 查询没有应答")
        return super().ask(infno, message)


def _goods(node: str, *rows: SimpleNamespace, does: str = "uploads") -> dict[str, Any]:
    empty: dict[str, list[Any]] = {
        "invinfo": [],
        "invinfoDetail": [],
        "purcinfo": [],
        "purcinfoDetail": [],
        "data": [],
        "goodDetail": [],
    }
    return {"input": SimpleNamespace(**{**empty, node: list(rows)}), "does": does}


def _looked_at(
    scene: Scene, case: str, look: Any, asked: dict[str, Any], told: dict[str, Any], silent: str = ""
) -> None:
    """A look at goods; what it says, or that it cannot."""
    at = Silent(asked, told, silent)
    at.transaction = SimpleNamespace(does=SimpleNamespace(value=asked.get("does", "uploads")))  # type: ignore[attr-defined]
    try:
        _told(scene, case, look, at)
    except CannotAsk as failed:
        scene.show("cannot ask", failed.message)


@story()
def of_goods(scene: Scene) -> None:
    """Counts, changes, purchases, returns and what was deleted."""
    day = date(2026, 11, 20)
    counted = _pack(invdate=day, inv_cnt=3)
    count = _of("3508", _record(invdate="2026-11-20", invCnt="3"))
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "no code came in": ({}, ""),
        "codes, and the record": (_codes("C1") | count, ""),
        "codes, another day": (_codes("C1") | _of("3508", _record(invdate="2026-11-19", invCnt="3")), ""),
        "codes, another number": (_codes("C1") | _of("3508", _record(invdate="2026-11-20", invCnt="4")), ""),
        "codes, another batch": (_codes("C1") | _of("3508", _record("B2", invdate="2026-11-20", invCnt="3")), ""),
        "codes, invalid": (
            _codes("C1") | _of("3508", _record(invdate="2026-11-20", invCnt="3", valiFlag="0")), "",
        ),
        "codes, nobody tells": (_codes("C2"), "3508"),
        "nobody tells of codes": ({}, "3512"),
    }  # fmt: skip
    for case, (told, silent) in cases.items():
        _looked_at(scene, f"a count: {case}", goods.count, _goods("invinfo", counted), told, silent)
    bare = _pack(codes=[], invdate=day, inv_cnt=3)
    _looked_at(scene, "a count without codes", goods.count, _goods("invinfoDetail", bare), count)
    _looked_at(scene, "a count without codes: nobody tells", goods.count, _goods("invinfo", bare), {}, "3508")
    _looked_at(
        scene,
        "two counts, one there",
        goods.count,
        _goods("invinfo", bare, _pack("B2", [], invdate=day, inv_cnt=3)),
        count,
    )
    moment = datetime(2026, 11, 20, 9, 0)
    changed = _pack(inv_chg_time=moment, inv_chg_type="101", cnt=2)
    for case, row in {
        "it": {"invChgTime": "2026-11-20 09:00:00", "invChgType": "101", "cnt": "2"},
        "another time": {"invChgTime": "2026-11-20 09:00:01", "invChgType": "101", "cnt": "2"},
        "another kind": {"invChgTime": "2026-11-20 09:00:00", "invChgType": "102", "cnt": "2"},
        "another number": {"invChgTime": "2026-11-20 09:00:00", "invChgType": "101", "cnt": "3"},
    }.items():
        told = _codes("C1") | _of("3509", _record(**row))
        _looked_at(scene, f"a change: {case}", goods.change, _goods("invinfo", changed), told)
    bought = _pack(purc_retn_cnt=5, purc_retn_stoin_time=moment)
    for case, row in {
        "it": {"purcRetnCnt": "5", "prodRetnFlag": "0"},
        "no flag": {"purcRetnCnt": "5"},
        "a return": {"purcRetnCnt": "-5", "prodRetnFlag": "1"},
        "no number": {"prodRetnFlag": "0"},
        "another number": {"purcRetnCnt": "6", "prodRetnFlag": "0"},
    }.items():
        told = _of("3510", _record(**row, purcRetnStoinTime="2026-11-20 09:00:00"))
        for does in ("uploads", "returns"):
            _looked_at(scene, f"{does}: {case}", goods.purchase, _goods("purcinfo", bought, does=does), told)
    for kind in ("1", "2", "3", "4", "9"):
        deleted = _pack(inv_data_type=kind)
        shows = goods.OF_KIND.get(kind, "3508")
        _looked_at(
            scene, f"deleted of kind {kind}: left", goods.deleted, _goods("data", deleted), _of(shows, _record())
        )
        _looked_at(scene, f"deleted of kind {kind}: gone", goods.deleted, _goods("goodDetail", deleted), {})


@story()
def of_sales(scene: Scene) -> None:
    """Sales and returns by their codes, and by their records where packs have none."""
    moment = datetime(2026, 11, 20, 9, 0)
    for codes in ([], ["C1"], ["C1", "C2"]):
        told = _of("3513", *({"drugTracCodg": code} for code in codes))
        for look in (national.sale, national.sale_return):
            row = _pack(mdtrt_sn="S1")
            asked = {"input": SimpleNamespace(selinfo=[row], selinfoDetail=[])}
            _told(scene, f"{look.__name__}: {len(codes)} of two codes", look, test_looks.Told(asked, told))
    bare = _pack(codes=[], mdtrt_sn="S1", setl_id="L1", sel_retn_time=moment, sel_retn_cnt=1)
    asked = {"input": SimpleNamespace(selinfo=[], selinfoDetail=[bare])}
    for case, shown in {
        "it": {"setlId": "L1", "selRetnTime": "2026-11-20 09:00:00", "selRetnCnt": "1"},
        "no settlement told": {"selRetnTime": "2026-11-20 09:00:00", "selRetnCnt": "1"},
        "another settlement": {"setlId": "L2", "selRetnTime": "2026-11-20 09:00:00", "selRetnCnt": "1"},
        "another time": {"setlId": "L1", "selRetnTime": "2026-11-20 10:00:00", "selRetnCnt": "1"},
        "another number": {"setlId": "L1", "selRetnTime": "2026-11-20 09:00:00", "selRetnCnt": "2"},
    }.items():
        told = _of("3511", _record(**shown))
        _told(scene, f"without codes: {case}", national.sale, test_looks.Told(asked, told))
    _told(scene, "a return without codes", national.sale_return, test_looks.Told(asked, {}))


@story()
def of_orders(scene: Scene) -> None:
    """Orders by each of their states, and prescriptions."""
    number = {"payOrdId": "ORD-1"}
    for state in ("", *(each.value for each in OrderState)):
        told = {"6301": {"data": {"ordStas": state, "payOrdId": "ORD-1"}}}
        scene.say(f"an order at {state or 'no state'}")
        for what, look, asked in (
            ("placed", online.placed, number), ("back ALL", online.taken_back, number | {"refdType": "ALL"}),
            ("back HI", online.taken_back, number | {"refdType": "HI"}),
            ("back CASH", online.taken_back, number | {"refdType": "CASH"}),
        ):  # fmt: skip
            scene.show(what, look(test_looks.Told(asked, told, before=test_looks.ORDER)))  # type: ignore[arg-type]
    _told(scene, "nobody's order", online.placed, test_looks.Told(number, {}))
    _told(scene, "no such order", online.taken_back, test_looks.Told(number, {}, before=test_looks.ORDER))
    other = test_looks.ORDER | {"payOrdId": "ORD-2"}
    _told(scene, "another order", online.placed, test_looks.Told(number, {}, before=other))
    less = test_looks.ORDER | {"payToken": ""}
    _told(scene, "an order without its token", online.placed, test_looks.Told(number, {}, before=less))
    whole = test_looks.PRESCRIPTION | {"patnName": "测试"}
    for look in (online.prescription, online.prescription_withdrawn):
        for state in ("1", "3", ""):
            told = {"7105": {"data": {"rxStasCodg": state, "rxStasName": "某状态"}}}
            _told(scene, f"{look.__name__} at {state}", look, test_looks.Told(whole, told))
        _told(scene, f"{look.__name__}: none", look, test_looks.Told(whole, {}))
        _told(scene, f"{look.__name__}: whose", look, test_looks.Told({"hiRxno": "RX-1"}, {}))


@story()
def of_lists_and_matchings(scene: Scene) -> None:
    """Matchings of items, and what self-paying patients' uploads are known by."""
    row = SimpleNamespace(fixmedins_hilist_id="D1", med_list_codg="XA01", list_type="101")
    other = SimpleNamespace(fixmedins_hilist_id="D2", med_list_codg="XA02", list_type="101")
    told = {"medins_list_codg": "D1", "med_list_codg": "XA01", "list_type": "101", "vali_flag": "1"}
    for case, shown in {
        "it": told, "no flag": told | {"vali_flag": None}, "invalid": told | {"vali_flag": "0"},
        "another code": told | {"med_list_codg": "XA09"}, "another item": told | {"medins_list_codg": "D9"},
        "another list": told | {"list_type": "102"}, "no list": told | {"list_type": None},
    }.items():  # fmt: skip
        for look in (matchings.matched, matchings.withdrawn):
            at = test_looks.Told({"input": SimpleNamespace(data=[row])}, {"1317": {"data": [shown]}})
            _told(scene, f"{look.__name__}: {case}", look, at)
    both = {"input": SimpleNamespace(data=[row, other])}
    _told(scene, "one of two", matchings.matched, test_looks.Told(both, {"1317": {"data": [told]}}))
    _told(scene, "none", matchings.withdrawn, test_looks.Told(both, {}))


LOOKS = (self_pay.fees, self_pay.fees_taken_back, self_pay.visit, self_pay.visit_taken_back)


@story()
def of_states_of_lists(scene: Scene) -> None:
    """Settlement lists by the state that each is shown with (-: it is not known)."""
    for states in ("11", "00", "10", "1-", "--", "1", "0"):
        rows = [SimpleNamespace(psn_no="P1", setl_id=str(number), stas_type="1") for number in range(len(states))]
        told = {str(number): state for number, state in enumerate(states)}
        at = _Lists({"input": SimpleNamespace(data=SimpleNamespace(stastinfo=rows))}, told)
        _told(scene, f"shown as {states}", lists.state, at)


class _Lists(test_looks.Told):
    """A platform that shows each list's state."""

    def ask(self, infno: str, message: dict[str, Any]) -> Any:
        self.questions.append((infno, message["data"]))
        state = self.told[message["data"]["setl_id"]]
        return None if state == "-" else SimpleNamespace(setlinfo=SimpleNamespace(stas_type=state))


class Paged(test_looks.Told):
    """A platform that tells in pages, some of which it may not have."""

    def ask(self, infno: str, message: dict[str, Any]) -> Any:
        self.questions.append((infno, message))
        pages = self.told.get(infno, [])
        return pages[message["page_num"] - 1] if message["page_num"] <= len(pages) else None


@story()
def of_self_paying_patients(scene: Scene) -> None:
    """Uploads of self-paying patients, by pages of what the platform has."""

    def page(*serials: str, count: int | None = None) -> SimpleNamespace:
        rows = [SimpleNamespace(bkkpSn=each, diagCode=each) for each in serials]
        return SimpleNamespace(data=rows, recordCounts=count)

    rows = [SimpleNamespace(bkkp_sn=each, diag_code=each) for each in ("R1", "R2")]
    nodes = ("fsiOwnpayPatnFeeListDDTO", "feedetl", "ownPayPatnDiagListD", "diseinfo")
    hundred = page(*(f"Q{number}" for number in range(100)))
    for case, pages in {
        "none": [], "both": [page("R1", "R2")], "one": [page("R2")], "others": [page("R9")],
        "both on two pages": [page("R1", count=2), page("R2", count=2)], "a whole page": [hundred, page("R1", "R2")],
        "a whole page that is all": [hundred], "an empty page": [page()],
    }.items():  # fmt: skip
        for look, node in zip(LOOKS, nodes, strict=True):
            given = SimpleNamespace(**{each: rows if each == node else [] for each in nodes})
            at = Paged({"input": given, "fixmedins_mdtrt_id": "V1"}, {"4207": pages, "4209": pages})
            _told(scene, f"{look.__name__}: {case}", look, at)
    named = SimpleNamespace(**dict.fromkeys(nodes, ()))
    at = Paged({"input": named, "fixmedins_mdtrt_id": "V1"}, {"4207": [page("R1")], "4209": [page("R1")]})
    _told(scene, "taken back whole", self_pay.fees_taken_back, at)
    _told(scene, "a visit without diagnoses", self_pay.visit, at)
    endless = Paged({"input": named, "fixmedins_mdtrt_id": "V1"}, {"4207": [page("R1", count=999)] * 200})
    try:
        self_pay.fees(endless)  # type: ignore[arg-type]
    except CannotAsk as failed:
        scene.show("endless", failed.message)


@story()
def of_goods_seen_in_two_ways(scene: Scene) -> None:
    """Rows that are seen by different queries: what the record says of both."""
    day = date(2026, 11, 20)
    bare, coded = _pack(codes=[], invdate=day, inv_cnt=3), _pack("B2", ["C9"], invdate=day, inv_cnt=3)
    count = _of("3508", _record(invdate="2026-11-20", invCnt="3"))
    asked = _goods("invinfo", bare, coded)
    _looked_at(scene, "one by its record, none by its code", goods.count, asked, count)
    _looked_at(scene, "none by either", goods.count, asked, {})
    _looked_at(scene, "both kinds of rows", goods.count, _goods("invinfo", coded) | {"input": SimpleNamespace(
        invinfo=[coded], invinfoDetail=[bare])}, count)  # fmt: skip
