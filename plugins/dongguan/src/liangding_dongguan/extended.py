"""The extended transactions of Guangdong (省级扩展交易): 33 numbers, each imported when it is first used.

All are declared for every city of the province; where each was seen stands in its rules. For ten of them, named by
东莞市医疗保障两定机构信息化事项要求（附件6）, nobody has published a table: their bodies pass as they stand.
"""

from collections.abc import Mapping

CHAPTERS: Mapping[str, Mapping[str, str]] = {
    "entitlements": {"1160": "QueryApplications", "90100": "QueryPayments"},
    "bills": {"2260": "Settle", "2261": "CancelSettlement"},
    "mappings": {"3360": "End", "5163": "Query"},
    "beds": {"3461": "Upload", "3462": "Change", "3463": "Withdraw"},
    "physicians": {"3467": "Upload", "3468": "Change", "3469": "Withdraw"},
    "list_scores": {"4160": "Query", "90306": "WithdrawList"},
    "sheets": {"5260": "Download", "5261": "QueryReimbursements"},
    "filings": {
        "90101": "QueryMaternity",
        "90102": "QueryFamilyDoctors",
        "90103": "QueryHomeBeds",
        "90104": "QueryChronicDiseases",
        "90201": "RegisterMaternity",
        "90202": "SignFamilyDoctor",
        "90203": "RegisterHomeBed",
        "90206": "RegisterChronicDisease",
        "90215": "QueryTransfers",
        "90304": "CancelChronicDisease",
        "90517": "UploadUnemployedSpouse",
    },
    "designations": {
        "90110": "QueryDesignation",
        "90111": "QueryInstitutions",
        "90210": "Designate",
        "90211": "ChangeDesignation",
    },
    "monthly": {"90502": "QuerySettlements", "90504": "QueryMonth"},
}

EXTENDED: Mapping[str, str] = {
    infno: f"{__package__}.{chapter}:{name}" for chapter, held in CHAPTERS.items() for infno, name in held.items()
}

UNPUBLISHED = (
    "90104", "90110", "90206", "90210", "90211", "90215", "90304", "90306", "90504", "90517",
)  # fmt: skip
"""Those of which nobody has published a table."""
