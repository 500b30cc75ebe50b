"""附件6《东莞市医疗保障两定机构信息化事项要求》: the evidence for each interface, by what the institution settles by.

The document asks for evidence, not for a form of its own: the pack's layout is ours. Its rule for passing is one
settlement with an identity card and one with an e-credential, with their settlement ids.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib import resources

from liangding.contract import (
    Acceptance,
    Cell,
    Ends,
    Findings,
    Form,
    Kind,
    Paragraph,
    Table,
    Tried,
    box,
    filled,
    label,
)

PAYMENTS = {
    "药店": "使用医保个账的零售药店",
    "门诊部": "使用医保个账的独立门诊部",
    "统筹": "使用医保统筹基金支付的医疗机构",
}

PERSONS = ("录屏", "后台验收", "后台查验")
"""Evidence that a person makes or the bureau takes itself."""

NAME = "验收材料清单"


def acceptance() -> Acceptance:
    return Acceptance(forms={NAME: evidence_pack})


def payment_of(found: Findings) -> str:
    institution = found.deployment.institution
    if institution.kind is Kind.PHARMACY:
        return "药店"
    return "门诊部" if institution.kind is Kind.CLINIC and institution.payment != "pooled" else "统筹"


def demanded(payment: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Group, transactions and the evidence for them."""
    text = resources.files(__package__).joinpath("evidence.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [
        (row["group"], tuple(row["infnos"].split()), tuple(filter(None, row["evidence"].split("；"))))
        for row in rows
        if row["payment"] == payment
    ]


def evidence_pack(found: Findings) -> Form:
    payment = payment_of(found)
    institution = found.deployment.institution
    title = "东莞市医保两定机构接口改造验收材料清单"
    about = (
        (label("机构名称"), filled(institution.name), label("机构编码"), filled(institution.code)),
        (label("支付类别"), filled(PAYMENTS[payment]), label("整理日期"), filled(f"{found.today:%Y-%m-%d}")),
    )
    rows = [_row(found, *each) for each in demanded(payment)]
    heading = tuple(
        label(text) for text in ("类别", "接口", "要求的证据", "情况", "结算ID、报文ID（流水）", "须由人补")
    )
    return Form(
        name=NAME,
        title=title,
        landscape=True,
        blocks=(
            Paragraph(text=title, size="title", align="center"),
            Table(widths=(1, 3, 1, 2), rows=about),
            Paragraph(text="一、全流程结算（身份证与医保电子凭证各至少 1 笔）", size="heading"),
            _settlements(found),
            Paragraph(text="二、各接口", size="heading"),
            Table(widths=(0.9, 2.3, 1.9, 0.9, 2.6, 1.3), rows=(heading, *rows), repeated=1),
            *_assumptions(found, {infno for _, infnos, _ in demanded(payment) for infno in infnos}),
            Paragraph(
                text="打印件见《打印件》，使用日志见验收文件夹的 evidence；录屏与后台查验由人完成。", size="small"
            ),
            Paragraph(text="省平台技术团队验收人：                    日期：        年    月    日", align="right"),
        ),
        note="文件只列证据，没有统一表样：版式为本系统自拟",
    )


def _assumptions(found: Findings, wanted: set[str]) -> list[Paragraph | Table]:
    """What is taken for granted of the interfaces without a public table: to be looked at in the trial."""
    rows = [(filled(infno), filled(what)) for infno, what in found.assumed.items() if infno in wanted]
    if not rows:
        return []
    heading = (label("接口"), label("报文写法的假设（没有公开的字段表，联调时核对）"))
    return [
        Paragraph(text="三、没有公开字段表的接口", size="heading"),
        Table(widths=(1, 4), rows=(heading, *rows), repeated=1),
    ]


MEDIA = {"02": "居民身份证", "01": "医保电子凭证"}


def _settlements(found: Findings) -> Table:
    heading = tuple(label(text) for text in ("凭证", "场景", "结算ID", "情况", "过程录屏"))
    rows = [
        (
            filled(name), filled("\n".join(each.scenario.title for each in done) or "尚未做"),
            filled("\n".join(setl_id for each in done for setl_id in each.setl_ids)),
            filled(f"{box(bool(done), '已有')}  {box(not done, '没有')}"), filled("须由人录制", align="center"),
        )
        for medium, name in MEDIA.items()
        for done in [_settled_with(found, medium)]
    ]  # fmt: skip
    return Table(widths=(1.2, 2, 3, 1.3, 1.2), rows=(heading, *rows))


def _settled_with(found: Findings, medium: str) -> Sequence[Tried]:
    return [
        each
        for each in found.tried
        if each.scenario.script.settles and each.scenario.credential == medium and each.ends is Ends.PASSED
    ]


def _row(found: Findings, group: str, infnos: tuple[str, ...], evidence: tuple[str, ...]) -> tuple[Cell, ...]:
    names = [f"{infno} {found.tallies[infno].name if infno in found.tallies else ''}" for infno in infnos]
    proofs = [proof for n in infnos if n in found.tallies for proof in found.tallies[n].evidence[:1]]
    shown = [f"{each.infno}：{each.setl_id or each.msgid}" for each in proofs]
    missing = [infno for infno in infnos if infno not in {each.infno for each in proofs}]
    hidden = [
        n for n in missing for row in found.rows if row.requirement.infnos == (n,) and row.ends is Ends.NOT_PUBLIC
    ]
    state = "已受理" if not missing else "字段没有公开" if set(missing) <= set(hidden) else "尚未联调"
    state = state if len(missing) in (0, len(infnos)) else f"{state}：{'、'.join(missing)}"
    return (
        filled(group), filled("\n".join(names)), filled("；".join(evidence)), filled(state),
        filled("\n".join(shown)), filled("；".join(each for each in evidence if each in PERSONS)),
    )  # fmt: skip
