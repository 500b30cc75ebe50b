"""《接口测试情况表》, test script and pass standard. Annexes 3 to 5 are not public: the layout is our own, and says so.

The notice names five kinds of insured persons, three media, local and off-site, and 就医、购药 (一); the report goes in
five steps (四(三)).
"""

from __future__ import annotations

from collections.abc import Iterator

from liangding.contract import (
    Acceptance,
    Cell,
    Ends,
    Findings,
    Form,
    Group,
    Kind,
    Paragraph,
    Scenario,
    Script,
    Table,
    Whereabouts,
    filled,
    label,
)

GROUPS: dict[Group, str] = {
    "职工": "城镇职工", "居民": "城乡居民", "生育": "生育保险", "医疗救助": "医疗救助", "离休": "离休干部"
}  # fmt: skip
WORDS: dict[Group, str] = {
    "职工": "employee", "居民": "resident", "生育": "birth", "医疗救助": "aid", "离休": "veteran"
}  # fmt: skip
MEDIA = {"01": "医保电子凭证", "03": "社会保障卡", "02": "居民身份证"}
PLACES: dict[Whereabouts, str] = {"local": "本地", "province": "省内异地", "cross": "跨省异地"}
SCRIPTS = {Script.PURCHASE: "购药", Script.VISIT: "门诊", Script.STAY: "住院"}
KINDS = {
    Script.PURCHASE: (Kind.PHARMACY,),
    Script.VISIT: (Kind.CLINIC, Kind.HOSPITAL),
    Script.STAY: (Kind.HOSPITAL,),
}
PEOPLE = {"职工": "SX-002", "居民": "SX-003", "生育": "SX-004", "医疗救助": "SX-005", "离休": "SX-006"}
CREDENTIALS = {"01": "SX-007", "03": "SX-008", "02": "SX-009"}
WHERE = {"local": "SX-011", "province": "SX-012", "cross": "SX-013"}

OWN = "附件 3 至 5 没有公开：版式为本系统自拟，上报前请换用医保部门发放的表样"

STEPS = (
    ("1", "定点医药机构完成联调测试，填写并加盖公章", "机构盖章"),
    ("2", "上报县（区）医保经办机构汇总", "县级汇总"),
    ("3", "市医保经办机构审核", "市经办审核"),
    ("4", "市（区）医保局审定", "市局审定"),
    ("5", "以市（区）为单位汇总报省医保局", "报省局"),
)


def acceptance() -> Acceptance:
    return Acceptance(
        scenarios=tuple(scenarios()),
        forms={"接口测试情况表": results, "接口测试脚本与通过标准": script_and_standard},
    )


def number(script: Script, group: Group, medium: str, place: Whereabouts) -> str:
    """The scenario's id: that of the usual one for a local employee."""
    if (group, place) == ("职工", "local"):
        return f"{script.word}-{medium}"
    return f"{script.word}-{WORDS[group]}-{medium}-{place}"


def scenarios() -> Iterator[Scenario]:
    """Every kind of person with every medium, local and off-site; births are of women who are insured here."""
    for script, kinds in KINDS.items():
        for group in GROUPS:
            for place in PLACES:
                for medium, name in MEDIA.items():
                    bought = ("SX-014",) if script is Script.PURCHASE and (group, place) == ("职工", "local") else ()
                    yield Scenario(
                        id=number(script, group, medium, place),
                        title=f"{SCRIPTS[script]}：{GROUPS[group]}，{PLACES[place]}，{name}",
                        script=script, kinds=kinds, credential=medium, group=group, place=place,
                        shows=(*bought, *_shows(group, medium, place)),
                    )  # fmt: skip


def _shows(group: Group, medium: str, place: Whereabouts) -> tuple[str, ...]:
    """What a scenario shows: the person where all else is usual, and so on, so that one row is shown by one thing."""
    shown = [PEOPLE[group]] if (medium, place) == ("02", "local") else []
    shown += [CREDENTIALS[medium]] if (group, place) == ("职工", "local") else []
    shown += [WHERE[place]] if (group, medium) == ("职工", "02") else []
    return tuple(shown)


def results(found: Findings) -> Form:
    """《陕西省医疗保障信息平台定点医药机构接口测试情况表》."""
    title = "陕西省医疗保障信息平台定点医药机构接口测试情况表"
    institution = found.deployment.institution
    tried = {each.scenario.id: each for each in found.tried}
    kinds = [script for script in SCRIPTS if institution.kind in KINDS[script]]
    about = (
        (label("机构名称"), filled(institution.name), label("机构编码"), filled(institution.code)),
        (label("机构类别"), filled(institution.kind.chinese), label("就医地区划"), filled(institution.area)),
        (label("联系人"), filled(found.fact("联系人")), label("联系电话"), filled(found.fact("联系电话"))),
        (label("软件服务商"), filled(found.fact("软件服务商")), label("填表日期"), filled(f"{found.today:%Y-%m-%d}")),
    )
    heads = (
        (label("业务", rows=2), label("参保人员", rows=2), *(label(name, columns=3) for name in PLACES.values())),
        tuple(label(short) for _ in PLACES for short in ("电子凭证", "社保卡", "身份证")),
    )
    rows: list[tuple[Cell, ...]] = []
    for script in kinds:
        for i, group in enumerate(GROUPS):
            first = (label(SCRIPTS[script], rows=len(GROUPS)),) if i == 0 else ()
            cells = [
                filled(_mark(tried[number(script, group, medium, place)].ends), align="center")
                for place in PLACES
                for medium in MEDIA
            ]
            rows.append((*first, filled(GROUPS[group]), *cells))
    done = [each for each in found.tried if each.ends is Ends.PASSED]
    accepted = sum(tally.passed for tally in found.tallies.values())
    tally = f"场景 {len(found.tried)} 个，通过 {len(done)} 个；接口 {len(found.tallies)} 个，受理且无疑问 {accepted} 个"
    return Form(
        name="接口测试情况表",
        title=title,
        landscape=True,
        note=OWN,
        blocks=(
            Paragraph(text=title, size="title", align="center"),
            Table(widths=(1, 2.5, 1, 2.5), rows=about),
            Paragraph(text="测试情况（√ 通过，× 未通过，空白 尚未测试）", size="heading"),
            Table(widths=(0.8, 1.4, *(1.0,) * 9), rows=(*heads, *rows), repeated=2),
            Paragraph(text=tally),
            Paragraph(text="逐级上报", size="heading"),
            Table(widths=(0.4, 3.2, 1.6, 1.8), rows=(_HEAD, *(_step(found, *step) for step in STEPS))),
            Paragraph(text="医药机构（公章）：                            日期：      年    月    日", align="right"),
        ),
    )


_HEAD = (label("步骤"), label("内容"), label("情况"), label("签章、日期"))


def _step(found: Findings, number: str, what: str, fact: str) -> tuple[Cell, ...]:
    done = found.fact(fact)
    return filled(number, align="center"), filled(what), filled(done or "尚未办理"), filled()


def _mark(ends: Ends) -> str:
    return {Ends.PASSED: "√", Ends.FAILED: "×", Ends.STANDING: "×", Ends.UNKNOWN: "待查"}.get(ends, "")


def script_and_standard(found: Findings) -> Form:
    """Test script and pass standard, as this institution was tested."""
    title = "陕西省医疗保障信息平台定点医药机构接口测试脚本与通过标准"
    standard = (
        "一个场景通过，须做到：各步交易都被平台受理；预结算与结算的金额逐项一致、关系成立；"
        "结算后 5201、5203、5204（门诊与住院还有 5202）查得到；随后逐级撤销，平台上不留有效结算；没有结果不明的调用。"
    )
    heading = tuple(label(text) for text in ("场景", "内容", "步骤", "结果", "结算ID", "说明"))
    rows = [
        (
            filled(each.scenario.id), filled(each.scenario.title), filled(each.scenario.script.chinese),
            filled(each.ends.chinese), filled("\n".join(each.setl_ids)), filled(each.why),
        )
        for each in found.tried
    ]  # fmt: skip
    return Form(
        name="接口测试脚本与通过标准",
        title=title,
        landscape=True,
        note=OWN,
        blocks=(
            Paragraph(text=title, size="title", align="center"),
            Paragraph(text="通过标准", size="heading"),
            Paragraph(text=standard, indent=2),
            Paragraph(text="测试脚本与结果", size="heading"),
            Table(widths=(1.7, 2.2, 2, 0.9, 1.8, 1.8), rows=(heading, *rows), repeated=1),
        ),
    )
