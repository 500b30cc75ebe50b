"""Electronic prescriptions under Guangdong's numbers (广东编号的医保电子处方): CFYLJG001 to YDZF102."""

from datetime import datetime
from typing import Annotated

from liangding.spec import Does, Effect, LookedFor, Of, chapter, code, moment, nested, node, text

transaction = chapter("prescription_guangdong", "医保电子处方/医药机构电子处方业务（广东）")


@transaction(
    "CFYLJG001",
    "电子处方上传预核验",
    "Guangdong name of 7101",
    does=Does.CHECKS,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    confidence="low",
    public=False,
    aliases=(
        "7101",
        "D001",
    ),
    like="7101",
)
class PreCheck:
    """Guangdong name of 7101.

    - Same step as national 7101 and centre D001: take that file's table; Guangdong prints such tables with
      snake_case names (see CFYYJG106).
    - No Guangdong field table found.
    """


@transaction(
    "CFYLJG002",
    "电子处方医保电子签名",
    "Guangdong name of 7102",
    does=Does.AUTHORISES,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    confidence="low",
    public=False,
    aliases=(
        "7102",
        "D002",
    ),
    like="7102",
)
class Sign:
    """Guangdong name of 7102.

    - Same step as national 7102 and centre D002: take that file's table; Guangdong prints such tables with
      snake_case names (see CFYYJG106).
    - No Guangdong field table found.
    """


@transaction(
    "CFYLJG003",
    "电子处方上传",
    "Guangdong name of 7103",
    does=Does.UPLOADS,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    looked_for=LookedFor.PRESCRIPTION,
    undone_by="CFYLJG004",
    confidence="low",
    public=False,
    aliases=(
        "7103",
        "D003",
    ),
    like="7103",
)
class Upload:
    """Guangdong name of 7103.

    - Same step as national 7103 and centre D003: take that file's table; Guangdong prints such tables with
      snake_case names (see CFYYJG106).
    - No Guangdong field table found.
    """


@transaction(
    "CFYLJG004",
    "电子处方撤销",
    "Guangdong name of 7104",
    does=Does.WITHDRAWS,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    looked_for=LookedFor.PRESCRIPTION_TAKEN_BACK,
    confidence="low",
    public=False,
    aliases=(
        "7104",
        "D004",
    ),
    like="7104",
)
class Withdraw:
    """Guangdong name of 7104.

    - Same step as national 7104 and centre D004: take that file's table; Guangdong prints such tables with
      snake_case names (see CFYYJG106).
    - No Guangdong field table found.
    """


@transaction(
    "CFYLJG005",
    "电子处方信息查询",
    "Guangdong name of 7105",
    does=Does.READS,
    of=Of.PRESCRIPTION,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    confidence="low",
    public=False,
    aliases=(
        "7105",
        "D005",
    ),
    like="7105",
)
class Query:
    """Guangdong name of 7105.

    - Same step as national 7105 and centre D005: take that file's table; Guangdong prints such tables with
      snake_case names (see CFYYJG106).
    - No Guangdong field table found.
    """


@transaction(
    "CFYLJG006",
    "电子处方审核结果查询",
    "Guangdong name of 7106",
    does=Does.READS,
    of=Of.REVIEW,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    confidence="low",
    public=False,
    aliases=(
        "7106",
        "D006",
    ),
    like="7106",
)
class QueryAudit:
    """Guangdong name of 7106.

    - Same step as national 7106 and centre D006: take that file's table; Guangdong prints such tables with
      snake_case names (see CFYYJG106).
    - No Guangdong field table found.
    """


@transaction(
    "CFYLJG007",
    "电子处方取药结果查询",
    "Guangdong name of 7107",
    does=Does.READS,
    of=Of.SALE,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    confidence="low",
    public=False,
    aliases=(
        "7107",
        "D007",
    ),
    like="7107",
)
class QueryDispensing:
    """Guangdong name of 7107.

    - Same step as national 7107 and centre D007: take that file's table; Guangdong prints such tables with
      snake_case names (see CFYYJG106).
    - No Guangdong field table found.
    """


@transaction(
    "CFYLJG008",
    "查询药店列表",
    "pharmacy list query (Guangdong)",
    does=Does.READS,
    of=Of.INSTITUTION,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    confidence="low",
    public=False,
)
class QueryPharmacies:
    """Pharmacy list query (Guangdong).

    - Used before prescribing, to show which pharmacies stock the drug (fed by YDZF102). No field table found.
    """


@transaction(
    "CFYLJG009",
    "查询处方药品信息",
    "prescription drug information query (Guangdong)",
    does=Does.READS,
    of=Of.CATALOGUE,
    group="医保电子处方/医疗机构电子处方业务（广东）",
    confidence="low",
    public=False,
)
class QueryDrugs:
    """Prescription drug information query (Guangdong).

    - No field table found; nearest national step 7211.
    """


@transaction(
    "CFYYJG101",
    "电子处方线下流转授权",
    "Guangdong name of 7201",
    does=Does.AUTHORISES,
    of=Of.PRESCRIPTION,
    confidence="low",
    public=False,
    aliases=("7201",),
    like="7201",
)
class AuthoriseRelease:
    """Guangdong name of 7201.

    - Same step as national 7201.
    - One city asks for logs of its use at acceptance.
    - No Guangdong field table found.
    """


@transaction(
    "CFYYJG104",
    "电子处方下载",
    "Guangdong name of 7204",
    does=Does.DOWNLOADS,
    of=Of.PRESCRIPTION,
    confidence="low",
    public=False,
    aliases=("7204",),
    like="7204",
)
class Download:
    """Guangdong name of 7204.

    - Same step as national 7204.
    - One city asks for logs of its use at acceptance.
    - No Guangdong field table found.
    """


@transaction(
    "CFYYJG105",
    "电子处方信息核验",
    "Guangdong name of 7205",
    does=Does.CHECKS,
    of=Of.PRESCRIPTION,
    confidence="low",
    public=False,
    aliases=("7205",),
    like="7205",
)
class Check:
    """Guangdong name of 7205.

    - Same step as national 7205.
    - One city asks for logs of its use at acceptance.
    - No Guangdong field table found.
    """


@node
class UploadAuditAudit:
    """处方审方信息."""

    hi_rxno: Annotated[str, text(30, "医保处方编号")]
    epc_token: Annotated[str, text(100, "电子处方令牌")]
    ec_token: Annotated[str, text(64, "审方药师电子凭证令牌")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编码", note="institution that audits and dispenses")]
    fixmedins_name: Annotated[str, text(200, "定点医药机构名称")]
    phar_cert_type: Annotated[str, code("psn_cert_type", "审方药师证件类型")]
    phar_certno: Annotated[str, text(50, "审方药师证件号码")]
    phar_code: Annotated[str, text(50, "审方医保药师代码")]
    phar_name: Annotated[str, text(50, "审方药师姓名")]
    rx_chk_opnn: Annotated[str, text(2000, "处方审核理由")]
    rx_chk_time: Annotated[datetime, moment("审核时间")]
    rx_chk_stas_codg: Annotated[str, code("rx_chk_stas_codg", "处方审核状态代码", length=10)]
    rx_sign_verify_sn: Annotated[str, text(40, "处方签名验签流水号", note="returned by the download or check step")]


@node
class UploadAuditAnswer:
    """上传结果."""

    msg_code: Annotated[str, text(6, "成功标志", note="0 success")]
    flag: Annotated[bool | None, text(200, "结果说明", boolean=True, note="True on success")] = None
    rx_chk_biz_sn: Annotated[str | None, text(30, "处方审核业务流水号", note="returned on success")] = None


@transaction(
    "CFYYJG106",
    "电子处方药师审方信息上传",
    "prescription audit upload (Guangdong)",
    does=Does.UPLOADS,
    of=Of.REVIEW,
    confidence="medium",
    aliases=("7206",),
    like="7206",
)
class UploadAudit:
    """Prescription audit upload (Guangdong).

    - Same step as national 7206.
    - The output table has no printed node name.
    """

    @node
    class Input:
        rx_chk_up_info: Annotated[UploadAuditAudit, nested("处方审方信息")]

    @node
    class Output:
        data: Annotated[UploadAuditAnswer, nested("上传结果")]


@transaction(
    "CFYYJG107",
    "药品销售出库明细上传",
    "Guangdong name of 7207",
    does=Does.UPLOADS,
    of=Of.SALE,
    undone_by="CFYYJG108",
    confidence="low",
    public=False,
    aliases=("7207",),
    like="7207",
)
class UploadSale:
    """Guangdong name of 7207.

    - Same step as national 7207.
    - One city asks for logs of its use at acceptance.
    - No Guangdong field table found.
    """


@transaction(
    "CFYYJG108",
    "药品销售出库明细撤销",
    "Guangdong name of 7208",
    does=Does.WITHDRAWS,
    of=Of.SALE,
    confidence="low",
    public=False,
    aliases=("7208",),
    like="7208",
)
class WithdrawSale:
    """Guangdong name of 7208.

    - Same step as national 7208.
    - One city asks for logs of its use at acceptance.
    - No Guangdong field table found.
    """


@transaction(
    "CFYYJG109",
    "药品配送信息同步",
    "Guangdong name of 7209",
    does=Does.UPLOADS,
    of=Of.DELIVERY,
    confidence="low",
    public=False,
    aliases=("7209",),
    like="7209",
)
class SyncDelivery:
    """Guangdong name of 7209.

    - Same step as national 7209.
    - One city asks for logs of its use at acceptance.
    - No Guangdong field table found.
    """


@transaction(
    "CFYYJG110",
    "药品配送签收确认",
    "Guangdong name of 7210",
    does=Does.CONFIRMS,
    of=Of.DELIVERY,
    confidence="low",
    public=False,
    aliases=("7210",),
    like="7210",
)
class ConfirmReceipt:
    """Guangdong name of 7210.

    - Same step as national 7210.
    - One city asks for logs of its use at acceptance.
    - No Guangdong field table found.
    """


@transaction(
    "CFYYJG111",
    "获取电子处方访问令牌",
    "prescription access token (Guangdong)",
    does=Does.ISSUES,
    of=Of.CREDENTIAL,
    effect=Effect.REPEATABLE,
    confidence="low",
    public=False,
)
class GetToken:
    """Prescription access token (Guangdong).

    - Gives the access token the other CFYYJG transactions need; call it first. No field table found.
    """


@transaction(
    "YDZF102",
    "在线库存上传",
    "online stock upload (Guangdong)",
    does=Does.UPLOADS,
    of=Of.STOCK,
    confidence="low",
    public=False,
)
class UploadStock:
    """Online stock upload (Guangdong).

    - A pharmacy reports the stock that CFYLJG008 shows to hospitals. No field table found.
    """
