"""All deployments of a vendor at a glance, from their files and journals, and from running servers. Nothing is written
or sent to a platform."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import attrs
import httpx

from .. import __version__
from ..acceptance import findings_of
from ..catalogue.opening import oldest_of
from ..clock import Clock, now
from ..config import Deployment, deployment_files, load_deployment
from ..config.recording import read_journal
from ..contract.requirements import Standing
from ..errors import LiangdingError
from ..journal.finding import JournalReading
from ..knowledge import Knowledge

T = TypeVar("T")

SECONDS = 10.0
"""How long a server may take to answer."""


@attrs.frozen(kw_only=True)
class Glance:
    """What there is to know of a deployment at a glance; None is what is not known. ``unknown``: calls whose outcome
    nobody knows, ``waiting``: those of them that wait for a person; ``open_requirements``: what the product does not do
    yet of the region's documents; ``overdue``: demands whose day has passed and that nothing shows, by id;
    ``catalogue_days``: age of the oldest catalogue."""

    province: str = ""
    institution: str = ""
    version: str = ""
    unknown: int | None = None
    waiting: int | None = None
    open_requirements: int | None = None
    overdue: tuple[str, ...] | None = None
    catalogue_days: int | None = None
    wrong: str = ""

    def as_json(self) -> dict[str, Any]:
        return attrs.asdict(self)


@attrs.frozen(kw_only=True)
class FleetRow:
    """One deployment, and where it was seen: ``file``, or a server's address."""

    name: str
    source: str
    glance: Glance

    @property
    def alarming(self) -> bool:
        """Whether somebody has to look."""
        return bool(self.glance.wrong or self.glance.waiting or self.glance.overdue)

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "source": self.source} | self.glance.as_json()


def glance_at(known: Knowledge, journal: Callable[[], JournalReading], clock: Clock) -> Glance:
    """One deployment. What cannot be looked at is not known, and ``wrong`` says why. ``journal`` opens its journal, as
    the institution sees it."""
    deployment, wrong = known.deployment, []

    def tried(look: Callable[[], T]) -> T | None:
        try:
            return look()
        except LiangdingError as failed:
            wrong.append(failed.message)
            return None

    opened = tried(journal)
    pending = None if opened is None else tried(opened.pending)
    overdue = None if opened is None else tried(lambda: _overdue(known, opened, clock))
    oldest = tried(lambda: oldest_of(deployment))
    return Glance(
        province=deployment.province, institution=deployment.institution.code, version=__version__,
        unknown=None if pending is None else len(pending),
        waiting=None if pending is None else sum(call.escalated_at is not None for call in pending),
        open_requirements=sum(each.standing is Standing.OPEN for each in known.requirements),
        overdue=overdue, wrong="；".join(dict.fromkeys(wrong)),
        catalogue_days=None if oldest is None else int((clock.epoch() - oldest.at) // 86400),
    )  # fmt: skip


def _overdue(known: Knowledge, journal: JournalReading, clock: Clock) -> tuple[str, ...]:
    """The demands whose day has passed and that neither calls nor statements show. The journal is asked only where
    something may be overdue."""
    today, stated = now(clock).date(), known.deployment.acceptance.stated
    if not any(each.is_past(today) and each.id not in stated for each in known.requirements):
        return ()
    return tuple(row.requirement.id for row in findings_of(known, journal, clock).overdue)


# -- from files --------------------------------------------------------------------------------------------------------


def of_folder(folder: Path, clock: Clock) -> Iterator[FleetRow]:
    """The deployments whose files are in a folder, each by its file and its journal."""
    for path in deployment_files([folder]):
        try:
            deployment = load_deployment(path)
            yield FleetRow(name=deployment.name, source="file", glance=_of_file(deployment, clock))
        except LiangdingError as failed:
            yield FleetRow(name=path.stem, source="file", glance=Glance(wrong=failed.message))


def _of_file(deployment: Deployment, clock: Clock) -> Glance:
    with contextlib.ExitStack() as opened:
        return glance_at(
            Knowledge(deployment), lambda: opened.enter_context(contextlib.closing(read_journal(deployment))), clock
        )


# -- from servers ------------------------------------------------------------------------------------------------------


def of_server(url: str, key: str = "") -> Iterator[FleetRow]:
    """The deployments of a running server; one line that says why where it does not answer. Without a ``key`` that may
    look at a deployment's journal, what its server tells of it."""
    headers = {"authorization": f"Bearer {key}"} if key else {}
    try:
        with httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=SECONDS, trust_env=False) as http:
            health = _json(http.get("/v1/health"))
            if "deployments" not in health:
                yield FleetRow(
                    name="", source=url, glance=Glance(wrong="没有密钥或密钥不对（LIANGDING_API_KEY），只知道它在运行")
                )
                return
            for name, told in health["deployments"].items():
                answer = http.get(f"/v1/deployments/{name}/glance")
                known = (
                    _glance(_json(answer))
                    if answer.is_success
                    else _glance(told | {"version": health["version"], "wrong": _refused(answer)})
                )
                yield FleetRow(name=name, source=url, glance=known)
    except (httpx.HTTPError, httpx.InvalidURL, LookupError, TypeError, ValueError) as failed:
        yield FleetRow(name="", source=url, glance=Glance(wrong=f"没有应答（{type(failed).__name__}）"))


def _json(answer: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = answer.raise_for_status().json()
    return told


def _refused(answer: httpx.Response) -> str:
    if answer.status_code in (401, 403):
        return "密钥不对或没有 journal 权限，只看得到这些"
    return "" if answer.status_code == 404 else f"没有看全（{answer.status_code}）"


def _glance(told: dict[str, Any]) -> Glance:
    """What a server of this or another version tells."""
    names = {each.name for each in attrs.fields(Glance)}
    held = {name: value for name, value in told.items() if name in names}
    if held.get("overdue") is not None:
        held["overdue"] = tuple(held["overdue"])
    return Glance(**held)
