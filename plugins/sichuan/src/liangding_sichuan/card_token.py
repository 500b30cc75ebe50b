"""The token of the safety control (安全控件) and where it travels.

The control reads the e-credential or the social security card and answers a 校验介质 (``card_token``) beside the
person's facts (工作指引第五章). It goes to the platform in the object ``expContent`` of the business node, not as a
field of the node itself; the place is from one vendor's test programs in Yibin and Ziyang (medium confidence).
"""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from liangding.spec import Amendment, adds, amends, nested, node, required_when, text

ALWAYS = required_when("安全控件取得校验介质后必传：药店、门诊一次就医用同一个，住院每次调用各取一个")


@node
class Extension:
    """扩展内容."""

    card_token: Annotated[str | None, text(None, "校验介质", note="由安全控件给出，属机密")] = None


CardToken: TypeAlias = Annotated[Extension | None, nested("扩展内容", wire="expContent"), ALWAYS]
"""``expContent`` with the token in it, wherever the nation has 字段扩展."""

CARRIERS: Mapping[str, str] = {
    "1101": "data", "2201": "data", "2202": "data", "2203": "mdtrtinfo", "2203A": "mdtrtinfo", "2204": "feedetail",
    "2206": "data", "2206A": "data", "2207": "data", "2207A": "data", "2303": "data", "2303A": "data",
    "2304": "data", "2304A": "data", "2401": "mdtrtinfo", "2101": "druginfo", "2101A": "druginfo", "2102": "druginfo",
    "2102A": "druginfo", "2103": "data", "2208": "data", "2305": "data",
}  # fmt: skip
"""The business node that carries the token: of what is settled and taken back, and of what leads to it."""

INFERRED = {
    "2203": "2203A", "2206": "2206A", "2207": "2207A", "2303A": "2303", "2304A": "2304", "2101": "2206A",
    "2101A": "2206A", "2102": "2207A", "2102A": "2207A", "2103": "2202", "2208": "2202", "2305": "2202",
}  # fmt: skip
"""Where it was not seen, and the transaction whose place is taken for it. That purchases, refunds and what takes a
settlement back go with a token is the document's own word (工作指引第五章、第六章); where in them, is not."""

REMARKS = {
    "1101": "；参保地用安全控件给出的 insuplc_admdvs",
    "2207A": "；取它时传给安全控件的交易号就是 2207A",
} | {infno: f"；放置位置只见于 {seen}，此处为推断" for infno, seen in INFERRED.items()}


def _amendment(infno: str, node: str) -> Amendment:
    place = "每一行明细的 expContent" if node == "feedetail" else f" {node}.expContent"
    note = f"四川：校验介质 card_token 放在{place} 中{REMARKS.get(infno, '')}"
    return amends(note=note, confidence="low" if infno in INFERRED else "medium", **{node: adds(expContent=CardToken)})


AMENDED = {infno: _amendment(infno, node) for infno, node in CARRIERS.items()}
