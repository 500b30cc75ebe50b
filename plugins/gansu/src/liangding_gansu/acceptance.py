"""《医药机构API接口联调确认申请单》 and 《系统联调验收单》, laid out as the province prints them.

The print lost some boxes (门特门慢, 通过 beside 购药 and others): they are put back. What the province's project group
and the bureau write stays empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from liangding.contract import (
    Acceptance,
    Cell,
    Ends,
    Findings,
    Form,
    Kind,
    NewPage,
    Paragraph,
    Table,
    Tried,
    box,
    boxes,
    filled,
    label,
)

BUSINESSES = ("购药", "门诊", "门特门慢", "住院业务")

SHOWS = {
    "purchase-02": ("GS-024",),
    "stay-02": ("GS-025",),
    "visit-02": ("GS-026",),
    "visit-chronic": ("GS-027",),
    "visit-special": ("GS-028",),
} | {f"{script}-{medium}": ("GS-029", "GS-054") for script in ("purchase", "visit") for medium in ("03", "01")}
"""Usual scenarios, and the rows of the form that they show."""

INTERFACES = (
    (("购药", ("GS-024",)), ("住院业务", ("GS-025",))),
    (("门诊业务", ("GS-026",)), ("门慢业务", ("GS-027",))),
    (("门特业务", ("GS-028",)), ("读卡（电子凭证、社保卡、身份证）", ("GS-029",))),
    (("修改密码", ("GS-030",)), ("校验密码", ("GS-031",))),
    (("医药机构费用结算对总账", ("GS-032",)), ("医药机构费用结算对明细账", ("GS-033",))),
    (("事前明细审核分析服务", ("GS-034",)), ("事中明细审核分析服务", ("GS-035",))),
)
"""接口验证, two to a line."""

CATALOGUES = (
    (("药品目录", "GS-039"), ("服务项目", "GS-041")),
    (("医用耗材", "GS-043"), ("病种、诊断手术", "GS-045")),
)

LIST_TYPES = {"药品目录": "10", "服务项目": "20", "医用耗材": "30", "病种、诊断手术": "13"}
"""What the list_type of a catalogue's items begins with; of diseases and operations the number of their catalogue."""

OF_BUSINESS = {"购药": "GS-024", "门诊": "GS-026", "门慢": "GS-027", "门特": "GS-028", "住院": "GS-025"}

DATE = "            年      月      日"


def acceptance() -> Acceptance:
    forms = {"联调确认申请单": application, "系统联调验收单": acceptance_form}
    return Acceptance(forms=forms, shows=SHOWS, met=met)


def met(found: Findings) -> dict[str, Ends]:
    """The rows of the forms that are filled in, and the standards that the run shows."""
    institution = found.deployment.institution
    total, _ = counted(found)
    written = {
        "GS-009": institution.code, "GS-010": institution.name, "GS-011": found.fact("联系人"),
        "GS-012": found.fact("联系电话"), "GS-013": found.fact("HIS系统联系人"),
        "GS-014": found.fact("HIS系统联系电话"), "GS-015": found.fact("医保局"), "GS-016": businesses(found),
        "GS-019": institution.name, "GS-020": institution.code, "GS-021": businesses(found),
        "GS-022": found.fact("联调测试地址") or found.deployment.platform.url, "GS-023": True, "GS-036": total,
        "GS-037": total, "GS-038": matched(found, "药品目录"), "GS-040": matched(found, "服务项目"),
        "GS-042": matched(found, "医用耗材"),
        "GS-044": matched(found, "病种、诊断手术"), "GS-046": conclusion(found)[0], "GS-047": conclusion(found)[0],
    }  # fmt: skip
    return (
        {number: Ends.PASSED for number, value in written.items() if value}
        | _standards_met(found)
        | _verified_by_settling(found)
    )


def _verified_by_settling(found: Findings) -> dict[str, Ends]:
    """What the settlement of the matched items shows (``catalogue verify --settle``); of diseases and operations there
    are no rows in it."""
    settled = next((each.ends for each in found.tried if each.scenario.id == "matched-items"), None)
    if settled is None:
        return {}
    shown = {"GS-039": "药品目录", "GS-041": "服务项目", "GS-043": "医用耗材"}
    there = [number for number, name in shown.items() if (matched(found, name) or (0, 0))[1]]
    return dict.fromkeys(["GS-059", *there], settled)


def _standards_met(found: Findings) -> dict[str, Ends]:
    """一1 to 一7 and 二1, where the run shows them or the contrary. What cannot be said yet is left out."""
    settling = [each for each in found.tried if each.scenario.script.settles]
    if not any(each.ends is Ends.PASSED for each in settling):
        return {}
    doubtful = any(tally.doubtful or tally.refused for tally in found.tallies.values())
    told = {
        "GS-051": not doubtful,
        "GS-053": True,
        "GS-055": bool(found.deployment.features.password) or None,
        "GS-056": not found.garbled if found.read else None,
        "GS-052": True if all(each.ends is Ends.PASSED for each in settling) else None,
        "GS-057": True if all(found.has(infno) for infno in RECONCILED) else None,
        "GS-058": True if found.matched and all(due == done for due, done in found.matched.values()) else None,
    }
    return {number: Ends.PASSED if well else Ends.FAILED for number, well in told.items() if well is not None}


def businesses(found: Findings) -> list[str]:
    """What the institution is opened for, in the form's words; everything of its kind where nobody says."""
    institution = found.deployment.institution
    opened = list(institution.businesses) or (
        ["购药"] if institution.kind is Kind.PHARMACY else ["门诊", "门慢", "门特"]
        + (["住院"] if institution.kind is Kind.HOSPITAL else [])
    )  # fmt: skip
    words = {"门慢": "门特门慢", "门特": "门特门慢", "住院": "住院业务"}
    return list(dict.fromkeys(words.get(each, each) for each in opened))


def application(found: Findings) -> Form:
    """《医药机构API接口联调确认申请单》."""
    institution = found.deployment.institution
    bureau = found.fact("医保局") or "          市/区/县医疗保障局"
    asked = (
        f"{bureau}：\n        我机构已完成医疗机构API接口开发工作，已具备接口联调确认条件，特申请接口联调确认。\n"
        f"        申请联调业务包括：\n        {boxes(businesses(found), *BUSINESSES)}"
    )
    seal, stamped = f"医药机构（盖章）：\n\n\n{DATE}", f"市(区/县)医保局（盖章）：\n\n\n{DATE}"
    rows = (
        (label("医药机构编码"), filled(institution.code, columns=3)),
        (label("医药机构名称"), filled(institution.name, columns=3)),
        (label("医药机构联系人"), filled(found.fact("联系人")), label("联系电话"), filled(found.fact("联系电话"))),
        (
            label("HIS系统联系人"), filled(found.fact("HIS系统联系人")),
            label("联系电话"), filled(found.fact("HIS系统联系电话")),
        ),
        (filled(asked, columns=4, height=95, foot=seal),),
        (filled(f"{bureau}意见：", columns=4, height=85, foot=stamped),),
    )  # fmt: skip
    title = "医药机构API接口联调确认申请单"
    blocks = (Paragraph(text=title, size="title", align="center"), Table(widths=(1.3, 2, 1, 1.6), rows=rows))
    return Form(name=title, title=title, blocks=blocks)


# -- 系统联调验收单 ----------------------------------------------------------------------------------------------------


def acceptance_form(found: Findings) -> Form:
    """《系统联调验收单》, with the standards of its notes, each with what was found."""
    title = "系统联调验收单"
    return Form(
        name=title,
        title=title,
        blocks=(
            Paragraph(text=title, size="title", align="center"),
            Table(
                widths=(1.25, 1.45, 0.75, 0.75, 1.45, 0.75, 0.75),
                rows=(*_about(found), *_verified(found), *_end(found)),
            ),
            NewPage(),
            Paragraph(text="附：验证标准逐条核对", size="title", align="center"),
            *_standards(found),
        ),
    )


Rows = Sequence[tuple[Cell, ...]]


def _about(found: Findings) -> Rows:
    institution = found.deployment.institution
    return (
        (label("医药机构基本信息", columns=7),),
        (label("医药机构名称"), filled(institution.name, columns=6)),
        (
            label("医药机构编码"), filled(institution.code, columns=2), label("业务范围"),
            filled(boxes(businesses(found), *BUSINESSES), columns=3),
        ),
        (filled(f"联调测试地址：{found.fact('联调测试地址') or found.deployment.platform.url}", columns=7),),
        (label("接口类型"), filled("API嵌入式接口", columns=6)),
    )  # fmt: skip


def _verdict(ends: Ends | None) -> str:
    """通过 or 不通过, where it is known; both empty where it is not."""
    passed, failed = ends in (Ends.PASSED, Ends.STATED), ends in (Ends.FAILED, Ends.STANDING)
    return f"{box(passed, '通过')}  {box(failed, '不通过')}"


def _verified(found: Findings) -> Rows:
    interfaces = [
        (*((label("接口验证", rows=len(INTERFACES) + 1),) if i == 0 else ()), *_pair(found, left), *_pair(found, right))
        for i, (left, right) in enumerate(INTERFACES)
    ]
    total, passed = counted(found)
    interfaces.append(
        (label("接口总数"), filled(str(total), columns=2, align="center"),
         label("联调通过总数"), filled(str(passed), columns=2, align="center"))
    )  # fmt: skip
    matched = [
        (
            *((label("四目应匹配数及\n完成匹配数", rows=len(CATALOGUES)),) if i == 0 else ()),
            *(cell for name, _ in line for cell in (label(name), *_matched(found, name))),
        )
        for i, line in enumerate(CATALOGUES)
    ]
    checked = [
        (
            *((label("目录验证", rows=len(CATALOGUES)),) if i == 0 else ()),
            *(cell for name, row in line for cell in _pair(found, (name, (row,)))),
        )
        for i, line in enumerate(CATALOGUES)
    ]
    return (*interfaces, *matched, *checked)


def _pair(found: Findings, of: tuple[str, tuple[str, ...]]) -> tuple[Cell, Cell]:
    name, rows = of
    return label(name), filled(_verdict(found.ends(rows)), columns=2, align="center")


def _matched(found: Findings, name: str) -> tuple[Cell, Cell]:
    """How many were to be matched, and how many are: as the institution's matchings have it, else as it says."""
    counted = matched(found, name)
    told = map(str, counted) if counted else (found.fact(f"{name}应匹配数"), found.fact(f"{name}完成匹配数"))
    due, done = (filled(each, align="center") for each in told)
    return due, done


def matched(found: Findings, name: str) -> tuple[int, int] | None:
    """应匹配数 and 完成匹配数 of one of the four catalogues; None where the matchings have nothing of it."""
    counts = [count for kind, count in found.matched.items() if kind.startswith(LIST_TYPES.get(name, "-"))]
    return (sum(due for due, _ in counts), sum(done for _, done in counts)) if counts else None


def counted(found: Findings) -> tuple[int, int]:
    """接口总数: the transactions that were tried, and those that the form asks for. 联调通过总数: those that the
    platform accepted, with nothing left in doubt."""
    asked = [tally for tally in found.tallies.values() if tally.accepted or tally.refused or tally.doubtful]
    named = {infno for row in found.rows for infno in row.requirement.infnos if row.requirement.id in ASKED}
    total = {tally.infno for tally in asked} | named
    return len(total), sum(found.has(infno) for infno in total)


RECONCILED = ("3201", "3202", "3101", "3102")
"""What standard 一7 is about."""

ASKED = ("GS-032", "GS-033", "GS-034", "GS-035")
"""The rows of the form that name a transaction."""


def conclusion(found: Findings) -> tuple[str, str]:
    """完全通过, 基本通过 or 不通过 by the form's own definitions, and a remark; nothing where it is not known yet."""
    basic = [OF_BUSINESS[each] for each in _opened(found)]
    every = [number for line in INTERFACES for _, rows in line for number in rows if number not in OF_BUSINESS.values()]
    catalogues = [row for line in CATALOGUES for _, row in line]
    ends = {number: found.ends((number,)) for number in (*basic, *every, *catalogues)}
    failed = [number for number, each in ends.items() if each in (Ends.FAILED, Ends.STANDING)]
    if any(number in failed for number in basic):
        return "不通过", f"未通过：{_named(failed)}"
    done = (Ends.PASSED, Ends.STATED)
    missing = [number for number, each in ends.items() if each not in done]
    if any(number in missing for number in basic):
        return "", f"尚未联调：{_named([n for n in basic if n in missing])}"
    if not missing and counted(found)[0] == counted(found)[1]:
        return "完全通过", ""
    return "基本通过", f"尚缺：{_named(missing)}"


def _opened(found: Findings) -> list[str]:
    opened = found.deployment.institution.businesses
    words = businesses(found)
    every = {"购药": ["购药"], "门诊": ["门诊"], "门特门慢": ["门慢", "门特"], "住院业务": ["住院"]}
    return [each for word in words for each in every.get(word, []) if not opened or each in opened]


def _named(numbers: Iterable[str]) -> str:
    named = {number: name for line in INTERFACES for name, rows in line for number in rows}
    named |= {number: f"{name}验证" for line in CATALOGUES for name, number in line}
    return "、".join(named[number] for number in numbers)


def _end(found: Findings) -> Rows:
    ends, remark = conclusion(found)
    well = {"完全通过": "通过", "基本通过": "通过", "不通过": "不通过"}.get(ends, "")
    definitions = (
        ("完全通过", "，已按接口规范完成测试并报销政策正确，目录验证结果正确，满足上线试运行条件；"),
        ("基本通过", "，已完成基本接口，可以保证基本业务正常办理，未实现政策验证，不满足上线试运行条件；"),
        ("不通过", f"。备注：{remark if ends == '不通过' else ''}"),
    )
    told = "\n".join(f"{box(ends == name, name)}{meaning}" for name, meaning in definitions)
    return (
        (
            label("验证结果"),
            filled(f"{box(well == '通过', '通过')}    {box(well == '不通过', '不通过')}    备注：{remark}", columns=6),
        ),
        (label("综合测试结论", columns=7),),
        (
            label("综合验证结论"),
            filled(told, columns=6, height=46, foot=f"省项目组联调人：\n\n日期：{DATE}"),
        ),
        (label("医药机构签字确认", columns=7),),
        (
            filled(
                "\n定点医药机构签名（盖章）：\n\n\n\n市(区/县)医保局签名：", columns=7, height=46, foot=f"日期{DATE}"
            ),
        ),
    )  # fmt: skip


# -- the standards -----------------------------------------------------------------------------------------------------


def _standards(found: Findings) -> Iterable[Paragraph | Table]:
    tried = [tally for tally in found.tallies.values() if tally.accepted or tally.refused or tally.doubtful]
    doubtful, refused = sum(tally.doubtful for tally in tried), sum(tally.refused for tally in tried)
    media = {
        each.scenario.credential for each in found.tried if each.ends is Ends.PASSED and each.scenario.script.settles
    }
    settled = [each for each in found.tried if each.scenario.script.settles]
    passed = [each for each in settled if each.ends is Ends.PASSED]
    amounts = f"{len(passed)} 个结算场景通过：预结算与结算逐项核对，金额关系不成立的停在结算之前"
    first = (
        (
            "1、联调无超时、无报错，操作流畅",
            f"共联调 {len(tried)} 个接口；超时或结果不明 {doubtful} 次，被拒绝 {refused} 次",
        ),
        ("2、业务流程正确，业务规则符合接口文档的规定", _scenarios(settled)),
        ("3、返回的计算结果正确，无误", amounts if passed else "尚未结算；报销政策须由项目组核对"),
        ("4、身份证、社保卡、电子凭证三种方式都支持", boxes([NAMES[each] for each in media], *NAMES.values())),
        ("5、结算需要密码校验", _password(found)),
        ("6、结算业务数据不能出现乱码", _legible(found)),
        ("7、对账、事前与事中明细审核已改造", _reconciled(found)),
    )  # fmt: skip
    second = (
        ("1、在用目录全部完成匹配", _all_matched(found)),
        ("2、已匹配目录做出院结算，明细逐行核对", _told(found, "GS-059")),
        ("3、导出疾病、手术匹配表，说明名称差距", _told(found, "GS-060")),
    )
    for title, standards in (("一、两定接口验证标准", first), ("二、目录匹配验证标准", second)):
        yield Paragraph(text=title, size="heading")
        rows = tuple((filled(standard), filled(what)) for standard, what in standards)
        yield Table(widths=(1, 1.4), rows=((label("标准"), label("联调所见")), *rows), repeated=1)


NAMES = {"02": "身份证", "03": "社保卡", "01": "电子凭证"}


def _scenarios(settled: Sequence[Tried]) -> str:
    told = [f"{each.scenario.title} {each.ends.chinese}" for each in settled]
    return "\n".join(told) or "没有场景"


def _password(found: Findings) -> str:
    features = found.deployment.features
    if not features.password:
        return "部署没有配置密码校验（features.password）；本省用哪一种没有公开"
    ways = (f"{kind}（{features.password_by.get(kind, '设备')}）" for kind in features.password)
    return f"凭证类型 {'、'.join(ways)} 在结算之前校验；本省用哪一种没有公开"


def _legible(found: Findings) -> str:
    if not found.read:
        return "尚未联调"
    told = f"查看了 {found.read} 个作为证据的应答"
    return f"{told}，有乱码：报文 {'、'.join(found.garbled)}" if found.garbled else f"{told}，没有乱码"


def _reconciled(found: Findings) -> str:
    told = "；".join(f"{infno} {'已受理' if found.has(infno) else '尚未联调'}" for infno in RECONCILED)
    audited = found.deployment.features.audit not in (None, "off")
    return told if audited else f"{told}（部署没有打开明细审核 features.audit）"


def _all_matched(found: Findings) -> str:
    counts = {name: matched(found, name) for name in LIST_TYPES}
    told = "；".join(f"{name} 应匹配 {due}、完成 {done}" for name, (due, done) in _known(counts))
    return "\n".join(filter(None, (told, _told(found, "GS-058"))))


def _known(counts: Mapping[str, tuple[int, int] | None]) -> list[tuple[str, tuple[int, int]]]:
    return [(name, count) for name, count in counts.items() if count is not None]


def _told(found: Findings, number: str) -> str:
    row = found.row(number)
    if row is None:
        return ""
    return row.stated or ("尚未完成" if row.ends is Ends.OPEN else row.ends.chinese)
