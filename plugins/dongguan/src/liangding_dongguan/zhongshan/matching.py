"""Catalogue matching (目录对照) in Zhongshan: transaction 3302 declared anew."""

from typing import Annotated

from liangding.national import matching
from liangding.spec import nested, node, redeclares


@redeclares(matching.CancelMatching)
class CancelMatching:
    """3302 in Zhongshan.

    - 中山：输入节点为 catalogcompin
    """

    @node
    class Input:
        data: Annotated[matching.CancelMatchingData, nested("目录对照撤销", wire="catalogcompin")]
