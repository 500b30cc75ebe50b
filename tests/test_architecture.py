"""The direction of imports: nothing stands on what is built above it, and the core names no province."""

from __future__ import annotations

import ast
import functools
import inspect
import re
from pathlib import Path

import liangding
from liangding import contract
from liangding.contract.hookspecs import PROJECT, HookSpecs
from liangding.knowledge.interfaces import BASELINE
from liangding.knowledge.regions import places
from liangding.spec.codes import code_table, code_table_names

ROOT = Path(liangding.__file__).parent

FLOORS = (
    "errors", "privacy", "clock", "structuring", "spec", "checks", "national", "wire", "files", "journal", "config",
    "contract", "knowledge", "devices", "simulator", "calls", "resolution", "runtime",
    "identity", "transfer", "catalogue", "workflow", "receipts", "flows", "notices", "desk", "reconciliation",
    "uploads", "feed", "jobs", "intake", "acceptance", "rollout", "torture", "kit", "server", "cli",
)  # fmt: skip
"""The parts of ``liangding``, from the ground up: each may import from those before it, and from itself."""

OUTSIDE = ("liangding", "liangding._moved", "liangding.__main__")
"""What stands before everything: the names at the top, the old names, ``python -m``."""

APART = {"simulator": ("torture", "kit", "cli")}
"""The platform's own side, for those only that play it."""

LOOSE_MODULES, LINES, FUNCTION_LINES = 8, 450, 60

ARROWS_UP: set[tuple[str, str]] = set()
"""Imports that still point upward. This set only shrinks."""

CIRCLES: tuple[str, ...] = ()
"""Where modules still stand in a circle. This list only shrinks."""

TOO_LONG: set[str] = set()
"""Modules and functions that are still too long. This set only shrinks."""


def module_name(path: Path) -> str:
    parts = ("liangding", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


def imported(module: str) -> set[str]:
    """The modules of ours that a module imports: at its top, in a function, and for type checking only."""
    path = MODULES[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *(node.module.split(".") if node.module else [])])
            names = [a.name for a in node.names if a.name != "__version__"]
            found |= {f"{base}.{name}" if f"{base}.{name}" in MODULES else base for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return (found & MODULES.keys()) - {module}


@functools.cache
def graph() -> dict[str, set[str]]:
    """What each module imports of ours. Read by who asks for it, not by everybody who collects tests."""
    return {module: imported(module) for module in MODULES if module not in OUTSIDE}


def part(module: str) -> str:
    return module.split(".")[1]


def test_every_part_has_its_floor() -> None:
    there = {part(module) for module in graph()}
    assert there <= set(FLOORS), "say on which floor it stands"
    assert len(set(FLOORS)) == len(FLOORS)


def test_the_documents_list_every_part_in_order() -> None:
    text = (ROOT.parents[2] / "docs" / "architecture.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)(?:/|\.py)` \|", text, re.MULTILINE)
    assert listed == [name for name in FLOORS if name in {part(module) for module in graph()}]


def test_where_to_find_ones_place_is_where_it_is() -> None:
    """Every path that CONTRIBUTING.md names exists, and every target of make."""
    top = ROOT.parents[2]
    text = (top / "CONTRIBUTING.md").read_text("utf-8")
    named = set(re.findall(r"`((?:core|tests|docs|plugins|devices)/[\w./-]*)`|\]\(([\w./-]+)\)", text))
    assert len(named) > 15
    for path in {first or second for first, second in named}:
        assert (top / path).exists(), path
    for target in re.findall(r"make (\w+)", text):
        assert re.search(rf"^{target}:", (top / "Makefile").read_text("utf-8"), re.MULTILINE), target


def test_every_hook_is_documented_with_its_arguments() -> None:
    text = (ROOT.parents[2] / "docs" / "plugins.md").read_text("utf-8")
    specs = {name: getattr(HookSpecs, name) for name in vars(HookSpecs) if name.startswith(PROJECT)}
    hooks = {f"{name}({', '.join([*inspect.signature(spec).parameters][1:])})" for name, spec in specs.items()}
    assert set(re.findall(r"^\| `(liangding_\w+\(.*?\))` \|", text, re.MULTILINE)) == hooks
    for name, spec in specs.items():
        assert inspect.getdoc(spec), name


def test_imports_go_down_only() -> None:
    up = {
        (module, other)
        for module, others in graph().items()
        for other in others
        if other not in OUTSIDE
        and (
            FLOORS.index(part(other)) > FLOORS.index(part(module))
            or (part(other) in APART and part(module) not in (part(other), *APART[part(other)]))
        )
    }
    assert up - ARROWS_UP == set(), "these point upward"
    assert ARROWS_UP - up == set(), "mended: take them out of the set"


def test_nothing_stands_in_a_circle() -> None:
    """A module is in a circle where a way of imports leads from it back to it."""
    circle = {module for module in graph() if module in reachable(module)}
    assert {module for module in circle if not module.startswith(CIRCLES)} == set()
    mended = [each for each in CIRCLES if not any(module.startswith(each) for module in circle)]
    assert not mended, "take them out of the list"


def reachable(module: str) -> set[str]:
    found: set[str] = set()
    ahead = list(graph()[module])
    while ahead:
        if (each := ahead.pop()) not in found and each in graph():
            found.add(each)
            ahead += graph()[each]
    return found


def test_few_modules_stand_loose_and_none_is_long() -> None:
    loose = [module for module in MODULES if module.count(".") <= 1 and MODULES[module].parent == ROOT]
    assert len(loose) <= LOOSE_MODULES, loose
    long = set()
    for module, path in MODULES.items():
        text = path.read_text("utf-8")
        if "national" not in path.relative_to(ROOT).parts and text.count("\n") > LINES:
            long.add(module)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                long |= {f"{module}.{node.name}"} if lines > FUNCTION_LINES else set()
    assert long - TOO_LONG == set()
    assert TOO_LONG - long == set(), "mended: take them out of the set"


PLUGINS = [
    path
    for folder in ("plugins", "devices")
    for path in sorted((Path(__file__).parents[1] / folder).glob("*/src/**/*.py"))
]

MAY_IMPORT = ("liangding.contract", "liangding.spec", "liangding.national", "liangding.workflow.work:Work")
"""What a plugin imports of ours, and nothing else."""


def test_a_class_has_a_name_of_its_own() -> None:
    """The chapters aside: there many transactions have a ``Data``."""
    where: dict[str, list[str]] = {}
    for name, path in MODULES.items():
        if not name.startswith("liangding.national"):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    where.setdefault(node.name, []).append(name)
    assert {each: places for each, places in where.items() if len(places) > 1} == {}


def test_plugins_import_the_contract_alone() -> None:
    assert len(PLUGINS) > 40
    for path in PLUGINS:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [f"{node.module}:{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                allowed = name.startswith(tuple(f"{m}{end}" for m in MAY_IMPORT[:3] for end in (".", ":")))
                ours = name.split(":")[0].split(".")[0] == "liangding"
                assert not ours or allowed or name in MAY_IMPORT, f"{path} imports {name}"


def test_the_contract_loads_what_it_says() -> None:
    """Each name is there for mypy (under TYPE_CHECKING) and at run time, the same."""
    block = next(n for n in ast.parse(Path(contract.__file__).read_text("utf-8")).body if isinstance(n, ast.If))
    typed = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed == set(vars(contract)["__getattr__"]("__all__"))
    assert all(getattr(contract, name) is not None for name in typed)


PROVINCES = (
    "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 重庆 "
    "四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆"
)

NAMED = (
    "beijing|tianjin|hebei|shanxi|inner.mongolia|liaoning|jilin|heilongjiang|shanghai|jiangsu|zhejiang|anhui|fujian"
    "|jiangxi|shandong|henan|hubei|hunan|guangdong|guangxi|hainan|chongqing|guizhou|yunnan|tibet|qinghai|ningxia"
    "|shenzhen|兵团|CFY|YDZF"
)
"""Regions that no plugin has, and the numbers of one region's prescriptions."""


def test_the_core_names_no_province() -> None:
    """Neither by name, nor a city, nor the numbers of one region's prescriptions, nor the code of a place."""
    table = code_table("admdvs")
    cities = {
        re.sub("(.族|维吾尔)*自治区$|[省市盟]$|地区$", "", p.name) for p in table if p.level in ("province", "city")
    }
    names = {*(city for city in cities if len(city) > 1), *places(), *PROVINCES.split()}
    named = re.compile("|".join([*sorted(names), NAMED]), re.IGNORECASE)
    other = {each.code for name in code_table_names() if name != "admdvs" for each in code_table(name)}
    codes = {code for place in table for code in (place.code, place.code[:4])} - set(BASELINE.numbers()) - other
    for module, path in MODULES.items():
        text = path.read_text("utf-8")
        if path.parent.name != "demo":
            assert not named.search(text), f"{module} names {named.search(text)}"
            assert not codes & set(re.findall(r"[\"'](\d{4}|\d{6})[\"']", text)), module
    tables = [*ROOT.rglob("*.tsv"), *ROOT.rglob("*.toml"), *ROOT.glob("checks/*.json")]
    assert tables
    for path in tables:
        text = path.read_text("utf-8")
        assert not named.search(text), f"{path.name} names {named.search(text)}"
        quoted = set(re.findall(r'"(?:[HP])?(\d{6})(?:\d{5,})?"', text)) if "checks" in path.parts else set()
        assert not codes & quoted, f"{path.name} names {codes & quoted}"
