"""``liangding bridge`` and ``liangding import``: business that comes as files, tables and views."""

from __future__ import annotations

import contextlib
import csv
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import attrs
from cyclopts import Parameter

from ..config.secrets import Secret
from ..errors import ConfigurationError
from ..files.text import for_table
from .app import Config
from .output import console


def bridge(
    folder: Annotated[Path, Parameter(help="请求放在它的 in，应答在 out")],
    /,
    *,
    url: Annotated[str, Parameter(help="本地服务的地址")] = "http://127.0.0.1:8180",
    key_env: Annotated[str, Parameter(help="放着接口密钥的环境变量")] = "LIANGDING_API_KEY",
    key_file: Annotated[Path | None, Parameter(help="放着接口密钥的文件，如部署文件旁的 api-key")] = None,
    patience: Annotated[float, Parameter(help="服务不通时，一个请求重试多少秒")] = 60.0,
    encoding: Annotated[Literal["utf-8", "gbk"], Parameter(help="应答文件用什么编码")] = "utf-8",
) -> None:
    """文件夹桥：不会 HTTP 的软件放一个请求文件，取一个应答文件 · A folder for software that cannot do HTTP."""
    import httpx

    from ..intake.folder import Bridge

    key = os.environ.get(key_env, "")
    if key_file is not None:
        key = Secret(file=str(key_file.absolute())).value("--key-file", Path())
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(SystemExit(0)))
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError("应以 http:// 或 https:// 开头", path="--url")
    with (
        httpx.Client(base_url=url, headers=headers, timeout=300, trust_env=False) as client,
        contextlib.closing(Bridge(folder, client, patience=patience, encoding=encoding)) as working,
    ):
        console().print(f"文件夹桥：{folder / 'in'} → {url} → {folder / 'out'}")
        working.run()


def import_(
    mapping: Annotated[Path, Parameter(help="映射文件 (TOML)：哪个流程，列对应什么")],
    file: Annotated[Path | None, Parameter(help="CSV 或 XLSX；不给则用映射文件的 [source]")] = None,
    /,
    *,
    config: Config,
    dry_run: Annotated[bool, Parameter(help="只核对，不发送")] = False,
    result: Annotated[Path | None, Parameter(help="结果写到哪个 CSV；缺省在映射文件旁")] = None,
) -> int:
    """导入表格或读视图，一单一单地办，各有业务号 · Do the bills of a table or a view by a flow.

    Done once more, what was done gives its recorded result; nothing is charged twice.
    """
    from rich.progress import track

    from ..flows import Flows
    from ..intake import importing
    from ..runtime import Runtime

    mapped = importing.read_mapping(mapping)
    grouped = list(importing.bills(mapped, importing.rows_for(mapped, mapping.parent, file)))
    out = console()
    with Runtime.from_file(config) as runtime:
        importer = importing.Importer(Flows(runtime), mapped)
        do = importer.check if dry_run else importer.do
        done = [do(key, lines) for key, lines in track(grouped, description="导入", console=out, transient=True)]
    place = result or mapping.with_name(f"{mapping.stem}-结果.csv")
    with place.open("w", encoding="utf-8-sig", newline="") as written:
        writer = csv.writer(written)
        writer.writerow(importing.COLUMNS.values())
        for each in done:
            row = attrs.asdict(each) | {"ends": importing.CHINESE.get(each.ends, each.ends)}
            writer.writerow([for_table(str(row[name])) for name in importing.COLUMNS])
    counted = Counter(importing.CHINESE.get(each.ends, each.ends) for each in done)
    out.print("，".join(f"{name} {count}" for name, count in counted.items()) + f"；共 {len(done)} 单，结果在 {place}")
    return 0 if all(each.ends in ("done", "ready") for each in done) else 1
