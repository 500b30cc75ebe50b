"""《关于下发〈四川省医保信息系统定点医疗机构接口规范〉的通知》 of 攀枝花: progress by priorities, list of persons.

The text states 111 interfaces and names 109; the 22 extended ones are not public. Both parts have to be done (一): as
long as no extended transaction is declared, an institution is not ready.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib import resources

from liangding.contract import Acceptance, Cell, Findings, Form, Paragraph, Table, box, filled, label

STATED, EXTENDED = 111, 22

WINDOWS = {"最优": "9月1日至9月30日", "次级": "9月1日至10月15日", "最后": "9月1日至10月30日"}

PHASES = (
    ("第一阶段：接口改造开发", "9月1日至10月30日", "SC-116"),
    ("第二阶段：联调测试", "9月30日至10月20日（具体时间另行通知）", "SC-117"),
    ("第三阶段：上线试运行", "10月22日至正式上线", "SC-118"),
)

CODES = (
    "疾病诊断与手术操作", "医疗服务项目", "医保药品", "医保医用耗材", "医保门诊慢特病病种", "医保按病种结算病种",
    "医保日间手术病种", "定点医疗机构", "医保医师", "医保护士", "定点零售药店", "医保药师", "医保系统单位",
    "医保系统工作人员", "医疗保障基金结算清单",
)  # fmt: skip
"""The fifteen codings of the national standard (15 项医保信息业务编码)."""

OWN = "进度表由本系统自拟版式"


def acceptance() -> Acceptance:
    return Acceptance(forms={"接口改造进度": progress, "接口开发和测试负责人名单": persons})


def priorities() -> list[tuple[str, str, str]]:
    """Transaction, priority and call mode, as the tables of chapters 2 and 3 have them."""
    text = resources.files(__package__).joinpath("priorities.tsv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [(row["infno"], row["priority"], row["call mode"]) for row in rows]


def extended(found: Findings) -> list[str]:
    """The extended transactions that a deployment knows: numbers that its own file opens."""
    return list(found.deployment.transactions)


def ready(found: Findings) -> tuple[bool, list[str]]:
    """Whether both parts are done, and what is missing."""
    missing = [infno for infno in dict.fromkeys(n for n, _, _ in priorities()) if not found.has(infno)]
    why = [f"基线版还有 {len(missing)} 个接口尚未联调"] if missing else []
    known = len(extended(found))
    if known < EXTENDED:
        why.append(f"扩展交易 {EXTENDED} 个中已声明 {known} 个：编号与字段没有公开，须向医保部门取得")
    undone = [code for code in CODES if not found.fact(f"贯标：{code}")]
    if undone:
        why.append(f"15 项编码还有 {len(undone)} 项没有确认贯标")
    return not why, why


def progress(found: Findings) -> Form:
    title = "定点医疗机构接口改造进度"
    institution = found.deployment.institution
    is_ready, why = ready(found)
    named = {infno for infno, _, _ in priorities()} | {"3505", "5202"}
    done = {infno for infno in named if found.has(infno)}
    summary = (
        (label("机构名称"), filled(institution.name), label("机构编码"), filled(institution.code)),
        (label("基线版接口"), filled(f"正文称 {STATED} 个，列出 {len(named)} 个；已联调 {len(done)} 个"),
         label("扩展交易"), filled(f"{EXTENDED} 个中已声明 {len(extended(found))} 个")),
        (label("是否具备上线条件"), filled(f"{box(is_ready, '具备')}  {box(not is_ready, '不具备')}", columns=3)),
        (label("尚缺"), filled("\n".join(why), columns=3)),
    )  # fmt: skip
    blocks: list[Paragraph | Table] = [
        Paragraph(text=title, size="title", align="center"),
        Table(widths=(1.1, 2.2, 0.9, 1.8), rows=summary),
        Paragraph(text="工作阶段", size="heading"),
        Table(
            widths=(1.5, 2, 1.5),
            rows=((label("阶段"), label("时间"), label("情况")), *(_phase(found, *phase) for phase in PHASES)),
        ),
    ]
    for priority, window in WINDOWS.items():
        blocks += _priority(found, priority, window)
    blocks += [Paragraph(text="15 项医保信息业务编码贯标", size="heading"), _codes(found)]
    return Form(name="接口改造进度", title=title, blocks=tuple(blocks), note=OWN)


def _phase(found: Findings, name: str, window: str, number: str) -> tuple[Cell, ...]:
    held = found.row(number)
    return filled(name), filled(window), filled((held.stated or held.ends.chinese) if held else "")


def _priority(found: Findings, priority: str, window: str) -> list[Paragraph | Table]:
    ours = [(infno, mode) for infno, which, mode in priorities() if which == priority]
    done = sum(found.has(infno) for infno, _ in ours)
    rows = [
        (filled(infno), filled(_name(found, infno)), filled(mode, align="center"), filled(_state(found, infno)))
        for infno, mode in ours
    ]
    heading = (label("交易号"), label("交易名"), label("调用方式"), label("情况"))
    title = f"{priority}实现（{window}）：{len(ours)} 个，已联调 {done} 个"
    return [Paragraph(text=title, size="heading"), Table(widths=(0.8, 2.4, 0.9, 2), rows=(heading, *rows), repeated=1)]


def _name(found: Findings, infno: str) -> str:
    return found.tallies[infno].name if infno in found.tallies else ""


def _state(found: Findings, infno: str) -> str:
    tally = found.tallies.get(infno)
    if tally is None or not (tally.accepted or tally.refused or tally.doubtful):
        return "尚未联调"
    if tally.passed:
        return f"已受理（{tally.evidence[0].at:%m-%d %H:%M}）"
    return f"受理 {tally.accepted}，被拒绝 {tally.refused}，结果不明 {tally.doubtful}"


def _codes(found: Findings) -> Table:
    cells = [filled(box(bool(found.fact(f"贯标：{code}")), code)) for code in CODES]
    return Table(widths=(1, 1, 1), rows=tuple(tuple(cells[i : i + 3]) for i in range(0, len(cells), 3)))


# -- 附件 2 ------------------------------------------------------------------------------------------------------------


def persons(found: Findings) -> Form:
    """附件 2: the persons in charge; names and numbers are the institution's to write."""
    title = "省医保信息系统上线工作\n定点医疗机构接口开发和测试负责人名单"
    heading = tuple(label(text) for text in ("人员", "姓名", "联系电话", "HIS系统厂商名称"))
    rows = tuple(_person(found, name) for name in ("分管领导", "信息科", "医保科", "HIS 系统"))
    remark = f"（注意：HIS 系统改造人员如不驻攀，请在表格中备注说明）\n{found.fact('备注')}"
    return Form(
        name="接口开发和测试负责人名单",
        title="负责人名单",
        blocks=(
            Paragraph(text="附件 2"),
            Paragraph(text=title, size="title", align="center"),
            Paragraph(text=f"机构名称（盖章）：{found.deployment.institution.name}"),
            Table(widths=(1, 1.2, 1.4, 2), rows=(heading, *rows)),
            Paragraph(text=remark),
        ),
    )


def _person(found: Findings, of: str) -> tuple[Cell, ...]:
    values: Sequence[str] = (
        found.fact(of),
        found.fact(f"{of}电话"),
        found.fact("HIS系统厂商") if of == "HIS 系统" else "",
    )
    return label(of), *(filled(value, height=10) for value in values)
