"""Electronic prescriptions under Guangdong's numbers (CFYLJG001 to CFYYJG111, YDZF102), as a plugin of its own as well.

Institutions of Guangdong know them through ``dongguan``. Where another province's prescription centre uses the same
numbers, a deployment there enables them beside its own plugin: ``plugins = ["guangdong_prescriptions"]``.

The flows of prescriptions speak them in the place of the national numbers. Only CFYYJG106 has a public table: of the
others the national one's is assumed, spelt as that table is; ``[spoken.NUMBER]`` of a deployment says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from liangding.contract import Declared, Deployment, SimulatedTransaction, Spoken, hookimpl
from liangding.contract.steps import Change

CHAPTER = "prescription_guangdong"

NAMES = {
    "CFYLJG001": "PreCheck",
    "CFYLJG002": "Sign",
    "CFYLJG003": "Upload",
    "CFYLJG004": "Withdraw",
    "CFYLJG005": "Query",
    "CFYLJG006": "QueryAudit",
    "CFYLJG007": "QueryDispensing",
    "CFYLJG008": "QueryPharmacies",
    "CFYLJG009": "QueryDrugs",
    "CFYYJG101": "AuthoriseRelease",
    "CFYYJG104": "Download",
    "CFYYJG105": "Check",
    "CFYYJG106": "UploadAudit",
    "CFYYJG107": "UploadSale",
    "CFYYJG108": "WithdrawSale",
    "CFYYJG109": "SyncDelivery",
    "CFYYJG110": "ConfirmReceipt",
    "CFYYJG111": "GetToken",
    "YDZF102": "UploadStock",
}

PRESCRIPTIONS: Mapping[str, str] = {infno: f"{__package__}.{CHAPTER}:{name}" for infno, name in NAMES.items()}

NATIONAL = {
    **{f"CFYLJG{number:03}": f"{7100 + number}" for number in range(1, 8)},
    "CFYLJG009": "7211",
    **{f"CFYYJG{number}": f"{7100 + number}" for number in (101, *range(104, 111))},
}
"""Which national transaction each stands for; CFYLJG008, CFYYJG111 and YDZF102 have no counterpart."""

PUBLIC = "CFYYJG106"


def _as(national: str) -> str:
    return f"没有公开的字段表：按 {national} 的表，字段名用下划线写法"


SPOKEN: Mapping[str, Spoken] = {
    **{infno: Spoken(stands_for=national, assumed=_as(national)) for infno, national in NATIONAL.items()},
    PUBLIC: Spoken(stands_for=NATIONAL[PUBLIC], node="rx_chk_up_info"),
    "CFYLJG009": Spoken(stands_for="7211", assumed="没有公开的字段表：最接近的是 7211，按它的表，字段名用下划线写法"),
    "CFYLJG008": Spoken(assumed="没有公开的字段表：问 fixmedins_code、med_list_codg，应答原样给出"),
    "CFYYJG111": Spoken(
        assumed="没有公开的字段表：给 fixmedins_code，令牌取自 access_token；其余 CFYYJG 除 106 外各带 access_token"
    ),
    "YDZF102": Spoken(assumed="没有公开的字段表：fixmedins_code 与 invinfo，各行同 3501A"),
}
"""How each is spoken, and what is taken for granted of it."""


@hookimpl
def liangding_transactions(deployment: Deployment) -> Mapping[str, Declared]:
    return PRESCRIPTIONS


@hookimpl
def liangding_spoken(deployment: Deployment) -> Mapping[str, Spoken]:
    return SPOKEN


@hookimpl
def liangding_flows(deployment: Deployment) -> Iterable[type[Any]]:
    from .prescription_flows import FLOWS  # flows are not loaded where only a call is made

    return FLOWS


@hookimpl
def liangding_flow_steps(flow: str, deployment: Deployment) -> Iterable[Change]:
    from .prescription_flows import changes

    return changes(flow)


@hookimpl
def liangding_simulate(deployment: Deployment) -> Mapping[str, SimulatedTransaction]:
    from .prescription_flows import PLAYED

    return PLAYED
