"""Diseases that the insurance pays in their own way (慢特病、按病种付费、日间手术): files of 1309, 1310 and 1311."""

from ...spec import moment
from ..columns import column, layout

CHRONIC_DISEASES = layout(
    "1309",
    "门诊慢特病种目录",
    key=1,
    names=(3, 15),
    columns=[
        column(1, "opsp_dise_code", "门慢门特病种目录代码"),
        column(2, "opsp_dise_majcls_name", "门慢门特病种大类名称"),
        column(3, "opsp_dise_subd_clss_name", "门慢门特病种细分类名称"),
        column(4, "admdvs", "医保区划"),
        column(5, "memo", "备注"),
        column(6, "vali_flag", "有效标志"),
        column(7, "rid", "唯一记录号"),
        column(8, "crte_time", moment("数据创建时间")),
        column(9, "updt_time", moment("数据更新时间")),
        column(10, "ver", "版本号"),
        column(11, "dise_cont", "病种内涵"),
        column(12, "ver_name", "版本名称"),
        column(13, "trt_guide_pagen", "诊疗指南页码"),
        column(14, "trt_guide_elecacs", "诊疗指南电子档案"),
        column(15, "opsp_dise_name", "门慢门特病种名称"),
        column(16, "opsp_dise_majcls_code", "门慢门特病种大类代码"),
    ],
)

PAY_BY_DISEASE = layout(
    "1310",
    "按病种付费病种目录",
    key=1,
    names=(3, 5),
    code=2,
    columns=[
        column(1, "dise_setl_list_id", "病种结算目录ID"),
        column(2, "bydise_setl_list_code", "按病种结算病种目录代码"),
        column(3, "bydise_setl_dise_name", "按病种结算病种名称"),
        column(4, "qua_oprn_oprt_code", "限定手术操作代码"),
        column(5, "qua_oprn_oprt_name", "限定手术操作名称"),
        column(6, "vali_flag", "有效标志"),
        column(7, "rid", "唯一记录号"),
        column(8, "crte_time", moment("数据创建时间")),
        column(9, "updt_time", moment("数据更新时间")),
        column(10, "ver", "版本号"),
        column(11, "dise_cont", "病种内涵"),
        column(12, "memo", "备注"),
        column(13, "ver_name", "版本名称"),
        column(14, "trt_guide_pagen", "诊疗指南页码"),
        column(15, "trt_guide_elecacs", "诊疗指南电子档案"),
    ],
)

DAY_SURGERY = layout(
    "1311",
    "日间手术治疗病种目录",
    key=1,
    names=(3, 14),
    code=2,
    note="有客户端第 9 至 11 列依次为版本名称、病种内涵、备注；以官方列序为准",
    columns=[
        column(1, "daysrg_trt_list_id", "日间手术治疗目录ID"),
        column(2, "daysrg_dise_list_code", "日间手术病种目录代码"),
        column(3, "daysrg_dise_name", "日间手术病种名称"),
        column(4, "vali_flag", "有效标志"),
        column(5, "rid", "唯一记录号"),
        column(6, "crte_time", moment("数据创建时间")),
        column(7, "updt_time", moment("数据更新时间")),
        column(8, "ver", "版本号"),
        column(9, "dise_cont", "病种内涵"),
        column(10, "memo", "备注"),
        column(11, "ver_name", "版本名称"),
        column(12, "trt_guide_pagen", "诊疗指南页码"),
        column(13, "trt_guide_elecacs", "诊疗指南电子档案"),
        column(14, "oprn_oprt_name", "手术操作名称"),
        column(15, "oprn_oprt_code", "手术操作代码"),
    ],
)
