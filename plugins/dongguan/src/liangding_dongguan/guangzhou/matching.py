"""Catalogue matching (目录对照) in Guangzhou and Foshan: transactions 3301 and 3302 declared anew."""

from typing import Annotated

from liangding.national import matching
from liangding.spec import nested, node, redeclares, rows


@redeclares(matching.UploadMatching)
class UploadMatching:
    """3301 in Guangzhou and Foshan.

    - 广州、佛山：输入节点为 catalogcompin
    """

    @node
    class Input:
        data: Annotated[list[matching.UploadMatchingData], rows("目录对照上传", wire="catalogcompin")]


@redeclares(matching.CancelMatching)
class CancelMatching:
    """3302 in Guangzhou and Foshan.

    - 广州、佛山：输入节点为 catalog
    """

    @node
    class Input:
        data: Annotated[matching.CancelMatchingData, nested("目录对照撤销", wire="catalog")]
