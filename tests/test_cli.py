"""The command line, run as a person runs it: what it prints, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from installing import about, environment
from liangding import __version__
from liangding.knowledge.interfaces import BASELINE
from shell import liangding, started
from support import Rig, bill, purchase, write_deployment, write_secret


def test_version() -> None:
    assert started("--version").stdout == f"liangding {__version__}\n"


def test_help_is_in_both_languages() -> None:
    done = started("--help")
    assert done.returncode == 0
    assert "校验一个报文" in done.stdout
    assert "hold a message against its declaration" in done.stdout


def test_interfaces_as_json() -> None:
    exported = json.loads(liangding("interfaces", "--json").stdout)
    assert [one["infno"] for one in exported] == BASELINE.numbers()
    needed = {"infno", "name", "english", "group", "call_mode", "undone_by", "reversal_2601", "input", "output"}
    assert all(needed <= one.keys() for one in exported)
    (settle,) = json.loads(liangding("interfaces", "2102", "--json").stdout)
    trace = next(node for node in settle["input"] if node["node"] == "durg_trac_info")
    assert trace["parent"] == "drugdetail"


def test_interfaces_for_people() -> None:
    listed = liangding("interfaces", "--find", "药店").stdout
    assert "2102" in listed
    assert "2207" not in listed
    full = liangding("interfaces", "2102").stdout
    for word in ("购药明细", "drug_trac_codg", "pharmacy_settle", "结算基金分项信息"):
        assert word in full
    undeclared = liangding("interfaces", "4903").stdout
    assert "没有公开" in undeclared


def message(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "message.json"
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


def test_validate_names_faults_and_ends_with_1(tmp_path: Path) -> None:
    file = message(tmp_path, {"data": {"mdtrt_cert_type": "03", "mdtrt_cert_no": "1"}})
    done = liangding("validate", "1101", file, "--side", "request")
    assert done.returncode == 1
    assert "input.data.card_sn 卡识别码" in done.stdout
    verdict = json.loads(liangding("validate", "1101", file, "--side", "request", "--json").stdout)
    assert (verdict["valid"], [p["field"] for p in verdict["problems"]]) == (False, ["card_sn"])
    good = started("validate", "1101", "-", "--side", "response", stdin='{"infcode":-1,"err_msg":"无"}')
    assert (good.returncode, "符合规范" in good.stdout) == (0, True)
    assert liangding("validate", "0000", file, "--side", "request").returncode == 2
    assert liangding("validate", "1101", tmp_path / "none.json", "--side", "request").returncode == 1
    assert liangding("validate", "1101", file, "--side", "neither").returncode == 2


def test_validate_for_a_deployment_knows_its_plugins(rig: Rig, tmp_path: Path) -> None:
    file = message(tmp_path, {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": "1"}})
    assert liangding("validate", "1101", file, "--side", "request", "--config", rig.config).returncode == 0


def test_explain_shows_fixed_values_and_hooks_with_their_plugin(rig: Rig) -> None:
    shown = liangding("explain", "2102", "--config", rig.config).stdout
    for word in ("med_type", "input.druginfo.med_type", "41", "mdtrtarea_admvs", "head.mdtrtarea_admvs", "441900"):
        assert word in shown
    assert "liangding_dongguan.reminders.remind" in shown
    assert "dongguan" in shown


def test_check_of_a_deployment_that_is_right(rig: Rig) -> None:
    done = liangding("check", "--config", rig.config)
    assert done.returncode == 0
    assert "没有问题" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gateway =", "gatway =", "platform.gatway: 没有这个键；是不是想写 gateway"),
        ('kind = "pharmacy"', 'kind = "pharmcy"', "没有机构类别 'pharmcy'"),
        ('province = "dongguan"', 'province = "dongguang"', "没有安装插件 dongguang；是不是想写 dongguan"),
        ('gateway = "tif"', 'gateway = "tff"', "没有网关方式 tff"),
        ('file = "secrets/token"', 'env = "NO_SUCH_VARIABLE_HERE"', "环境变量 NO_SUCH_VARIABLE_HERE 未设置"),
        ('file = "secrets/token"', 'file = "secrets/none"', "platform.credentials.token: 读不到文件"),
        ("credentials.token", "credentials.tokn", "platform.credentials.tokn"),
        ('area = "441900"', 'area = "4419"', "area 就医地医保区划应为 6 位数字"),
        ('province = "dongguan"', "province = dongguan", "不是合法的 TOML"),
        ('code = "P44190000001"', 'code = "P4419"', "至少 12 位"),
        ("[journal]", "[jornal]", "journal: 必填"),
    ],
)
def test_mistakes_in_a_deployment_are_one_clear_error_each(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = write_deployment(tmp_path)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    for command in ("check", "explain 2102", "serve", "simulate"):
        done = liangding(*command.split(), "--config", path)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr + done.stdout


def test_a_mistake_in_a_deployment_ends_the_process(tmp_path: Path) -> None:
    path = write_deployment(tmp_path)
    path.write_text(path.read_text("utf-8").replace("[journal]", "[jornal]"), "utf-8")
    for command in ("check", "serve"):
        done = started(command, "--config", path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "journal: 必填" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = write_deployment(tmp_path)
    (tmp_path / "secrets" / "token").chmod(0o644)
    done = liangding("check", "--config", path)
    assert (done.returncode, "chmod 600" in done.stderr) == (2, True)


def test_a_server_without_keys_does_not_open_to_others(tmp_path: Path) -> None:
    done = liangding("serve", "--config", write_deployment(tmp_path), "--host", "0.0.0.0")
    assert (done.returncode, "api_keys" in done.stderr) == (2, True)


def test_call_prints_the_answer_and_journal_lists_it(rig: Rig, tmp_path: Path) -> None:
    file = message(tmp_path, purchase(rig.person()))
    arguments = ("call", "2102", file, "--config", rig.config, "--insured-place", "441900", "--key", "B1")
    first = json.loads(started(*arguments).stdout)
    again = json.loads(started(*arguments).stdout)
    assert first["output"]["setlinfo"]["setl_id"] == again["output"]["setlinfo"]["setl_id"]
    assert again["recorded"] is True
    listed = liangding("journal", "list", "--config", rig.config).stdout
    assert first["msgid"] in listed
    (call,) = json.loads(liangding("journal", "list", "--config", rig.config, "--json").stdout)
    shown = liangding("journal", "show", call["id"], "--config", rig.config).stdout
    assert rig.person().certno not in listed + shown
    assert rig.person().certno in liangding("journal", "show", call["id"], "--config", rig.config, "--bodies").stdout
    refused = liangding("call", "2102", file, "--config", rig.config, "--key", "B2")
    assert (refused.returncode, "insuplc_admdvs" in refused.stderr) == (1, True)


def test_a_flow_from_the_command_line(rig: Rig, tmp_path: Path) -> None:
    file = message(tmp_path, bill(rig.person("several_cities")))
    arguments = ("flow", "start", "pharmacy_purchase", file, "--config", rig.config, "--key", "R1")
    waiting = started(*arguments, "--json")
    assert waiting.returncode == 3
    view = json.loads(waiting.stdout)
    answered = started("flow", "answer", view["id"], "441900", "--config", rig.config)
    assert (answered.returncode, "是否使用医保个人账户" in answered.stdout) == (3, True)
    liangding("flow", "answer", view["id"], "1", "--config", rig.config)
    done = started("flow", "answer", view["id"], "yes", "--config", rig.config)
    assert done.returncode == 0
    assert "医保结算单" in done.stdout
    assert liangding("flow", "status", view["id"], "--config", rig.config, "--json").returncode == 0


def test_key_makes_a_key(tmp_path: Path) -> None:
    keys = {started("key").stdout for _ in range(2)}
    assert len(keys) == 2


def test_demo_shows_what_it_promises(tmp_path: Path) -> None:
    done = started("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    for word in (
        "问参保人",
        "结算编号",
        "请勿再刷 POS",
        "追溯码",
        "没有向平台发送任何东西",
        "结果不明",
        "恰好一笔",
        "查询",
    ):
        assert word in done.stdout
    config = tmp_path / "var" / "demo" / "deployment.toml"
    listed = started("journal", "list", "--config", config, "--state", "accepted").stdout
    assert "已受理" in listed


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (
            "outpatient",
            [
                "第 1 批 3 行、第 2 批 2 行",
                "高度可疑",
                "审核提示 2 条，怎样处理的都已报给平台",
                "没有再挂号",
                "结算走 2207",
                "2207 只发了一次",
                "医保结算单（门诊）",
                "4 笔，逐笔到分一致",
            ],
        ),
        (
            "inpatient",
            ["在院的人不能再办入院", "没有收费", "医保结算单（住院）", "statement.pdf", "1 笔，逐笔到分一致"],
        ),
        (
            "undo",
            [
                "撤销挂号 2202",
                "有效结算恰好一笔",
                "报告为“结果不明”",
                "2208 只发了一次",
                "平台上什么也不留",
                "9 笔，逐笔到分一致",
            ],
        ),
    ],
)
def test_demonstrations_of_a_hospital(which: str, words: list[str], tmp_path: Path) -> None:
    done = liangding("demo", which, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    for word in (*words, "没有结果不明的调用", "流水的哈希链完整"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("prescription", ["处方有效", "处方药已结算", "销售出库已上传", "处方已使用"]),
        ("mobile-payment", ["订单结算完成", "没有重新下单", "仅自费部分退款"]),
    ],
)
def test_demonstrations_of_online_services(which: str, words: list[str], tmp_path: Path) -> None:
    """Every message in clear, with persons hidden, and as it went over the line."""
    for _ in range(2):
        done = liangding("demo", which, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    assert "测试甲" not in done.stdout
    for word in (
        *words,
        "里没有姓名、证件号码、令牌和处方",
        "明文（隐去个人信息）",
        '"encType":"SM4","signType":"SM2","encData"',
    ):
        assert word in done.stdout


def test_a_small_day_of_a_hospital_is_clean(tmp_path: Path) -> None:
    done = liangding("demo", "day", "--visits", "25", "--desks", "3", "--seed", "4", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    for word in (
        "门诊 25 人次，住院 1 人次，明细 150 行，退费 1 笔",
        "26 位参保人的个人账户",
        "发出之前都记在流水里",
        "每一笔业务都办到底",
        "每秒",
        "p99",
    ):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("which", "words"),
    [("reconcile", ("在别处退的", "调用查明：已受理", "reconcile.xlsx")), ("catalogue", ("22 个目录整份入库", "甲类"))],
)
def test_demonstrations_of_what_moves_in_bulk(which: str, words: tuple[str, ...], tmp_path: Path) -> None:
    done = liangding("demo", which, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✗" not in done.stdout
    for word in words:
        assert word in done.stdout


def test_a_demonstration_clears_nothing_but_its_own_folder(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("mine", "utf-8")
    for which in ("pharmacy", "undo", "day"):
        done = liangding("demo", which, "--folder", tmp_path)
        assert (done.returncode, "换一个 --folder" in done.stderr) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
    for _ in range(2):
        assert liangding("demo", "undo", "--folder", tmp_path / "demo").returncode == 0


def test_codes_tells_national_values_from_regional_ones() -> None:
    shown = {c["code"]: c for c in json.loads(liangding("codes", "insutype", "--json").stdout)["values"]}
    assert shown["310"]["region"] == ""
    assert shown["312"]["region"] == "各地扩展"
    way = json.loads(liangding("codes", "clr_way", "--find", "按项目", "--json").stdout)["values"]
    assert way[0]["aliases"] == ["01"]
    assert all("按项目" in c["name"] for c in way)


def test_codes_for_a_deployment_has_the_regions_own(rig: Rig) -> None:
    values = json.loads(liangding("codes", "clr_type", "--config", rig.config, "--json").stdout)["values"]
    assert next(c for c in values if c["code"] == "9903")["region"] == "东莞"


def test_codes_lists_all_tables() -> None:
    assert len(json.loads(liangding("codes", "--json").stdout)) == 359
    assert "359 个字典" in liangding("codes").stdout


@pytest.mark.parametrize(("asked", "said"), [("med_typ", "是不是想写 med_type"), ("nosuchtable", "liangding codes")])
def test_codes_of_a_table_that_is_not_there(asked: str, said: str) -> None:
    done = liangding("codes", asked)
    assert done.returncode == 2
    assert said in done.stderr


def test_diff_of_two_regions_shows_every_kind_of_difference() -> None:
    found = json.loads(liangding("diff", "sichuan", "dongguan", "--json").stdout)
    assert {"2260", "90110"} <= set(found["only_right"])
    assert any(d["what"] == "输入.data.expContent.card_token" for d in found["changed"]["1101"])
    assert {"what": "零售药店 2102 med_type", "left": "", "right": "41"} in found["fixed"]
    assert any(d["what"] == "clr_type 9903" for d in found["codes"])
    assert next(d for d in found["region"] if d["what"] == "A 版交易")["left"] == "都用"
    printed = liangding("diff", "sichuan", "dongguan").stdout
    assert "只有东莞有的交易" in printed
    assert all(infno in printed for infno in (*found["only_right"], *found["changed"]))


def test_diff_against_the_baseline_and_with_itself() -> None:
    xinjiang = liangding("diff", "xinjiang").stdout
    assert "零售药店的追溯码" in xinjiang
    assert "兵团" in xinjiang
    same = json.loads(liangding("diff", "gansu", "gansu", "--json").stdout)
    assert all(not found for name, found in same.items() if name not in ("left", "right"))


def test_diff_of_a_region_that_is_not_there() -> None:
    done = started("diff", "guangzho")
    assert done.returncode == 2
    assert "是不是想写 guangzhou" in done.stderr


# -- commands of plugins -----------------------------------------------------------------------------------------------


GREETING = '''
from liangding.contract import hookimpl

def greet(whom: str) -> None:
    """Greet somebody."""
    print("你好", whom)

@hookimpl
def liangding_commands():
    return [{commands}]
'''


@pytest.mark.parametrize(
    ("commands", "arguments", "code", "said"),
    [
        ("greet", ["toy", "greet", "世界"], 0, "你好 世界"),
        ("greet", ["toy"], 0, "Greet somebody"),
        ("greet", ["--help"], 0, "插件 toy 的命令"),
        ("'greet'", ["toy", "greet"], 2, "插件 toy 的 liangding_commands：应为 cyclopts.App 或函数"),
        ("greet", ["toi", "greet"], 2, "Unknown command"),
    ],
)
def test_a_plugin_brings_commands(tmp_path: Path, commands: str, arguments: list[str], code: int, said: str) -> None:
    (tmp_path / "liangding_toy.py").write_text(GREETING.format(commands=commands), "utf-8")
    about(tmp_path, "toy")
    done = subprocess.run(
        [sys.executable, "-m", "liangding", *arguments],
        env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("infno", "side", "content", "wrong"),
    [
        ("1101", "request", {"input": {"data": {"mdtrt_cert_type": "02", "mdtrt_cert_no": "1"}}}, []),
        ("1101", "request", {"input": {"data": {"mdtrt_cert_type": "03"}}, "operator": "001"}, ["card_sn"]),
        ("1101", "request", {"infver": "V1.0", "input": {"data": {}}}, ["infno", "msgid"]),
        ("2102", "response", {"output": {"setlinfo": {"setl_id": 1}}}, ["psn_no"]),
        ("3508", "response", {"output": []}, []),
    ],
    ids=["bare input", "as to the interface", "bare envelope", "bare output", "output is its own key"],
)
def test_validate_takes_bare_envelopes(
    tmp_path: Path, infno: str, side: str, content: dict[str, Any], wrong: list[str]
) -> None:
    file = message(tmp_path, content)
    told = json.loads(started("validate", infno, file, "--side", side, "--json").stdout)
    fields = [p["field"] for p in told["problems"] if p["level"] == "error"]
    assert set(wrong) <= set(fields)
    assert bool(wrong) == (not told["valid"]), told


@contextlib.contextmanager
def listening(*arguments: object) -> Iterator[str]:
    """A server of its own process; what it said until it told its address."""
    started = subprocess.Popen(
        [sys.executable, "-m", "liangding", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert started.stdout is not None
    try:
        said = ""
        while not re.search(r"https?://127\.0\.0\.1:[1-9]\d*", said):
            line = started.stdout.readline()
            assert line, said
            said += line
        yield said
    finally:
        started.terminate()
        started.communicate()


def test_servers_tell_their_address_when_they_listen(rig: Rig, tmp_path: Path) -> None:
    """``simulate`` listens where the deployment's platform is; whoever reads the line can ask at once."""
    config = tmp_path / "elsewhere.toml"
    text = rig.config.read_text("utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"http://127.0.0.1:{taken.getsockname()[1]}/isp/api"
    config.write_text(re.sub(r'url = "http://[^"]*"', f'url = "{at}"', text, count=1), "utf-8")
    for secret in (rig.config.parent / "secrets").iterdir():
        write_secret(tmp_path, secret.name, secret.read_text("utf-8"))
    with listening("simulate", "--config", config) as said:
        assert f"模拟平台 {at} " in said
        assert httpx.get(f"{at.removesuffix('/isp/api')}/_simulator/ledger", trust_env=False).status_code == 200
    with listening("serve", "--config", config, "--port", "0") as said:
        (url,) = re.findall(r"本地接口 (http://127\.0\.0\.1:\d+)/v1/", said)
        assert httpx.get(f"{url}/v1/health", trust_env=False).json()["status"] == "ok"
