"""The token of the safety control (安全控件) and where it travels.

The control reads the e-credential or the social security card and answers a 校验介质 (``card_token``) beside the
person's facts (工作指引第五章). It goes to the platform in the object ``expContent`` of the business node, not as a
field of the node itself; the place is from one vendor's test programs in Yibin and Ziyang (medium confidence).
"""

from typing import Annotated, TypeAlias

from liangding.spec import nested, node, required_when, text

ALWAYS = required_when("安全控件取得校验介质后必传：药店、门诊一次就医用同一个，住院每次调用各取一个")


@node
class Extension:
    """扩展内容."""

    card_token: Annotated[str | None, text(None, "校验介质", note="由安全控件给出，属机密")] = None


CardToken: TypeAlias = Annotated[Extension | None, nested("扩展内容", wire="expContent"), ALWAYS]
"""``expContent`` with the token in it, wherever the nation has 字段扩展."""
