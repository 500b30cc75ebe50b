"""Diseases and syndromes of Chinese medicine (中医疾病、中医证候): files of 1314 and 1315."""

from ...spec import moment
from ..columns import column, layout

TCM_DISEASES = layout(
    "1314",
    "中医疾病目录",
    key=1,
    names=(7, 5),
    code=6,
    columns=[
        column(1, "tcm_diag_id", "中医疾病诊断ID"),
        column(2, "caty_cgy_code", "科别类目代码"),
        column(3, "caty_cgy_name", "科别类目名称"),
        column(4, "spcy_sys_taxa_code", "专科系统分类目代码"),
        column(5, "spcy_sys_taxa_name", "专科系统分类目名称"),
        column(6, "dise_type_code", "疾病分类代码"),
        column(7, "dise_type_name", "疾病分类名称"),
        column(8, "memo", "备注"),
        column(9, "vali_flag", "有效标志"),
        column(10, "rid", "唯一记录号"),
        column(11, "crte_time", moment("数据创建时间")),
        column(12, "updt_time", moment("数据更新时间")),
        column(13, "ver", "版本号"),
        column(14, "ver_name", "版本名称"),
    ],
)

TCM_SYNDROMES = layout(
    "1315",
    "中医证候目录",
    key=1,
    names=(7, 3),
    code=6,
    columns=[
        column(1, "tcmsymp_id", "中医证候ID"),
        column(2, "sds_cgy_code", "证候类目代码"),
        column(3, "sds_cgy_name", "证候类目名称"),
        column(4, "sds_attr_code", "证候属性代码"),
        column(5, "sds_attr", "证候属性"),
        column(6, "sds_type_code", "证候分类代码"),
        column(7, "sds_type_name", "证候分类名称"),
        column(8, "memo", "备注"),
        column(9, "vali_flag", "有效标志"),
        column(10, "rid", "唯一记录号"),
        column(11, "crte_time", moment("数据创建时间")),
        column(12, "updt_time", moment("数据更新时间")),
        column(13, "ver", "版本号"),
        column(14, "ver_name", "版本名称"),
    ],
)
