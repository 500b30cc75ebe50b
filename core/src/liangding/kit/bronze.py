"""Bronze: the plugin can be enabled, says what it is about, and harms nothing."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from .. import national
from ..contract.region import Place
from ..flows.all import FLOWS
from ..knowledge.conform import misfits
from ..spec import Amendment
from ..spec.codes import code_table
from ..spec.export import as_json
from ..spec.leaves import LENIENT, STRICT
from ..spec.nodes import node_of
from ..spec.problems import errors
from ..spec.reading import MessageReader
from ..spec.sampling import sample_answer, sample_request
from ..spec.writing import MessageWriter
from ..workflow.rows import flows_of, rows_of
from .rules import NotConcerned, Tier, rule
from .subject import PluginAtTest

ALLOWED = ("liangding.contract", "liangding.spec", "liangding.national")
"""What a plugin imports of Liangding, with ``Work`` from ``liangding.workflow.work``."""


@rule("B01", Tier.BRONZE, "插件所说的都放得下")
def conforms(subject: PluginAtTest) -> Iterator[str]:
    """Each hook's answer is of its type and has its place, for every place and kind of institution.

    Why: a typo in a fixed value's field means that the value is never sent, and nobody notices until the bureau does.

    Example: `{"2102": {"med_typ": "41"}}` is refused with `是不是想写 med_type`.

    Exception: none.
    """
    for place, kind, known in subject.cases():
        for misfit in misfits(known.manager, known.interfaces, known.deployment, thorough=True):
            if misfit.plugin == subject.name:
                yield f"{place}, {kind}: {misfit}"


@rule("B02", Tier.BRONZE, "至少说出一个地区")
def names_a_place(subject: PluginAtTest) -> Iterator[str]:
    """`liangding_places` names the regions that the plugin tells apart, each with an area of six digits.

    Why: the site, `liangding diff`, `liangding torture` and these rules find the region by it.

    Example: `{"yunzhou": "990100"}`.

    Exception: a plugin that adds to another region's (a city's own values, a device) names none and is exempt.
    """
    if not subject.places:
        yield "liangding_places names no region"


@rule("B03", Tier.BRONZE, "只引入契约、声明语言与国家基线")
def imports_the_contract(subject: PluginAtTest) -> Iterator[str]:
    """The plugin imports `liangding.contract`, `liangding.spec`, `liangding.national` and a step's `Work` only.

    Why: these stay as they are for as long as the plugin's API version; everything else may move with any version.

    Example: `from liangding.contract import Deployment, Region, hookimpl`.

    Exception: the plugin's tests may import `liangding.kit` and whatever they look at.
    """
    for file, tree in subject.sources():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [f"{node.module}:{alias.name}" for alias in node.names]
            for name in names:
                module = name.partition(":")[0]
                ours = module.split(".")[0] == "liangding"
                allowed = any(module == each or module.startswith(f"{each}.") for each in ALLOWED)
                if ours and not allowed and name != "liangding.workflow.work:Work":
                    yield f"{file} imports {name.replace(':', '.')}"


@rule("B04", Tier.BRONZE, "每个声明都能读、写、导出")
def declarations_compile(subject: PluginAtTest) -> Iterator[str]:
    """Every transaction of the plugin can be read strictly and leniently, written in the region's style and exported.

    Why: a declaration is compiled when it is first used; a mistake in it would be met by the first institution.

    Example: an optional field without `= None` is named here, with class and field.

    Exception: none; what is not public is declared with `public=False`.
    """
    for infno, (transaction, known) in subject.own.items():
        try:
            for side in (transaction.input, transaction.output):
                for manner in (STRICT, LENIENT):
                    MessageReader(manner).reader(node_of(side))
                MessageWriter(known.region.style).writer(node_of(side))
            as_json(transaction)
        except Exception as failed:
            yield f"{infno}: {type(failed).__name__}: {failed}"


@rule("B05", Tier.BRONZE, "每个声明的样例都通过自己的校验")
def samples_pass(subject: PluginAtTest) -> Iterator[str]:
    """The sample request and answer that follow from a declaration pass the declaration's own rules.

    Why: samples are what vendors start from, and what the simulator answers where nothing else is said.

    Example: a total that has to be the sum of its rows gets `example = {"data": {"medfee_sumamt": "1"}}` in the class.

    Exception: a transaction whose table is not public passes its body through.
    """
    for infno, (transaction, known) in subject.own.items():
        for side, make, reader, shape in (
            ("request", sample_request, known.requests, transaction.input),
            ("answer", sample_answer, known.answers, transaction.output),
        ):
            node, found = reader.read(shape, make(transaction, tables=known.code_table))
            problems = errors(found)
            if not problems and node is not None and side == "request":
                for check in transaction.checks("request"):
                    problems += errors(list(check(node, known.region.circumstances)))
            yield from (f"{infno} {side}: {problem}" for problem in problems)


@rule("B06", Tier.BRONZE, "本地、省内、跨省分得对")
def places_are_told_apart(subject: PluginAtTest) -> Iterator[str]:
    """A person of the institution's own area is local, one of a far province is cross-province.

    Why: the insured place decides transaction, address and kind of clearing; a wrong prefix sends a local person off.

    Example: `local=("9901",)`, `province=("99",)` for an institution in 990100.

    Exception: none.
    """
    for place, kind, known in subject.cases():
        area, region = known.deployment.institution.area, known.region
        elsewhere = next(p.code for p in code_table("admdvs") if not p.code.startswith(region.province))
        if region.place(area) is not Place.LOCAL:
            yield f"{place}, {kind}: {area} is {region.place(area).value}"
        if region.place(elsewhere) is not Place.CROSS:
            yield f"{place}, {kind}: {elsewhere} is {region.place(elsewhere).value}"


@rule("B07", Tier.BRONZE, "说明事实从哪里来")
def says_its_sources(subject: PluginAtTest) -> Iterator[str]:
    """The plugin's docstring names the documents, systems or people that its facts are from.

    Why: who doubts a value has to know whom to ask, and how sure it is.

    Example: `Facts are from 《关于……的通知》（某省医疗保障局，2024-08-15）.`

    Exception: none.
    """
    about = inspect.getdoc(subject.plugin) or ""
    if len(about) < 40:
        yield "the docstring says too little of where the facts are from"


@rule("B08", Tier.BRONZE, "列出还要向医保部门问清的事")
def lists_what_is_not_known(subject: PluginAtTest) -> Iterator[str]:
    """`Region.unanswered` lists what is not public and has to be asked before going live.

    Why: what is not known must not be guessed; `liangding check` shows the list to whoever sets a deployment up.

    Example: `unanswered=("签到多久有效", "2601 可以冲正哪些交易")`.

    Exception: a region of which everything is known is exempt, with where that is said.
    """
    for place, kind, known in subject.cases():
        if not known.region.unanswered:
            yield f"{place}, {kind}: nothing is listed"
        elif len(set(known.region.unanswered)) < len(known.region.unanswered):
            yield f"{place}, {kind}: something is listed twice"


@rule("B09", Tier.BRONZE, "引入插件不连网、不写文件、不起进程")
def importing_does_nothing(subject: PluginAtTest) -> Iterator[str]:
    """Loading the plugin opens no connection, writes no file and starts no process.

    Why: plugins are loaded to list regions, to build documents and to check files, on machines without a line.

    Example: a gateway that fetches a key at import time fails here; it may do so in `headers`.

    Exception: none.
    """
    program = (
        "import sys, importlib\n"
        "def watch(event, args):\n"
        "    writes = event == 'open' and isinstance(args[1], str) and set('wax+') & set(args[1]) and"
        " not str(args[0]).endswith('.pyc') and '__pycache__' not in str(args[0])\n"
        "    if writes or event in ('socket.connect', 'socket.bind', 'subprocess.Popen', 'os.system', 'os.exec'):\n"
        "        print(event, *args[:1]); \n"
        f"import liangding.contract.calls\nsys.addaudithook(watch)\nimportlib.import_module({subject.package!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    yield from done.stdout.splitlines()
    if done.returncode:
        yield done.stderr.strip().rpartition("\n")[2]


@rule("B10", Tier.BRONZE, "每个包裹函数都说明做什么")
def wrappers_say_what_they_do(subject: PluginAtTest) -> Iterator[str]:
    """Each wrapper has a docstring: what it does, in the operator's language.

    Why: `liangding explain 2102`, `liangding diff` and the region's page on the site show it.

    Example: `\"\"\"个人账户已扣时提醒勿再刷 POS.\"\"\"`.

    Exception: none.
    """
    wrappers = list(subject.around())
    if not wrappers:
        raise NotConcerned("没有包裹任何接口")
    for infno, hook, function in wrappers:
        if not inspect.getdoc(function):
            yield f"{infno} ({hook}) has no docstring"


@rule("B11", Tier.BRONZE, "不改变国家基线，也不影响别的部署")
def leaves_the_nation_alone(subject: PluginAtTest) -> Iterator[str]:
    """Beside a deployment with the plugin, one without it knows the baseline as it is.

    Why: one process serves several provinces; what one declares must not be seen by another.

    Example: a plugin that edits a class of `liangding.national` in place fails; `amends(…)` makes its own.

    Exception: none.
    """
    chapters = {chapter for chapter, _ in _taken_from(subject)}
    numbers = [n for n, (chapter, _) in national.places().items() if chapter in chapters or n in subject.own]
    program = (
        "from liangding import national\n"
        "from liangding.spec.export import as_json\n"
        f"before = {{n: as_json(national.transaction(n)) for n in {numbers!r}}}\n"
        "from liangding.kit.subject import Subject\n"
        f"Subject({subject.name!r}).own\n"
        "print(*(n for n, shown in before.items() if as_json(national.transaction(n)) != shown))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    yield from (f"the national {infno} is another than before" for infno in done.stdout.split())
    if done.returncode:
        yield done.stderr.strip().rpartition("\n")[2]


def _taken_from(subject: PluginAtTest) -> Iterator[tuple[str, str]]:
    """The chapters of the baseline that the plugin imports, and where."""
    known = {chapter for chapter, _ in national.places().values()}
    for file, tree in subject.sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("liangding.national"):
                names = {*(node.module or "").split("."), *(alias.name for alias in node.names)}
                yield from ((chapter, file) for chapter in names & known)


@rule("B12", Tier.BRONZE, "同样的部署，同样的回答")
def answers_the_same_twice(subject: PluginAtTest) -> Iterator[str]:
    """Asked twice for the same deployment, the declarative hooks give the same.

    Why: several processes of one institution have to agree, and a restart must change nothing.

    Example: a fixed value that holds today's date fails; a value of the day belongs into a wrapper.

    Exception: none.
    """
    for hook in ("liangding_region", "liangding_fixed_values", "liangding_code_tables", "liangding_transactions"):
        ask = subject.hook(hook)
        for place, kind, known in subject.cases() if ask else ():
            given = (known.deployment,) if inspect.signature(ask).parameters else ()
            if _plain(ask(*given)) != _plain(ask(*given)):
                yield f"{hook} for {place}, {kind}"


def _plain(answer: Any) -> Any:
    """An answer without what is made anew for each: the changes in national transactions."""
    if not isinstance(answer, Mapping):
        return answer
    return {key: None if isinstance(held, Amendment) else held for key, held in answer.items()}


@rule("B13", Tier.BRONZE, "流程的改动都落在步骤上")
def flow_steps_fit(subject: PluginAtTest) -> Iterator[str]:
    """What the plugin changes in flows fits each flow's row, for every place and kind, and changes at least one.

    Why: a change at a step that an upgrade renamed would otherwise be met by the first patient.

    Example: `Before("setle", check)` is refused with `是不是想写 settle`.

    Exception: a plugin that changes no flow is not concerned.
    """
    if subject.hook("liangding_flow_steps") is None:
        raise NotConcerned("没有改动任何流程")
    changed = False
    for place, kind, known in subject.cases():
        try:
            flows = flows_of(FLOWS, known.manager, known.deployment)
            rows = rows_of(flows, known.manager, known.deployment)
        except Exception as failed:
            yield f"{place}, {kind}: {failed}"
            continue
        changed |= any(row.each_call or [s for s in row.steps if s.plugins] for row in rows.values())
    if not changed:
        yield "no flow of any place and kind is changed"
