"""What is different between two regions, or between a region and the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from ..config import Kind
from ..contract.region import EVERY_CHAPTER, FixedValues, Place, Region
from ..spec import Transaction
from ..spec.nodes import Member, Shape, Undeclared, is_list, members, node_of
from ..spec.writing import WireStyle
from .fixed import several
from .regions import SeenMessages

PUBLIC, NOT_PUBLIC = "有字段表", "字段未公开"

TRACE_CODES = {"settlement": "随结算", "sale": "随销售上传", "both": "结算与销售上传都带"}


@attrs.frozen
class RegionDifference:
    """One thing, and how it stands on each side; empty where a side has nothing of the kind."""

    what: str
    left: str
    right: str


@attrs.frozen(kw_only=True)
class Comparison:
    """``left`` and ``right`` name the regions. ``only_left`` and ``only_right`` are transactions that one side has;
    ``changed`` what differs in one that both have, by infno; ``unanswered_*`` what has still to be asked of one region
    and not of the other."""

    left: str
    right: str
    region: tuple[RegionDifference, ...]
    only_left: tuple[Transaction, ...]
    only_right: tuple[Transaction, ...]
    changed: Mapping[str, tuple[RegionDifference, ...]]
    fixed: tuple[RegionDifference, ...]
    codes: tuple[RegionDifference, ...]
    around: tuple[RegionDifference, ...]
    unanswered_left: tuple[str, ...]
    unanswered_right: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        def listed(differences: tuple[RegionDifference, ...]) -> list[dict[str, str]]:
            return [attrs.asdict(each) for each in differences]

        return {
            "left": self.left, "right": self.right, "region": listed(self.region),
            "only_left": [t.infno for t in self.only_left], "only_right": [t.infno for t in self.only_right],
            "changed": {infno: listed(found) for infno, found in self.changed.items()},
            "fixed": listed(self.fixed), "codes": listed(self.codes), "around": listed(self.around),
            "unanswered_left": list(self.unanswered_left), "unanswered_right": list(self.unanswered_right),
        }  # fmt: skip


def compare(left: SeenMessages, right: SeenMessages) -> Comparison:
    """Everything that differs; what both do alike is left out."""
    mine, theirs = set(left.interfaces.numbers()), set(right.interfaces.numbers())
    return Comparison(
        left=left.region.name,
        right=right.region.name,
        region=tuple(_unlike(_of_region(left), _of_region(right))),
        only_left=tuple(left.interfaces[n] for n in sorted(mine - theirs)),
        only_right=tuple(right.interfaces[n] for n in sorted(theirs - mine)),
        changed=dict(_changed(left, right)),
        fixed=tuple(_unlike(_fixed(left.fixed), _fixed(right.fixed))),
        codes=tuple(_unlike(_codes(left), _codes(right))),
        around=tuple(_unlike(_around(left), _around(right))),
        unanswered_left=_without(left.region.unanswered, right.region.unanswered),
        unanswered_right=_without(right.region.unanswered, left.region.unanswered),
    )


def _without(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in mine if each not in theirs)


def _unlike(left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[RegionDifference]:
    for what in dict.fromkeys((*left, *right)):
        if left.get(what, "") != right.get(what, ""):
            yield RegionDifference(what, left.get(what, ""), right.get(what, ""))


# -- what a region says of itself --------------------------------------------------------------------------------------


def _of_region(seen: SeenMessages) -> dict[str, str]:
    region = seen.region
    facts = {
        "2601 可冲正": "按基线" if region.reversible is None else " ".join(sorted(region.reversible)),
        "A 版交易": _a_variants(region),
        "基金支付总额含个人账户": "是" if region.circumstances.fund_includes_account else "否",
    }
    for kind, of_kind in seen.regions.items():
        facts[f"{kind.chinese}的追溯码"] = TRACE_CODES[of_kind.trace_codes]
        facts[f"{kind.chinese}结算的险种"] = " ".join(of_kind.insurances.get(kind, ())) or "不限"
        for place in Place:
            facts[f"{kind.chinese}{place.value}的 clr_type"] = of_kind.clearing.get(kind, {}).get(place, "")
    return facts | {f"写法 {name}": text for name, text in _of_style(region.style).items()}


A_VARIANTS = {"never": "不用", "cross_province": "跨省参保人用", "local": "本地参保人用", "always": "都用"}


def _a_variants(region: Region) -> str:
    """For whom the transactions with A are, and the chapters where it is otherwise."""
    others = A_VARIANTS[region.a_variant(EVERY_CHAPTER)]
    apart = (f"{chapter} {A_VARIANTS[rule]}" for chapter, rule in region.a_variants.items() if chapter != EVERY_CHAPTER)
    return "；".join((others, *apart))


def _of_style(style: WireStyle) -> dict[str, str]:
    def said(value: object) -> str:
        return " ".join(sorted(value)) if isinstance(value, frozenset) else "" if value is None else str(value)

    return {field.name: said(getattr(style, field.name)) for field in attrs.fields(WireStyle)}


# -- declarations ------------------------------------------------------------------------------------------------------


def _changed(left: SeenMessages, right: SeenMessages) -> Iterator[tuple[str, tuple[RegionDifference, ...]]]:
    for infno in left.interfaces.numbers():
        if infno not in right.interfaces:
            continue
        mine, theirs = left.interfaces[infno], right.interfaces[infno]
        if mine.cls is not theirs.cls:
            found = tuple(_unlike(_of_transaction(mine), _of_transaction(theirs)))
            if found:
                yield infno, found


def _of_transaction(transaction: Transaction) -> dict[str, str]:
    facts = {
        "名称": transaction.name,
        "把握": transaction.confidence,
        "字段": PUBLIC if transaction.public else NOT_PUBLIC,
        "撤销": transaction.undone_by or "",
        "2601": "可冲正" if transaction.reversible else "",
        "路径": transaction.path or "",
    }
    for side, shape in (("输入", transaction.input), ("输出", transaction.output)):
        facts.update(_of_shape(side, shape))
    return facts


def _of_shape(side: str, shape: Shape) -> Iterator[tuple[str, str]]:
    node = node_of(shape)
    if node is Undeclared:
        return
    if is_list(shape):
        yield side, "列表"
    for member in members(node):
        yield from _of_member(side, member)


def _of_member(above: str, member: Member) -> Iterator[tuple[str, str]]:
    """Places go by the attributes of the declaration, so that a renamed node is one difference and not two."""
    place = f"{above}.{member.attribute}"
    yield place, _said(member)
    for inner in members(member.node) if member.node else ():
        yield from _of_member(place, inner)


def _said(member: Member) -> str:
    """A member in a line: key where it is another, kind, length, need."""
    need = {"Y": "必填", "C": "有条件必填", "N": "可选"}[member.requirement]
    key = f"键 {member.wire}" if member.wire != member.attribute else ""
    if member.node is not None:
        return "，".join(filter(None, (key, "多行" if member.repeats else "一行", need)))
    field = member.field
    assert field is not None
    length = "" if field.length is None else f"({field.length}{'' if field.scale is None else f',{field.scale}'})"
    table = f"字典 {field.code_table}" if field.code_table else ""
    return "，".join(filter(None, (key, f"{field.label} {field.type}{length}", table, need)))


# -- values and wrappers -----------------------------------------------------------------------------------------------


def _fixed(by_kind: Mapping[Kind, FixedValues]) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, values in by_kind.items():
        for infno, fields in values.items():
            for field, value in fields.items():
                found[f"{kind.chinese} {'所有交易' if infno == '*' else infno} {field}"] = (
                    " 或 ".join(several(value)) or "空"
                )
    return found


def _codes(seen: SeenMessages) -> dict[str, str]:
    return {f"{table} {value.code}": value.name for table, values in seen.codes.items() for value in values}


def _around(seen: SeenMessages) -> dict[str, str]:
    """What is done around an interface; the docstring's part after its number."""
    return {infno: told.partition("：")[2] or told for infno, _, told in seen.around()}
