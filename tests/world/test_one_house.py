"""What one server has to stand."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from .house import House, Process, WorldClock, house
from .line import Met, http_answer, until
from .oracle import judge, standing
from .till import NOTHING, SETTLED, UNKNOWN, Bill, Heard, Till, body_of, purchase
from .troubles import LONGER_THAN_THE_LIMIT, TROUBLES, a_second_answer, changed, refused

QUERIES = ("5201", "5203", "5204")
SETTLING = ("2102", "2102A")


@attrs.define(kw_only=True)
class Shop:
    """A pharmacy with one server, and a till."""

    house: House
    server: Process
    till: Till
    made: int = 0

    def bill(self, case: str = "local", **more: Any) -> Bill:
        """A bill of a person who was never here."""
        self.made += 1
        return Bill(key=f"S{self.made}", person=self.house.people(1, case)[0], **more)

    def wrong(self, *bills: Bill) -> list[str]:
        return judge(bills, self.house.ledger())

    def stands(self, bill: Bill) -> int:
        return len(standing(bill, self.house.ledger()))

    def deaf(self, bill: Bill) -> None:
        """No query about the bill's person is answered from now on."""
        self.house.line.strike(TROUBLES["request lost"], *QUERIES, "3513", who=bill.psn_no, times=0)

    def ask_later(self, *bills: Bill) -> None:
        """Hours pass, and the till asks for what it does not know."""
        for seconds in (5, 130, 20, 130):
            self.house.rest(seconds)
            for bill in bills:
                if bill.last == UNKNOWN:
                    self.till.ask(bill)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, house(Path(folder)) as built:
        server = built.serve()
        yield Shop(house=built, server=server, till=Till(server.port))


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as made:
        yield Path(made)


@pytest.fixture(autouse=True)
def calm(shop: Shop) -> Iterator[None]:
    yield
    shop.house.line.calm()


def liangding(at: House, *arguments: str, config: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command of an operator's."""
    command = [sys.executable, "-m", "liangding", *arguments, "--config", str(config or at.config)]
    return subprocess.run(command, env=at.clock.environment(), capture_output=True, text=True, check=False)


# -- 1: a refusal needs proof, and an ordinary one costs nothing -------------------------------------------------------


@pytest.mark.parametrize("by_flow", [False, True])
def test_an_ordinary_refusal_reaches_the_till_at_once(shop: Shop, by_flow: bool) -> None:
    bill = shop.bill(by_flow=by_flow)
    shop.house.line.strike(_platform_refuses("参保人员已停保，不能结算"), *SETTLING, who=bill.psn_no)
    assert shop.till.ask(bill).code == "refused"
    assert [shop.house.line.count(infno, bill.psn_no) for infno in QUERIES] == [0, 0, 0]
    assert shop.till.ask(bill).says == SETTLED
    assert shop.wrong(bill) == []


def _platform_refuses(sentence: str) -> Callable[[Met], None]:
    """The platform's own refusal, with its marks: what was asked for did not happen."""

    def trouble(met: Met) -> None:
        envelope = json.loads(met.request.body)
        envelope["input"]["druginfo"]["medfee_sumamt"] = "-1"
        asked = attrs.evolve(met.request, body=json.dumps(envelope).encode())
        marks = json.loads(met.line.pass_on(asked))
        assert str(marks["infcode"]) == "-1"
        met.say(http_answer(json.dumps(marks | {"err_msg": sentence}).encode()))

    return trouble


def test_a_refusal_that_was_none_is_taken_back_where_nobody_asks_again(shop: Shop) -> None:
    bill = shop.bill()
    shop.house.line.strike(_in_place_of("参保人员已停保，不能结算"), *SETTLING, who=bill.psn_no)
    assert shop.till.ask(bill).says == NOTHING
    shop.house.rest(70, 70, 400)
    assert shop.wrong(bill) == []


def test_a_refusal_that_was_none_is_the_answer_where_somebody_asks_again(shop: Shop) -> None:
    bill = shop.bill()
    shop.house.line.strike(_in_place_of("参保人员已停保，不能结算"), *SETTLING, who=bill.psn_no)
    shop.till.ask(bill)
    assert shop.till.ask(bill).says == SETTLED
    assert shop.wrong(bill) == []


def _in_place_of(sentence: str) -> Callable[[Met], None]:
    def trouble(met: Met) -> None:
        met.say(refused(sentence)(met.pass_on()))
        met.close()

    return trouble


# -- 2: duplicated requests --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_flow", [False, True])
@pytest.mark.parametrize("tells", ["at once", "later"])
def test_a_request_that_the_network_delivers_twice_is_one_settlement(shop: Shop, by_flow: bool, tells: str) -> None:
    """The second delivery's answer comes back, 发送方报文ID重复: that is no refusal. The platform is asked, and what it
    tells is the answer; nothing is sent again."""
    bill, came_back = shop.bill(by_flow=by_flow), list[str]()

    def twice(met: Met) -> None:
        met.pass_on()
        came_back.append(met.pass_on().decode())
        met.say(http_answer(came_back[-1].encode()))

    rule = shop.house.line.strike(twice, *SETTLING, who=bill.psn_no)
    if tells == "later":
        shop.deaf(bill)
        for _ in range(2):
            assert (shop.till.ask(bill).code, shop.stands(bill)) == ("outcome_unknown", 1)
        shop.house.line.calm()
    assert shop.till.until_told(bill).says == SETTLED
    assert [heard.says for heard in bill.heard].count(NOTHING) == 0
    assert (rule.struck, "报文ID重复" in came_back[0]) == (1, True)
    assert any(shop.house.line.count(infno, bill.psn_no) for infno in QUERIES), "it was asked about"
    assert sum(shop.house.line.count(infno, bill.psn_no) for infno in SETTLING) == 1
    assert (shop.stands(bill), shop.wrong(bill)) == (1, [])


# -- 3: one limit for a whole answer -----------------------------------------------------------------------------------


def test_an_answer_that_never_ends_is_given_up(shop: Shop) -> None:
    bill = shop.bill()
    heard: list[Heard] = []

    def drips_for_ever(met: Met) -> None:
        whole = http_answer(met.pass_on(), length=10_000)
        met.say(whole)
        while not heard and not met.line.closing.is_set():
            met.wait(0.3)
            met.say(b" ")
            if len(met.line.sent) > most:
                break
        met.reset()

    most = len(shop.house.line.sent) + 1
    rule = shop.house.line.strike(drips_for_ever, *SETTLING, who=bill.psn_no)
    impatient = Till(shop.server.port, patience=LONGER_THAN_THE_LIMIT * 4)
    heard.append(impatient.ask(bill))
    impatient.close()
    assert rule.times == 0
    shop.ask_later(bill)
    assert heard[0].code != "down"
    assert shop.wrong(bill) == []


def test_a_bomb_is_not_unpacked(shop: Shop) -> None:
    import gzip

    bill, bomb = shop.bill(), gzip.compress(b'{"infcode":0,"output":"' + b"0" * (48 << 20) + b'"}', 9)

    def trouble(met: Met) -> None:
        met.pass_on()
        met.say(http_answer(bomb, headers="content-encoding: gzip\r\n"))
        met.close()

    shop.house.line.strike(trouble, *SETTLING, who=bill.psn_no)
    shop.till.until_told(bill)
    assert shop.wrong(bill) == []
    assert (shop.house.folder / "journal.db").stat().st_size < 40 << 20


def test_check_names_a_time_for_belief_that_is_shorter_than_the_line(shop: Shop) -> None:
    config = shop.house.deployment("http://127.0.0.1:9", "hasty")
    config.write_text(config.read_text("utf-8").replace("believe_seconds = 120", "believe_seconds = 1"), "utf-8")
    assert "believe_seconds" in liangding(shop.house, "check", config=config).stdout


# -- 6: keys are not voluntary -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["transactions/2102", "flows/pharmacy_purchase"])
def test_without_a_key_nothing_is_charged(shop: Shop, path: str) -> None:
    bill = shop.bill()
    body = body_of(bill, purchase(bill)) if path.startswith("transactions") else shop.till.purchase_given(bill)
    answer = shop.till.post(path, body)
    assert answer is not None
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "key_required")
    assert shop.stands(bill) == 0


def test_the_same_bill_after_midnight_is_the_same_bill(shop: Shop) -> None:
    for by_flow in (False, True):
        shop.house.clock.pass_by((86_400 - 1200 - (shop.house.clock.now() + 8 * 3600)) % 86_400)  # 23:40 in China
        bill = shop.bill(by_flow=by_flow)
        shop.till.ask(bill)
        shop.house.clock.pass_by(3600)
        shop.till.ask(bill)
        assert shop.wrong(bill) == []
        assert shop.stands(bill) == 1


def test_a_key_of_another_persons_bill_is_a_conflict_that_says_for_what_it_was_used(shop: Shop) -> None:
    first = shop.bill(by_flow=True)
    shop.till.ask(first)
    second = shop.bill(by_flow=True)
    second.key = first.key
    heard = shop.till.ask(second)
    assert heard.code == "key_conflict"
    assert "12-" in heard.text or "11-" in heard.text, "the day on which it was used"
    assert shop.stands(second) == 0


def test_the_same_rows_under_another_key_are_asked_about(shop: Shop) -> None:
    first = shop.bill()
    shop.till.ask(first)
    second = Bill(key=f"{first.key}-again", person=first.person)
    heard = shop.till.ask(second)
    assert heard.code == "same_bill"
    assert shop.stands(first) == 1


# -- 7: what the caller states is held ---------------------------------------------------------------------------------


def test_another_name_than_the_platforms_is_asked_about(shop: Shop) -> None:
    bill = shop.bill(by_flow=True)
    given = shop.till.purchase_given(bill)
    given["credential"]["name"] = "王五"
    view = shop.till.post("flows/pharmacy_purchase", given, bill.key)
    assert view is not None
    body = view.json()
    assert body["status"] == "question"
    assert "王五" in str(body["question"])
    assert bill.person["name"] in str(body["question"])
    assert shop.stands(bill) == 0


def test_a_place_that_the_person_does_not_have_is_an_error(shop: Shop) -> None:
    bill = shop.bill(by_flow=True)
    given = shop.till.purchase_given(bill) | {"insured_place": "110100"}
    answer = shop.till.post("flows/pharmacy_purchase", given, bill.key)
    assert answer is not None
    body = answer.json()
    assert body.get("status") in (None, "stopped")
    assert "441900" in str(body["error"])
    assert shop.stands(bill) == 0


# -- 8: the line belongs to one call -----------------------------------------------------------------------------------


def test_a_second_answer_about_one_person_is_not_anothers(shop: Shop) -> None:
    first, second, third = shop.bill(), shop.bill(), shop.bill(by_flow=True)
    shop.house.line.strike(a_second_answer, "1101", who=str(first.person["certno"]), times=0)
    _asked(shop, first)
    about = _asked(shop, second)
    _asked(shop, first)
    given = shop.till.purchase_given(third) | {"credential": {"type": "01", "number": third.person["token"]}}
    shop.till.run("pharmacy_purchase", given, third.key)
    assert about == second.person["certno"]
    assert (shop.stands(first), shop.stands(third)) == (0, 1)


def _asked(shop: Shop, bill: Bill) -> str:
    """1101 by the identity number; whose the answer is."""
    asked = {"mdtrt_cert_type": "02", "mdtrt_cert_no": bill.person["certno"], "psn_cert_type": "01"}
    answer = shop.till.post("transactions/1101", {"input": {"data": asked}})
    assert answer is not None
    return str(answer.json()["output"]["baseinfo"]["certno"])


def test_a_second_answer_of_a_settlement_is_not_the_next_ones(shop: Shop) -> None:
    bills = [shop.bill() for _ in range(4)]
    shop.house.line.strike(a_second_answer, *SETTLING, times=0)
    for bill in bills:
        shop.till.ask(bill)
    shop.ask_later(*bills)
    assert shop.wrong(*bills) == []


# -- 9: questions about what is not known ------------------------------------------------------------------------------


def test_a_refund_of_what_is_not_known_says_that_it_is_not_known(shop: Shop) -> None:
    bill = shop.bill(by_flow=True)
    shop.house.line.strike(TROUBLES["answer lost"], *SETTLING, who=bill.psn_no)
    shop.deaf(bill)
    assert shop.till.ask(bill).says == UNKNOWN
    heard = shop.till.take_back(bill, known=False)
    assert "没有结算" not in heard.text
    assert heard.code == "outcome_unknown"
    shop.house.line.calm()
    shop.till.until_told(bill)
    bill.refund.append(shop.till.take_back(bill))
    assert shop.wrong(bill) == []


# -- 10: what happened behind our back ---------------------------------------------------------------------------------


def test_a_settlement_taken_back_in_the_insurers_pages_ends_the_refund_well(shop: Shop) -> None:
    bill = shop.bill(by_flow=True)
    shop.till.ask(bill)
    _taken_back_elsewhere(shop, bill)
    heard = shop.till.take_back(bill)
    assert heard.says == SETTLED
    assert shop.stands(bill) == 0


def _taken_back_elsewhere(shop: Shop, bill: Bill) -> None:
    """2103 that no server of ours sent."""
    last = next(sent for sent in reversed(shop.house.line.sent) if bill.psn_no.encode() in sent.body)
    envelope = json.loads(last.body)
    row = standing(bill, shop.house.ledger())[0]
    envelope |= {"infno": "2103", "msgid": f"{envelope['msgid'][:26]}9999"}
    envelope["input"] = {"data": {name: row[name] for name in ("setl_id", "mdtrt_id", "psn_no")}}
    answer = json.loads(shop.house.line.tell("2103", json.dumps(envelope).encode()))
    assert str(answer["infcode"]) == "0", answer
    assert shop.stands(bill) == 0


@pytest.mark.parametrize(
    "sentence",
    ["查询服务不存在", "交易编码不存在", "医保区划不存在", "经办人信息不存在"],
)
def test_a_refused_query_is_not_proof_of_absence(shop: Shop, sentence: str) -> None:
    bill = shop.bill()
    shop.house.line.strike(TROUBLES["answer lost"], *SETTLING, who=bill.psn_no)
    shop.house.line.strike(_in_place_of(sentence), *QUERIES, who=bill.psn_no, times=0)
    shop.till.ask(bill)
    shop.ask_later(bill)
    shop.house.line.calm()
    shop.ask_later(bill)
    assert shop.wrong(bill) == []
    assert shop.stands(bill) == 1


# -- 11: owners --------------------------------------------------------------------------------------------------------


def test_what_is_unsettled_is_listed_first_however_many_came_later(shop: Shop) -> None:
    bill = shop.bill()
    shop.house.line.strike(TROUBLES["answer lost"], *SETTLING, who=bill.psn_no)
    shop.deaf(bill)
    shop.till.ask(bill)
    for _ in range(32):
        shop.till.ask(shop.bill())
    listed = json.loads(liangding(shop.house, "journal", "list", "--json").stdout)
    assert listed[0]["state"] == "unknown"
    shop.house.line.calm()
    shop.till.until_told(bill)
    assert shop.wrong(bill) == []


@pytest.mark.parametrize("trouble", ["answer lost", "request lost"])
def test_a_clock_that_goes_back_leaves_nothing_undone(folder: Path, trouble: str) -> None:
    """A desk whose clock was weeks ahead, put right while a settlement is not known: it is found out as always."""
    with house(folder) as at:
        desks = WorldClock(folder / "desks")
        server = at.serve(environment={"WORLD_CLOCK": str(desks.file)})
        till, bill = Till(server.port), Bill(key="C1", person=at.people(1)[0])
        desks.pass_by(40 * 86400, asleep=False)
        at.line.strike(TROUBLES[trouble], *SETTLING, who=bill.psn_no)
        at.line.strike(TROUBLES["request lost"], *QUERIES, who=bill.psn_no, times=0)
        assert till.ask(bill).says == UNKNOWN
        desks.pass_by(-40 * 86400, asleep=False)
        at.line.calm()

        def known_by_now() -> bool:
            for clock in (desks, at.clock):
                clock.pass_by(1)
            return not till.get("journal?state=unknown")

        until(known_by_now, "what is unknown is looked at")
        assert till.until_told(bill).says == SETTLED
        assert judge([bill], at.ledger()) == []


# -- 12: every answer form is read -------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["c2VhbGVk", [], 7, True])
def test_a_person_answered_in_another_form_is_a_sentence_and_no_exception(shop: Shop, output: Any) -> None:
    bill = shop.bill(by_flow=True)

    def trouble(met: Met) -> None:
        met.say(changed(lambda body: {**body, "output": output})(met.pass_on()))
        met.close()

    shop.house.line.strike(trouble, "1101", who=str(bill.person["certno"]), times=0)
    heard = shop.till.ask(bill)
    assert heard.code not in ("broke_off", "internal", "liangding")
    shop.house.line.calm()
    assert shop.till.until_told(bill).says == SETTLED
    assert shop.wrong(bill) == []


@pytest.mark.parametrize("row", [{"cnt": "-1"}, {"pric": "-100.00"}])
def test_a_raw_call_with_a_negative_amount_is_refused(shop: Shop, row: dict[str, str]) -> None:
    bill = shop.bill()
    message = purchase(bill)
    message["drugdetail"][0] |= row | {"det_item_fee_sumamt": "-100.00"}
    message["druginfo"]["medfee_sumamt"] = "-100.00"
    answer = shop.till.post("transactions/2102", body_of(bill, message), bill.key)
    assert answer is not None
    assert answer.json()["error"]["code"] == "invalid_message"
    assert shop.house.line.count("2102", bill.psn_no) == 0


def test_numbers_leave_as_plain_decimals(shop: Shop) -> None:
    bill = shop.bill()
    message = purchase(bill)
    message["drugdetail"][0] |= {"cnt": "1E+2", "pric": "1", "det_item_fee_sumamt": "1E+2"}
    message["druginfo"]["medfee_sumamt"] = "1E+2"
    shop.till.post("transactions/2102", body_of(bill, message), bill.key)
    sent = [each.body for each in shop.house.line.sent if each.infno == "2102" and bill.psn_no.encode() in each.body]
    assert all(b"E+" not in body for body in sent)
