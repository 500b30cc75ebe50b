"""What is kept of an acceptance between two runs: a folder with one file of states, and the evidence beside it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import attrs
import cattrs

from ..config import Deployment
from ..contract.acceptance import Ends
from ..errors import ConfigurationError
from ..structuring import MISTAKES, mistakes, strict_converter
from ..wire.json import decode, encode

FORMAT = 1
NAME = "acceptance.json"


@attrs.define(kw_only=True)
class ScenarioRecord:
    """A scenario as it stands. ``ordinal`` and ``attempt`` are in its business keys and numbers of bills; ``begun_at``
    is said of its visits, so that a run that goes on says the same. ``flows`` are the flows that it made, in order:
    part → id."""

    ordinal: int
    attempt: int = 1
    ends: Ends = Ends.UNTRIED
    why: str = ""
    begun_at: str = ""
    finished_at: str = ""
    flows: dict[str, str] = attrs.field(factory=dict)
    setl_ids: list[str] = attrs.field(factory=list)
    infnos: list[str] = attrs.field(factory=list)
    calls: list[int] = attrs.field(factory=list)
    files: list[str] = attrs.field(factory=list)


@attrs.define(kw_only=True)
class RunRecord:
    """All scenarios of a deployment, under the random ``run`` that their keys begin with."""

    format: int = FORMAT
    run: str = attrs.field(factory=lambda: secrets.token_hex(4))
    institution: str
    scenarios: dict[str, ScenarioRecord] = attrs.field(factory=dict)

    def of(self, scenario: str) -> ScenarioRecord:
        """The record of a scenario, made where there is none."""
        return self.scenarios.setdefault(scenario, ScenarioRecord(ordinal=len(self.scenarios) + 1))


def folder_of(deployment: Deployment) -> Path:
    """Where a deployment's acceptance is kept."""
    return deployment.folder / (deployment.acceptance.folder or f"acceptance/{deployment.name}")


def read_state(deployment: Deployment) -> RunRecord:
    """What is kept of a deployment; a new beginning where nothing is. ConfigurationError where the file is of a later
    version, of another institution, or none."""
    path = folder_of(deployment) / NAME
    institution = deployment.institution.code
    if not path.exists():
        return RunRecord(institution=institution)
    try:
        content = decode(path.read_bytes())
        if isinstance(content, dict) and content.get("format", 0) > FORMAT:
            raise ConfigurationError(
                f"由更新的版本写成（格式 {content['format']}）", path=str(path), remedy="升级后再用"
            )
        state: RunRecord = _converter().structure(content, RunRecord)
    except (*MISTAKES, OSError) as wrong:
        said = "；".join(each.message for each in mistakes(wrong)) if isinstance(wrong, MISTAKES) else str(wrong)
        raise ConfigurationError(f"读不懂验收记录：{said}", path=str(path), remedy="移走它，从头做") from None
    if state.institution != institution:
        told = f"是机构 {state.institution} 的验收记录，不是 {institution} 的"
        raise ConfigurationError(told, path=str(path), remedy="在部署文件中另给一个 acceptance.folder")
    return state


def _converter() -> cattrs.Converter:
    converter = strict_converter()
    converter.register_structure_hook(Ends, lambda value, _: Ends(value))
    return converter


def write_state(deployment: Deployment, state: RunRecord) -> None:
    """Keep it: the new file takes the old one's place whole."""
    path = folder_of(deployment) / NAME
    content: Any = attrs.asdict(state)
    write_whole(path, encode(content))


def write_whole(path: Path, content: bytes) -> None:
    """A file that is there whole, or as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
