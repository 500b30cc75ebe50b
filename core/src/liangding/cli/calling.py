"""``liangding call``: one transaction from the command line."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ..errors import LiangdingError
from ..files.text import text_of
from ..spec.writing import SPARSE, MessageWriter
from ..wire.json import decode
from .app import Config
from .output import error_console, print_json


class BadFile(LiangdingError):
    """A file given on the command line cannot be read, or is no JSON."""

    code = "bad_file"


def call(
    infno: str,
    file: Annotated[
        Path | None, Parameter(allow_leading_hyphen=True, help="input 的 JSON 文件，- 为标准输入 · the input, as JSON")
    ] = None,
    *,
    config: Config,
    key: Annotated[str | None, Parameter(help="业务号：同号只办一次 · the business key")] = None,
    insured_place: Annotated[str | None, Parameter(help="参保地医保区划 insuplc_admdvs")] = None,
    operator: Annotated[str | None, Parameter(help="经办人编号")] = None,
    bill_date: Annotated[date | None, Parameter(help="单据日期，报文自己没有写时")] = None,
    meant: Annotated[bool, Parameter(negative="", help="同样的明细刚结算过，而这确是另一单")] = False,
) -> None:
    """调用一个交易，打印应答 · Make one call and print its answer as JSON."""
    from ..runtime import Runtime

    message = read_json(file) if file else {}
    if isinstance(message, dict) and set(message) == {"input"}:
        message = message["input"]
    with Runtime.from_file(config) as runtime:
        answer = runtime.call(
            infno, message, key=key, insured_place=insured_place, operator=operator, bill_date=bill_date, meant=meant
        )
    print_json(
        {
            "infno": answer.infno,
            "msgid": answer.msgid,
            "recorded": answer.recorded,
            "advice": answer.advice,
            "output": MessageWriter(SPARSE).write(answer.output),
        }
    )
    for finding in answer.findings:
        error_console().print(f"! {finding}", markup=False)


def read_bytes(file: Path) -> bytes:
    """The content of a file, or of standard input for ``-``."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as failed:
        raise BadFile(f"读不到：{failed.strerror}", path=str(file)) from None


def read_json(file: Path) -> object:
    try:
        return decode(text_of(read_bytes(file)))
    except (ValueError, UnicodeDecodeError) as wrong:
        raise BadFile(f"不是合法的 JSON：{wrong}", path=str(file)) from None
