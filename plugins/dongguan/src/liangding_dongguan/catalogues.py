"""The dictionary (字典表查询) as Guangdong answers it: transaction 1901 declared anew.

Seen in systems at work in the province, not in a public table: the labels are read from the field names, the lengths
are not known.
"""

from typing import Annotated

from liangding.national import catalogues
from liangding.spec import node, redeclares, rows, text


@node
class DictionaryEntry:
    """字典表信息."""

    dic_type_code: Annotated[str | None, text(None, "字典类型代码")] = None
    place_dic_val_code: Annotated[str | None, text(None, "地方字典值代码")] = None
    place_dic_val_name: Annotated[str | None, text(None, "地方字典值名称")] = None
    prnt_dic_val_code: Annotated[str | None, text(None, "父字典值代码")] = None
    admdvs: Annotated[str | None, text(None, "行政区划")] = None
    seq: Annotated[str | None, text(None, "序号")] = None
    ver: Annotated[str | None, text(None, "版本号")] = None


@redeclares(catalogues.QueryDictionary)
class QueryDictionary:
    """The dictionary as Guangdong answers it.

    - 广东：不论入参返回整部字典，由本插件按 dic_type_code 留下所问的一类
    """

    @node
    class Output:
        list_: Annotated[list[DictionaryEntry] | None, rows("字典表信息", wire="list")] = None
