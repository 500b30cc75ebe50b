"""Stock, purchases and sales on the queue: each record there once, codes sold once, nothing of what was taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liangding.config import Kind
from liangding.errors import InvalidMessage
from liangding.journal.settling import SettlementState
from liangding.knowledge.interfaces import BASELINE
from liangding.simulator.chapters import records, stock
from liangding.simulator.faults import Fault
from liangding.spec.sampling import sample_request
from liangding.uploads import queue
from liangding.uploads.kinds import GOODS, kinds
from liangding.uploads.queue import Uploads
from liangding.uploads.records import UploadConflict, UploadState
from support import Rig, simulated_rig_for

PHARMACY: dict[str, Any] = {
    "province": "", "area": "990100", "code": "P99010000001", "kind": Kind.PHARMACY, "gateway": "plain",
}  # fmt: skip

STOCK = ("3501", "3501A", "3502", "3502A", "3503", "3503A", "3504", "3504A")
SALES = ("3505", "3505A", "3506", "3506A")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Rig]:
    with simulated_rig_for(tmp_path, more='[uploads]\nwanted = ["3505"]', **PHARMACY) as rig:
        yield rig


def goods(infno: str, batch: str = "B1", *, codes: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """A record of a batch: the declaration's own sample, with codes where it takes them."""
    message: dict[str, Any] = sample_request(BASELINE[infno])
    for node in message.values():
        for row in node if isinstance(node, list) else [node]:
            row.update({"fixmedins_bchno": batch, "drugtracinfo": [{"drug_trac_codg": code} for code in codes]})
            if not codes:
                del row["drugtracinfo"]
            row.update(more)
    return message


def code(number: int) -> str:
    return f"8{number:019d}"


def there(rig: Rig) -> int:
    """How many records the platform holds: of stock, and of sales that were not returned."""
    world = rig.platform.world
    returned = sum(sold.returned for sold in world.sold.values())
    return len(stock.stock(world)) + len(world.sales) - returned


def go(uploads: Uploads, infno: str, message: Any, **more: Any) -> UploadState:
    number = uploads.add(infno, message, **more).id
    uploads.drain()
    return uploads.rows.get(number).state


def test_whatever_is_brought_of_goods_may_wait_in_the_queue() -> None:
    of_goods = {infno for infno in kinds(BASELINE) if BASELINE[infno].of in GOODS}
    assert of_goods == {*STOCK, *SALES, "3507", "3507A"}


@pytest.mark.parametrize("fault", [None, Fault.ANSWER_LOST, Fault.REQUEST_LOST], ids=str)
@pytest.mark.parametrize("codes", [(code(1), code(2)), ()], ids=["codes", "none"])
@pytest.mark.parametrize("infno", [*STOCK, *SALES[:2]])
def test_each_record_is_there_once(infno: str, codes: tuple[str, ...], fault: Fault | None, shop: Rig) -> None:
    """After a lost answer the platform is asked (3508 to 3513) before anything is sent again."""
    if codes and infno.startswith(("3503", "3504")):
        pytest.skip("purchases carry no codes")
    uploads = Uploads(shop.runtime)
    if infno.startswith("3504"):
        assert go(uploads, "3503", goods("3503")) is UploadState.DONE
    before = there(shop)
    number = uploads.add(infno, goods(infno, codes=codes)).id
    if fault is not None:
        shop.strike(fault, infno)
    for _ in range(6):
        uploads.drain()
        shop.let_pass(shop.deployment.resolution.believe_seconds + queue.LOOK_SECONDS)
    assert uploads.rows.get(number).state is UploadState.DONE
    assert (there(shop), shop.sent(infno)) == (before + 1, 1)


def test_codes_that_came_in_before_do_not_show_that_this_record_is_there(shop: Rig) -> None:
    """The same packs are counted twice: that their codes are known says nothing of the second count."""
    uploads = Uploads(shop.runtime)
    assert go(uploads, "3501", goods("3501", codes=(code(1),))) is UploadState.DONE
    second = goods("3501", codes=(code(1),), invdate="2026-11-22")
    shop.strike(Fault.REQUEST_LOST, "3501")
    number = uploads.add("3501", second).id
    for _ in range(4):
        uploads.drain()
        shop.let_pass(shop.deployment.resolution.believe_seconds + queue.LOOK_SECONDS)
    assert (uploads.rows.get(number).state, there(shop)) == (UploadState.DONE, 2)


def test_where_the_region_shows_codes_only_a_person_looks(shop: Rig) -> None:
    uploads = Uploads(shop.runtime)
    number = uploads.add("3501", goods("3501", codes=(code(1),))).id
    shop.strike(Fault.ANSWER_LOST, "3501")
    shop.strike(Fault.REQUEST_LOST, "3508", times=0)
    uploads.drain()
    shop.let_pass(3600)
    uploads.drain()
    found = uploads.rows.get(number)
    assert (found.state, shop.sent("3501")) == (UploadState.ASKING, 1)
    assert shop.runtime.journal.call(found.call_id or 0).escalated_at is not None


def test_stock_is_corrected_downwards_too(shop: Rig) -> None:
    """What is below zero is a fault in a bill alone."""
    assert go(Uploads(shop.runtime), "3502", goods("3502", cnt="-1")) is UploadState.DONE


@pytest.mark.parametrize("infno", ["3507", "3507A"])
@pytest.mark.parametrize("kind", ["1", "2", "3", "4"])
def test_records_of_a_batch_are_deleted_by_kind(kind: str, infno: str, shop: Rig) -> None:
    uploads = Uploads(shop.runtime)
    for each in ("3501", "3502", "3503", "3505"):
        assert go(uploads, each, goods(each, codes=(code(1),) if each == "3505" else ())) is UploadState.DONE
    named = {"fixmedins_bchno": "B1", "inv_data_type": kind}
    message = {"data": named} if infno == "3507" else {"goodDetail": [named]}
    shop.strike(Fault.ANSWER_LOST, infno)
    number = uploads.add(infno, message).id
    for _ in range(4):
        uploads.drain()
        shop.let_pass(shop.deployment.resolution.believe_seconds + queue.LOOK_SECONDS)
    assert (uploads.rows.get(number).state, there(shop), shop.sent(infno)) == (UploadState.DONE, 3, 1)
    with pytest.raises(UploadConflict, match="已经办过一次"):
        uploads.add(infno, message)
    assert go(uploads, infno, message, key="D2") is UploadState.REFUSED


def test_of_several_rows_those_that_are_refused_are_listed_and_the_others_stay(shop: Rig) -> None:
    uploads = Uploads(shop.runtime)
    rows = goods("3502A", "B1")["invinfoDetail"] + goods("3502A", "B2")["invinfoDetail"]
    records.refusals(shop.platform.world)["B2"] = ["库存变更类型不对"]
    number = uploads.add("3502A", {"invinfoDetail": rows}).id
    uploads.drain()
    found = uploads.rows.get(number)
    assert (found.state, found.said, there(shop)) == (UploadState.PARTLY, "批次 B2：库存变更类型不对", 1)
    with pytest.raises(UploadConflict, match="有的行已收下"):
        uploads.add("3502A", {"invinfoDetail": [rows[0] | {"memo": "改过"}, rows[1]]}, key=found.key)
    assert go(uploads, "3502A", {"invinfoDetail": rows[1:]}) is UploadState.DONE
    records.refusals(shop.platform.world)["B3"] = ["库存变更类型不对"]
    assert go(uploads, "3502A", goods("3502A", "B3")) is UploadState.REFUSED


# -- codes -----------------------------------------------------------------------------------------------------------


def test_a_code_is_sold_once_unless_it_came_back_or_its_pack_is_opened(shop: Rig) -> None:
    uploads = Uploads(shop.runtime)
    sale = goods("3505", codes=(code(1),), mdtrt_sn="V1")
    assert go(uploads, "3505", sale, key="S1") is UploadState.DONE
    again = goods("3505", codes=(code(1),), mdtrt_sn="V2")
    with pytest.raises(UploadConflict, match="S1"):
        uploads.add("3505", again, key="S2")
    assert uploads.rows.listed(infno="3505")[0].key == "S1"
    assert go(uploads, "3506", goods("3506", codes=(code(1),), mdtrt_sn="V1")) is UploadState.DONE
    assert go(uploads, "3505", again, key="S2") is UploadState.DONE
    with pytest.raises(UploadConflict, match="S2"):
        uploads.add("3505", goods("3505", codes=(f" {code(1)}\r",), mdtrt_sn="V5"))
    for visit in ("V3", "V4"):
        opened = goods("3505", codes=(code(2),), mdtrt_sn=visit, trdn_flag="1")
        assert go(uploads, "3505", opened) is UploadState.DONE


@pytest.mark.parametrize(
    ("given", "said"),
    [((code(1), code(1)), "两次"), (("8" * 101,), "100"), ((" ",), "追溯码是空的")],
    ids=["twice", "long", "blank"],
)
def test_codes_that_cannot_be_are_told_at_once(given: tuple[str, ...], said: str, shop: Rig) -> None:
    with pytest.raises(InvalidMessage, match=said):
        Uploads(shop.runtime).add("3505", goods("3505", codes=given))


FORMS = (
    "8" + "1" * 19,
    "0106901234567892211234ABC",
    f"(01)06901234567892(17)271231(21){'X' * 20}",
    "XB-7/12",
    "1" * 20,
)


@pytest.mark.parametrize("form", FORMS, ids=["usual", "gs1", "long", "own", "odd"])
def test_codes_of_every_form_are_taken(form: str, shop: Rig) -> None:
    uploads = Uploads(shop.runtime)
    for infno in ("3501", "3502", "3505"):
        assert go(uploads, infno, goods(infno, codes=(form,))) is UploadState.DONE


# -- settlements -----------------------------------------------------------------------------------------------------


def test_a_sale_is_tied_to_its_settlement(shop: Rig) -> None:
    uploads = Uploads(shop.runtime)
    settled = shop.settle(shop.person(), total="30.00").output.setlinfo
    of_it = {"setl_id": settled.setl_id, "mdtrt_sn": settled.mdtrt_id, "mdtrt_setl_type": "1"}
    today = shop.runtime.now().date()
    (owed,) = uploads.owed(today)
    assert (owed.settled.setl_id, owed.wanted) == (settled.setl_id, "3505")
    with pytest.raises(InvalidMessage, match="就诊ID"):
        uploads.add("3505", goods("3505", **of_it | {"mdtrt_sn": "V9"}))
    waiting = uploads.add("3505", goods("3505", codes=(code(1),), **of_it, psn_no=shop.person().psn_no))
    assert waiting.place == "990100"
    assert uploads.owed(today) == []
    institution = shop.deployment.institution.code
    shop.runtime.journal.settlements.mark(institution, settled.setl_id, SettlementState.REFUNDED_ELSEWHERE)
    uploads.drain()
    found = uploads.rows.get(waiting.id)
    assert (found.state, shop.sent("3505"), "已退费" in found.said) == (UploadState.REFUSED, 0, True)
    with pytest.raises(InvalidMessage, match="已退费"):
        uploads.add("3505", goods("3505", codes=(code(2),), **of_it))
