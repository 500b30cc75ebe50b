"""Payment by groups: DRG, DIP and special cases (分组付费): transactions 3601 to 3611."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from liangding.spec import Does, Of, amount, chapter, code, day, long_text, moment, node, number, one_of, rows, text

transaction = chapter("grouping", "医药机构管理/分组付费")


@node
class QuerySpecialCasesData:
    appy_exit_type: Annotated[str | None, text(3, "申请退出类型")] = None
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=30)] = None
    rchk_flag: Annotated[str | None, code("rchk_flag", "复核标志")] = None
    appy_chk_setl_list_id: Annotated[str | None, text(50, "申请审核结算目录ID")] = None
    serv_matt_node_inst_id: Annotated[str | None, text(40, "服务事项环节实例ID")] = None
    evt_inst_id: Annotated[str | None, text(40, "事件实例ID")] = None
    medcasno: Annotated[str | None, text(40, "病案号")] = None
    rx_drord_no: Annotated[str | None, text(30, "处方/医嘱号")] = None
    drg_codg: Annotated[str | None, text(50, "DRG编码")] = None
    drg_name: Annotated[str | None, text(100, "DRG名称")] = None
    pay_std_amt: Annotated[Decimal | None, amount("支付标准金额")] = None
    setl_list_sn: Annotated[str | None, text(9, "结算清单流水号")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    exit_fund_payamt: Annotated[Decimal | None, amount("退出基金支付金额")] = None
    drg_fund_payamt: Annotated[Decimal | None, amount("DRG基金支付金额")] = None
    exit_type: Annotated[str | None, code("exit_type", "退出类型", length=3)] = None
    exit_rea: Annotated[str | None, text(200, "退出原因")] = None
    fund_cap: Annotated[str | None, text(16, "基金封顶线")] = None
    drg_admdvs: Annotated[str | None, text(6, "DRG医保区划")] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(600, "证件号码")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str | None, text(255, "定点医药机构名称")] = None
    pageSize: Annotated[str, text(3, "每页显示数")]
    pageNum: Annotated[str, text(3, "当前页数")]
    begndate: Annotated[date | None, day("开始日期")] = None


@node
class QuerySpecialCasesRow:
    appy_chk_setl_list_id: Annotated[str | None, text(50, "申请审核结算目录ID")] = None
    serv_matt_inst_id: Annotated[str | None, text(40, "服务事项实例ID")] = None
    serv_matt_node_inst_id: Annotated[str | None, text(40, "服务事项环节实例ID")] = None
    setl_id: Annotated[str | None, text(30, "结算id")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(600, "证件号码")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedins_name: Annotated[str | None, text(255, "定点医药机构名称")] = None
    adm_time: Annotated[date | None, day("入院时间")] = None
    dscg_time: Annotated[date | None, day("出院时间")] = None
    setl_time: Annotated[date | None, day("结算时间")] = None
    appy_exit_type: Annotated[str | None, code("exit_type", "申请退出类型", length=3)] = None
    medcasno: Annotated[str | None, text(40, "病案号")] = None
    rx_drord_no: Annotated[str, text(30, "处方/医嘱号")]
    drg_codg: Annotated[str | None, text(50, "DRG编码")] = None
    drg_name: Annotated[str, text(100, "DRG名称")]
    pay_std_amt: Annotated[Decimal | None, amount("支付标准金额")] = None
    setl_listsn: Annotated[str | None, text(9, "结算清单流水号")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊id")] = None
    exit_fund_payamt: Annotated[Decimal | None, amount("退出基金支付金额")] = None
    drg_fund_payamt: Annotated[Decimal | None, amount("DRG基金支付金额")] = None
    exit_type: Annotated[str | None, code("exit_type", "退出类型", length=3)] = None
    exit_rea: Annotated[str | None, text(200, "退出原因")] = None
    fund_cap: Annotated[Decimal | None, amount("基金封顶线")] = None
    drg_admdvs: Annotated[str | None, text(6, "DRG医保区划")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rchk_flag: Annotated[str | None, code("rchk_flag", "复核标志")] = None
    memo: Annotated[str | None, text(1000, "备注")] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    updt_time: Annotated[date | None, day("数据更新时间")] = None
    crter_id: Annotated[str | None, text(20, "创建人id")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_time: Annotated[date | None, day("创建时间")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人id")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None
    poolarea_no: Annotated[str | None, text(6, "统筹区编号")] = None
    spcasExitWt: Annotated[Decimal | None, number(16, 6, "特病单议退出权重")] = None
    dipDiseGrpCode: Annotated[str | None, text(200, "dip病种代码")] = None
    dipDiseGrpName: Annotated[str | None, text(500, "dip病种名称")] = None
    spcas_exit_sco: Annotated[str | None, text(16, "特病单议退出分值")] = None
    evt_inst_id: Annotated[str | None, text(40, "事件实例ID")] = None


@transaction(
    "3601",
    "特病单议申请退出列表查询",
    "special case exit application query",
    does=Does.READS,
    of=Of.SPECIAL_CASE,
    confidence="medium",
)
class QuerySpecialCases:
    """Special case exit application query.

    - Paged by pageNum and pageSize.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: QuerySpecialCasesData

    @node
    class Output:
        data: list[QuerySpecialCasesRow] | None = None


@node
class ApplySpecialCaseItem:
    """申请特病单议项目."""

    appySpcasItemId: Annotated[str | None, text(40, "申请特病单议项目ID")] = None
    appyChkSetlListId: Annotated[str | None, text(50, "申请审核结算目录ID")] = None
    setlId: Annotated[str | None, text(30, "结算ID")] = None
    cnt: Annotated[Decimal | None, number(16, 4, "数量")] = None
    pric: Annotated[Decimal | None, number(16, 6, "单价")] = None
    detItemFeeSumamt: Annotated[Decimal | None, amount("明细项目费用总额")] = None
    exitDetlItemFeeSumamt: Annotated[Decimal | None, amount("退出明细项目费用总额")] = None
    hilistCode: Annotated[str | None, text(50, "医保目录编码")] = None
    hilistName: Annotated[str | None, text(200, "医保目录名称")] = None
    listType: Annotated[str | None, code("list_type", "目录类别")] = None
    medListCodg: Annotated[str | None, text(50, "医疗目录编码")] = None
    medinsListCodg: Annotated[str | None, text(150, "医药机构目录编码")] = None
    medinsListName: Annotated[str | None, text(100, "医药机构目录名称")] = None
    medChrgitmType: Annotated[str | None, text(6, "医疗收费项目类别")] = None
    spcasExitSco: Annotated[Decimal | None, number(16, 6, "特病单议退出分值")] = None
    spcasExitWt: Annotated[Decimal | None, number(16, 6, "特病单议退出权重")] = None


@node
class ApplySpecialCaseData:
    exit_rea: Annotated[str | None, text(200, "退出原因")] = None
    fund_cap: Annotated[Decimal | None, amount("基金封顶线")] = None
    drg_admdvs: Annotated[str | None, text(6, "DRG医保区划")] = None
    setl_id: Annotated[str | None, text(30, "结算id")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    certno: Annotated[str | None, text(600, "证件号码")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    fixmedins_name: Annotated[str | None, text(255, "定点医药机构名称")] = None
    adm_time: Annotated[date | None, day("入院时间")] = None
    dscg_time: Annotated[date | None, day("出院时间")] = None
    setl_time: Annotated[date | None, day("结算时间")] = None
    appy_exit_type: Annotated[str | None, code("exit_type", "申请退出类型", length=3)] = None
    medcasno: Annotated[str | None, text(40, "病案号")] = None
    rx_drord_no: Annotated[str | None, text(30, "处方/医嘱号")] = None
    drg_codg: Annotated[str | None, text(50, "DRG编码")] = None
    drg_name: Annotated[str | None, text(100, "DRG名称")] = None
    pay_std_amt: Annotated[Decimal | None, amount("支付标准金额")] = None
    setl_listsn: Annotated[str | None, text(9, "结算清单流水号")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊id")] = None
    exit_fund_payamt: Annotated[Decimal | None, amount("退出基金支付金额")] = None
    drg_fund_payamt: Annotated[Decimal | None, amount("DRG基金支付金额")] = None
    exit_type: Annotated[str | None, code("exit_type", "退出类型", length=3)] = None
    spcas_exit_sco: Annotated[Decimal | None, number(16, 6, "特病单议退出分值")] = None
    spcas_exit_pt_val: Annotated[Decimal | None, amount("特病单议退出点值")] = None
    DIP_DISE_GRP_CODE: Annotated[str | None, text(200, "dip病种代码")] = None
    DIP_DISE_GRP_NAME: Annotated[str | None, text(500, "dip病种名称")] = None
    SPCAS_EXIT_WT: Annotated[Decimal | None, number(16, 6, "退出分值权重")] = None
    MEDFEE_SUMAMT: Annotated[Decimal | None, amount("医疗费总额")] = None
    valiFlag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rchkFlag: Annotated[str | None, code("rchk_flag", "复核标志", length=3)] = None
    memo: Annotated[str | None, text(1000, "备注")] = None
    drgAppySpcasItemDTOList: Annotated[list[ApplySpecialCaseItem] | None, rows("申请特病单议项目")] = None


@node
class ApplySpecialCaseAnswer:
    code_: Annotated[str | None, text(6, "成功标志", note="0 done, 1 failed", wire="code")] = None
    message: Annotated[str | None, text(50, "失败原因")] = None
    type: Annotated[str | None, text(6, "消息类型")] = None


@transaction(
    "3602",
    "特病单议退出申请保存",
    "special case exit application",
    does=Does.REGISTERS,
    of=Of.SPECIAL_CASE,
    undone_by="3603",
    confidence="medium",
)
class ApplySpecialCase:
    """Special case exit application.

    - code 0 is success here.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: ApplySpecialCaseData

    @node
    class Output:
        data: ApplySpecialCaseAnswer


@node
class ChangeSpecialCaseData:
    appy_chk_setl_list_id: Annotated[str, text(50, "申请审核结算目录ID")]
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=30, note="0 not valid, 1 valid")] = None
    adm_time: Annotated[date | None, day("入院时间")] = None
    dscg_time: Annotated[date | None, day("出院时间")] = None
    setl_time: Annotated[date | None, day("结算时间")] = None
    appy_exit_type: Annotated[str | None, code("exit_type", "申请退出类型", length=3)] = None
    medcasno: Annotated[str | None, text(40, "病案号")] = None
    rx_drord_no: Annotated[str | None, text(30, "处方/医嘱号")] = None
    drg_codg: Annotated[str | None, text(50, "DRG编码")] = None
    drg_name: Annotated[str | None, text(100, "DRG名称")] = None
    pay_std_amt: Annotated[Decimal | None, amount("支付标准金额")] = None
    exit_fund_payamt: Annotated[Decimal | None, amount("退出基金支付金额")] = None
    drg_fund_payamt: Annotated[Decimal | None, amount("DRG基金支付金额")] = None
    exit_type: Annotated[str | None, code("exit_type", "退出类型", length=3)] = None
    exit_rea: Annotated[str | None, text(200, "退出原因")] = None
    fund_cap: Annotated[Decimal | None, amount("基金封顶线")] = None
    drg_admdvs: Annotated[str | None, text(6, "DRG医保区划")] = None
    memo: Annotated[str | None, long_text(None, "备注")] = None
    DIP_DISE_GRP_CODE: Annotated[str | None, text(200, "dip病种代码")] = None
    DIP_DISE_GRP_NAME: Annotated[str | None, text(500, "dip病种名称")] = None
    SPCAS_EXIT_WT: Annotated[Decimal | None, number(16, 6, "退出分值权重")] = None
    poolarea_no: Annotated[
        str | None, text(6, "统筹区编号", note="region number of six digits; the source prints length 3")
    ] = None
    drgAppySpcasItemDTOList: Annotated[list[ApplySpecialCaseItem] | None, rows("申请特病单议项目")] = None


@transaction(
    "3603",
    "特病单议退出申请修改/撤销",
    "special case exit application change or cancellation",
    does=Does.CHANGES,
    of=Of.SPECIAL_CASE,
    confidence="medium",
)
class ChangeSpecialCase:
    """Special case exit application change or cancellation.

    - vali_flag 0 cancels, 1 changes.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: ChangeSpecialCaseData

    @node
    class Output:
        data: ApplySpecialCaseAnswer


@node
class QuerySpecialCaseOpinionsData:
    appy_chk_setl_list_id: Annotated[
        str | None,
        text(50, "申请审核结算目录ID"),
        one_of("申请审核结算目录ID、结算ID、人员编号至少填一项", "appy_chk_setl_list_id", "setl_id", "psn_no"),
    ] = None
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None


@node
class QuerySpecialCaseOpinionsFundItem:
    """预结算基金分项."""

    drg_pre_setl_invy_id: Annotated[str | None, text(50, "DRG预结算清单ID")] = None
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    setl_list_sn: Annotated[str | None, text(9, "结算清单流水号")] = None
    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    fund_pay_type: Annotated[str | None, code("fund_pay_type", "基金支付类型", length=10)] = None
    poolarea_fund_pay_name: Annotated[str | None, text(200, "统筹区基金支付类型名称")] = None
    fund_payamt: Annotated[Decimal | None, amount("基金支付金额")] = None
    exit_fund_payamt: Annotated[Decimal | None, amount("退出基金支付金额")] = None
    drg_fund_payamt: Annotated[Decimal | None, amount("DRG基金支付金额")] = None
    exit_type: Annotated[str | None, code("exit_type", "退出类型", length=3)] = None
    exit_rea: Annotated[str | None, text(200, "退出原因")] = None
    appy_chk_setl_list_id: Annotated[str | None, text(50, "申请审核结算目录ID")] = None
    fund_cap: Annotated[
        Decimal | None, amount("基金封顶线", note="an amount; the source prints a date type with length 16,2")
    ] = None
    over_fund_cap: Annotated[
        Decimal | None, amount("超基金封顶线", note="an amount; the source prints a date type with length 16,2")
    ] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crter_id: Annotated[str | None, text(20, "创建人ID")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    updt_time: Annotated[date | None, day("数据更新时间")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None
    poolarea_no: Annotated[
        str | None, text(6, "统筹区编号", note="region number of six digits; the source prints length 3")
    ] = None
    crte_time: Annotated[date | None, day("创建时间")] = None


@node
class QuerySpecialCaseOpinionsOpinion:
    """申请审核意见."""

    appy_chk_setl_list_opnn_id: Annotated[str | None, text(50, "申请审核结算目录意见ID")] = None
    appy_chk_setl_list_id: Annotated[str | None, text(50, "申请审核结算目录ID")] = None
    setl_id: Annotated[str | None, text(30, "结算ID")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    setl_list_sn: Annotated[str | None, text(9, "结算清单流水号")] = None
    drg_dip_exit_opnn_type: Annotated[
        str | None, code("drg_dip_exit_opnn_type", "DRG按病种分值付费退出意见类型", length=3)
    ] = None
    opnn: Annotated[str | None, text(1000, "处理意见")] = None
    opnn_time: Annotated[date | None, day("意见时间")] = None
    opnn_exit_type: Annotated[Decimal | None, code("exit_type", "意见退出类型", numeric=True, length=3)] = None
    opnn_resper_name: Annotated[str | None, text(50, "意见负责人姓名")] = None
    opnn_resper_id: Annotated[str | None, text(20, "意见负责人ID")] = None
    opnn_resper_optins_no: Annotated[str | None, text(20, "意见负责人经办机构编号")] = None
    drg_admdvs: Annotated[str | None, text(6, "DRG医保区划")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(40, "数据唯一记录号")] = None
    crter_id: Annotated[str | None, text(20, "创建人ID")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    updt_time: Annotated[date | None, day("数据更新时间")] = None
    crte_optins_no: Annotated[str | None, text(20, "创建机构编号")] = None
    opter_id: Annotated[str | None, text(20, "经办人ID")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    optins_no: Annotated[str | None, text(20, "经办机构编号")] = None
    poolarea_no: Annotated[
        str | None, text(6, "统筹区编号", note="region number of six digits; the source prints length 3")
    ] = None
    crte_time: Annotated[date | None, day("创建时间")] = None


@transaction(
    "3604",
    "特病单议申请审核意见和预结算基金分项查询",
    "special case review opinion and fund item query",
    does=Does.READS,
    of=Of.SPECIAL_CASE,
    confidence="medium",
)
class QuerySpecialCaseOpinions:
    """Special case review opinion and fund item query.

    - Give at least one of appy_chk_setl_list_id, setl_id and psn_no.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: QuerySpecialCaseOpinionsData

    @node
    class Output:
        preSetl_invy_evt_list: Annotated[list[QuerySpecialCaseOpinionsFundItem] | None, rows("预结算基金分项")] = None
        appy_chk_opnn_evt_list: Annotated[list[QuerySpecialCaseOpinionsOpinion] | None, rows("申请审核意见")] = None


@node
class QueryDrgResultsData:
    setl_ym: Annotated[str, text(6, "结算年月", note="yyyyMM")]
    page_num: Annotated[Decimal, number(10, 0, "分页页码")]
    page_size: Annotated[Decimal, number(10, 0, "分页数量")]
    setl_id: Annotated[str | None, text(30, "结算ID")] = None


@node
class QueryDrgResultsRow:
    setl_id: Annotated[str, text(50, "结算ID")]
    drg_code: Annotated[str, text(50, "DRG编码")]
    drg_name: Annotated[str | None, text(100, "DRG名称")] = None
    adrg_code: Annotated[str | None, text(50, "ADRG编码")] = None
    adrg_name: Annotated[str | None, text(100, "ADRG名称")] = None
    mdc_codg: Annotated[str | None, text(40, "MDC编码")] = None
    mdc_name: Annotated[str | None, text(100, "MDC名称")] = None
    ccmcc: Annotated[str | None, text(200, "合并症并发症")] = None
    grp_rslt: Annotated[str, text(6, "分组成功标志")]
    err_info: Annotated[str | None, text(500, "错误信息")] = None
    grp_name: Annotated[str | None, text(200, "分组名称")] = None
    grp_ver: Annotated[str | None, text(50, "分组版本")] = None
    grp_spec_ver: Annotated[str | None, text(50, "分组规范版本号")] = None
    place_grp_pay_std: Annotated[Decimal | None, amount("地方分组支付标准")] = None
    place_grp_ver: Annotated[str | None, text(50, "地方分组版本")] = None
    place_grp_spec_ver: Annotated[str | None, text(6, "地方分组规范版本号")] = None
    abbr: Annotated[str | None, text(50, "简称")] = None
    place_drg_codg: Annotated[str | None, text(50, "地方DRG编码")] = None
    place_drg_name: Annotated[str | None, text(100, "地方DRG名称")] = None
    grp_type: Annotated[str | None, text(6, "分组类别")] = None
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    drg_admdvs: Annotated[str | None, text(6, "DRG医保区划")] = None
    setl_list_sn: Annotated[str | None, text(50, "结算清单流水号")] = None
    setl_ym: Annotated[str, text(6, "结算年月")]
    fixmedins_code: Annotated[str, text(50, "定点医药机构编号")]
    grp_time: Annotated[date | None, day("分组时间")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=None)] = None


@transaction(
    "3605", "DRG分组结果查询", "DRG grouping result query", does=Does.READS, of=Of.GROUPING, confidence="medium"
)
class QueryDrgResults:
    """DRG grouping result query.

    - One month per call, paged.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: QueryDrgResultsData

    @node
    class Output:
        data: list[QueryDrgResultsRow] | None = None


@node
class QueryDipResultsRow:
    setl_id: Annotated[str, text(30, "结算ID")]
    psn_no: Annotated[str | None, text(30, "人员编号")] = None
    psn_name: Annotated[str | None, text(50, "人员姓名")] = None
    insutype: Annotated[str | None, code("insutype", "险种类型")] = None
    setl_time: Annotated[date, day("结算时间")]
    clr_optins: Annotated[str, text(6, "清算经办机构")]
    insu_admdvs: Annotated[str | None, text(6, "参保人所属医保区划")] = None
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str | None, text(255, "定点医药机构名称")] = None
    fixmedins_lv: Annotated[str | None, text(4, "定点医疗机构等级")] = None
    nuld_flag: Annotated[str | None, text(3, "未上传标志", note="0 uploaded, 1 not")] = None
    grp_stas: Annotated[str | None, code("grp_stas", "分组状态", note="0 failed, 1 grouped")] = None
    dip_dise_grp_code: Annotated[str | None, text(200, "DIP病种组代码")] = None
    dip_dise_grp_name: Annotated[str | None, text(500, "DIP病种组名称")] = None
    grp_diag_code: Annotated[str | None, text(255, "分组诊断代码")] = None
    grp_diag_name: Annotated[str | None, text(255, "分组诊断名称")] = None
    oprn_grp_code: Annotated[str | None, text(500, "手术分组代码")] = None
    oprn_grp_name: Annotated[str | None, text(500, "手术分组名称")] = None
    dise_list_type: Annotated[str | None, text(3, "疾病目录类别")] = None
    asst_list_flag: Annotated[str | None, text(6, "辅助目录标志")] = None
    asst_list_detl: Annotated[str | None, text(2000, "辅助目录详情")] = None
    grp_dise_sco: Annotated[Decimal | None, number(16, 0, "分组病种分值")] = None
    remarks: Annotated[str | None, text(255, "备注信息")] = None
    Insutype_name: Annotated[str | None, text(30, "险种类型明称")] = None
    grp_stas_name: Annotated[str | None, text(30, "分组状态名称")] = None
    dise_list_type_name: Annotated[str | None, text(30, "病种目录类别名称")] = None
    act_setl_sco: Annotated[Decimal | None, number(16, 4, "实际结算分值")] = None
    sco_stas: Annotated[str | None, text(30, "分值状态")] = None
    sco_stas_name: Annotated[str | None, text(30, "分值状态名称")] = None


@transaction(
    "3606", "DIP分组结果查询", "DIP grouping result query", does=Does.READS, of=Of.GROUPING, confidence="medium"
)
class QueryDipResults:
    """DIP grouping result query.

    - One month per call, paged.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: QueryDrgResultsData

    @node
    class Output:
        data: list[QueryDipResultsRow] | None = None


@node
class QueryQualityControlDetail:
    """质控结果详情."""

    exam_data_fld: Annotated[str, text(100, "检查数据字段")]
    qltctrl_chk_rslt: Annotated[str, text(100, "质控校验结果")]
    err_lv: Annotated[str, text(3, "错误等级")]
    retn_flag: Annotated[str, text(3, "回退标志")]
    init_val: Annotated[str | None, text(60, "初始值")] = None


@node
class QueryQualityControlRow:
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    fixmedins_name: Annotated[str | None, text(255, "定点医药机构名称")] = None
    setl_ym: Annotated[str, text(6, "结算年月")]
    setl_id: Annotated[str, text(30, "结算ID")]
    psn_no: Annotated[str, text(30, "人员编号")]
    psn_name: Annotated[str, text(50, "人员姓名")]
    psn_cert_type: Annotated[str | None, code("psn_cert_type", "人员证件类型")] = None
    cert_no: Annotated[str | None, text(30, "证件号码")] = None
    qltctrl_rslt: Annotated[str, text(6, "质控结果")]
    err_lv: Annotated[str | None, text(6, "错误等级")] = None
    retn_flag: Annotated[str | None, text(3, "回退标志")] = None
    qltctrl_ver: Annotated[str | None, text(60, "质控版本号")] = None
    grp_stas: Annotated[str | None, code("grp_stas", "分组状态")] = None
    qltctrl_time: Annotated[datetime | None, moment("质控时间")] = None
    detl_list: Annotated[list[QueryQualityControlDetail] | None, rows("质控结果详情")] = None


@transaction(
    "3607",
    "结算清单质控结果查询",
    "settlement list quality control query",
    does=Does.READS,
    of=Of.LIST,
    confidence="medium",
)
class QueryQualityControl:
    """Settlement list quality control query.

    - One month per call, paged.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: QueryDrgResultsData

    @node
    class Output:
        data: list[QueryQualityControlRow] | None = None


@node
class SummariseDipData:
    setl_mon: Annotated[str, text(6, "结算年月", note="yyyyMM")]
    page_num: Annotated[Decimal, number(10, 0, "分页页码")]
    page_size: Annotated[Decimal, number(4, 0, "分页数量", note="at most 1000")]


@node
class SummariseDipRow:
    setl_mon: Annotated[str, text(None, "结算月份", note="yyyyMM")]
    fixmedins_code: Annotated[str, text(30, "定点医药机构编号", note="encrypted")]
    fixmedins_name: Annotated[str | None, text(255, "定点医药机构名称", note="anonymous")] = None
    grp_sum: Annotated[Decimal | None, number(10, 0, "分组数量")] = None
    medfee_sumamt: Annotated[Decimal, amount("医疗费用总额")]
    setl_psntime: Annotated[Decimal, number(16, 0, "结算人次")]
    ave_medfee_sumamt: Annotated[Decimal | None, amount("平均医疗费用总额")] = None
    admdvs: Annotated[str, text(6, "医保区划")]


@transaction(
    "3608",
    "DIP分组结果统计汇总查询",
    "DIP grouping summary query",
    does=Does.READS,
    of=Of.GROUPING,
    confidence="medium",
)
class SummariseDip:
    """DIP grouping summary query.

    - One month per call, paged.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: SummariseDipData

    @node
    class Output:
        data: list[SummariseDipRow] | None = None


@node
class CountDipData(SummariseDipData):
    fixmedins_code: Annotated[
        str, text(30, "定点医药机构编号", note="the encrypted code that the summary query returned")
    ]
    dise_code: Annotated[str | None, text(200, "疾病编码")] = None


@node
class CountDipRow:
    setl_mon: Annotated[str, text(6, "结算月份", note="yyyyMM")]
    dip_dise_grp_code: Annotated[str | None, text(200, "DIP病种组代码")] = None
    dip_dise_grp_name: Annotated[str | None, text(500, "DIP病种组名称")] = None
    grp_diag_code: Annotated[str, text(255, "分组诊断代码")]
    grp_diag_name: Annotated[str, text(255, "分组诊断名称")]
    oprn_grp_code: Annotated[str, text(500, "手术分组代码")]
    oprn_grp_name: Annotated[str, text(500, "手术分组名称")]
    admdvs: Annotated[str, text(6, "医保区划")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费用总额")]
    ave_medfee_sumamt: Annotated[Decimal | None, amount("平均医疗费用总额")] = None
    setl_psntime: Annotated[Decimal, number(16, 0, "结算人次")]


@transaction(
    "3609", "DIP分组结果统计查询", "DIP grouping statistics query", does=Does.READS, of=Of.GROUPING, confidence="medium"
)
class CountDip:
    """DIP grouping statistics query.

    - One month per call, paged.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: CountDipData

    @node
    class Output:
        data: list[CountDipRow] | None = None


@node
class SummariseDrgData:
    setl_mon: Annotated[str, text(6, "结算月份", note="yyyyMM")]
    page_num: Annotated[Decimal, number(10, 0, "分页页码")]
    page_size: Annotated[Decimal, number(4, 0, "分页数量", note="at most 1000")]


@transaction(
    "3610",
    "DRG分组结果统计汇总查询",
    "DRG grouping summary query",
    does=Does.READS,
    of=Of.GROUPING,
    confidence="medium",
)
class SummariseDrg:
    """DRG grouping summary query.

    - One month per call, paged.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: SummariseDrgData

    @node
    class Output:
        data: list[SummariseDipRow] | None = None


@node
class CountDrgRow:
    setl_mon: Annotated[str, text(6, "结算年月", note="yyyyMM")]
    drg_code: Annotated[str, text(200, "DRG编码")]
    drg_name: Annotated[str, text(500, "DRG名称")]
    admdvs: Annotated[str, text(6, "行政区划代码")]
    medfee_sumamt: Annotated[Decimal, amount("医疗费用总额")]
    ave_medfee_sumamt: Annotated[Decimal | None, amount("平均医疗费用总额")] = None
    setl_psntime: Annotated[Decimal, number(16, 0, "结算人次")]


@transaction(
    "3611", "DRG分组结果统计查询", "DRG grouping statistics query", does=Does.READS, of=Of.GROUPING, confidence="medium"
)
class CountDrg:
    """DRG grouping statistics query.

    - One month per call, paged.
    - Seen only in Hunan's edition (V1.1.27); other provinces give some 36xx numbers other meanings (3660/3661
      audit in Hainan, 3691–3699 clearing), so treat it as a regional addition.
    """

    @node
    class Input:
        data: CountDipData

    @node
    class Output:
        data: list[CountDrgRow] | None = None
