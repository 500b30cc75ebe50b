"""Silver, as declared: what the plugin says is whole, means something and can be shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .. import national
from ..knowledge import Knowledge
from ..knowledge.fixed import EVERY
from ..simulator.requests import HANDLERS
from ..spec import Does, LookedFor, Unasked
from ..spec.codes import find_code_table
from ..spec.export import as_json
from ..spec.nodes import beyond, is_list
from ..spec.problems import errors
from ..spec.sampling import sample_answer
from ..wire.gateways import Outgoing
from .rules import NotConcerned, Tier, rule
from .subject import PluginAtTest
from .trying import message_for


def own_new(subject: PluginAtTest) -> dict[str, Any]:
    """The transactions that the plugin declares and the nation does not."""
    own = {n: held for n, held in subject.own.items() if n not in national.places()}
    if not own:
        raise NotConcerned("没有自己的交易")
    return own


@rule("S01", Tier.SILVER, "自己的交易说明做什么、对什么")
def says_what_it_means(subject: PluginAtTest) -> Iterator[str]:
    """Each transaction of the region's own says what it does and of what (`does`, `of`).

    Why: what holds the person, how an unknown outcome is found out, what is printed and audited follow from it.

    Example: `@transaction("99001", …, does=Does.READS, of=Of.BENEFITS)`.

    Exception: none; a national number declared anew means what the national one does.
    """
    for infno, (transaction, _) in own_new(subject).items():
        if transaction.of is None:
            yield f"{infno} says not of what"


@rule("S02", Tier.SILVER, "结果不明时知道怎样查，或说明为什么查不了")
def unknown_is_looked_for(subject: PluginAtTest) -> Iterator[str]:
    """Each changing transaction of the region's own has a way to find out an unknown outcome, or says why it has none.

    Why: an unknown outcome without a way goes to a person at once, who has to know what to ask whom.

    Example: `looked_for=LookedFor.SETTLEMENT`, or `looked_for=Unasked("没有可以查备案的交易")`.

    Exception: `liangding_resolution` gives a rule of the region's own.
    """
    for infno, (transaction, known) in own_new(subject).items():
        ask = known.manager.hook.liangding_resolution
        said = isinstance(transaction.looked_for, LookedFor | Unasked)
        if transaction.changes and not said and ask(infno=infno, deployment=known.deployment) is None:
            yield f"{infno} changes something, and nobody knows how an unknown outcome is found out"


@rule("S03", Tier.SILVER, "能结算的都能撤销")
def what_settles_can_be_cancelled(subject: PluginAtTest) -> Iterator[str]:
    """Each settlement of the region's own names the transaction that takes it back, and that one says so.

    Why: a refund, an undo and the taking back of a late commit need it.

    Example: `undone_by="9772"`, and 9772 says `does=Does.CANCELS`.

    Exception: a settlement that only 2601 takes back is declared `reversible=True`.
    """
    settles = {n: held for n, held in own_new(subject).items() if held[0].does is Does.SETTLES}
    if not settles:
        raise NotConcerned("没有自己的结算交易")
    for infno, (transaction, known) in settles.items():
        back = transaction.undone_by
        if back is None and not transaction.reversible:
            yield f"{infno} names nothing that takes it back"
        elif back is not None and (back not in known.interfaces or known.interfaces[back].does is not Does.CANCELS):
            yield f"{infno}: {back} does not cancel"


@rule("S04", Tier.SILVER, "模拟平台演得出每个自己的交易")
def the_simulator_plays(subject: PluginAtTest) -> Iterator[str]:
    """Each public transaction of the region's own has its platform's side in `liangding_simulate`.

    Why: without it nobody can develop against the region; the real platform stands on a private line.

    Example: `{"99001": lambda request: {"result": {"left_amt": "1200.00"}}}`.

    Exception: transactions whose table is not public.
    """
    for infno, (transaction, known) in own_new(subject).items():
        if transaction.public and infno not in _played(known) and transaction.does is not Does.NOTIFIES:
            yield f"{infno} is not played"


def _played(known: Knowledge) -> set[str]:
    answers = known.manager.hook.liangding_simulate(deployment=known.deployment)
    return {*HANDLERS, *(infno for answer in answers for infno in answer)}


@rule("S06", Tier.SILVER, "固定值都发得出去")
def fixed_values_reach_the_message(subject: PluginAtTest) -> Iterator[str]:
    """A sample of each transaction with fixed values, with those filled in, passes the declaration's rules.

    Why: two fixed values may contradict each other, or a rule over the whole message.

    Example: a fixed `med_type` that asks for a diagnosis which the sample does not have.

    Exception: none.
    """
    ask = subject.hook("liangding_fixed_values")
    if ask is None:
        raise NotConcerned("没有固定值")
    for place, kind, known in subject.cases():
        for infno in ask(known.deployment).keys() - {EVERY}:
            transaction = known.interfaces[infno]
            filled, _, problems = known.fixed.apply(transaction, message_for(known, transaction))
            _, found = known.requests.read(transaction.input, filled)
            yield from (f"{place}, {kind}, {infno}: {each}" for each in (*problems, *errors(found)))


@rule("S12", Tier.SILVER, "自己的网关签名与已知的一致")
def gateway_vectors_hold(subject: PluginAtTest) -> Iterator[str]:
    """Each signing scheme of the plugin's gives the headers of at least one known signature, and its own check takes
    them and refuses them for another body or key.

    Why: a signature that is wrong in one character is a gateway's 401 on the day of the joint test.

    Example: a `[[vectors]]` table in `conformance.toml`, with credentials that are made up or spent, and its source.

    Exception: a region that uses a scheme of the core's has none of its own.
    """
    make = subject.hook("liangding_gateway")
    if make is None:
        raise NotConcerned("没有自己的网关")
    if not subject.record.vectors:
        yield "no known signature is recorded (vectors in conformance.toml)"
    known = next(known for _, _, known in subject.cases())
    for vector in subject.record.vectors:
        gateway = known.manager.hook.liangding_gateway(
            scheme=vector.scheme, credentials=vector.credentials, settings=vector.settings, deployment=known.deployment
        )
        body = vector.body.encode()
        made = gateway.headers(Outgoing(infno=vector.infno, body=body, epoch=vector.epoch, nonce=vector.nonce))
        if made != vector.headers:
            yield f"{vector.scheme} ({vector.source}): {sorted(made)} are others than those known"
        given = {name.lower(): value for name, value in made.items()}
        if (refusal := gateway.refusal(given, body, vector.infno, vector.epoch)) is not None:
            yield f"{vector.scheme}: its own check refuses it: {refusal}"
        if gateway.refusal({}, body, vector.infno, vector.epoch) is None:
            yield f"{vector.scheme}: its own check takes a call without headers"


@rule("S13", Tier.SILVER, "增加的代码与国家的含义不冲突")
def codes_do_not_contradict(subject: PluginAtTest) -> Iterator[str]:
    """A value that the plugin adds to a code table has a name, and does not give a national code another one.

    Why: the same code with two meanings ends up in a statement or a list.

    Example: `Code(code="9903", name="省内异地门诊")` where the national table calls 9903 otherwise.

    Exception: a region whose document prints the code with another meaning is exempt, with the document.
    """
    ask = subject.hook("liangding_code_tables")
    if ask is None:
        raise NotConcerned("没有增加代码")
    for place, kind, known in subject.cases():
        for table, values in ask(known.deployment).items():
            national = find_code_table(table)
            for value in values:
                there = national.find(value.code) if national else None
                if not value.name:
                    yield f"{table} {value.code} has no name"
                elif there is not None and there.name != value.name and not there.region:
                    yield f"{place}, {kind}, {table} {value.code}: {value.name}, nationally {there.name}"


@rule("S14", Tier.SILVER, "改动国家交易都写明改了什么")
def changes_are_noted(subject: PluginAtTest) -> Iterator[str]:
    """Each national transaction that the plugin changes has a rule more than the nation's: what is other here, and why.

    Why: `liangding explain`, `diff` and the region's page show it to whoever looks for a difference.

    Example: `amends(renamed("data", "mdtrtinfo"), note="云州：输入节点为 mdtrtinfo")`.

    Exception: none.
    """
    changed = {n: held for n, held in subject.own.items() if n in national.places()}
    if not changed:
        raise NotConcerned("没有改动国家交易")
    for infno, (transaction, _) in changed.items():
        if len(transaction.rules) <= len(national.transaction(infno).rules):
            yield f"{infno} does not say what is other here"


@rule("S15", Tier.SILVER, "声明之外的字段不丢")
def nothing_is_dropped(subject: PluginAtTest) -> Iterator[str]:
    """What a platform sends beyond a declaration is kept in the typed answer of each of the plugin's transactions.

    Why: regions add fields before they publish them; a program may need one today.

    Example: a declaration whose output is a plain class instead of a node.

    Exception: none.
    """
    for infno, (transaction, known) in subject.own.items():
        answer = sample_answer(transaction, tables=known.code_table)
        if isinstance(answer, dict) and not is_list(transaction.output):
            node, _ = known.answers.read(transaction.output, {**answer, "beyond_the_table": "x"})
            if node is None or beyond(node).get("beyond_the_table") != "x":
                yield infno


@rule("S17", Tier.SILVER, "把文件的要求逐条列为数据")
def requirements_are_data(subject: PluginAtTest) -> Iterator[str]:
    """`liangding_requirements` gives what the region's documents demand, row by row, and each row's transactions exist.

    Why: what is open is seen by everybody, and nothing of the documents is left out.

    Example: `read_requirements(__name__)` with a `requirements.tsv` beside it.

    Exception: a region of which no document is public is exempt.
    """
    if subject.hook("liangding_requirements") is None:
        yield "the plugin gives none"
        return
    for place, kind, known in subject.cases():
        rows = [row for rows in known.manager.hook.liangding_requirements(deployment=known.deployment) for row in rows]
        if not rows:
            yield f"{place}, {kind}: no row"
        for row in rows:
            yield from (f"{row.id}: no transaction {n}" for n in row.infnos if n not in known.interfaces)


@rule("S18", Tier.SILVER, "声明可以导出，文档看得到")
def declarations_export(subject: PluginAtTest) -> Iterator[str]:
    """Each transaction's declaration can be shown as JSON, with a label for every field.

    Why: the site, OpenAPI and other languages' clients are made from it.

    Example: `text(30, "")` leaves a field without its Chinese name.

    Exception: none.
    """
    for infno, (transaction, _) in subject.own.items():
        shown = json.loads(json.dumps(as_json(transaction), default=str))
        for side in ("input", "output"):
            for node in shown[side]:
                yield from (f"{infno} {side} {f['name']} has no label" for f in node["fields"] if not f.get("label"))
