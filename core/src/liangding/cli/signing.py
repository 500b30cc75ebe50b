"""``liangding sign explain``: the exact text that a secured message signs, and why a signature is not accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import attrs
import cyclopts
from cyclopts import Parameter

from ..config import load_deployment
from ..errors import ConfigurationError
from .app import AsJson, Config
from .calling import read_bytes
from .output import console, print_json

sign = cyclopts.App(name="sign", help="安全信封（SM2 签名、SM4 加密）· the secured envelope")


@sign.command
def explain(
    file: Annotated[
        Path, Parameter(allow_leading_hyphen=True, help="信封的 JSON（data 为明文，或 encData 为密文），- 为标准输入")
    ],
    *,
    config: Config,
    service: Annotated[str, Parameter(help="部署文件 services 中的名字 · a service of the deployment file")],
    signature: Annotated[str | None, Parameter(help="要比对的签名；不给就用报文里的 signData")] = None,
    by: Annotated[Literal["ours", "theirs"], Parameter(help="谁签的：本机构，还是平台 · who signed")] = "ours",
    as_json: AsJson = False,
) -> int:
    """打印被签名的原文，指出易错之处，并与给出的签名比对 · Print exactly what is signed, and compare.

    Exit code 0: the signature fits the deployment's settings, or none was given; 1: it does not.
    """
    from ..wire.secured import NotAuthentic, envelope_of
    from ..wire.sign_explaining import FITS, explain

    deployment = load_deployment(config)
    line = deployment.secured(service)
    settings = deployment.services[service]
    secret = deployment.secret(f"services.{service}.app_secret", settings.app_secret)
    try:
        body = envelope_of(read_bytes(file))
        signer, other = (line.ours, line.theirs) if by == "ours" else (line.theirs, line.ours)
        found = explain(body, secret, signer=signer, variant=settings.variant, signature=signature, other=other)
    except (NotAuthentic, ValueError) as wrong:
        raise ConfigurationError(str(wrong), path=str(file)) from None
    right = found.fits is None or FITS in found.fits
    if as_json:
        print_json(attrs.asdict(found) | {"right": right})
        return 0 if right else 1
    out = console()
    out.print("[bold]被签名的原文[/]（appSecret 以 … 代替，UTF-8）")
    out.print(found.text, markup=False, soft_wrap=True)
    out.print(f"SM3 摘要（含 appSecret，不含用户标识）：{found.digest}")
    out.print(f"SM2 实际签的摘要 e（在前面加上用户标识与公钥的 ZA）：{found.e}")
    if found.notes:
        out.print("\n[bold]这份报文容易出错的地方[/]")
        for note in found.notes:
            out.print(f"  ! {note}", markup=False)
    if found.fits is not None:
        verdict = "[bold green]与部署文件的设置一致[/]" if right else "[bold red]与部署文件的设置不一致[/]"
        out.print(f"\n[bold]给出的签名[/]：{verdict}")
        for way in () if right else found.fits:
            out.print(f"  它符合这种写法：{way}", markup=False)
    return 0 if right else 1
