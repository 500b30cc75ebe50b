"""What a deployment knows without being at work: plugins, declarations, region, fixed values, code tables, gateway.

No journal is opened and nothing is sent; :class:`~liangding.runtime.Runtime` adds both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from ..config import Deployment
from ..contract.region import Region
from ..contract.requirements import Requirement
from ..errors import ConfigurationError, IncomingNotice
from ..spec import Transaction
from ..spec.codes import Code, CodeTable, find_code_table, merged
from ..spec.leaves import LENIENT, Manner
from ..spec.nodes import members, node_of
from ..spec.reading import MessageReader
from ..spec.writing import MessageWriter
from ..structuring import nearest
from ..wire.gateways import SCHEMES, Gateway
from ..wire.gm import BadKeyMaterial, Sm2, private_key
from ..wire.input_signing import InputSigner
from .conform import ill_typed, misfits
from .editions import FollowedEdition
from .fixed import FixedFields
from .misfits import refuse
from .plugins import ask, plugin_manager
from .services import Services
from .speaking import Speaking


class Knowledge:
    """``plugins`` are further plugins as objects. Several runtimes may share one. ``on`` is the day as of which the
    edition of the specification counts; left out, as it is now.

    ConfigurationError where file, plugins or secrets are not as they must be.
    """

    def __init__(
        self, deployment: Deployment, *, plugins: Mapping[str, object] | None = None, on: date | None = None
    ) -> None:
        self.deployment = deployment
        self.manager, self.interfaces = plugin_manager(deployment, plugins)
        refuse(misfits(self.manager, self.interfaces, deployment))
        self.region: Region = _as_deployed(ask(self.manager, "liangding_region", deployment=deployment), deployment)
        self.edition = FollowedEdition.named(
            deployment.checks.edition or self.region.edition, path=f"{deployment.source.name}: checks.edition", on=on
        )
        self.interfaces = self.interfaces.following(self.edition)
        self._refuse_area()
        self.deployment = self.region.line.fill(deployment)
        self.gateway = self._make_gateway()
        self.services = Services(deployment)
        spoken = self.manager.hook.liangding_spoken(deployment=deployment)
        self.speaking = Speaking(self.interfaces, self.services, deployment, reversed(spoken))
        self.input_signer = _input_signer(deployment)
        self.fixed = FixedFields.collect(self.manager, deployment)
        self._tables = self._merge_code_tables()
        strict = Manner(
            strict=True,
            table=self.code_table,
            unknown_code=deployment.checks.unknown_codes,
            single_rows=self.region.style.single_rows_as_object,
        )
        self.requests, self.answers = MessageReader(strict), MessageReader(LENIENT)
        self.writer = MessageWriter(self.region.style)

    def _refuse_area(self) -> None:
        """ConfigurationError where the institution stands in another province than its plugin."""
        area, region = self.deployment.institution.area, self.region
        if not region.serves(area):
            prefixes = "、".join(region.areas or region.province)
            raise ConfigurationError(
                f"就医地 {area} 不归{region.name}（{prefixes} 开头）：province 或 area 写错了一处",
                path=f"{self.deployment.source.name}: institution.area",
            )

    @property
    def in_clear(self) -> Mapping[str, str]:
        """The addresses to which messages go in clear over a line that neither the region nor the file calls the
        institution's own, by their key in the file."""
        platform = self.deployment.platform
        return {} if self.region.dedicated_line or platform.plain else platform.in_clear

    def not_opened(self, transaction: Transaction) -> str:
        """What the region's document says of a transaction that it has not opened to everybody, and what to write once
        this institution may use it; empty where it is open. It can be called all the same."""
        chapter = transaction.chapter
        said = "" if chapter in self.deployment.features.opened else self.region.not_opened.get(chapter, "")
        return f'{self.region.name}：{said}；已经开通的，在 [features] 写 opened = ["{chapter}"]' if said else ""

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """What the documents of the region demand of this institution."""
        told = self.manager.hook.liangding_requirements(deployment=self.deployment)
        return tuple(each for rows in reversed(told) for each in rows if each.concerns(self.deployment))

    def _make_gateway(self) -> Gateway:
        platform = self.deployment.platform
        credentials = {
            name: self.deployment.secret(f"platform.credentials.{name}", reference)
            for name, reference in platform.credentials.items()
        }
        given = {
            "scheme": platform.gateway,
            "credentials": credentials,
            "settings": platform.settings,
            "deployment": self.deployment,
        }
        if not platform.gateway:
            text = f"没有写网关方式；{self.region.name}的没有公开，向医保信息部门要"
            remedy = f"gateway 写 {'、'.join(SCHEMES)} 之一，或插件的方式"
            raise ConfigurationError(text, path=f"{self.deployment.source.name}: platform.gateway", remedy=remedy)
        made = ask(self.manager, "liangding_gateway", **given)
        if made is None:
            raise ConfigurationError(
                f"没有网关方式 {platform.gateway}{nearest(platform.gateway, SCHEMES)}；核心有 {'、'.join(SCHEMES)}",
                path=f"{self.deployment.source.name}: platform.gateway",
            )
        refuse(ill_typed(self.manager, "liangding_gateway", **given))
        return made  # type: ignore[no-any-return]

    def _merge_code_tables(self) -> dict[str, CodeTable]:
        found: dict[str, CodeTable] = {}
        for added in self.manager.hook.liangding_code_tables(deployment=self.deployment):
            for table, values in added.items():
                base = found.get(table) or find_code_table(table) or CodeTable(table=table, name=table, values=())
                found[table] = merged(base, values, self.region.name)
        return found

    def code_table(self, table: str) -> CodeTable | None:
        """The code table as this deployment knows it: the national values, and the region's."""
        return self._tables.get(table) or find_code_table(table)

    def added_codes(self, transaction: Transaction) -> dict[str, list[Code]]:
        """The region's own values in the code tables that a transaction's input uses."""
        used: set[str] = set()

        def collect(node: Any) -> None:
            for member in members(node):
                if member.node is not None:
                    collect(member.node)
                elif member.field is not None and member.field.code_table:
                    used.add(member.field.code_table)

        collect(node_of(transaction.input))
        tables = {name: self._tables[name] for name in sorted(used & self._tables.keys())}
        return {name: [code for code in table if code.region == self.region.name] for name, table in tables.items()}

    def refuse_unsendable(self, transaction: Transaction) -> None:
        """IncomingNotice for what only the platform sends; ConfigurationError for what goes to a secured service that
        the deployment has not, and has no route of its own: it never goes out in clear to the settlement address."""
        infno, channel = transaction.infno, transaction.channel
        if transaction.incoming:
            raise IncomingNotice(f"{infno} {transaction.name}是平台发给机构的通知，不能由机构发送", path=infno)
        if self.services.of(transaction) is not None:
            return
        routed = any(infno.startswith(route) for route in self.deployment.platform.routes)
        if channel is not None and not routed:
            raise ConfigurationError(
                f"{infno} {transaction.name}经加密信封发往在线服务 {channel}，不向结算地址明文发送",
                path=infno,
                remedy=f"配置 [services.{channel}]；由前置机代为加密的，在 platform.routes 中给出它的地址，"
                f'如 "{infno[:2]}" = "http://…"',
            )  # fmt: skip

    def address(self, transaction: Transaction) -> str:
        """Where this transaction is posted. ConfigurationError where its own path is needed and not public."""
        if (service := self.services.of(transaction)) is not None:
            return self.services.address(service, transaction)
        platform = self.deployment.platform
        routes = [route for route in platform.routes if transaction.infno.startswith(route)]
        base = (platform.routes[max(routes, key=len)] if routes else platform.url).rstrip("/")
        if platform.address == "infno":
            return f"{base}/{transaction.infno}"
        if platform.address == "path":
            if transaction.path is None and not routes:
                raise ConfigurationError(f"交易 {transaction.infno} 没有公开的专门路径，请在 platform.routes 中给出")
            return base if routes else f"{base}{transaction.path}"
        return base


def _input_signer(deployment: Deployment) -> InputSigner | None:
    """What signs ``input`` (cainfo), where the deployment wants it. ConfigurationError where its key is none."""
    settings = deployment.platform.signing
    if settings is None:
        return None
    key = None
    if settings.private_key is not None:
        where = "platform.signing.private_key"
        try:
            private = private_key(deployment.secret(where, settings.private_key))
            key = Sm2(private=private, user_id=settings.user_id.encode())
        except (BadKeyMaterial, ValueError) as wrong:
            raise ConfigurationError(str(wrong), path=f"{deployment.source.name}: {where}") from None
    return InputSigner(signtype=settings.signtype, key=key, signature=settings.signature, written=settings.written)


def _as_deployed(region: Region, deployment: Deployment) -> Region:
    """The region, with what the deployment says otherwise of its arithmetic."""
    cents = deployment.checks.tolerance_cents
    if cents is None:
        return region
    circumstances = attrs.evolve(region.circumstances, tolerance=Decimal(cents) / 100)
    return attrs.evolve(region, circumstances=circumstances)
