"""The insured person (人员信息) in Sichuan: transaction 1101 declared anew."""

from typing import Annotated

from liangding.national import persons
from liangding.spec import nested, node, redeclares

from .card_token import CardToken


@node
class PersonQuery(persons.PersonQuery):
    """输入."""

    expContent: CardToken = None


@redeclares(persons.QueryPerson)
class QueryPerson:
    """1101 in Sichuan.

    - 四川：校验介质 card_token 放在 data.expContent 中；参保地用安全控件给出的 insuplc_admdvs
    """

    @node
    class Input:
        data: Annotated[PersonQuery, nested("输入")]
