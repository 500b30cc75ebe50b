"""What Liangding and its plugins agree on: all that a province's plugin or a device's driver has to import.

    from liangding.contract import Call, Deployment, Region, hookimpl

Hooks, with when they are asked and what they give back, stand in :mod:`liangding.contract.hookspecs`; what a device is
asked and answers in :mod:`liangding.contract.devices`. Messages are declared with :mod:`liangding.spec` over
:mod:`liangding.national`; a flow's step works with :class:`liangding.workflow.work.Work`.

A name is loaded when it is asked for, so that a plugin brings no more than it uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..checks import Circumstances as Circumstances
    from ..clock import SystemClock as SystemClock
    from ..clock import now as now
    from ..config import Deployment as Deployment
    from ..config import Institution as Institution
    from ..config import Kind as Kind
    from ..config import Operator as Operator
    from ..config import Spoken as Spoken
    from ..config.trials import Group as Group
    from ..config.trials import Whereabouts as Whereabouts
    from ..errors import CallFailed as CallFailed
    from ..errors import CallNotSent as CallNotSent
    from ..errors import CallRefused as CallRefused
    from ..errors import ConfigurationError as ConfigurationError
    from ..errors import HeldBack as HeldBack
    from ..errors import InProgress as InProgress
    from ..errors import InvalidMessage as InvalidMessage
    from ..errors import LiangdingError as LiangdingError
    from ..errors import NoAnswer as NoAnswer
    from ..errors import NotOpenHere as NotOpenHere
    from ..errors import OutcomeUnknown as OutcomeUnknown
    from ..journal import State as State
    from ..privacy import masked_text as masked_text
    from ..structuring import MISTAKES as MISTAKES
    from ..structuring import mistakes as mistakes
    from ..structuring import nearest as nearest
    from ..structuring import strict_converter as strict_converter
    from ..wire.gateways import Gateway as Gateway
    from ..wire.gateways import Outgoing as Outgoing
    from ..wire.gm import sm3 as sm3
    from ..wire.gm import sm4_decrypt as sm4_decrypt
    from ..wire.gm import sm4_encrypt as sm4_encrypt
    from ..wire.replies import GatewayReply as GatewayReply
    from ..wire.replies import Reply as Reply
    from ..wire.replies import Unreadable as Unreadable
    from ..wire.transport import Exchange as Exchange
    from .acceptance import Acceptance as Acceptance
    from .acceptance import Ends as Ends
    from .acceptance import Evidence as Evidence
    from .acceptance import Findings as Findings
    from .acceptance import Row as Row
    from .acceptance import Scenario as Scenario
    from .acceptance import Script as Script
    from .acceptance import Tally as Tally
    from .acceptance import Tried as Tried
    from .calls import Answer as Answer
    from .calls import Call as Call
    from .calls import Verdict as Verdict
    from .cases import CannotAsk as CannotAsk
    from .cases import Case as Case
    from .cases import Finding as Finding
    from .cases import Resolution as Resolution
    from .cases import Seen as Seen
    from .credentials import Credential as Credential
    from .credentials import Decoded as Decoded
    from .credentials import Decoding as Decoding
    from .credentials import NotDecoded as NotDecoded
    from .credentials import read_decoded as read_decoded
    from .forms import Cell as Cell
    from .forms import Form as Form
    from .forms import NewPage as NewPage
    from .forms import Paragraph as Paragraph
    from .forms import Table as Table
    from .forms import box as box
    from .forms import boxes as boxes
    from .forms import filled as filled
    from .forms import label as label
    from .hookspecs import Declared as Declared
    from .hookspecs import around as around
    from .hookspecs import hookimpl as hookimpl
    from .questions import NO as NO
    from .questions import YES as YES
    from .questions import AnswerKind as AnswerKind
    from .questions import BadAnswer as BadAnswer
    from .questions import Option as Option
    from .questions import Question as Question
    from .region import FixedValues as FixedValues
    from .region import Place as Place
    from .region import Refusals as Refusals
    from .region import Region as Region
    from .requirements import Demand as Demand
    from .requirements import Requirement as Requirement
    from .requirements import Standing as Standing
    from .requirements import read_requirements as read_requirements
    from .simulation import Refuse as Refuse
    from .simulation import SimulatedRequest as SimulatedRequest
    from .simulation import SimulatedTransaction as SimulatedTransaction
    from .steps import After as After
    from .steps import Around as Around
    from .steps import Before as Before
    from .steps import Change as Change
    from .steps import EachCall as EachCall
    from .steps import Flow as Flow
    from .steps import Step as Step
    from .steps import step as step

_PLACES = {
    "..checks": ("Circumstances",),
    "..clock": ("SystemClock", "now"),
    "..config": ("Deployment", "Institution", "Kind", "Operator", "Spoken"),
    "..config.trials": ("Group", "Whereabouts"),
    "..errors": (
        "CallFailed",
        "CallNotSent",
        "CallRefused",
        "ConfigurationError",
        "HeldBack",
        "InProgress",
        "InvalidMessage",
        "LiangdingError",
        "NoAnswer",
        "NotOpenHere",
        "OutcomeUnknown",
    ),
    "..journal": ("State",),
    "..privacy": ("masked_text",),
    "..structuring": ("MISTAKES", "mistakes", "nearest", "strict_converter"),
    "..wire.gateways": ("Gateway", "Outgoing"),
    "..wire.gm": ("sm3", "sm4_decrypt", "sm4_encrypt"),
    "..wire.replies": ("GatewayReply", "Reply", "Unreadable"),
    "..wire.transport": ("Exchange",),
    ".acceptance": (
        "Acceptance",
        "Ends",
        "Evidence",
        "Findings",
        "Row",
        "Scenario",
        "Script",
        "Tally",
        "Tried",
    ),
    ".calls": ("Answer", "Call", "Verdict"),
    ".cases": ("CannotAsk", "Case", "Finding", "Resolution", "Seen"),
    ".credentials": ("Credential", "Decoded", "Decoding", "NotDecoded", "read_decoded"),
    ".forms": ("Cell", "Form", "NewPage", "Paragraph", "Table", "box", "boxes", "filled", "label"),
    ".hookspecs": ("Declared", "around", "hookimpl"),
    ".questions": ("NO", "YES", "AnswerKind", "BadAnswer", "Option", "Question"),
    ".region": ("FixedValues", "Place", "Refusals", "Region"),
    ".requirements": ("Demand", "Requirement", "Standing", "read_requirements"),
    ".simulation": ("Refuse", "SimulatedRequest", "SimulatedTransaction"),
    ".steps": ("After", "Around", "Before", "Change", "EachCall", "Flow", "Step", "step"),
}
"""Where each name stands. Devices' types are imported from :mod:`liangding.contract.devices` and its neighbours."""

_FOUND = {name: module for module, names in _PLACES.items() for name in names}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name == "__all__":
            return list(_FOUND)
        if name not in _FOUND:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found: object = getattr(import_module(_FOUND[name], __name__), name)
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *_FOUND})
