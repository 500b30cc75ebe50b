"""The insured person (人员信息) in Guangzhou: transaction 1101 declared anew."""

from typing import Annotated

from liangding.national import persons
from liangding.spec import nested, node, redeclares

from .fields import CardBasics, CardCheck


@node
class PersonQuery(persons.PersonQuery):
    """输入."""

    hcard_basinfo: CardBasics = None
    hcard_chkinfo: CardCheck = None


@redeclares(persons.QueryPerson)
class QueryPerson:
    """1101 in Guangzhou.

    - 广州：另带读卡器给出的 hcard_basinfo、hcard_chkinfo
    """

    @node
    class Input:
        data: Annotated[PersonQuery, nested("输入")]
