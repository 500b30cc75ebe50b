"""What was written for an earlier version keeps importing, and says where a name stands now."""

from __future__ import annotations

import importlib
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import liangding
from liangding._moved import GONE, MOVED, RENAMED

EARLIER = [
    line.split()
    for line in (Path(__file__).parent / "public_names.txt").read_text("utf-8").splitlines()
    if line[0] != "#"
]


@pytest.mark.parametrize("line", EARLIER, ids=lambda line: line[0])
def test_every_public_name_of_the_first_version_is_there(line: list[str]) -> None:
    module, *names = line
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        held = importlib.import_module(module)
        missing = [name for name in names if (module, name) not in GONE and not hasattr(held, name)]
    assert not missing, f"{module} had {missing}: say in liangding._moved where they are"


@pytest.mark.parametrize(("module", "name"), GONE)
def test_what_is_gone_says_what_to_write_instead(module: str, name: str) -> None:
    held = importlib.import_module(module)
    with pytest.raises(AttributeError, match=r"is no more: .*liangding"):
        getattr(held, name)


def test_a_chapter_of_one_region_says_where_its_transactions_are() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"national.grouping is no more: .*region's plugin"):
        importlib.import_module("liangding.national.grouping")


@pytest.mark.parametrize("module", MOVED)
def test_the_places_of_what_was_moved_exist(module: str) -> None:
    for place in MOVED[module]:
        importlib.import_module(place)


@pytest.mark.parametrize(("module", "name"), RENAMED, ids=".".join)
def test_what_is_called_otherwise_is_there_under_its_old_name(module: str, name: str) -> None:
    place, renamed = RENAMED[module, name]
    with pytest.warns(DeprecationWarning, match=renamed):
        assert getattr(importlib.import_module(module), name) == getattr(importlib.import_module(place), renamed)


def test_an_old_name_is_the_new_one_and_names_the_line_to_write() -> None:
    program = (
        "import warnings; warnings.simplefilter('error', DeprecationWarning)\n"
        "import liangding.region\n"
        "try: from liangding.region import Region\n"
        "except DeprecationWarning as said: print(said)\n"
        "warnings.simplefilter('ignore', DeprecationWarning)\n"
        "from liangding.region import Region\n"
        "from liangding.contract.region import Region as New\n"
        "print(Region is New)\n"
        "from liangding.documents.typesetting import pdf\n"
        "from liangding.flows.pharmacy import settle\n"
        "print(settle.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    said, same, step = done.stdout.splitlines()
    assert said.startswith("liangding.region.Region stands elsewhere now: from liangding.contract")
    assert said.endswith("import Region")
    assert (same, step) == ("True", "settle")


def test_the_warning_points_at_the_line_that_imports() -> None:
    with pytest.warns(DeprecationWarning, match="liangding.hookspecs.hookimpl stands elsewhere now") as caught:
        from liangding.hookspecs import hookimpl  # type: ignore[import-not-found]

    assert Path(caught[0].filename) == Path(__file__)
    assert hookimpl is importlib.import_module("liangding.contract.hookspecs").hookimpl


def test_what_most_programs_need_is_importable_from_the_package_itself() -> None:
    from liangding.flows import Flows
    from liangding.jobs.keeper import Keeper
    from liangding.runtime import Runtime

    assert (liangding.Flows, liangding.Keeper, liangding.Runtime) == (Flows, Keeper, Runtime)
    program = (
        "import sys, liangding; liangding.__version__; print([m for m in sys.modules if m.startswith('liangding.')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['liangding._moved']"
