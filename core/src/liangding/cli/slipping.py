"""``liangding slip``: a flow's slip once more, or its statement as PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..errors import LiangdingError
from ..flows import Flows
from ..receipts.gathering import reprint
from ..receipts.slips import WIDTH, settlement_slip
from ..runtime import Runtime
from .app import Config
from .looking import looking
from .output import console


class SlipNotWritten(LiangdingError):
    """A file cannot be written."""

    code = "cannot_write"


def slip(
    flow_id: str,
    *,
    config: Config,
    columns: Annotated[int, Parameter(help="小票宽度，半角字符数：80 毫米纸 42，58 毫米纸 32")] = WIDTH,
    pdf: Annotated[Path | None, Parameter(help="写成 PDF 文件")] = None,
    paper: Annotated[str, Parameter(help="PDF 的纸：A4 或 A5")] = "A4",
    kind: Annotated[str, Parameter(help="PDF 的内容：settlement 结算单、fees 费用清单")] = "settlement",
    setl_id: Annotated[str | None, Parameter(help="一笔业务有几次结算时，只要这一次")] = None,
    ask: Annotated[bool, Parameter(negative="", help="不取流水，向平台取现在的结算信息（5203、5204）")] = False,
) -> None:
    """重打一笔业务的小票；--pdf 做结算单或费用清单 · Print a flow's slip again, or make its statement as PDF.

    A PDF is of the last settlement, unless --setl-id names another one.
    """
    with Runtime.from_file(config) if ask else looking(config) as runtime:
        found = reprint(Flows(runtime), flow_id, setl_id=setl_id, ask=ask)
    if pdf is None:
        print("\n".join(settlement_slip(each, columns=columns) for each in found), end="")
        return
    from ..receipts import statement

    made = statement(kind, found[-1], paper)
    try:
        pdf.write_bytes(made)
    except OSError as failed:
        raise SlipNotWritten(f"写不了：{failed.strerror}", path=str(pdf)) from None
    console().print(f"已写入 {pdf}")
