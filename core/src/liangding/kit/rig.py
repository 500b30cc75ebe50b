"""A deployment at work against its own simulated platform: what tests of plugins, and our own, are made with."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from ..clock import SimulatedClock
from ..config import Deployment, Kind, load_deployment
from ..contract.calls import Answer
from ..flows import Flows
from ..journal.vault import new_secret
from ..knowledge import Knowledge
from ..runtime import Runtime
from ..simulator.background import Port, ServedPlatform
from ..simulator.centres import Centre, centre_key
from ..simulator.faults import Fault, FaultRule
from ..simulator.line import Door, SimulatedLine
from ..simulator.people import Person
from ..simulator.platform import SimulatedPlatform
from ..simulator.setup import door_for
from ..wire.gm import Sm2
from .bills import new_key, purchase

GATEWAYS = {
    "tif": {"paasid": "test_paasid", "token": "test_token"},
    "csb": {"access_key": "test_ak", "secret_key": "test_sk"},
    "ca_hmac_sm3": {"key": "test_key", "secret": "test_secret"},
    "plain": {},
}
"""Made-up credentials for each scheme."""

TEMPLATE = """\
province = "{province}"
{plugins}name = "{name}"

[institution]
code = "{code}"
name = "测试机构"
kind = "{kind}"
area = "{area}"
{institution}

[[operators]]
code = "001"
name = "测试收银员"

[[operators]]
code = "002"
name = "测试收银员乙"

[platform]
name = "{platform_name}"
url = "{url}"
address = "infno"
gateway = "{gateway}"
environment = "{environment}"
connect_seconds = 2
read_seconds = {read_seconds}
{platform}
{credentials}

{keys}
[journal]
url = "{journal}"
key = {{ file = "secrets/journal" }}
{more}
"""


def write_secret(folder: Path, name: str, value: str) -> None:
    """A secret as a deployment expects it: a file that nobody else may read."""
    path = folder / "secrets" / name
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(value, "utf-8")


def write_deployment(
    folder: Path,
    *,
    url: str = "http://127.0.0.1:9",
    kind: Kind = Kind.PHARMACY,
    gateway: str = "plain",
    province: str = "",
    area: str = "990100",
    code: str = "",
    name: str = "test",
    journal: str = "sqlite:///journal.db",
    read_seconds: float = 6,
    institution: str = "",
    platform: str = "",
    keys: str = 'same_bill = "allow"',
    more: str = "",
    environment: str = "test",
    plugins: tuple[str, ...] = (),
    services: Mapping[str, str] | None = None,
    platform_name: str = "simulated",
) -> Path:
    """A deployment file with its secrets beside it. ``institution``, ``platform`` and ``more`` are further lines of it,
    those in the tables of these names and those at the end; ``keys`` are those of [keys], by themselves one that lets a
    test settle the same rows again and again; empty: no such table, as most deployments are. ``services`` are
    online services by name, with further lines of their tables: each with keys of its own, and the centre's as the
    simulator plays it."""
    code = code or f"{'P' if kind is Kind.PHARMACY else 'H'}{area}00001"
    for secret, value in GATEWAYS[gateway].items():
        write_secret(folder, secret, value)
    if not (folder / "secrets" / "journal").exists():
        write_secret(folder, "journal", new_secret())
    credentials = "\n".join(f'credentials.{s} = {{ file = "secrets/{s}" }}' for s in GATEWAYS[gateway])
    path = folder / f"{name}.toml"
    path.write_text(
        TEMPLATE.format(
            province=province, name=name, code=code, kind=kind.value, area=area, url=url, gateway=gateway,
            credentials=credentials, journal=journal, read_seconds=read_seconds, institution=institution,
            platform=platform,
            more="\n".join([more, *(service_table(folder, url, *each) for each in (services or {}).items())]),
            keys=f"[keys]\n{keys}\n" if keys else "",
            environment=environment,
            plugins=f"plugins = {json.dumps(plugins)}\n" if plugins else "",
            platform_name=platform_name,
        ),
        "utf-8",
    )  # fmt: skip
    return path


SERVICE = """
[services.{name}]
url = "{url}/centre/{name}"
app_id = "TESTAPPID0000000000000000000001"
app_secret = {{ file = "secrets/{name}_secret" }}
private_key = {{ file = "secrets/{name}_private" }}
platform_key = {{ file = "secrets/{name}_centre" }}
{more}
"""


def service_table(folder: Path, url: str, name: str, more: str) -> str:
    """An online service's table, with its secrets beside the file."""
    secret, ours = f"TESTSECRET{name.upper()}000000"[:32], "1".rjust(64, "7")
    centre = Sm2(private=centre_key(secret)).public
    assert centre is not None
    for what, value in (("secret", secret), ("private", ours), ("centre", centre.hex())):
        write_secret(folder, f"{name}_{what}", value)
    parts = urlsplit(url)
    return SERVICE.format(name=name, url=f"{parts.scheme}://{parts.netloc}", more=more)


@attrs.define(kw_only=True)
class Rig:
    """A deployment at work against its own platform, over HTTP."""

    folder: Path
    config: Path
    deployment: Deployment
    door: Door
    url: str
    runtime: Runtime

    @property
    def platform(self) -> SimulatedPlatform:
        return self.door.platform

    @property
    def flows(self) -> Flows:
        return Flows(self.runtime)

    def centre(self, name: str) -> Centre:
        """The simulated centre that an online service is."""
        return self.door.centres[name]

    def person(self, case: str = "local") -> Person:
        return self.platform.world.people.case(case)

    def strike(self, fault: Fault, infno: str = "", *, times: int = 1, skip: int = 0, seconds: float = 0) -> None:
        """Let a fault happen."""
        self.door.faults.add(FaultRule(fault=fault, infno=infno, times=times, skip=skip, seconds=seconds))

    def deafen(self) -> None:
        """Let no query be answered from now on: nothing that is unknown can be found out."""
        for infno in ("5201", "5203", "5204", "3513"):
            self.strike(Fault.REQUEST_LOST, infno, times=0)

    def sent(self, infno: str) -> int:
        """How many requests of a transaction reached the platform."""
        return sum(number == infno for _, number in self.platform.requests)

    def standing(self) -> list[str]:
        """The settlements that charge somebody, by setl_id."""
        return [s.setl_id for s in self.platform.world.settlements.values() if s.counts]

    def let_pass(self, seconds: float) -> None:
        """Let time pass on a simulated clock; whatever is due meanwhile is done when it is due."""
        clock, journal = self.runtime.clock, self.runtime.journal
        until = clock.epoch() + seconds
        while (due := journal.next_due(self.deployment.name)) is not None and due <= until:
            clock.sleep(due - clock.epoch())
            self.door.commit_late()
            self.runtime.resolver.sweep()
            assert journal.next_due(self.deployment.name) != due, "looked at, and due as before"
        clock.sleep(until - clock.epoch())
        self.door.commit_late()

    def settle(self, person: Person | None = None, *, key: str | None = None, total: str = "100.00") -> Answer[Any]:
        """One 2102 of one row, under a key of its own where none is given: 定点药店购药, where the region does not fix
        what kind of visit it is."""
        person = person or self.person()
        message = purchase(person, total)
        known = self.runtime.known
        if all(fixed.field != "med_type" for fixed in known.fixed.of(known.interfaces["2102"])):
            message["druginfo"]["med_type"] = "41"
        key = new_key() if key is None else key
        return self.runtime.call("2102", message, key=key, insured_place=person.covers[0].place)


@contextlib.contextmanager
def rig_for(folder: Path, *, objects: Mapping[str, object] | None = None, **settings: Any) -> Iterator[Rig]:
    """A rig in ``folder`` whose platform is reached over HTTP; ``settings`` are those of :func:`write_deployment`,
    ``objects`` further plugins by name, given as they are."""
    with Port() as port:
        config = write_deployment(folder, **{**settings, "url": f"{port.url}/hsa/hgs"})
        deployment = load_deployment(config)
        known = Knowledge(deployment, plugins=objects)
        door = door_for(deployment, known=known)
        with ServedPlatform(door, port), Runtime(deployment, known=known) as runtime:
            yield Rig(folder=folder, config=config, deployment=deployment, door=door, url=port.url, runtime=runtime)


@contextlib.contextmanager
def simulated_rig_for(folder: Path, *, objects: Mapping[str, object] | None = None, **settings: Any) -> Iterator[Rig]:
    """A rig whose line is in this process and whose clock is simulated: hours pass at once."""
    config = write_deployment(folder, **settings)
    deployment = load_deployment(config)
    known = Knowledge(deployment, plugins=objects)
    clock = SimulatedClock(datetime(2026, 11, 21, 10, 0))
    door = door_for(deployment, clock=clock, known=known)
    line = SimulatedLine(door, read_seconds=deployment.platform.read_seconds)
    with Runtime(deployment, transport=line, clock=clock, known=known) as runtime:
        yield Rig(folder=folder, config=config, deployment=deployment, door=door, url="", runtime=runtime)
