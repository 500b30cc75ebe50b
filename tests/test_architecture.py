"""The direction of imports: nothing stands on what is built above it, and the core names no province."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import liangding
from liangding import contract

ROOT = Path(liangding.__file__).parent

MAY_NOT_IMPORT = {
    "spec": ("national", "wire", "journal", "runtime", "flows", "server", "cli", "simulator"),
    "checks": ("national", "wire", "journal", "files", "runtime", "flows", "server", "cli", "simulator"),
    "national": ("wire", "journal", "runtime", "flows", "server", "cli", "simulator"),
    "wire": ("journal", "runtime", "flows", "server", "cli", "simulator", "national"),
    "journal": ("runtime", "flows", "server", "cli", "simulator", "national"),
    "simulator": ("runtime", "flows", "server", "cli", "journal"),
    "files": ("flows", "server", "cli", "simulator", "national"),
    "identity": ("workflow", "receipts", "flows", "desk", "jobs", "server", "cli", "simulator"),
    "workflow": ("receipts", "flows", "desk", "jobs", "server", "cli", "simulator"),
    "receipts": ("flows", "desk", "jobs", "server", "cli", "simulator"),
    "flows": ("desk", "jobs", "server", "cli", "simulator"),
    "desk": ("jobs", "server", "cli", "simulator"),
    "jobs": ("server", "cli", "simulator"),
    "server": ("cli", "simulator"),
}


def imported(path: Path) -> set[str]:
    """The packages and modules of ours that a file imports, by their first name under ``liangding``."""
    here = ("liangding", *path.relative_to(ROOT).with_suffix("").parts)
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            base = here[: -node.level] if node.level else ()
            target = (*base, *(node.module or "").split("."))
            names = [target] if node.module else [(*base, alias.name) for alias in node.names]
            found |= {name[1] for name in names if name[0] == "liangding" and len(name) > 1 and name[1]}
    return found


@pytest.mark.parametrize("package", MAY_NOT_IMPORT)
def test_imports_go_one_way(package: str) -> None:
    for path in (ROOT / package).rglob("*.py"):
        above = imported(path) & set(MAY_NOT_IMPORT[package])
        assert not above, f"{path.relative_to(ROOT)} imports {above}"


PLUGINS = [
    path
    for folder in ("plugins", "devices")
    for path in sorted((Path(__file__).parents[1] / folder).glob("*/src/**/*.py"))
]

MAY_IMPORT = ("liangding.contract", "liangding.spec", "liangding.national", "liangding.workflow.work:Work")
"""What a plugin imports of ours, and nothing else."""


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


def test_the_core_names_no_province() -> None:
    named = re.compile(r"dongguan|shaanxi|sichuan|xinjiang|gansu|东莞|陕西|四川|新疆|甘肃|4419", re.IGNORECASE)
    for path in ROOT.rglob("*.py"):
        if path.parent.name != "demo":
            assert not named.search(path.read_text("utf-8")), path
