"""Keys that cross-province visits put into 字段扩展 (异地就医 2.1): typed, and held against the kind of visit.

The five keys are capitals in one JSON object (official text of one province, two code bases). What they may be is from
published code tables; when they must be there, from that one text, and therefore a warning.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from ..spec import Does, Of
from ..spec.codes import find_code_table
from ..spec.locating import find
from ..spec.nodes import beyond
from ..spec.problems import Problem
from .circumstances import Circumstances

EMERGENCY = "13"
"""med_type 急诊."""


@attrs.frozen(kw_only=True)
class Key:
    """One key: its label; the code table named like it says what it may be. ``emergency`` is what alone it may be for
    an emergency; it goes with transactions that do something ``of`` these, unless they ``never`` bring it."""

    label: str
    emergency: tuple[str, ...] = ()
    of: tuple[Of, ...] = (Of.VISIT, Of.STAY)
    never: tuple[Does, ...] = ()


KEYS: Mapping[str, Key] = {
    "MDTRT_GRP_TYPE": Key(label="就诊人群类型", never=(Does.UPLOADS,)),
    "TRUM_FLAG": Key(label="外伤标志"),
    "REL_TTP_FLAG": Key(label="涉及第三方标志"),
    "IPT_TYPE": Key(label="住院类型", emergency=("2",), of=(Of.STAY,)),
    "OTP_ER_REFL_FLAG": Key(label="门诊急诊转诊标志", emergency=("1", "3"), of=(Of.VISIT,)),
}


def keys_for(does: Does, of: Of | None) -> tuple[str, ...]:
    """The keys that go with a transaction that does this."""
    return tuple(name for name, key in KEYS.items() if of in key.of and does not in key.never)


def cross_province(node: str) -> Callable[[Any, Circumstances], Iterator[Problem]]:
    """The keys in the extension of ``node``, where there are any: each a value of its table, an injury with whether a
    third party is concerned, an emergency as one."""

    def check(message: Any, _: Circumstances) -> Iterator[Problem]:
        held = getattr(message, node, None)
        given = _extension(getattr(held, "exp_content", None))
        med_type = find(message, "med_type")
        for name, value in given.items():
            key = KEYS.get(name) or KEYS.get(name.upper())
            if key is not None:
                path = ("input", node, "exp_content", name)
                yield from _wrong(path, name, key, value, med_type)
        if given.get("TRUM_FLAG") == "1" and not given.get("REL_TTP_FLAG"):
            path = ("input", node, "exp_content", "REL_TTP_FLAG")
            text = "外伤（TRUM_FLAG 为 1）时必填，未给出"
            yield Problem(path=path, rule="condition", message=text, label=KEYS["REL_TTP_FLAG"].label, level="warning")

    return check


def _wrong(path: tuple[str, ...], name: str, key: Key, value: Any, med_type: Any) -> Iterator[Problem]:
    if name not in KEYS:
        yield Problem(path=path, rule="spelling", message=f"应写作 {name.upper()}", label=key.label, level="warning")
        return
    table = find_code_table(name.lower())
    if table is not None and value not in table:
        text = f"不在字典 {table.table}（{table.name}）之中"
        yield Problem(path=path, rule="code", message=text, label=key.label, value=str(value))
    elif med_type == EMERGENCY and key.emergency and value not in key.emergency:
        text = f"急诊（med_type 13）时应为 {'、'.join(key.emergency)}"
        yield Problem(path=path, rule="condition", message=text, label=key.label, value=str(value), level="warning")


def _extension(held: Any) -> Mapping[str, Any]:
    """What the extension holds; nothing where it is no JSON object."""
    if isinstance(held, str):
        try:
            held = json.loads(held)
        except ValueError:
            return {}
    if attrs.has(type(held)):
        return beyond(held)
    return held if isinstance(held, dict) else {}
