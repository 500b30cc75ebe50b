"""In-vitro diagnostic reagents (体外诊断试剂): files of 1322 to 1327.

Nobody has published the wire names of what these files say of the reagents themselves.
"""

from ...spec import moment
from ..columns import Column, column, layout


def upkeep(first: int) -> list[Column]:
    """The seventeen columns about the record itself that every file of this family has, from number ``first``."""
    return [
        column(first, "memo", "备注"),
        column(first + 1, "vali_flag", "有效标志"),
        column(first + 2, "rid", "数据唯一记录号"),
        column(first + 3, "updt_time", moment("数据更新时间")),
        column(first + 4, "crter_id", "创建人ID"),
        column(first + 5, "crter_name", "创建人姓名"),
        column(first + 6, "crte_time", moment("数据创建时间")),
        column(first + 7, "crte_optins_no", "创建机构编号"),
        column(first + 8, "opter_id", "经办人ID"),
        column(first + 9, "opter_name", "经办人姓名"),
        column(first + 10, "opt_time", moment("经办时间")),
        column(first + 11, "optins_no", "经办机构编号"),
        column(first + 12, "poolarea_no", "统筹区编号"),
        column(first + 13, "ver", "版本号"),
        column(first + 14, "ver_name", "版本名称"),
        column(first + 15, "isu_flag", "下发标志"),
        column(first + 16, "tram_data_id", "传输数据ID"),
    ]


REAGENTS = layout(
    "1322",
    "体外诊断试剂产品信息",
    key=1,
    names=(4, 6, 11),
    confidence="medium",
    columns=[
        column(1, None, "试剂产品ID"),
        column(2, None, "医保试剂分类码"),
        column(3, None, "体外诊断试剂分类编码"),
        column(4, None, "体外诊断试剂分类编码名称"),
        column(5, None, "试剂检测指标码"),
        column(6, None, "试剂检测指标名称"),
        column(7, None, "试剂应用方式"),
        column(8, None, "检测类型"),
        column(9, None, "检测类型-检测项数量"),
        column(10, None, "检测类型-检测项"),
        column(11, None, "单件产品名称"),
        column(12, None, "检测结果属性"),
        column(13, None, "试剂包装规格"),
        column(14, None, "人份"),
        column(15, None, "容量(ml)"),
        column(16, None, "其他"),
        column(17, None, "包装计量单位"),
        column(18, None, "产品图片附件"),
        column(19, None, "企业名称"),
        column(20, None, "统一社会信用代码"),
        column(21, None, "注册备案号组"),
        *upkeep(22),
        column(39, None, "试剂编码ID"),
        column(40, None, "适应仪器"),
    ],
)

REAGENT_CERTIFICATE_LINKS = layout(
    "1323",
    "体外诊断试剂产品信息与注册证关联信息",
    key=1,
    confidence="medium",
    columns=[
        column(1, None, "试剂关联ID"),
        column(2, None, "试剂产品ID"),
        column(3, None, "医保试剂分类码"),
        column(4, None, "注册证ID"),
        column(5, None, "注册备案号"),
        column(6, None, "医疗器械唯一标识码"),
        *upkeep(7),
    ],
)

REAGENT_INDICATORS = layout(
    "1324",
    "体外诊断试剂检测指标信息",
    key=1,
    names=(3,),
    confidence="medium",
    columns=[
        column(1, None, "试剂检测指标ID"),
        column(2, None, "试剂检测指标码"),
        column(3, None, "试剂检测指标名称"),
        column(4, None, "试剂检测类别"),
        *upkeep(5),
    ],
)

REAGENT_CODES = layout(
    "1325",
    "体外诊断试剂产品信息编码",
    key=1,
    names=(2, 3, 4, 6),
    confidence="medium",
    columns=[
        column(1, None, "试剂编码ID"),
        column(2, None, "试剂分类一级名称"),
        column(3, None, "试剂分类二级名称"),
        column(4, None, "试剂分类三级名称"),
        column(5, None, "试剂检测类别"),
        column(6, None, "试剂检测指标名称"),
        column(7, None, "试剂产品应用方式"),
        column(8, None, "试剂产品检测类型"),
        column(9, None, "企业名称"),
        *upkeep(10),
    ],
)

REAGENT_CERTIFICATES = layout(
    "1326",
    "体外诊断试剂试剂注册证信息",
    key=1,
    names=(5, 6),
    confidence="medium",
    columns=[
        column(1, None, "注册证ID"),
        column(2, None, "注册备案号"),
        column(3, None, "注册备案号（原）"),
        column(4, None, "医疗器械管理类别"),
        column(5, None, "注册备案产品名称"),
        column(6, None, "注册备案人名称"),
        column(7, None, "注册备案人住所"),
        column(8, None, "生产地址"),
        column(9, None, "代理人名称"),
        column(10, None, "代理人地址"),
        column(11, None, "试剂包装规格"),
        column(12, None, "主要成分"),
        column(13, None, "预期用途"),
        column(14, None, "产品储存条件及有效期"),
        column(15, None, "适用仪器设备"),
        column(16, None, "其他内容"),
        column(17, None, moment("批准日期")),
        column(18, None, moment("生效日期")),
        column(19, None, "有效期至"),
        column(20, None, "注册或备案证电子档案"),
        column(21, None, "产地"),
        column(22, None, "生产国或地区"),
        column(23, None, "生产企业名称"),
        column(24, None, "售后服务机构"),
        column(25, None, "总经销企业名称"),
        column(26, None, "联系人"),
        column(27, None, "联系电话"),
        column(28, None, "经销企业授权电子档案"),
        column(29, None, "产品说明书附件"),
        column(30, None, "注册证附件"),
        column(31, None, "注册证检验报告"),
        column(32, None, "企业ID"),
        column(33, None, "企业名称"),
        column(34, None, "统一社会信用代码"),
        *upkeep(35),
    ],
)

REAGENT_CLASSES = layout(
    "1327",
    "体外诊断试剂分类目录",
    key=1,
    names=(4, 6, 8),
    confidence="medium",
    columns=[
        column(1, None, "试剂分类目录ID"),
        column(2, None, "试剂分类代码"),
        column(3, None, "试剂分类一级代码"),
        column(4, None, "试剂分类一级名称"),
        column(5, None, "试剂分类二级代码"),
        column(6, None, "试剂分类二级名称"),
        column(7, None, "试剂分类三级代码"),
        column(8, None, "试剂分类三级名称"),
        *upkeep(9),
    ],
)
