"""What tests share: a rig (deployment, platform over HTTP, runtime) and the bills and persons they use."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from liangding.clock import SimulatedClock
from liangding.config import Deployment, Kind, load_deployment
from liangding.flows import Flows, Status, View
from liangding.journal.vault import new_secret
from liangding.runtime import Runtime
from liangding.simulator.background import ServedPlatform
from liangding.simulator.faults import Fault, Rule
from liangding.simulator.line import Door, SimulatedLine
from liangding.simulator.people import Person
from liangding.simulator.platform import Platform
from liangding.simulator.setup import door_for

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
url = "{url}"
address = "infno"
gateway = "{gateway}"
connect_seconds = 2
read_seconds = {read_seconds}
{credentials}

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
    gateway: str = "tif",
    province: str = "dongguan",
    area: str = "441900",
    code: str = "P44190000001",
    name: str = "test",
    journal: str = "sqlite:///journal.db",
    read_seconds: float = 2,
    institution: str = "",
    more: str = "",
    plugins: tuple[str, ...] = (),
) -> Path:
    """A deployment file with its secrets beside it."""
    for secret, value in GATEWAYS[gateway].items():
        write_secret(folder, secret, value)
    if not (folder / "secrets" / "journal").exists():
        write_secret(folder, "journal", new_secret())
    credentials = "\n".join(f'credentials.{s} = {{ file = "secrets/{s}" }}' for s in GATEWAYS[gateway])
    path = folder / f"{name}.toml"
    path.write_text(
        TEMPLATE.format(
            province=province, name=name, code=code, kind=kind.value, area=area, url=url, gateway=gateway,
            credentials=credentials, journal=journal, read_seconds=read_seconds, institution=institution, more=more,
            plugins=f"plugins = {json.dumps(plugins)}\n" if plugins else "",
        ),
        "utf-8",
    )  # fmt: skip
    return path


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
    def platform(self) -> Platform:
        return self.door.platform

    @property
    def flows(self) -> Flows:
        return Flows(self.runtime)

    def person(self, case: str = "local") -> Person:
        return self.platform.world.people.case(case)

    def strike(self, fault: Fault, infno: str = "", *, times: int = 1, skip: int = 0, seconds: float = 0) -> None:
        """Let a fault happen."""
        self.door.faults.add(Rule(fault=fault, infno=infno, times=times, skip=skip, seconds=seconds))

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

    def settle(self, person: Person | None = None, *, key: str | None = None, total: str = "100.00") -> Any:
        """One 2102 of one row."""
        person = person or self.person()
        cover = person.covers[0]
        return self.runtime.call("2102", purchase(person, total), key=key, insured_place=cover.place)


@contextlib.contextmanager
def rig_for(folder: Path, **settings: Any) -> Iterator[Rig]:
    """A rig in ``folder``; ``settings`` go into the deployment file."""
    config = write_deployment(folder, **settings)
    door = door_for(load_deployment(config))
    with ServedPlatform(door) as served:
        config = write_deployment(folder, url=f"{served.url}/hsa/hgs", **settings)
        deployment = load_deployment(config)
        with Runtime(deployment) as runtime:
            yield Rig(folder=folder, config=config, deployment=deployment, door=door, url=served.url, runtime=runtime)


@contextlib.contextmanager
def simulated_rig_for(folder: Path, **settings: Any) -> Iterator[Rig]:
    """A rig whose line is in this process and whose clock is simulated: hours pass at once."""
    config = write_deployment(folder, **settings)
    deployment = load_deployment(config)
    clock = SimulatedClock(datetime(2026, 11, 21, 10, 0))
    door = door_for(deployment, clock=clock)
    line = SimulatedLine(door, read_seconds=deployment.platform.read_seconds)
    with Runtime(deployment, transport=line, clock=clock) as runtime:
        yield Rig(folder=folder, config=config, deployment=deployment, door=door, url="", runtime=runtime)


def purchase(person: Person, total: str = "100.00", *, use_account: bool = True) -> dict[str, Any]:
    """The input of 2101 and 2102: one row of ``total`` yuan."""
    return {
        "druginfo": {
            "psn_no": person.psn_no, "mdtrt_cert_type": "02", "mdtrt_cert_no": person.certno,
            "begntime": "2026-11-21 10:00:00", "medfee_sumamt": total, "insutype": person.covers[0].insutype,
            "acct_used_flag": "1" if use_account else "0",
        },
        "drugdetail": [
            {
                "feedetl_sn": "1", "rx_circ_flag": "0", "fee_ocur_time": "2026-11-21 10:00:00",
                "med_list_codg": "XA01", "medins_list_codg": "D1", "det_item_fee_sumamt": total, "cnt": "1",
                "pric": total,
            }
        ],
    }  # fmt: skip


def bill(person: Person, receipt: str = "R1", *, codes: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """What the pharmacy flow is given: two rows, the first with goods where there are codes."""
    first: dict[str, Any] = {
        "feedetl_sn": "1", "med_list_codg": "XA05", "medins_list_codg": "D1", "count": "2", "price": "50.05",
        "name": "测试药品",
    }  # fmt: skip
    if codes:
        first["goods"] = {
            "fixmedins_hilist_id": "D1", "fixmedins_hilist_name": "测试药品", "fixmedins_bchno": f"B-{receipt}",
            "manu_lotnum": "L1", "manu_date": "2026-01-01", "trace_codes": list(codes),
        }  # fmt: skip
    return {
        "credential": {"type": "01", "number": person.token},
        "receipt_no": receipt,
        "rows": [
            first,
            {"feedetl_sn": "2", "med_list_codg": "XA08", "medins_list_codg": "D2", "count": "1", "price": "12.30"},
        ],
        "staff": {"pharmacist": "测试药师", "pharmacist_certificate": "Z1"},
        **more,
    }


def run_flow(flows: Flows, view: View, answers: dict[str, str]) -> View:
    """Answer a flow's questions until it waits for none."""
    while view.status is Status.QUESTION:
        assert view.question is not None
        view = flows.answer(view.id, answers[view.question.id])
    return view


def yuan(text: str) -> Decimal:
    return Decimal(text)
