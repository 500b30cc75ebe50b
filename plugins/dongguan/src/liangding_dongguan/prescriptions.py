"""Electronic prescriptions under Guangdong's numbers (CFYLJG001 to CFYYJG111, YDZF102), as a plugin of its own as well.

Institutions of Guangdong know them through ``dongguan``. Where another province's prescription centre uses the same
numbers, a deployment there enables them beside its own plugin: ``plugins = ["guangdong_prescriptions"]``.
"""

from collections.abc import Mapping

from liangding.contract import Declared, Deployment, hookimpl

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


@hookimpl
def liangding_transactions(deployment: Deployment) -> Mapping[str, Declared]:
    return PRESCRIPTIONS
