"""The province plugins together: each declares its own, keeps the nation's facts, and shows nothing elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding import national
from liangding.config import Kind, load_deployment
from liangding.contract.hookspecs import hookimpl
from liangding.contract.region import Place
from liangding.errors import UnknownTransaction
from liangding.knowledge import Knowledge
from liangding.knowledge.plugins import installed
from liangding.spec import Effect, Transaction
from liangding.spec.export import as_json
from liangding.spec.leaves import LENIENT, STRICT
from liangding.spec.nodes import members, node_of
from liangding.spec.reading import MessageReader
from liangding.spec.writing import MessageWriter
from support import Rig, new_key, write_deployment


@attrs.frozen(kw_only=True)
class Province:
    """What identifies a province in these tests: an area in it, another city's and another province's."""

    plugin: str
    name: str
    area: str
    neighbour: str
    abroad: str
    own: int
    """How many transactions it declares."""


PROVINCES = [
    Province(plugin="dongguan", name="东莞", area="441900", neighbour="440100", abroad="510400", own=53),
    Province(plugin="sichuan", name="四川", area="510400", neighbour="510100", abroad="500100", own=23),
    Province(plugin="xinjiang", name="新疆", area="650100", neighbour="652300", abroad="620100", own=0),
    Province(plugin="gansu", name="甘肃", area="620100", neighbour="620200", abroad="610100", own=0),
    Province(plugin="hunan", name="湖南", area="430100", neighbour="430200", abroad="440100", own=40),
    Province(plugin="shaanxi", name="陕西", area="610100", neighbour="610600", abroad="650100", own=0),
]
EACH = pytest.mark.parametrize("province", PROVINCES, ids=lambda p: p.plugin)

ELSEWHERE = [("guangzhou", "440100", 74), ("foshan", "440600", 57), ("zhongshan", "442000", 56)]
"""Other cities of Guangdong, served by the same plugin."""


def knowledge(folder: Path, plugin: str, area: str, kind: Kind = Kind.PHARMACY) -> Knowledge:
    """What a deployment of that plugin, place and kind knows."""
    folder = folder / f"{plugin}-{area}-{kind.value}"
    folder.mkdir(exist_ok=True)
    return Knowledge(load_deployment(write_deployment(folder, province=plugin, area=area, kind=kind, gateway="plain")))


def own(known: Knowledge) -> dict[str, Transaction]:
    """The transactions that a plugin declares."""
    return {n: known.interfaces[n] for n in known.interfaces.numbers() if known.interfaces.owner(n)}


def shape(transaction: Transaction, side: str) -> dict[str, int]:
    """The nodes of one side (``parent.node``) and how many fields each has."""
    nodes = as_json(transaction)[side]
    return {".".join(filter(None, (n.get("parent"), n["node"]))): len(n["fields"]) for n in nodes}


def fields(transaction: Transaction, *path: str) -> dict[str, Any]:
    """The fields of the input node at ``path``, by their key."""
    node: Any = transaction.input
    for step in path:
        node = next(m.node for m in members(node_of(node)) if m.wire == step)
    return {m.wire: m for m in members(node_of(node))}


def sent(rig: Rig, infno: str, message: Any, answer: Callable[[Any], Any] = lambda request: {}) -> Any:
    """The input of ``infno`` as it went over the line; ``answer`` is what the platform does with it."""
    rig.platform.handlers[infno] = answer
    done = rig.runtime.call(infno, message, key=new_key(), insured_place=rig.deployment.institution.area)
    return json.loads(rig.runtime.journal.call(done.call_id).request)["input"]


def attributes(node: Any) -> set[str]:
    """The attributes of a message and of its nodes, whatever their keys."""
    held: set[str] = set()
    for member in members(node_of(node)):
        held.add(member.attribute)
        if member.node is not None:
            held |= {f"{member.attribute}.{m.attribute}" for m in members(member.node)}
    return held


VALUES = {"date": "2026-11-21", "datetime": "2026-11-21 10:00:00", "number": "1"}


def least(known: Knowledge, node: Any) -> Any:
    """The smallest message of that shape that is not refused: what is required, and what the credential 02 requires."""
    held: dict[str, Any] = {}
    for member in members(node_of(node)):
        if member.node is not None:
            if member.required:
                inner = least(known, member.node)
                held[member.wire] = [inner] if member.repeats else inner
        elif member.required or member.wire == "mdtrt_cert_no":
            assert member.field is not None
            table = known.code_table(member.field.code_table) if member.field.code_table else None
            value = next(iter(table)).code if table else VALUES.get(member.field.type, "1")
            held[member.wire] = "02" if member.wire == "mdtrt_cert_type" else value
    return held


@EACH
def test_a_province_is_installed_and_known_by_its_name(province: Province, tmp_path: Path) -> None:
    assert province.plugin in installed()
    assert knowledge(tmp_path, province.plugin, province.area).region.name == province.name


@EACH
def test_the_institutions_own_city_is_local(province: Province, tmp_path: Path) -> None:
    region = knowledge(tmp_path, province.plugin, province.area).region
    assert region.place(province.area[:4] + "02") is Place.LOCAL
    assert region.place(province.neighbour) is Place.PROVINCE
    assert region.place(province.abroad) is Place.CROSS


@EACH
def test_the_same_plugin_serves_another_city(province: Province, tmp_path: Path) -> None:
    region = knowledge(tmp_path, province.plugin, province.neighbour).region
    assert (region.place(province.neighbour), region.place(province.area)) == (Place.LOCAL, Place.PROVINCE)


@EACH
def test_what_is_not_known_of_a_province_is_listed(province: Province, tmp_path: Path) -> None:
    questions = knowledge(tmp_path, province.plugin, province.area).region.unanswered
    assert len(questions) > 8
    assert len(set(questions)) == len(questions)
    assert any("签到" in q for q in questions)
    assert any("list_type" in q for q in questions)


@pytest.mark.parametrize(
    ("plugin", "area", "count"),
    [(p.plugin, p.area, p.own) for p in PROVINCES] + [("dongguan", area, count) for _, area, count in ELSEWHERE],
)
def test_every_declaration_of_a_plugin_compiles_and_exports(plugin: str, area: str, count: int, tmp_path: Path) -> None:
    known = knowledge(tmp_path, plugin, area)
    declared = own(known)
    assert len(declared) == count
    assert {known.interfaces.owner(infno) for infno in declared} <= {plugin}
    for infno, transaction in declared.items():
        for side in (transaction.input, transaction.output):
            for manner in (STRICT, LENIENT):
                MessageReader(manner).reader(node_of(side))
            MessageWriter(known.region.style).writer(node_of(side))
        assert as_json(transaction)["infno"] == infno
    assert len(known.interfaces.hooks()) == len(known.interfaces.numbers()), "two interfaces share a hook"


@pytest.mark.parametrize("area", ["510400", *(area for _, area, _ in ELSEWHERE)])
def test_a_number_declared_anew_keeps_the_nations_facts(area: str, tmp_path: Path) -> None:
    known = knowledge(tmp_path, "sichuan" if area.startswith("51") else "dongguan", area)
    anew = {n: t for n, t in own(known).items() if n in national.places()}
    assert len(anew) > 3
    for infno, transaction in anew.items():
        first = national.transaction(infno)
        assert transaction is not first
        effect = Effect.CHANGES if (area, infno) == ("510400", "3201") else first.effect  # 视同清算申请
        assert transaction.effect is effect, infno
        for fact in ("infno", "name", "hook", "path", "undone_by", "reversible", "daily", "group", "public"):
            assert getattr(transaction, fact) == getattr(first, fact), (infno, fact)
        assert transaction.rules[: len(first.rules)] == first.rules, infno
        assert len(transaction.rules) > len(first.rules), infno
        for side in ("request", "answer"):
            assert transaction.checks(side) == first.checks(side), infno
        assert attributes(transaction.input) >= attributes(first.input), infno


@EACH
def test_nothing_of_one_province_is_visible_in_another(province: Province, tmp_path: Path) -> None:
    known = knowledge(tmp_path, province.plugin, province.area)
    for infno, only in {"90100": "dongguan", "CFYYJG106": "dongguan", "3601": "hunan", "9601": "hunan"}.items():
        if province.plugin != only:
            with pytest.raises(UnknownTransaction):
                known.interfaces[infno]
    if province.plugin != "dongguan":
        assert known.fixed.of(known.interfaces["2102"]) == []
        assert known.added_codes(known.interfaces["1101"]) == {}
    if province.plugin != "sichuan":
        here, first = known.interfaces["2204"], national.transaction("2204")
        assert (here.cls, here.rules) == (first.cls, first.rules)
        assert known.region.a_variant("outpatient") == ("never" if province.plugin == "dongguan" else "cross_province")
    assert (known.region.reversible is not None) == (province.plugin in ("sichuan", "hunan"))
    wrapped = len(known.manager.hook.departments_upload_batch.get_hookimpls()) > 1
    assert wrapped == (province.plugin == "gansu")


def test_a_fixed_value_is_said_once_for_a_transaction_and_its_variants(tmp_path: Path) -> None:
    numbers = ("2203A", "2206", "2206A", "2207", "2207A")

    @hookimpl
    def fixed(deployment: Any) -> Any:
        said = {"*": "11", "2206": "12", "2207": "13", "2207A": "14"}
        return {infno: {"med_type": value} for infno, value in said.items()}

    plugin = type("Mine", (), {"liangding_fixed_values": staticmethod(fixed)})()
    deployment = load_deployment(write_deployment(tmp_path, province="", gateway="plain"))
    known = Knowledge(deployment, plugins={"mine": plugin})
    found = {n: [f.value for f in known.fixed.of(known.interfaces[n])] for n in numbers}
    assert found == {"2203A": ["11"], "2206": ["12"], "2206A": ["12"], "2207": ["13"], "2207A": ["14"]}


def test_two_provinces_side_by_side_in_one_process_do_not_mix(tmp_path: Path) -> None:
    dongguan, sichuan = knowledge(tmp_path, "dongguan", "440100"), knowledge(tmp_path, "sichuan", "510400")
    assert set(shape(dongguan.interfaces["2201"], "input")) == {"mdtrtinfo", "agnterinfo"}
    assert set(shape(sichuan.interfaces["2201"], "input")) == {"data", "data.expContent"}
    assert set(shape(national.transaction("2201"), "input")) == {"data"}


def test_chapters_of_a_plugin_load_only_when_they_are_used(tmp_path: Path) -> None:
    write_deployment(tmp_path)
    program = (
        "import sys; from liangding.knowledge import Knowledge; from liangding.config import load_deployment;"
        f"known = Knowledge(load_deployment({str(tmp_path / 'test.toml')!r}));"
        "loaded = lambda: sorted(m for m in sys.modules if m.startswith('liangding_dongguan.'));"
        "before = loaded(); known.interfaces['3461']; print(*set(loaded()) - set(before)); print(*before)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    used, before = done.stdout.splitlines()
    assert used == "liangding_dongguan.beds"
    assert "liangding_dongguan.filings" not in before
