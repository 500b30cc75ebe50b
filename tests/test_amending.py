"""What a region changes of a transaction: its fields seen by mypy, its messages on the wire, and mistakes in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, assert_type

import pytest

from liangding.config import load_deployment
from liangding.contract.hookspecs import around, hookimpl
from liangding.errors import ConfigurationError
from liangding.knowledge import Knowledge
from liangding.national import inpatient, matching, outpatient
from liangding.resolution.showing import whose
from liangding.runtime import Runtime
from liangding.spec import Nothing, adds, amended, amends, carrying, inside, nested, node, optional, renamed, rows, text
from liangding.spec.export import as_json
from liangding.spec.leaves import STRICT
from liangding.spec.reading import MessageReader
from liangding.spec.transactions import transaction_of
from liangding.spec.writing import SPARSE, MessageWriter
from support import purchase, rig_for, write_deployment


@node
class Card:
    hcard_basinfo: Annotated[str, text(20, "持卡就诊基本信息")]
    hcard_chkinfo: Annotated[str | None, text(20, "持卡就诊校验信息")] = None


@node
class Extension:
    card_token: Annotated[str | None, text(None, "校验介质")] = None


@node
class Patient:
    patn_name: Annotated[str | None, text(50, "患者姓名")] = None


TOKEN = Annotated[Extension | None, nested("扩展内容")]

Register = amended(outpatient.Register, renamed("data", "mdtrtinfo"), data=adds(Card), note="某地：节点为 mdtrtinfo")

WITHDRAWAL = {"psn_no": "1", "mdtrt_id": "2", "ipt_otp_no": "3"}


def read(cls: Any, message: Any) -> tuple[Any, list[str]]:
    found, problems = MessageReader(STRICT).read(cls.Input, message)
    return found, [".".join(map(str, each.path)) for each in problems]


def written(message: Any) -> Any:
    return MessageWriter(SPARSE).write(message)


def shape(cls: type, side: str = "input") -> dict[str, list[str]]:
    return {n["node"]: [f["name"] for f in n["fields"]] for n in as_json(transaction_of(cls))[side]}


def test_mypy_sees_the_national_fields_and_the_added_ones() -> None:
    reference = Card(hcard_basinfo="b")
    assert_type(reference.hcard_chkinfo, str | None)
    message, _ = read(Register, {"mdtrtinfo": {"psn_no": "1", "hcard_basinfo": "b"}})
    typed: outpatient.Register.Input = message
    assert_type(typed.data.psn_no, str)
    assert_type(carrying(typed.data, Card).hcard_basinfo, str)
    assert (typed.data.psn_no, carrying(typed.data, Card).hcard_basinfo) == ("1", "b")
    with pytest.raises(AttributeError):
        typed.data.psn_nr  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        carrying(typed.data, Card).hcard_basics  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        Register.Inputs  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(TypeError, match="card_token"):
        carrying(typed.data, Extension)


def test_everything_else_stays_the_nations() -> None:
    anew, first = as_json(transaction_of(Register)), as_json(transaction_of(outpatient.Register))
    data = {**first["input"][0], "node": "mdtrtinfo"}
    data["fields"] = [*data["fields"], *anew["input"][0]["fields"][-2:]]
    assert [f["name"] for f in data["fields"][-2:]] == ["hcard_basinfo", "hcard_chkinfo"]
    rules = [*first["rules"], "某地：节点为 mdtrtinfo"]
    assert anew == {**first, "input": [data, *first["input"][1:]], "rules": rules, "confidence": "medium"}
    assert "mdtrtinfo" not in shape(outpatient.Register)


def test_a_renamed_node_keeps_its_attribute_and_an_added_field_its_rules() -> None:
    message, problems = read(Register, {"mdtrtinfo": {"hcard_basinfo": "x" * 21}})
    assert {"mdtrtinfo.hcard_basinfo", "mdtrtinfo.psn_no"} <= set(problems)
    assert read(Register, {"data": {}})[1][0] == "mdtrtinfo"
    assert message.data.hcard_chkinfo is None


def test_the_other_spelling_of_an_extension_gives_way_and_leaves_its_attribute() -> None:
    cancel = amended(outpatient.CancelRegistration, data=adds(expContent=TOKEN))
    assert shape(cancel)["data"] == [n for n in shape(outpatient.CancelRegistration)["data"] if n != "exp_content"]
    changed = amended(outpatient.CancelRegistration, data=adds(expContent=Annotated[str | None, text(9, "扩展")]))
    message, problems = read(changed, {"data": {**WITHDRAWAL, "exp_content": "0123456789"}})
    assert problems == ["data.exp_content"]
    assert message.data.exp_content is not None


def test_changes_reach_lists_outputs_and_nodes_below() -> None:
    upload = amended(matching.UploadMatching, data=adds(more=Annotated[str | None, text(3, "更多")]))
    assert shape(upload)["data"][-1] == "more"
    settle = amended(
        inpatient.Settle,
        output=[adds(found=Annotated[list[Card] | None, rows("发现")]), inside(setlinfo=adds(Extension))],
    )
    assert shape(settle, "output")["found"] == ["hcard_basinfo", "hcard_chkinfo"]
    assert shape(settle, "output")["setlinfo"][-1] == "card_token"
    assert shape(settle) == shape(inpatient.Settle)
    loose = amended(outpatient.UploadVisit, optional("diseinfo", note="没有见到"))
    facts = {n["node"]: n["required"] for n in as_json(transaction_of(loose))["input"]}
    assert facts == {"mdtrtinfo": True, "diseinfo": False}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: amended(outpatient.Register, renamed("dat", "x")), "did you mean data"),
        (lambda: amended(outpatient.Register, dta=adds(Card)), "did you mean data"),
        (lambda: amended(outpatient.Register, data=renamed("psn_nr", "x")), "did you mean psn_no"),
        (lambda: amended(outpatient.Register, data=adds(psn_nr=str)), "neither field nor node"),
        (lambda: amended(outpatient.Register, data=renamed("psn_no", "mdtrt_cert_no")), "mdtrt_cert_no twice"),
        (lambda: amended(Nothing, renamed("a", "b")), "declares no transaction"),
    ],
)
def test_a_mistake_is_said_with_the_nearest_word(make: Callable[[], object], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        make()


# -- in a plugin -------------------------------------------------------------------------------------------------------


def known_with(folder: Path, **plugin: Any) -> Knowledge:
    deployment = load_deployment(write_deployment(folder, province="", gateway="plain"))
    return Knowledge(deployment, plugins={"mine": type("Mine", (), {"__doc__": "mine", **plugin})()})


def test_a_table_of_numbers_is_made_when_it_is_used(tmp_path: Path) -> None:
    @hookimpl
    def declared(deployment: Any) -> Any:
        return {"2202": amends(renamed("data", "mdtrtinfo")), "4201": amends(renamed("nowhere", "x"))}

    @hookimpl
    def misplaced(deployment: Any) -> Any:
        return {"99999": amends()}

    known = known_with(tmp_path, liangding_transactions=staticmethod(declared))
    assert known.interfaces["2202"].hook == "outpatient_cancel_registration"
    assert set(shape(known.interfaces["2202"].cls)) == {"mdtrtinfo"}
    with pytest.raises(ConfigurationError, match=r"mine 对交易 4201.*nowhere"):
        known.interfaces["4201"]
    with pytest.raises(ConfigurationError, match="99999：改动的不是国家交易"):
        known_with(tmp_path, liangding_transactions=staticmethod(misplaced))


def test_who_is_named_as_a_patient_is_shown_masked_too(tmp_path: Path) -> None:
    @hookimpl
    def declared(deployment: Any) -> Any:
        return {"1201": amends(medinsinfo=adds(Patient))}

    plugin = type("Mine", (), {"__doc__": "mine", "liangding_transactions": staticmethod(declared)})()
    with (
        rig_for(tmp_path, province="", area="990100", code="P99010000001", gateway="plain") as rig,
        Runtime(
            rig.deployment, journal=rig.runtime.journal, transport=rig.runtime.transport, plugins={"mine": plugin}
        ) as runtime,
    ):
        institution = {"fixmedins_type": "2", "fixmedins_name": "测试机构", "patn_name": "测试甲"}
        runtime.call("1201", {"medinsinfo": institution})
        (call,) = runtime.journal.latest(infno="1201")
        assert whose(runtime.resolver, call) == ("", "测**")


def test_one_function_goes_round_several_interfaces(tmp_path: Path) -> None:
    with rig_for(tmp_path, province="", area="440300", gateway="plain") as rig:
        seen: list[str] = []

        @around("2101", "2101A")
        def look(call: Any) -> Any:
            """看一眼."""
            seen.append(call.transaction.infno)
            return (yield)

        plugin = type("Mine", (), {"look": staticmethod(look)})()
        with Runtime(rig.deployment, transport=rig.runtime.transport, plugins={"mine": plugin}) as runtime:
            person = rig.person()
            message = purchase(person)
            message["druginfo"]["med_type"] = "41"
            for infno in ("2101", "2102", "2101A"):
                runtime.call(infno, message, key="A1" if infno == "2102" else None, insured_place="440300")
        assert seen == ["2101", "2101A"]


@pytest.mark.parametrize(
    ("numbers", "more", "said"),
    [
        (("2102", "2102B"), {}, "look 中 2102B：围绕的交易不存在；是不是想写 2102"),
        (
            ("2102", "2102A"),
            {"pharmacy_settle_a": hookimpl(lambda call: (yield), wrapper=True)},
            "2102A：这个交易写了两个函数",
        ),
    ],
)
def test_a_number_that_cannot_be_gone_round_is_an_error(
    numbers: tuple[str, ...], more: dict[str, Any], said: str, tmp_path: Path
) -> None:
    look = around(*numbers)(lambda call: (yield))
    with pytest.raises(ConfigurationError, match=said):
        known_with(tmp_path, look=staticmethod(look), **{name: staticmethod(each) for name, each in more.items()})
