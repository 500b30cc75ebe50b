"""What a plugin says is held to its type and to its place when a deployment starts: no typo is accepted in silence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Annotated, Any

import attrs
import pytest

from dying import Plugin
from liangding.cli.app import run as cli
from liangding.config import Deployment, Kind, load_deployment
from liangding.contract import After, Before, Change, Flow, step
from liangding.contract.calls import Answer, Call
from liangding.contract.cases import Resolution
from liangding.contract.hookspecs import hookimpl
from liangding.contract.region import Place, Region
from liangding.errors import ConfigurationError
from liangding.flows import Flows, Status, Work
from liangding.knowledge import Knowledge
from liangding.knowledge.conform import conform
from liangding.knowledge.misfits import PluginRefused
from liangding.knowledge.plugins import load_plugin
from liangding.knowledge.regions import places
from liangding.runtime import Runtime
from liangding.spec import Effect, chapter, node, rows, text
from liangding.spec.codes import Code
from support import Rig, write_deployment, write_secret

LOCAL, PROVINCE = ("9901",), ("99",)

transaction = chapter("matters", "测试")


@transaction("99001", "一件事", "one matter")
class Matter:
    """A transaction of a plugin's own, of no declared fields."""


def says(**hooks: Any) -> object:
    """A plugin whose hooks give back what is given here; a function is one that is asked."""

    def implemented(answer: Any) -> Any:
        if callable(answer) and getattr(answer, "__name__", "") == "<lambda>":
            return hookimpl(answer)

        @hookimpl
        def hook() -> Any:
            return answer

        return hook

    return type("Says", (), {f"liangding_{name}": staticmethod(implemented(given)) for name, given in hooks.items()})()


def region(**facts: Any) -> object:
    return says(region=Region(**{"name": "某省", "local": LOCAL, "province": PROVINCE, **facts}))


class Unmarked:
    """Every hook has to be marked; this one is not."""

    def liangding_fixed_values(self, deployment: Deployment) -> Mapping[str, Mapping[str, str]]:
        return {"2102": {"med_type": "41"}}


class UnmarkedWrapper:
    def pharmacy_settle(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        return (yield)


class Misnamed:
    @hookimpl
    def liangding_fixed_value(self, deployment: Deployment) -> Mapping[str, Mapping[str, str]]:
        return {}


class StrangeArgument:
    @hookimpl
    def liangding_fixed_values(self, deploymen: Deployment) -> Mapping[str, Mapping[str, str]]:
        return {}


class StrangeCall:
    @hookimpl(wrapper=True)
    def pharmacy_settle(self, call: Call[Any], anwser: Any) -> Generator[None, Answer[Any], Answer[Any]]:
        return (yield)


class NoGenerator:
    @hookimpl(wrapper=True)
    def pharmacy_settle(self, call: Call[Any]) -> Any:
        return None


MISFITS: dict[str, tuple[object, str, str, str]] = {
    # what is wrong: the plugin, the hook, the key, and words that the error has
    "unmarked hook": (Unmarked(), "liangding_fixed_values", "", "没有标 @hookimpl"),
    "unmarked wrapper": (UnmarkedWrapper(), "pharmacy_settle", "", "没有标 @hookimpl"),
    "unknown hook": (Misnamed(), "liangding_fixed_value", "", "是不是想写 liangding_fixed_values"),
    "unknown argument": (StrangeArgument(), "liangding_fixed_values", "deploymen", "是不是想写 deployment"),
    "second argument": (StrangeCall(), "pharmacy_settle", "anwser", "有的是 call"),
    "wrapper without yield": (NoGenerator(), "pharmacy_settle", "", "没有 yield"),
    "hook that fails": (
        says(fixed_values=lambda: {"x": 1}["y"]), "liangding_fixed_values", "", "出错（test_conform.py 第"
    ),
    # fixed values
    "no mapping": (says(fixed_values=[("2102", "med_type")]), "liangding_fixed_values", "", "应为 Mapping"),
    "no text": (says(fixed_values={"2102": {"med_type": 41}}), "liangding_fixed_values", "2102.med_type", "应为 str"),
    "values for a class": (says(fixed_values={"2102": "41"}), "liangding_fixed_values", "2102", "应为 Mapping"),
    "no transaction": (
        says(fixed_values={"2102B": {"med_type": "41"}}), "liangding_fixed_values", "2102B", "是不是想写 2102"
    ),
    "no field": (
        says(fixed_values={"2102": {"med_typ": "41"}}), "liangding_fixed_values", "2102.med_typ", "是不是想写 med_type"
    ),
    "no field anywhere": (
        says(fixed_values={"*": {"mdtrtarea_admv": "999900"}}),
        "liangding_fixed_values", "*.mdtrtarea_admv", "是不是想写 mdtrtarea_admvs",
    ),
    "outside its table": (
        says(fixed_values={"2207": {"acct_used_flag": "Y"}}), "liangding_fixed_values", "2207.acct_used_flag",
        "不在字典",
    ),
    "no number": (
        says(fixed_values={"2102": {"medfee_sumamt": "x"}}), "liangding_fixed_values", "2102.medfee_sumamt", "不是数值"
    ),
    "no day": (
        says(fixed_values={"2401": {"begntime": "2026"}}), "liangding_fixed_values", "2401.begntime", "yyyy-MM-dd"
    ),
    "too long": (
        says(fixed_values={"*": {"mdtrtarea_admvs": "9999000"}}),
        "liangding_fixed_values", "*.mdtrtarea_admvs", "最长 6 个字符",
    ),
    # code tables
    "no table": (says(code_tables={"med_typ": [Code(code="9", name="某")]}), "liangding_code_tables", "med_typ",
                 "是不是想写 med_type"),
    "no code": (says(code_tables={"med_type": ["9"]}), "liangding_code_tables", "med_type[0]", "应为 Code"),
    "code twice": (
        says(code_tables={"med_type": [Code(code="9", name="某"), Code(code="9", name="他")]}),
        "liangding_code_tables", "med_type.9", "给了两次",
    ),
    # simulator
    "no number to play": (says(simulate={"99999": print}), "liangding_simulate", "99999", "没有交易 99999"),
    "no handler": (says(simulate={"2102": "handler"}), "liangding_simulate", "2102", "应为 Callable"),
    # transactions
    "module that is missing": (says(transactions={"99001": "no_such_module:A"}), "liangding_transactions", "99001",
                               "载入失败"),
    "class that is missing": (
        says(transactions={"99001": "liangding.national.outpatient:Setle"}),
        "liangding_transactions", "99001", "是不是想写 Settle",
    ),
    "no place": (says(transactions={"99001": "outpatient.Settle"}), "liangding_transactions", "99001", "包.模块:类"),
    "no transaction declared": (says(transactions={"99001": Rig}), "liangding_transactions", "99001", "没有声明交易"),
    "another's number": (says(transactions={"99002": Matter}), "liangding_transactions", "99002", "声明的是 99001"),
    "another's hook": (
        says(transactions={"99001": "liangding.national.outpatient:Settle"}),
        "liangding_transactions", "99001", "outpatient_settle 已是 2207 的",
    ),
    "hook of another name": (
        says(transactions={"2102": "liangding.national.outpatient:Settle"}),
        "liangding_transactions", "2102", "2102 的是 pharmacy_settle",
    ),
    # region
    "no region": (says(region={"name": "某省"}), "liangding_region", "", "应为 Region 或 None"),
    "text for texts": (region(local="9901"), "liangding_region", "local", "应为 tuple[str, ...]"),
    "no place code": (region(province=("某省",)), "liangding_region", "province", "前 2 到 6 位数字"),
    "no style": (region(style="omit"), "liangding_region", "style", "应为 WireStyle"),
    "no way": (region(trace_codes="sales"), "liangding_region", "trace_codes", "应为 'settlement' 或"),
    "no insurance": (region(insurances={Kind.CLINIC: (310,)}), "liangding_region", "insurances.clinic[0]", "应为 str"),
    "no kind": (region(insurances={"shop": ("310",)}), "liangding_region", "insurances.shop", "应为 Kind"),
    "no such place": (region(clearing={Kind.CLINIC: {"local": "11"}}), "liangding_region", "clearing.clinic.local",
                      "应为 Place"),
    "nothing to reverse": (region(reversible={"2102C"}), "liangding_region", "reversible", "是不是想写 2102"),
    "rows of nothing": (region(row_limits={"2204B": 50}), "liangding_region", "row_limits", "是不是想写 2204"),
    "no rows": (region(row_limits={"2204": 0}), "liangding_region", "row_limits.2204", "至少是 1"),
    # places, resolution
    "no area": (says(places={"somewhere": "99"}), "liangding_places", "somewhere", "六位医保区划"),
    "no resolution": (says(resolution=lambda infno: infno), "liangding_resolution", "2102", "应为 Resolution 或 None"),
    "asks by nothing": (
        says(resolution=lambda infno: Resolution(look=None, by=("5203B",)) if infno == "2102" else None),
        "liangding_resolution", "2102", "是不是想写 5203",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """A pharmacy where no province's plugin is enabled."""
    return load_deployment(write_deployment(tmp_path_factory.mktemp("nowhere"), province="", area="999900"))


@pytest.mark.parametrize("what", MISFITS)
def test_what_cannot_be_is_one_error_at_start(nowhere: Deployment, what: str) -> None:
    plugin, hook, key, words = MISFITS[what]
    with pytest.raises(PluginRefused) as caught:
        Knowledge(nowhere, plugins={"odd": plugin})
    found = [m for m in caught.value.misfits if (m.plugin, m.hook, m.key) == ("odd", hook, key) and words in m.message]
    assert found, caught.value
    assert str(found[0]).startswith(f"插件 odd 的 {hook}")
    assert {(m.hook, m.message) for m in conform(plugin, nowhere, name="odd")} >= {(m.hook, m.message) for m in found}


def test_everything_that_is_wrong_is_named_at_once(nowhere: Deployment) -> None:
    plugin = says(
        fixed_values={"2102": {"med_typ": "41", "med_type": "4100000"}, "21O2": {}},
        code_tables={"med_typ": ()},
        simulate={"99999": print},
    )
    with pytest.raises(PluginRefused) as caught:
        Runtime(nowhere, plugins={"odd": plugin})
    keys = {misfit.key for misfit in caught.value.misfits}
    assert keys == {"2102.med_typ", "2102.med_type", "21O2", "med_typ", "99999"}
    assert len(caught.value.as_json()["misfits"]) == 5


RIGHT: dict[str, object] = {
    "nothing": object(),
    "fixed": says(fixed_values={"*": {"insuplc_admdvs": "", "mdtrtarea_admvs": "999900"}, "2102": {"med_type": "41"}}),
    "a code of its own": says(
        code_tables={"med_type": (Code(code=code, name="某") for code in ("9901", "9902"))},
        fixed_values={"2102": {"med_type": "9901"}},
    ),
    "an unpublished table": says(code_tables={"oprn_patn_type_code": [Code(code="1", name="某")]}),
    "region": region(
        insurances={Kind.PHARMACY: ("310",)}, clearing={Kind.PHARMACY: {Place.LOCAL: "41"}},
        reversible=frozenset({"2102"}), row_limits={"2204": 50},
    ),
    "a transaction": says(transactions={"99001": Matter}, simulate={"99001": print}),
    "resolution": says(resolution=lambda infno: Resolution(look=None, by=("5203",)) if infno == "2102" else None),
}  # fmt: skip


@pytest.mark.parametrize("what", RIGHT)
def test_what_is_right_is_taken(nowhere: Deployment, what: str) -> None:
    assert conform(RIGHT[what], nowhere) == ()
    Knowledge(nowhere, plugins={"even": RIGHT[what]})


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("plugin", "area"), sorted(set(places().values())))
def test_every_plugin_that_is_installed_conforms(plugin: str, area: str, kind: Kind, tmp_path: Path) -> None:
    deployment = load_deployment(write_deployment(tmp_path, province="", area=area, kind=kind))
    assert conform(load_plugin(plugin), deployment, name=plugin) == ()


# -- classes that are imported when they are used ----------------------------------------------------------------------

CHAPTER = '''
from liangding.spec import Effect, chapter, node, rows, text

transaction = chapter("matters", "测试")


@transaction("99001", "一件事", "one matter")
class Matter:
    """A transaction of a plugin's own."""
'''


def test_a_class_that_is_named_by_its_place_is_looked_for_but_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nowhere: Deployment
) -> None:
    package = tmp_path / "liangding_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("", "utf-8")
    (package / "matters.py").write_text(CHAPTER, "utf-8")
    (package / "broken.py").write_text("class Matter: ...\nraise RuntimeError", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    right = says(transactions={"99001": f"{package.name}.matters:Matter"})
    known = Knowledge(nowhere, plugins={"odd": right})
    assert f"{package.name}.matters" not in sys.modules
    assert known.interfaces["99001"].name == "一件事"
    missing = says(transactions={"99001": f"{package.name}.matters:Mater"})
    with pytest.raises(PluginRefused, match="是不是想写 Matter"):
        Knowledge(nowhere, plugins={"odd": missing})
    broken = says(transactions={"99001": f"{package.name}.broken:Matter"})
    known = Knowledge(nowhere, plugins={"odd": broken})
    with pytest.raises(ConfigurationError, match=r"插件 odd 以 99001 登记的 .* 载入失败：RuntimeError"):
        known.interfaces["99001"]
    assert [m.key for m in conform(broken, nowhere)] == ["99001"]


# -- gateways and credentials ------------------------------------------------------------------------------------------


class OwnScheme:
    """A region's own signing scheme."""

    def __init__(self, *, app: str, secret: str) -> None:
        self.app, self.secret = app, secret

    def headers(self, outgoing: Any) -> dict[str, str]:
        return {"app": self.app}

    def refusal(self, headers: Mapping[str, str], body: bytes, infno: str, epoch: float) -> str | None:
        return None

    def refused_before_platform(self, code: str, message: str) -> bool:
        return False


def gateway(make: Callable[..., Any]) -> object:
    class Gateways:
        @hookimpl
        def liangding_gateway(self, scheme: str, credentials: Mapping[str, str], settings: Mapping[str, Any]) -> Any:
            return make(**credentials, **settings) if scheme == "own" else None

    return Gateways()


def test_hooks_are_told_the_deployment(nowhere: Deployment, tmp_path: Path) -> None:
    seen: list[object] = []

    class Told:
        @hookimpl
        def liangding_gateway(self, scheme: str, credentials: Mapping[str, str], deployment: Deployment) -> Any:
            seen.append(deployment)
            return OwnScheme(app="a", secret="s") if scheme == "tif" else None

        @hookimpl
        def liangding_resolution(self, deployment: Deployment) -> None:
            seen.append(deployment)

    known = Knowledge(nowhere, plugins={"told": Told()})
    assert isinstance(known.gateway, OwnScheme)
    assert seen
    assert all(each in (nowhere, known.deployment) for each in seen)


def quoting(app: str, secret: str) -> Any:
    raise ValueError(f"bad secret {secret}")


@pytest.mark.parametrize(
    ("scheme", "credentials", "make", "words"),
    [
        ("own", ("app", "secret"), OwnScheme, ""),
        ("own", ("app", "secrt"), OwnScheme, "插件 odd 的 liangding_gateway 中 secrt：.*是不是想写 secret"),
        ("own", ("app",), OwnScheme, "插件 odd 的 liangding_gateway：出错.*'secret'"),
        (
            "own",
            ("app", "secret"),
            quoting,
            "liangding_gateway：出错（test_conform.py 第 .* 行）：ValueError$",
        ),
        ("own", ("app", "secret"), dict, "插件 odd 的 liangding_gateway：应为 Gateway"),
        ("onw", ("app", "secret"), OwnScheme, "没有网关方式 onw"),
        ("csb", ("access_key", "secret_kye"), OwnScheme, "没有设置项 secret_kye；是不是想写 secret_key"),
        ("cbs", ("access_key", "secret_key"), OwnScheme, "没有网关方式 cbs；是不是想写 csb"),
    ],
)
def test_a_misspelt_credential_names_the_right_one(
    tmp_path: Path, scheme: str, credentials: tuple[str, ...], make: Callable[..., Any], words: str
) -> None:
    path = write_deployment(tmp_path, province="", area="999900", gateway="plain")
    for each in credentials:
        write_secret(tmp_path, each, "made-up")
    given = "\n".join(f'credentials.{each} = {{ file = "secrets/{each}" }}' for each in credentials)
    text = path.read_text("utf-8").replace('gateway = "plain"', f'gateway = "{scheme}"\n{given}')
    path.write_text(text, "utf-8")
    plugins = {"odd": gateway(make)}
    if not words:
        assert isinstance(Knowledge(load_deployment(path), plugins=plugins).gateway, OwnScheme)
        return
    with pytest.raises(ConfigurationError, match=words) as caught:
        Knowledge(load_deployment(path), plugins=plugins)
    assert "made-up" not in str(caught.value)


# -- flows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("settle", r"outpatient\[0\]：应为 Before 或 After 或 Around 或 EachCall"),
        (Before("setle", step("某步")(print)), "是不是想写 settle"),
    ],
)
def test_what_is_no_change_of_a_flow_is_refused(ward: Rig, change: Any, words: str) -> None:
    runtime = Runtime(ward.deployment, plugins={"odd": Plugin("outpatient", change)})
    with runtime, pytest.raises(PluginRefused, match=f"插件 odd 的 liangding_flow_steps 中 .*{words}"):
        Flows(runtime)


class Asks:
    """Changes a flow whose name is misspelt."""

    @hookimpl
    def liangding_flow_steps(self, flow: str) -> tuple[Change, ...]:
        return (Before("settle", step("某步")(print)),) if flow == "outpatien" else ()


def test_a_flow_whose_name_is_misspelt_is_found(ward: Rig) -> None:
    words = r"odd 的 liangding_flow_steps 中 outpatien：.*是不是想写 outpatient"
    with Runtime(ward.deployment, plugins={"odd": Asks()}) as runtime, pytest.raises(PluginRefused, match=words):
        Flows(runtime)


@attrs.define(kw_only=True)
class NightGiven:
    word: str


@attrs.define(kw_only=True)
class NightState:
    given: NightGiven
    said: str = ""


@step("说一句")
def say(work: Work[NightState]) -> None:
    """Repeat the word."""
    work.state.said = work.state.given.word


class Night(Flow[NightState]):
    """A flow of a plugin's own."""

    name, title, given, state = "night", "夜班", NightGiven, NightState
    steps = (say,)

    @staticmethod
    def result(state: NightState) -> dict[str, Any]:
        return {"said": state.said}


def test_a_plugin_brings_a_whole_flow(ward: Rig, tmp_path: Path) -> None:
    brings = says(
        flows=[Night], flow_steps=lambda flow: (After("say", step("又一步")(print)),) if flow == "night" else ()
    )
    with Runtime(ward.deployment, plugins={"shift": brings}) as runtime:
        flows = Flows(runtime)
        view = flows.start("night", {"word": "早"}, key="N1")
        assert (view.status, view.result, view.title) == (Status.DONE, {"said": "早"}, "夜班")
        assert [s.name for s in flows.steps("night")] == ["say", "print"]
        assert flows.start("night", {"word": "早"}, key="N1").id == view.id


@pytest.mark.parametrize(
    ("brought", "words"),
    [
        (print, "应为 Flow 的类"),
        (type("Half", (Night,), {"steps": ("say",)}), "应为 Step"),
        (type("Twice", (Night,), {"steps": (say, say)}), "步骤 say 写了两次"),
        (type("Taken", (Night,), {"name": "outpatient"}), "已有流程 outpatient"),
        (type("Empty", (Flow,), {"name": "empty"}), "没有写 title"),
    ],
)
def test_what_is_no_flow_is_refused(ward: Rig, brought: Any, words: str) -> None:
    runtime = Runtime(ward.deployment, plugins={"odd": says(flows=[brought])})
    with runtime, pytest.raises(PluginRefused, match=f"插件 odd 的 liangding_flows.*{words}"):
        Flows(runtime)


# -- the command -------------------------------------------------------------------------------------------------------


def test_check_imports_and_places_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_deployment(tmp_path)
    assert cli(["check", "--config", str(path)]) == 0
    dongguan: Any = load_plugin("dongguan")
    broken = {**dongguan.EXTENDED, "90100": "liangding_dongguan.entitlements:QueryPayment"}
    monkeypatch.setattr(dongguan, "EXTENDED", broken)
    capsys.readouterr()
    assert cli(["check", "--config", str(path)]) == 2
    assert "是不是想写 QueryPayments" in capsys.readouterr().err


@node
class Line:
    """A row of a transaction whose input is the list itself."""

    mdtrt_id: Annotated[str | None, text(30, "就诊ID")] = None
    cnt: Annotated[str | None, text(9, "数量")] = None


@transaction("99003", "多行", "rows", effect=Effect.READS)
class Lines:
    """A transaction whose input is a list."""

    Input = Annotated[list[Line], rows("行")]


def test_a_fixed_value_goes_into_every_row(nowhere: Deployment) -> None:
    values = {"2302": {"mdtrt_id": "M1", "insuplc_admdvs": "999900"}, "99003": {"mdtrt_id": "M1"}}
    known = Knowledge(nowhere, plugins={"even": says(transactions={"99003": Lines}, fixed_values=values)})
    given: list[dict[str, Any]] = [{"cnt": "1"}, {"mdtrt_id": "M2"}, {"mdtrt_id": "M1"}]
    filled = [{"cnt": "1", "mdtrt_id": "M1"}, {"mdtrt_id": "M2"}, {"mdtrt_id": "M1"}]
    for infno, wrapped in (("2302", lambda listed: {"data": listed}), ("99003", lambda listed: listed)):
        message, head, problems = known.fixed.apply(known.interfaces[infno], wrapped(given))
        assert message == wrapped(filled)
        assert head == ({"insuplc_admdvs": "999900"} if infno == "2302" else {})
        assert [p.where for p in problems] == ["input.data[1].mdtrt_id" if infno == "2302" else "input[1].mdtrt_id"]
