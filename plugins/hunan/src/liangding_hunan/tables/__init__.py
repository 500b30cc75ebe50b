"""The transactions that are known from Hunan's edition of the specification alone (V1.1.27, 2024-10-14): 40 numbers.

Elsewhere some of these numbers mean something else (3660 and 3661 audits, 3691 to 3699 clearing). They are a plugin of
their own as well: where another province has taken them over, a deployment there enables them beside its own plugin,
``plugins = ["hunan_tables"]``.
"""

from collections.abc import Mapping

from liangding.contract import Declared, Deployment, hookimpl

CHAPTERS: Mapping[str, Mapping[str, str]] = {
    "offsite_purchase": {
        "2161": "QueryPerson",
        "2163": "Refund",
        "2166": "PlaceOrder",
        "2167": "CancelOrder",
        "2170": "QueryOrders",
        "2171": "QuerySettlements",
        "2181": "Reverse",
    },
    "offsite_accounts": {
        "2172": "QueryMonthTotals",
        "2173": "QueryMonthDetails",
        "2174": "QueryMonthFunds",
        "2175": "QueryPharmacyDetails",
        "2176": "QueryPharmacyTotals",
    },
    "stays": {"2306": "ChangeRemark", "2406": "UploadAttribute", "2407": "QueryAttributes"},
    "grouping": {
        "3601": "QuerySpecialCases",
        "3602": "ApplySpecialCase",
        "3603": "ChangeSpecialCase",
        "3604": "QuerySpecialCaseOpinions",
        "3605": "QueryDrgResults",
        "3606": "QueryDipResults",
        "3607": "QueryQualityControl",
        "3608": "SummariseDip",
        "3609": "CountDip",
        "3610": "SummariseDrg",
        "3611": "CountDrg",
    },
    "appeals": {"3701": "QueryFindings", "3702": "Appeal", "3703": "RequestReview", "3704": "UploadAttachment"},
    "self_pay": {"4261": "UploadWhole", "4262": "ReconcileFees", "4263": "QueryMismatches"},
    "recognition": {"5461": "Authorise"},
    "faces": {"9601": "Recognise", "9602": "RegisterSpecially", "9603": "CreateTemplate"},
    "ward_checks": {"9604": "QueryTasks", "9605": "Object"},
    "policies": {"100001": "QueryItems"},
}

DECLARED: Mapping[str, str] = {
    infno: f"{__name__}.{chapter}:{name}" for chapter, held in CHAPTERS.items() for infno, name in held.items()
}


@hookimpl
def liangding_transactions(deployment: Deployment) -> Mapping[str, Declared]:
    return DECLARED
