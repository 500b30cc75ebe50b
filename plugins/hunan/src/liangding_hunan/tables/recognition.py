"""Mutual recognition of examination results (检查检验互认): transaction 5461."""

from typing import Annotated

from liangding.spec import Does, Of, chapter, code, node, required_when, text

transaction = chapter("recognition", "信息查询/检查检验互认")


@node
class Authorisation:
    """Who authorises, by which credential."""

    psnNo: Annotated[str, text(30, "人员编号")]
    mdtrtCertType: Annotated[str, code("mdtrt_cert_type", "就诊凭证类型", length=3)]
    mdtrtCertNo: Annotated[str, text(50, "就诊凭证编号", note="01 电子凭证令牌，02 身份证号，03 社保卡号")]
    cardSn: Annotated[str | None, text(32, "卡识别码"), required_when("凭证类型为 03 时必填", mdtrtCertType="03")] = (
        None
    )
    ecToken: Annotated[
        str | None, text(40, "身份核验令牌"), required_when("凭证类型为 01 时必填", mdtrtCertType="01")
    ] = None
    psnUserIdCard: Annotated[str, text(20, "证件号码", personal=True)]
    psnUserName: Annotated[str, text(32, "授权人姓名", personal=True)]


@transaction(
    "5461",
    "检查检验结果互认查询授权申请",
    "authorisation to query mutual recognition of examination results",
    does=Does.AUTHORISES,
    of=Of.REPORT,
)
class Authorise:
    """The person authorises a query of recognised results.

    - 在互认结果查询之前
    - 先读医保电子凭证、身份证或社保卡，把读到的内容传入
    - 是否授权以 output 中的文字告知
    """

    @node
    class Input:
        data: Authorisation
