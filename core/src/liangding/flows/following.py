"""Flows that follow from another: finding what the other one did, and the person again."""

from __future__ import annotations

from typing import Any

from ..contract.calls import Answer
from ..errors import LiangdingError
from ..journal import CallRecord, State
from ..receipts.money import SettledMoney, settled
from ..spec import Does, Of
from ..spec.codes import code_table
from ..workflow.doubts import changes_of, find_out, look_once_more
from ..workflow.standing import FlowStopped
from ..workflow.work import Work, step_of
from . import insurance
from .visits import Visit


class OtherPerson(LiangdingError):
    """The credential shown belongs to somebody else than the one whom the business is about."""

    code = "other_person"
    http_status = 409
    remedy = "请本人出示凭证"


def earlier_id(work: Work[Any], names: tuple[str, ...], flow_id: str | None, key: str | None) -> str | None:
    """The number of an earlier flow, given that number or the key that it was started with; None where neither is
    given. ``names`` are the flows that it may be one of. FlowStopped where it is none of them."""
    flows = work.flows
    titles = "、".join(flows.flow(name).title for name in names)
    if flow_id is None and key is not None:
        found = next(filter(None, (flows.find(name, key) for name in names)), None)
        if found is None:
            raise _no_flow(work, titles, key)
        return found.id
    if flow_id is None:
        return None
    held = flows.get(flow_id)
    if held.flow not in names:
        raise FlowStopped(f"业务 {flow_id} 是{held.title}，要的是{titles}")
    return flow_id


def _no_flow(work: Work[Any], titles: str, key: str) -> FlowStopped:
    """What is said of a key that names none of these flows: where a single call was made under it, what became of that.
    NotKnownYet where nobody knows, FlowBusy where it is under way."""
    runtime, text = work.runtime, f"没有业务号为 {key} 的{titles}"
    call = runtime.journal.by_key(runtime.deployment.institution.code, key)
    if call is None:
        return FlowStopped(text)
    look_once_more(runtime, [call])
    find_out(runtime, [runtime.journal.call(call.id)])
    told = runtime.journal.call(call.id).told
    return FlowStopped(f"{text}，单个调用用了这个业务号：{told}", remedy="要退它，给出结算的 setl_id 和 mdtrt_id")


def earlier(work: Work[Any], names: tuple[str, ...], flow_id: str | None, key: str | None) -> Any | None:
    """The state of an earlier flow, found as by :func:`earlier_id`."""
    found = earlier_id(work, names, flow_id, key)
    return None if found is None else work.flows.state_of(found)


def answer_of(work: Work[Any], flow_id: str, does: Does) -> Answer[Any] | None:
    """The answer to the last call of an earlier flow that did this, by the journal: its state may not know of it. None
    where it is certain that nothing of it stands; NotKnownYet where nobody knows. The charge of an order (一码付)
    beside a settlement is no settlement of the insurance's."""
    stands = [call for call in _made(work, flow_id, does) if call.state is State.ACCEPTED]
    return work.runtime.finish(stands[-1]) if stands else None


def _made(work: Work[Any], flow_id: str, does: Does) -> list[CallRecord]:
    meant = work.runtime.interfaces.meant
    made = changes_of(work.runtime, flow_id)
    return [call for call in made if meant(call)[0] is does and meant(call)[1] is not Of.ORDER]


def not_done(work: Work[Any], flow_id: str, step_name: str, text: str, remedy: str) -> FlowStopped:
    """What is said of an earlier flow whose state knows nothing of what a step of it was to make: ``text``, where it is
    certain by the step's calls that nothing was made. NotKnownYet where nobody knows."""
    made = (call for call in changes_of(work.runtime, flow_id) if step_of(call.key or "", flow_id) == step_name)
    if any(call.state is State.ACCEPTED for call in made):
        return FlowStopped("那笔业务在平台上已办成，还没有办完", remedy="先让那笔业务继续（resume），再办这一笔")
    return FlowStopped(text, remedy=remedy)


def settlement_of(work: Work[Any], flow_id: str, *, to_take_back: bool = False) -> SettledMoney | None:
    """What an earlier flow has settled. None where it is certain that it has settled nothing; NotKnownYet where nobody
    knows. ``to_take_back``: what was refused without proof is looked at once more, before anybody is told that there is
    nothing to refund; the cashier is told where it stands after all."""
    known: SettledMoney | None = work.flows.state_of(flow_id).settlement
    if known is not None:
        return known
    answer = answer_of(work, flow_id, Does.SETTLES)
    if answer is None and to_take_back:
        look_once_more(work.runtime, _made(work, flow_id, Does.SETTLES))
        answer = answer_of(work, flow_id, Does.SETTLES)
        if answer is not None:
            work.advise("这笔结算当时答复没有办成，现查明已成立：当时没有收过钱的，不要退现金")
    return None if answer is None else settled(answer)


def check_person(work: Work[Any], psn_no: str) -> None:
    """Find the person by the credential shown now (1101). OtherPerson where it is not the one of ``psn_no``."""
    insurance.find_person.run(work)
    if psn_no and work.state.person.psn_no != psn_no:
        raise OtherPerson("出示的凭证不是原来那个人的")


def check_credential(work: Work[Any], visit: Visit) -> None:
    """FlowStopped where the visit was opened with another kind of credential: the platform would not settle it."""
    shown = work.state.person.credential.type
    if visit.cert_type and visit.cert_type != shown:
        named = code_table("mdtrt_cert_type").name_of(visit.cert_type)
        raise FlowStopped(f"这次就诊是凭{named}登记的，结算要用同一种凭证", remedy=f"请出示{named}")
