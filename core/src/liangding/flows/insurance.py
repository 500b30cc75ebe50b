"""Steps that every insured flow begins with: find the person, choose the insurance, ask about the account."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Protocol, TypedDict

import attrs

from ..checks.cross_province import keys_for
from ..config import Business
from ..contract.credentials import Credential
from ..contract.questions import Option, Question
from ..contract.region import Place
from ..contract.steps import step
from ..errors import InvalidMessage, NotOpenHere
from ..identity import Cover, Insured, asked, choices, identify
from ..spec.codes import code_table
from ..spec.nodes import members, node_of
from ..spec.problems import problem
from ..workflow.work import Work
from . import stated


@attrs.define(kw_only=True)
class InsuredGiven:
    """What every insured flow is given of the person. ``insured_place``, ``insutype`` (险种) and ``use_account`` answer
    the questions in advance."""

    credential: Credential | None = None
    insured_place: str | None = None
    use_account: bool | None = None
    insutype: str | None = None


@attrs.define(kw_only=True)
class BillGiven(InsuredGiven):
    """What is told of a bill beside what it charges: its own day (never the clock's: asked again after midnight it is
    the same bill), and the till, where each till counts for itself."""

    bill_date: date | None = None
    till: str | None = None


class InsuredState(Protocol):
    """The part of a flow's state that these steps fill."""

    given: Any
    person: Insured | None
    cover: Cover | None
    use_account: bool | None


@step(
    "出示凭证",
    skip=lambda state: state.given.credential is not None,
    when="没有给出凭证时由设备读取，没有设备的请参保人出示",
)
def show_credential(work: Work[Any]) -> None:
    """What the person shows: given by the caller, else read by a device, or asked for."""
    work.state.given.credential = work.show("credential", infno=closing(work))


def closing(work: Work[Any]) -> str:
    """The transaction that this flow comes to, as a control wants to know it: that of its last step that moves money,
    else of its last step that sends anything."""
    steps = [each for each in work.flows.steps(work.flow) if each.calls]
    last = next((each for each in reversed(steps) if each.charges), steps[-1])
    number = last.calls[0]
    return f"{number}A" if f"{number}A" in last.calls and _for_whom_a(work, number) == "always" else number


@attrs.frozen
class TakenAs:
    """As what kind of treatment (med_type) a flow goes where nobody says it: ``ordinary``, unless the region fixes
    another one in ``infno``. ``business`` is what the institution has to be opened for, where the kind of treatment
    is none of :data:`OPENED_APART`."""

    infno: str
    ordinary: str
    business: Business


OPENED_APART: dict[str, tuple[Business, ...]] = {"14": ("门慢", "门特"), "51": ("生育",), "52": ("生育",)}
"""Kinds of treatment (med_type) that an institution is opened for apart: 门诊慢特病、生育门诊、生育住院."""


def take_med_type(work: Work[Any]) -> None:
    """The kind of treatment: what is given, else what the region fixes, else the ordinary one. InvalidMessage where
    what is given contradicts the region's, before the first message leaves."""
    given = work.state.given
    as_what: TakenAs | None = getattr(type(given), "TAKEN_AS", None)
    if as_what is None:
        return
    known = work.runtime.known
    fixed = {each.field: each for each in known.fixed.of(known.interfaces[as_what.infno])}.get("med_type")
    if not given.med_type:
        given.med_type = fixed.value if fixed else as_what.ordinary
    elif fixed and given.med_type not in (fixed.value, *fixed.others):
        text = f"医疗类别在本地固定为 {fixed.told}（{fixed.plugin}）"
        raise InvalidMessage([problem(("given", "med_type"), "fixed_value", text, value=given.med_type)])
    _refuse_unopened(work, OPENED_APART.get(given.med_type, (as_what.business,)))


def _refuse_unopened(work: Work[Any], businesses: tuple[Business, ...]) -> None:
    """NotOpenHere where the institution is opened for none of these."""
    institution = work.runtime.deployment.institution
    if not institution.does(*businesses):
        text = f"本机构（{institution.kind.chinese}）没有开通{'、'.join(businesses)}"
        remedy = "改用本机构开通的业务；确已开通的，写进部署文件的 institution.businesses"
        raise NotOpenHere(text, path="institution.businesses", remedy=remedy)


@step("人员信息获取", "1101")
def find_person(work: Work[Any]) -> None:
    """Find the person by what it showed, and hold what the caller states of it against what is found."""
    take_med_type(work)
    person = identify(work.runtime, work.state.given.credential, query=work.call)
    work.belong_to(person.psn_no)
    stated.hold_person(work, person)
    work.state.person = person


@step("选择险种与参保地", when="有多个参保地，或一地有几种医保都能用时，询问参保人")
def choose_insurance(work: Work[Any]) -> None:
    """Settle on one insurance: given, or the one that the rules leave; else the person says which."""
    state, region, given = work.state, work.runtime.region, work.state.given
    insurances = region.insurances.get(work.runtime.deployment.institution.kind, ())
    med_type, named = getattr(given, "med_type", ""), getattr(given, "insutype", None)
    found = choices(state.person, region, insurances, med_type=med_type, insutype=named)
    stated.hold_place(state.person, given.insured_place, found)
    places = list(dict.fromkeys(cover.insured_place for cover in found))
    place = given.insured_place if given.insured_place in places else places[0]
    if len(places) > 1 and given.insured_place not in places:
        text = "参保人在多个地方有参保信息，这次用哪一地的医保结算？"
        options = tuple(_option(cover, region.place(cover.insured_place)) for cover in _one_of_each(found))
        place = work.ask(Question(id="insured_place", text=text, options=options))
    there = [cover for cover in found if cover.insured_place == place]
    wanted = there[0].insutype
    if len(there) > 1 or (named is None and asked(there[0], insurances)):
        kinds = tuple(Option(value=c.insutype, label=code_table("insutype").name_of(c.insutype)) for c in there)
        wanted = work.ask(Question(id="insutype", text="这次用哪一种医保结算？", options=kinds))
    state.cover = next(cover for cover in there if cover.insutype == wanted)
    if getattr(given, "offsite", None) is not None and not is_cross(work):
        work.advise("offsite 只随跨省异地的就诊发送，参保人不是跨省异地，没有发送")


def _one_of_each(found: list[Cover]) -> list[Cover]:
    """The first insurance of each place."""
    return list({cover.insured_place: cover for cover in reversed(found)}.values())[::-1]


def _option(cover: Cover, place: Place) -> Option:
    insurance = code_table("insutype").name_of(cover.insutype)
    detail = f"{place.value}，{insurance}，账户余额 {cover.balance} 元"
    return Option(value=cover.insured_place, label=place_name(cover.insured_place), detail=detail)


def place_name(code: str) -> str:
    """The name of an insured place with its city, as far as the dictionary knows it."""
    table = code_table("admdvs")
    found = table.find(code)
    if found is None:
        return table.name_of(code[:4] + "00")
    above = table.find(found.parent) if found.parent and found.level == "county" else None
    return (above.name if above else "") + found.name


@step("询问是否使用个人账户", when="当地可用个人账户的险种、且账户有余额时询问参保人")
def ask_account(work: Work[Any]) -> None:
    """Whether the personal account pays its part: as the caller says, else as the person does."""
    state = work.state
    if state.given.use_account is not None:
        state.use_account = state.given.use_account
    elif state.cover.insutype not in work.runtime.region.accounts or state.cover.balance <= 0:
        state.use_account = False
    else:
        answer = work.ask(
            Question(
                id="use_account",
                text="是否使用医保个人账户支付？",
                options=(Option(value="1", label="使用"), Option(value="0", label="不使用")),
                facts=(("账户余额", f"{state.cover.balance} 元"),),
            )
        )
        state.use_account = answer == "1"


class ShownPerson(TypedDict):
    """The person as a flow's caller sees it."""

    psn_no: str
    name: str
    cert_type: str
    certno: str


def shown_person(person: Insured | None) -> ShownPerson | None:
    """The person as a flow's caller sees it."""
    if person is None:
        return None
    return {"psn_no": person.psn_no, "name": person.name, "cert_type": person.cert_type, "certno": person.certno}


def papers(work: Work[Any], infno: str, node: str) -> dict[str, str]:
    """What a call brings of the person again (papers, category, places), as far as the transaction declares it: for a
    cross-province person all that is declared, for others what the edition of the specification demands."""
    state = work.state
    person, credential, area = state.person, state.person.credential, work.runtime.deployment.institution.area
    known = {
        "card_sn": credential.card_sn, "psn_cert_type": person.cert_type, "cert_type": person.cert_type,
        "certno": person.certno, "psn_name": person.name, "psn_type": state.cover.psn_type,
        "insuplc_admdvs": state.cover.insured_place, "mdtrtarea_admvs": area,
    }  # fmt: skip
    cross = is_cross(work)
    declared = {
        inner.wire: inner.field.length
        for member in members(node_of(work.runtime.interfaces[infno].input))
        if member.attribute == node and member.node is not None
        for inner in members(member.node)
        if inner.field is not None and (inner.required or (cross and inner.wire in OFFSITE))
    }
    return {
        name: value
        for name, value in known.items()
        if value and name in declared and len(value) <= (declared[name] or len(value))
    }


OFFSITE = ("card_sn", "psn_cert_type", "certno", "psn_name", "psn_type")
"""What some provinces want again of a person of another province."""


@attrs.frozen(kw_only=True)
class Offsite:
    """What is told of a visit from another province (异地就医 2.1), by the codes of the tables of these names: the
    group of persons, an injury, whether a third party is concerned, the kind of stay, an emergency or referral."""

    mdtrt_grp_type: str | None = None
    trum_flag: str | None = None
    rel_ttp_flag: str | None = None
    ipt_type: str | None = None
    otp_er_refl_flag: str | None = None


def offsite_keys(work: Work[Any], infno: str, node: str) -> dict[str, Any]:
    """The extension with what the caller gave of a cross-province visit, as far as the transaction brings it."""
    given: Offsite | None = getattr(work.state.given, "offsite", None)
    if given is None or not is_cross(work):
        return {}
    transaction = work.runtime.interfaces[infno]
    keys = {name: getattr(given, name.lower()) for name in keys_for(*transaction.means)}
    told = {name: value for name, value in keys.items() if value is not None}
    held = (m.node for m in members(node_of(transaction.input)) if m.attribute == node and m.node is not None)
    typed = any(m.node is not None for n in held for m in members(n) if m.attribute == "exp_content")
    return {"exp_content": told if typed else json.dumps(told, separators=(",", ":"))} if told else {}


def is_cross(work: Work[Any]) -> bool:
    """Whether the chosen insurance, or that of the visit at hand, is one of another province."""
    held = getattr(work.state, "cover", None) or work.state.visit
    return work.runtime.region.place(held.insured_place) is Place.CROSS


def variant(work: Work[Any], infno: str) -> str:
    """The transaction for this person, with A or without, as the deployment or its region has it."""
    place = work.runtime.region.place(work.state.cover.insured_place)
    theirs = {"always": True, "cross_province": place is Place.CROSS, "local": place is Place.LOCAL, "never": False}
    return f"{infno}A" if theirs[_for_whom_a(work, infno)] else infno


def _for_whom_a(work: Work[Any], infno: str) -> str:
    """For whom the variant with A is: as the deployment says, else the region."""
    chapter = work.runtime.interfaces[infno].chapter
    return work.runtime.deployment.features.for_whom_a(work.runtime.region.a_variant(chapter))


def setlway(work: Work[Any], infno: str) -> str:
    """psn_setlway of a settlement: as given, else as the region fixes it, else by items (01)."""
    known = work.runtime.known
    fixed = (each.value for each in known.fixed.of(known.interfaces[infno]) if each.field == "psn_setlway")
    bill = getattr(work.state, "bill", work.state.given)
    return str(bill.psn_setlway or next(fixed, "01"))
