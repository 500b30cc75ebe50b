"""``liangding bridge`` and ``liangding import``: business that comes as files, tables and views."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from ..errors import ConfigurationError
from .output import console


def bridge(
    folder: Annotated[Path, Parameter(help="请求放在它的 in，应答在 out")],
    /,
    *,
    url: Annotated[str, Parameter(help="本地服务的地址")] = "http://127.0.0.1:8180",
    key_env: Annotated[str, Parameter(help="放着接口密钥的环境变量")] = "LIANGDING_API_KEY",
    patience: Annotated[float, Parameter(help="服务不通时，一个请求重试多少秒")] = 60.0,
    encoding: Annotated[Literal["utf-8", "gbk"], Parameter(help="应答文件用什么编码")] = "utf-8",
) -> None:
    """文件夹桥：不会 HTTP 的软件放一个请求文件，取一个应答文件 · A folder for software that cannot do HTTP."""
    import httpx

    from ..intake.folder import Bridge

    key = os.environ.get(key_env, "")
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
