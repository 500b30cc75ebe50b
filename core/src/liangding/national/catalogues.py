"""Catalogues: downloads, queries and the dictionary (目录下载): transactions 1301 to 1327, and 1901."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from ..spec import Does, Of, chapter, code, day, nested, node, number, required_when, rows, text

transaction = chapter("catalogues", "基础信息/目录下载")


@node
class VersionQuery:
    """目录下载."""

    ver: Annotated[str, text(20, "版本号", note="本地已有的最大版本号")]


@transaction(
    "1301",
    "西药中成药目录下载",
    "download of western and Chinese patent drug catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1301",
)
class DownloadWesternDrugs:
    """Download of western and Chinese patent drug catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共97列（V1.1.27 口径），列序见 files.json
    - 用于医保对码；对照结果再由3301上传
    """

    @node
    class Input:
        data: Annotated[VersionQuery, nested("目录下载")]

    @node
    class Output:
        heading = nested("目录下载（直接在output下）")
        file_qury_no: Annotated[str, text(200, "文件查询号", note="表中长度 40，真实报文有 44 位的路径式值")]
        filename: Annotated[str, text(100, "文件名", note="形如 数字.txt.zip；文件各列见 files.json")]
        dld_end_time: Annotated[date, day("下载截止日期", note="部分省份/新增交易拼作 dld_endtime，解析时两者都认")]
        data_cnt: Annotated[Decimal | None, number(None, 0, "数据量", note="本次增量的数据条数")] = None


@transaction(
    "1302",
    "中药饮片目录下载",
    "download of herbal slices catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1302",
)
class DownloadHerbalSlices(DownloadWesternDrugs):
    """Download of herbal slices catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共33列（V1.1.27 口径），列序见 files.json
    - 用于医保对码；对照结果再由3301上传
    """


@transaction(
    "1303",
    "医疗机构制剂目录下载",
    "download of hospital preparations catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1303",
)
class DownloadHospitalPreparations(DownloadWesternDrugs):
    """Download of hospital preparations catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共83列（V1.1.27 口径），列序见 files.json
    - 用于医保对码；对照结果再由3301上传
    """


@node
class QueryEthnicDrugsData:
    """查询条件."""

    med_list_codg: Annotated[
        str | None, text(50, "医疗目录编码", note="the table prints 20, national drug codes have 23 characters")
    ] = None
    genname_codg: Annotated[str | None, text(100, "通用名编号")] = None
    drug_genname: Annotated[str | None, text(20, "药品通用名")] = None
    drug_prodname: Annotated[str | None, text(500, "药品商品名")] = None
    tcmherb_name: Annotated[str | None, text(30, "中草药名称")] = None
    cpnd_flag: Annotated[str | None, text(255, "中草药单复方标志", note="V1.1.19 起加入，早期的表没有")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(30, "唯一记录号")] = None
    ver: Annotated[str | None, text(20, "版本号")] = None
    opt_begn_time: Annotated[date | None, day("经办开始时间")] = None
    opt_end_time: Annotated[date | None, day("经办结束时间")] = None
    updt_time: Annotated[date, day("更新时间", note="只返回此时间之后变动的行")]
    page_num: Annotated[Decimal, number(4, 0, "当前页数", note="从1起")]
    page_size: Annotated[Decimal, number(4, 0, "本页数据量", note="每页行数")]
    reg_name: Annotated[str | None, text(500, "注册名称", note="V1.0有，后来的版本删去")] = None
    mlms_name: Annotated[str | None, text(255, "药材名称", note="V1.0有，后来的版本删去")] = None
    ver_name: Annotated[str | None, text(30, "版本名称", note="V1.0有，后来的版本删去")] = None


@node
class QueryEthnicDrugsRow:
    """查询结果（官方表：无节点）."""

    med_list_codg: Annotated[str, text(50, "医疗目录编码")]
    drug_prodname: Annotated[str | None, text(500, "药品商品名")] = None
    genname_codg: Annotated[str | None, text(20, "通用名编号")] = None
    drug_genname: Annotated[str | None, text(500, "药品通用名")] = None
    ethdrug_type: Annotated[str | None, code("ethdrug_type", "民族药种类", length=3)] = None
    chemname: Annotated[str | None, text(100, "化学名称")] = None
    alis: Annotated[str | None, text(100, "别名")] = None
    eng_name: Annotated[str | None, text(500, "英文名称")] = None
    dosform: Annotated[str | None, text(500, "剂型")] = None
    each_dos: Annotated[str | None, text(None, "每次用量")] = None
    used_frqu: Annotated[str | None, text(30, "使用频次")] = None
    nat_drug_no: Annotated[str | None, text(20, "国家药品编号")] = None
    used_mtd: Annotated[str | None, text(None, "用法")] = None
    ing: Annotated[str | None, text(500, "成分")] = None
    chrt: Annotated[str | None, text(500, "性状")] = None
    defs: Annotated[str | None, text(1000, "不良反应")] = None
    tabo: Annotated[str | None, text(500, "禁忌")] = None
    mnan: Annotated[str | None, text(500, "注意事项")] = None
    stog: Annotated[str | None, text(500, "贮藏")] = None
    drug_spec: Annotated[str | None, text(500, "药品规格")] = None
    prcunt_type: Annotated[str | None, code("prcunt_type", "计价单位类型", length=3)] = None
    otc_flag: Annotated[str | None, code("otc_flag", "非处方药标志", length=3)] = None
    pacmatl: Annotated[str | None, text(500, "包装材质")] = None
    pacspec: Annotated[str | None, text(3, "包装规格")] = None
    min_useunt: Annotated[str | None, text(30, "最小使用单位")] = None
    min_salunt: Annotated[str | None, text(30, "最小销售单位")] = None
    manl: Annotated[str | None, text(2000, "说明书")] = None
    rute: Annotated[str | None, text(30, "给药途径")] = None
    begndate: Annotated[date | None, day("开始日期", note="实际返回可带时分秒")] = None
    enddate: Annotated[date | None, day("结束日期", note="实际返回可带时分秒；空表示长期")] = None
    pham_type: Annotated[str | None, text(40, "药理分类")] = None
    memo: Annotated[str | None, text(500, "备注")] = None
    pac_cnt: Annotated[str | None, text(20, "包装数量")] = None
    min_unt: Annotated[str | None, text(30, "最小计量单位")] = None
    min_pac_cnt: Annotated[Decimal | None, number(20, 0, "最小包装数量")] = None
    min_pacunt: Annotated[str | None, text(30, "最小包装单位")] = None
    min_prepunt: Annotated[str | None, text(30, "最小制剂单位")] = None
    drug_expy: Annotated[str | None, text(100, "药品有效期")] = None
    efcc_atd: Annotated[str | None, text(None, "功能主治")] = None
    min_prcunt: Annotated[str | None, text(50, "最小计价单位")] = None
    wubi: Annotated[str | None, text(30, "五笔助记码")] = None
    pinyin: Annotated[str | None, text(30, "拼音助记码")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    rid: Annotated[str, text(40, "唯一记录号")]
    crte_time: Annotated[date, day("数据创建时间")]
    updt_time: Annotated[date, day("数据更新时间")]
    crter_id: Annotated[str, text(20, "创建人")]
    crter_name: Annotated[str, text(50, "创建人姓名")]
    crte_optins_no: Annotated[str, text(20, "创建经办机构")]
    opter_id: Annotated[str, text(20, "经办人")]
    opter_name: Annotated[str, text(50, "经办人姓名")]
    opt_time: Annotated[date, day("经办时间")]
    optins_no: Annotated[str, text(20, "经办机构")]
    ver: Annotated[str, text(20, "版本号")]


@transaction(
    "1304",
    "民族药品目录查询",
    "ethnic drug catalogue query",
    does=Does.READS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogqueryservice/queryNatyPreparedByPage",
)
class QueryEthnicDrugs:
    """Ethnic drug catalogue query.

    - 按更新时间增量、分页查询；翻页直到取完 recordCounts 行
    - 官方表写明输出无节点；有的 HIS 实际从 output.data 取行、output.recordCounts 取总数，有的客户端则把
      output 本身当数组，解析时都要兼容
    - 查询类，不走9102文件下载
    """

    @node
    class Input:
        data: Annotated[QueryEthnicDrugsData, nested("查询条件")]

    @node
    class Output:
        heading = nested("分页信息（直接在output下）", optional=True)
        recordCounts: Annotated[
            Decimal | None, number(None, 0, "总记录数", note="不在官方表内；同一HIS的两个模块从回参读取")
        ] = None
        data: Annotated[list[QueryEthnicDrugsRow] | None, rows("查询结果（官方表：无节点）")] = None


@transaction(
    "1305",
    "医疗服务项目目录下载",
    "download of medical service items catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1305",
)
class DownloadServiceItems(DownloadWesternDrugs):
    """Download of medical service items catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共19列（V1.1.27 口径），列序见 files.json
    - 用于医保对码；对照结果再由3301上传
    """


@transaction(
    "1306",
    "医用耗材目录下载",
    "download of medical consumables catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1306",
)
class DownloadConsumables:
    """Download of medical consumables catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共71列（V1.1.27 口径），列序见 files.json
    - 用于医保对码；对照结果再由3301上传
    """

    @node
    class Input:
        data: Annotated[VersionQuery, nested("目录下载")]

    @node
    class Output:
        heading = nested("目录下载（直接在output下）")
        file_qury_no: Annotated[str, text(200, "文件查询号", note="表中长度 40，真实报文有 44 位的路径式值")]
        filename: Annotated[str, text(100, "文件名", note="形如 数字.txt.zip；文件各列见 files.json")]
        dld_end_time: Annotated[date, day("下载截止日期", note="部分省份/新增交易拼作 dld_endtime，解析时两者都认")]
        data_cnt: Annotated[Decimal | None, number(10, 0, "数据量", note="本次增量的数据条数")] = None


@transaction(
    "1306A",
    "27位医用耗材目录下载",
    "download of 27-digit medical consumables catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadConsumables27:
    """Download of 27-digit medical consumables catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共71列（V1.1.27 口径），列序见 files.json
    - 27位耗材码版本；规范里的列清单与1306相同
    """

    @node
    class Input:
        data: Annotated[VersionQuery, nested("目录下载")]

    @node
    class Output:
        heading = nested("目录下载（直接在output下）")
        file_qury_no: Annotated[str, text(200, "文件查询号", note="表中长度 40，真实报文有 44 位的路径式值")]
        filename: Annotated[str, text(100, "文件名", note="形如 数字.txt.zip；文件各列见 files.json")]
        dld_endtime: Annotated[date, day("下载截止日期", note="1301-1315 拼作 dld_end_time，解析时两者都认")]
        data_cnt: Annotated[Decimal | None, number(10, 0, "数据量", note="本次增量的数据条数")] = None


@transaction(
    "1307",
    "疾病与诊断目录下载",
    "download of disease and diagnosis catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1307",
)
class DownloadDiseases(DownloadConsumables):
    """Download of disease and diagnosis catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共24列（V1.1.27 口径），列序见 files.json
    """


@transaction(
    "1308",
    "手术操作目录下载",
    "download of surgical procedure catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1308",
)
class DownloadProcedures(DownloadConsumables):
    """Download of surgical procedure catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共24列（V1.1.27 口径），列序见 files.json
    """


@transaction(
    "1309",
    "门诊慢特病种目录下载",
    "download of outpatient chronic and special disease catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1309",
)
class DownloadChronicDiseases:
    """Download of outpatient chronic and special disease catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共16列（V1.1.27 口径），列序见 files.json
    """

    @node
    class Input:
        data: Annotated[VersionQuery, nested("目录下载")]

    @node
    class Output:
        heading = nested("目录下载（直接在output下）")
        file_qury_no: Annotated[str, text(200, "文件查询号", note="表中长度 40，真实报文有 44 位的路径式值")]
        filename: Annotated[str, text(100, "文件名", note="形如 数字.txt.zip；文件各列见 files.json")]
        dld_end_time: Annotated[date, day("下载截止日期", note="部分省份/新增交易拼作 dld_endtime，解析时两者都认")]
        data_cnt: Annotated[Decimal, number(10, 0, "数据量", note="本次增量的数据条数")]


@transaction(
    "1310",
    "按病种付费病种目录下载",
    "download of pay-by-disease catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1310",
)
class DownloadPayByDisease(DownloadConsumables):
    """Download of pay-by-disease catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共15列（V1.1.27 口径），列序见 files.json
    """


@transaction(
    "1311",
    "日间手术治疗病种目录下载",
    "download of day-surgery disease catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1311",
)
class DownloadDaySurgery(DownloadConsumables):
    """Download of day-surgery disease catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共15列（V1.1.27 口径），列序见 files.json
    """


@node
class QueryInsuranceCatalogueData:
    """查询条件."""

    query_date: Annotated[date | None, day("查询时间点")] = None
    hilist_code: Annotated[str | None, text(30, "医保目录编码")] = None
    insu_admdvs: Annotated[str | None, code("admdvs", "参保机构医保区划")] = None
    begndate: Annotated[date | None, day("开始日期")] = None
    hilist_name: Annotated[str | None, text(200, "医保目录名称")] = None
    wubi: Annotated[str | None, text(30, "五笔助记码")] = None
    pinyin: Annotated[str | None, text(30, "拼音助记码")] = None
    med_chrgitm_type: Annotated[str | None, code("med_chrgitm_type", "医疗收费项目类别")] = None
    chrgitm_lv: Annotated[str | None, code("chrgitm_lv", "收费项目等级", length=3)] = None
    lmt_used_flag: Annotated[str | None, code("lmt_used_flag", "限制使用标志", length=3)] = None
    list_type: Annotated[str | None, code("list_type", "目录类别", length=30)] = None
    med_use_flag: Annotated[str | None, code("med_use_flag", "医疗使用标志", length=3)] = None
    matn_used_flag: Annotated[str | None, code("matn_used_flag", "生育使用标志", length=3)] = None
    hilist_use_type: Annotated[str | None, code("hilist_use_type", "医保目录使用类别", length=3)] = None
    lmt_cpnd_type: Annotated[str | None, code("lmt_cpnd_type", "限复方使用类型", length=3)] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    updt_time: Annotated[date, day("更新时间", note="只返回此时间之后变动的行")]
    page_num: Annotated[Decimal, number(4, 0, "当前页数", note="从1起")]
    page_size: Annotated[Decimal, number(4, 0, "本页数据量", note="每页行数")]


@node
class CatalogueRowPeriod:
    """What QueryInsuranceCatalogueRow, QueryCatalogueMappingRow and QueryInstitutionMappingRow have in common."""

    insu_admdvs: Annotated[str, code("admdvs", "参保机构医保区划")]
    begndate: Annotated[date, day("开始日期", note="实际返回可带时分秒")]
    enddate: Annotated[date | None, day("结束日期", note="实际返回可带时分秒；空表示长期")] = None
    list_type: Annotated[str, code("list_type", "目录类别", length=3)]
    memo: Annotated[str | None, text(500, "备注")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    rid: Annotated[str, text(40, "唯一记录号")]
    updt_time: Annotated[date, day("更新时间")]
    crter_id: Annotated[str | None, text(20, "创建人")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_time: Annotated[date, day("创建时间")]
    crte_optins_no: Annotated[str | None, text(20, "创建机构")] = None
    opter_id: Annotated[str | None, text(20, "经办人")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    optins_no: Annotated[str | None, text(20, "经办机构")] = None
    poolarea_no: Annotated[str | None, code("admdvs", "统筹区")] = None


@node
class QueryInsuranceCatalogueRow(CatalogueRowPeriod):
    """查询结果（官方表：无节点）."""

    hilist_code: Annotated[str, text(30, "医保目录编码")]
    hilist_name: Annotated[str, text(200, "医保目录名称")]
    med_chrgitm_type: Annotated[str, code("med_chrgitm_type", "医疗收费项目类别")]
    chrgitm_lv: Annotated[str, code("chrgitm_lv", "收费项目等级", length=3)]
    lmt_used_flag: Annotated[str, code("lmt_used_flag", "限制使用标志", length=3)]
    med_use_flag: Annotated[str, code("med_use_flag", "医疗使用标志", length=3)]
    matn_used_flag: Annotated[str, code("matn_used_flag", "生育使用标志", length=3)]
    hilist_use_type: Annotated[str, code("hilist_use_type", "医保目录使用类别", length=3)]
    lmt_cpnd_type: Annotated[str, code("lmt_cpnd_type", "限复方使用类型", length=3)]
    wubi: Annotated[str | None, text(30, "五笔助记码")] = None
    pinyin: Annotated[str | None, text(30, "拼音助记码")] = None


@transaction(
    "1312",
    "医保目录信息查询",
    "insurance catalogue query",
    does=Does.READS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogqueryservice/queryHilist",
)
class QueryInsuranceCatalogue:
    """Insurance catalogue query.

    - 按更新时间增量、分页查询；翻页直到取完 recordCounts 行
    - 官方表写明输出无节点；有的 HIS 实际从 output.data 取行、output.recordCounts 取总数，有的客户端则把
      output 本身当数组，解析时都要兼容
    - 表内序号缺一号，说明有一个入参后来被删（未见其名）
    """

    @node
    class Input:
        data: Annotated[QueryInsuranceCatalogueData, nested("查询条件")]

    @node
    class Output:
        heading = nested("分页信息（直接在output下）", optional=True)
        recordCounts: Annotated[
            Decimal | None, number(None, 0, "总记录数", note="不在官方表内；同一HIS的两个模块从回参读取")
        ] = None
        data: Annotated[list[QueryInsuranceCatalogueRow] | None, rows("查询结果（官方表：无节点）")] = None


@transaction(
    "1313",
    "肿瘤形态学目录下载",
    "download of tumour morphology catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1313",
)
class DownloadTumourMorphology(DownloadConsumables):
    """Download of tumour morphology catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共11列（V1.1.27 口径），列序见 files.json
    """


@transaction(
    "1314",
    "中医疾病目录下载",
    "download of TCM disease catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1314",
)
class DownloadTcmDiseases(DownloadConsumables):
    """Download of TCM disease catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共14列（V1.1.27 口径），列序见 files.json
    """


@transaction(
    "1315",
    "中医证候目录下载",
    "download of TCM syndrome catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogdownservice/downCatalog1315",
)
class DownloadTcmSyndromes:
    """Download of TCM syndrome catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共14列（V1.1.27 口径），列序见 files.json
    """

    @node
    class Input:
        data: Annotated[VersionQuery, nested("目录下载")]

    @node
    class Output:
        heading = nested("目录下载（直接在output下）")
        file_qury_no: Annotated[str, text(200, "文件查询号", note="表中长度 40，真实报文有 44 位的路径式值")]
        filename: Annotated[str, text(100, "文件名", note="形如 数字.txt.zip；文件各列见 files.json")]
        dld_end_time: Annotated[date, day("下载截止日期", note="部分省份/新增交易拼作 dld_endtime，解析时两者都认")]
        data_cnt: Annotated[Decimal | None, number(10, 0, "数据条数", note="本次增量的数据条数")] = None


@node
class MappingQueryFacts:
    """What CatalogueMappingQuery and InstitutionMappingQuery have in common."""

    query_date: Annotated[date | None, day("查询时间点")] = None
    list_type: Annotated[str | None, code("list_type", "目录类别", length=30)] = None
    insu_admdvs: Annotated[str | None, code("admdvs", "参保机构医保区划")] = None
    begndate: Annotated[date | None, day("开始日期")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    updt_time: Annotated[date, day("更新时间", note="只返回此时间之后变动的行")]
    page_num: Annotated[Decimal, number(4, 0, "当前页数", note="从1起")]
    page_size: Annotated[Decimal, number(4, 0, "本页数据量", note="每页行数")]


@node
class CatalogueMappingQuery(MappingQueryFacts):
    """查询条件."""

    med_list_codg: Annotated[
        str | None,
        text(30, "定点医药机构目录编号", note="V1.1.27 用此名；V1.0 名为 medins_list_codg，标签相同"),
    ] = None
    hilist_code: Annotated[str | None, text(30, "医保目录编码")] = None


@node
class QueryCatalogueMappingRow(CatalogueRowPeriod):
    """查询结果（官方表：无节点）."""

    med_list_codg: Annotated[str, text(30, "医疗目录编码")]
    hilist_code: Annotated[str, text(30, "医保目录编码")]


@transaction(
    "1316",
    "医疗目录与医保目录匹配信息查询",
    "medical-insurance catalogue mapping query",
    does=Does.READS,
    of=Of.MATCHING,
    path="/fsi/api/catalogqueryservice/queryMedinsHilistMapByPage",
)
class QueryCatalogueMapping:
    """Medical-insurance catalogue mapping query.

    - 按更新时间增量、分页查询；翻页直到取完 recordCounts 行
    - 官方表写明输出无节点；有的 HIS 实际从 output.data 取行、output.recordCounts 取总数，有的客户端则把
      output 本身当数组，解析时都要兼容
    - 表内序号缺一号，说明有一个入参后来被删（未见其名）
    """

    @node
    class Input:
        data: Annotated[CatalogueMappingQuery, nested("查询条件")]

    @node
    class Output:
        heading = nested("分页信息（直接在output下）", optional=True)
        recordCounts: Annotated[
            Decimal | None, number(None, 0, "总记录数", note="不在官方表内；同一HIS的两个模块从回参读取")
        ] = None
        data: Annotated[list[QueryCatalogueMappingRow] | None, rows("查询结果（官方表：无节点）")] = None


@node
class InstitutionMappingQuery(MappingQueryFacts):
    """查询条件."""

    fixmedins_code: Annotated[str | None, text(30, "定点医药机构编号")] = None
    medins_list_codg: Annotated[str | None, text(30, "定点医药机构目录编号")] = None
    medins_list_name: Annotated[str | None, text(200, "定点医药机构目录名称")] = None
    med_list_codg: Annotated[str | None, text(30, "医疗目录编码")] = None


@node
class QueryInstitutionMappingRow(CatalogueRowPeriod):
    """查询结果（官方表：无节点）."""

    fixmedins_code: Annotated[str, text(30, "定点医药机构编号")]
    medins_list_codg: Annotated[str, text(30, "定点医药机构目录编号")]
    medins_list_name: Annotated[str | None, text(200, "定点医药机构目录名称")] = None
    med_list_codg: Annotated[str, text(30, "医疗目录编码")]
    aprvno: Annotated[str | None, text(30, "批准文号")] = None
    dosform: Annotated[str | None, text(200, "剂型")] = None
    exct_cont: Annotated[str | None, text(2000, "除外内容")] = None
    item_cont: Annotated[str | None, text(2000, "项目内涵")] = None
    prcunt: Annotated[str | None, text(100, "计价单位")] = None
    spec: Annotated[str | None, text(200, "规格")] = None
    pacspec: Annotated[str | None, text(100, "包装规格")] = None


@transaction(
    "1317",
    "医药机构目录匹配信息查询",
    "institution catalogue mapping query",
    does=Does.READS,
    of=Of.MATCHING,
    path="/fsi/api/catalogqueryservice/queryMedListMapByPage",
)
class QueryInstitutionMapping:
    """Institution catalogue mapping query.

    - 按更新时间增量、分页查询；翻页直到取完 recordCounts 行
    - 官方表写明输出无节点；有的 HIS 实际从 output.data 取行、output.recordCounts 取总数，有的客户端则把
      output 本身当数组，解析时都要兼容
    """

    @node
    class Input:
        data: Annotated[InstitutionMappingQuery, nested("查询条件")]

    @node
    class Output:
        heading = nested("分页信息（直接在output下）", optional=True)
        recordCounts: Annotated[
            Decimal | None, number(None, 0, "总记录数", note="不在官方表内；同一HIS的两个模块从回参读取")
        ] = None
        data: Annotated[list[QueryInstitutionMappingRow] | None, rows("查询结果（官方表：无节点）")] = None


@node
class ItemQueryFacts:
    """What PriceLimitQuery and SelfPayRatioQuery have in common."""

    query_date: Annotated[date | None, day("查询时间点")] = None
    hilist_code: Annotated[str | None, text(30, "医保目录编码")] = None
    insu_admdvs: Annotated[str | None, code("admdvs", "参保机构医保区划")] = None
    begndate: Annotated[date | None, day("开始日期")] = None
    enddate: Annotated[date | None, day("结束日期")] = None
    vali_flag: Annotated[str | None, code("vali_flag", "有效标志", length=3)] = None
    rid: Annotated[str | None, text(40, "唯一记录号")] = None
    tabname: Annotated[str | None, text(100, "表名")] = None
    poolarea_no: Annotated[str | None, code("admdvs", "统筹区")] = None
    updt_time: Annotated[date, day("更新时间", note="只返回此时间之后变动的行")]
    page_num: Annotated[Decimal, number(4, 0, "当前页数", note="从1起")]
    page_size: Annotated[Decimal, number(4, 0, "本页数据量", note="每页行数")]


@node
class PriceLimitQuery(ItemQueryFacts):
    """查询条件."""

    hilist_lmtpric_type: Annotated[str | None, code("hilist_lmtpric_type", "医保目录限价类型")] = None
    overlmt_dspo_way: Annotated[str | None, code("overlmt_dspo_way", "医保目录超限处理方式")] = None


@node
class ItemRowFacts:
    """What PriceLimit and SelfPayRatio have in common."""

    hilist_code: Annotated[str, text(30, "医保目录编码")]
    insu_admdvs: Annotated[str, code("admdvs", "参保机构医保区划")]
    begndate: Annotated[date, day("开始日期", note="实际返回可带时分秒")]
    enddate: Annotated[date | None, day("结束日期", note="实际返回可带时分秒；空表示长期")] = None
    vali_flag: Annotated[str, code("vali_flag", "有效标志", length=3)]
    rid: Annotated[str, text(40, "唯一记录号")]
    updt_time: Annotated[date, day("更新时间")]
    crter_id: Annotated[str | None, text(20, "创建人")] = None
    crter_name: Annotated[str | None, text(50, "创建人姓名")] = None
    crte_time: Annotated[date, day("创建时间")]
    crte_optins_no: Annotated[str | None, text(20, "创建机构")] = None
    opter_id: Annotated[str | None, text(20, "经办人")] = None
    opter_name: Annotated[str | None, text(50, "经办人姓名")] = None
    opt_time: Annotated[date | None, day("经办时间")] = None
    optins_no: Annotated[str | None, text(20, "经办机构")] = None
    tabname: Annotated[str | None, text(100, "表名")] = None
    poolarea_no: Annotated[str | None, code("admdvs", "统筹区")] = None


@node
class PriceLimit(ItemRowFacts):
    """查询结果（官方表：无节点）."""

    hilist_lmtpric_type: Annotated[str, code("hilist_lmtpric_type", "医保目录限价类型")]
    overlmt_dspo_way: Annotated[str, code("overlmt_dspo_way", "医保目录超限处理方式")]
    hilist_pric_uplmt_amt: Annotated[
        Decimal,
        number(
            16,
            None,
            "医保目录定价上限金额",
            note="表中类型 BigDecimal，小数位数未给；实际结算回参中限价有 99999999.000000 形式",
        ),
    ]


@transaction(
    "1318",
    "医保目录限价信息查询",
    "price limit query",
    does=Does.READS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogqueryservice/queryLmtprcByPage",
)
class QueryPriceLimits:
    """Price limit query.

    - 按更新时间增量、分页查询；翻页直到取完 recordCounts 行
    - 官方表写明输出无节点；有的 HIS 实际从 output.data 取行、output.recordCounts 取总数，有的客户端则把
      output 本身当数组，解析时都要兼容
    - 售价不得高于医保目录定价上限，销售时实时查或用本地最新缓存核对
    """

    @node
    class Input:
        data: Annotated[PriceLimitQuery, nested("查询条件")]

    @node
    class Output:
        heading = nested("分页信息（直接在output下）", optional=True)
        recordCounts: Annotated[
            Decimal | None, number(None, 0, "总记录数", note="不在官方表内；同一HIS的两个模块从回参读取")
        ] = None
        data: Annotated[list[PriceLimit] | None, rows("查询结果（官方表：无节点）")] = None


@node
class SelfPayRatioQuery(ItemQueryFacts):
    """查询条件."""

    selfpay_prop_psn_type: Annotated[str | None, code("selfpay_prop_psn_type", "医保目录自付比例人员类别")] = None
    selfpay_prop_type: Annotated[str | None, code("selfpay_prop_type", "目录自付比例类别")] = None


@node
class SelfPayRatio(ItemRowFacts):
    """查询结果（官方表：无节点）."""

    selfpay_prop_psn_type: Annotated[str, code("selfpay_prop_psn_type", "医保目录自付比例人员类别")]
    selfpay_prop_type: Annotated[str, code("selfpay_prop_type", "目录自付比例类别")]
    selfpay_prop: Annotated[
        Decimal,
        number(
            5, 4, "自付比例", note="表中代码标识为Y，实为小数比例；长度5，小数位数表中未给，实际结算回参见 1.0000 形式"
        ),
    ]


@transaction(
    "1319",
    "医保目录先自付比例信息查询",
    "first self-pay ratio query",
    does=Does.READS,
    of=Of.CATALOGUE,
    path="/fsi/api/catalogqueryservice/querySelfpayByPage",
)
class QuerySelfPayRatios:
    """First self-pay ratio query.

    - 按更新时间增量、分页查询；翻页直到取完 recordCounts 行
    - 官方表写明输出无节点；有的 HIS 实际从 output.data 取行、output.recordCounts 取总数，有的客户端则把
      output 本身当数组，解析时都要兼容
    """

    @node
    class Input:
        data: Annotated[SelfPayRatioQuery, nested("查询条件")]

    @node
    class Output:
        heading = nested("分页信息（直接在output下）", optional=True)
        recordCounts: Annotated[
            Decimal | None, number(None, 0, "总记录数", note="不在官方表内；同一HIS的两个模块从回参读取")
        ] = None
        data: Annotated[list[SelfPayRatio] | None, rows("查询结果（官方表：无节点）")] = None


@transaction(
    "1320",
    "中药配方颗粒目录下载",
    "download of TCM formula granules catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadFormulaGranules:
    """Download of TCM formula granules catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共44列（V1.1.27 口径），列序见 files.json
    - 国家后续新增的目录，早期版本规范没有
    """

    @node
    class Input:
        data: Annotated[VersionQuery, nested("目录下载")]

    @node
    class Output:
        heading = nested("目录下载（直接在output下）")
        file_qury_no: Annotated[str, text(200, "文件查询号", note="表中长度 40，真实报文有 44 位的路径式值")]
        filename: Annotated[str, text(100, "文件名", note="形如 数字.txt.zip；文件各列见 files.json")]
        dld_endtime: Annotated[date, day("下载截止日期", note="1301-1315 拼作 dld_end_time，解析时两者都认")]
        data_cnt: Annotated[Decimal | None, number(None, 0, "数据量", note="本次增量的数据条数")] = None


@transaction(
    "1321",
    "医疗服务项目（新）目录下载",
    "download of new medical service items catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadNewServiceItems(DownloadFormulaGranules):
    """Download of new medical service items catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共34列（V1.1.27 口径），列序见 files.json
    - 国家后续新增的目录，早期版本规范没有
    """


@transaction(
    "1322",
    "体外诊断试剂产品信息下载",
    "download of IVD reagent products",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadReagents(DownloadConsumables27):
    """Download of IVD reagent products.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共40列（V1.1.27 口径），列序见 files.json
    - 国家后续新增的目录，早期版本规范没有
    """


@transaction(
    "1323",
    "体外诊断试剂产品信息与注册证关联信息下载",
    "download of IVD product-registration links",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadReagentCertificateLinks(DownloadConsumables27):
    """Download of IVD product-registration links.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共23列（V1.1.27 口径），列序见 files.json
    - 国家后续新增的目录，早期版本规范没有
    """


@transaction(
    "1324",
    "体外诊断试剂检测指标信息下载",
    "download of IVD test indicators",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadReagentIndicators(DownloadConsumables27):
    """Download of IVD test indicators.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共21列（V1.1.27 口径），列序见 files.json
    - 国家后续新增的目录，早期版本规范没有
    """


@transaction(
    "1325",
    "体外诊断试剂产品信息编码下载",
    "download of IVD product codes",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadReagentCodes(DownloadConsumables27):
    """Download of IVD product codes.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共26列（V1.1.27 口径），列序见 files.json
    - 国家后续新增的目录，早期版本规范没有
    """


@transaction(
    "1326",
    "体外诊断试剂试剂注册证信息下载",
    "download of IVD registration certificates",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadReagentCertificates(DownloadConsumables27):
    """Download of IVD registration certificates.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共51列（V1.1.27 口径），列序见 files.json
    - 国家后续新增的目录，早期版本规范没有
    """


@transaction(
    "1327",
    "体外诊断试剂分类目录下载",
    "download of IVD classification catalogue",
    does=Does.DOWNLOADS,
    of=Of.CATALOGUE,
    confidence="medium",
)
class DownloadReagentClasses(DownloadConsumables27):
    """Download of IVD classification catalogue.

    - 按本地最大版本号增量下载，服务端只给比它新的数据
    - 版本号不能为空；首次下载的初值各地不同（有的地方 v0000，有的客户端用 0）
    - 返回的是文件号，须在下载截止日期前用9102取文件
    - 文件全部入库成功后才更新本地版本号
    - 文本文件共25列（V1.1.27 口径），列序见 files.json
    - 国家后续新增的目录，早期版本规范没有
    """


@node
class QueryDictionaryData:
    """字典信息查询."""

    type: Annotated[str, text(30, "字典类型")]
    parentValue: Annotated[
        str | None,
        text(10, "父字典键值"),
        required_when("parentValue 与 parent_value 按地区取其一"),
    ] = None
    parent_value: Annotated[str | None, text(10, "父字典键值"), required_when("parentValue 的另一种写法")] = None
    admdvs: Annotated[str, code("admdvs", "行政区划")]
    date_: Annotated[date, day("查询日期", wire="date")]
    valiFlag: Annotated[
        str | None,
        code("vali_flag", "有效标志", length=3),
        required_when("三种写法按地区取其一：valiFlag、vali_flag、Vali_Flag"),
    ] = None
    Vali_Flag: Annotated[
        str | None, code("vali_flag", "有效标志", length=3), required_when("valiFlag 的另一种写法")
    ] = None
    vali_flag: Annotated[
        str | None, code("vali_flag", "有效标志", length=3), required_when("valiFlag 的另一省写法")
    ] = None


@node
class DictionaryEntry:
    """字典表信息."""

    type: Annotated[str, text(30, "字典类型")]
    label: Annotated[str, text(50, "字典标签")]
    value: Annotated[str, text(20, "字典键值")]
    parentValue: Annotated[str, text(10, "父字典键值")]
    sort: Annotated[Decimal, number(30, 0, "序号")]
    valiFlag: Annotated[str, code("vali_flag", "权限标识", length=3, note="标签原文如此，值为有效标志")]
    createUser: Annotated[str, text(30, "创建账户")]
    createDate: Annotated[date, day("创建时间")]
    version: Annotated[Decimal, number(20, 0, "版本号")]


@transaction(
    "1901",
    "字典表查询",
    "dictionary query",
    does=Does.READS,
    of=Of.DICTIONARY,
    group="基础信息/其他信息",
    path="/fsi/api/catalogqueryservice/queryDataDic",
    confidence="medium",
)
class QueryDictionary:
    """Dictionary query.

    - 按字典类型、行政区划、查询日期取一类字典的全部键值，宜缓存
    - 一地 2021 年的变体：入参只有 admdvs，返回 fileinfo（文件号、文件名、截止时间），字典经9102下载为文件
    - V1.1.27 之前的入参另有 page_num、page_size，后删
    """

    @node
    class Input:
        data: Annotated[QueryDictionaryData, nested("字典信息查询")]

    @node
    class Output:
        list_: Annotated[list[DictionaryEntry] | None, rows("字典表信息", wire="list")] = None
