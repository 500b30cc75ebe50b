"""Modules and names that stand elsewhere now: what was written for an earlier version keeps importing.

One table says where everything went. An old import gives the very objects of the new place, with a DeprecationWarning
that names the line to write instead.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec, PathFinder

TYPE_CHECKING = False  # typing and importlib.abc are not loaded where only the version is asked for
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType
    from typing import Any

PUBLISHED = ("liangding", "liangding.contract", "liangding.config", "liangding.journal", "liangding.flows")
"""Where a name is best imported from, if it is there."""

MOVED: Mapping[str, tuple[str, ...]] = {
    "liangding.calls": ("liangding.contract.calls",),
    "liangding.comparing": ("liangding.knowledge.comparing",),
    "liangding.core_plugin": ("liangding.knowledge.core_plugin",),
    "liangding.documents": ("liangding.receipts.pages", "liangding.receipts.typesetting"),
    "liangding.documents.statements": ("liangding.receipts.pages",),
    "liangding.documents.typesetting": ("liangding.receipts.typesetting",),
    "liangding.classify": ("liangding.calls.classify",),
    "liangding.runtime": ("liangding.calls.signing_in", "liangding.calls.keying", "liangding.resolution.entering"),
    "liangding.validation": ("liangding.calls.validation",),
    "liangding.files.exchange": ("liangding.transfer.exchange",),
    "liangding.files.carriage": ("liangding.wire.transport",),
    "liangding.fixed": ("liangding.knowledge.fixed",),
    "liangding.flows.catalogue": ("liangding.flows.all",),
    "liangding.flows.declaring": ("liangding.contract.steps", "liangding.workflow.rows"),
    "liangding.flows.engine": (
        "liangding.workflow.engine",
        "liangding.workflow.rows",
        "liangding.workflow.standing",
        "liangding.workflow.work",
        "liangding.workflow.records",
        "liangding.workflow.recovering",
        "liangding.workflow.running",
        "liangding.workflow.tracks",
    ),
    "liangding.flows.inpatient": (
        "liangding.flows.inpatient.stay",
        "liangding.flows.inpatient.admission",
        "liangding.flows.inpatient.fees",
        "liangding.flows.inpatient.discharge",
    ),
    "liangding.flows.inpatient_undo": ("liangding.flows.inpatient.undo",),
    "liangding.flows.insurance": (),
    "liangding.flows.money": ("liangding.receipts.money",),
    "liangding.flows.outpatient": ("liangding.flows.outpatient.bill",),
    "liangding.flows.outpatient_undo": ("liangding.flows.outpatient.undo", "liangding.flows.outpatient.partial"),
    "liangding.flows.pharmacy": (
        "liangding.flows.pharmacy.purchase",
        "liangding.flows.pharmacy.refund",
        "liangding.flows.pharmacy.goods",
    ),
    "liangding.flows.questions": ("liangding.contract.questions",),
    "liangding.flows.recorded": (),
    "liangding.flows.slips": ("liangding.receipts.slips",),
    "liangding.flows.statements": ("liangding.receipts.statements", "liangding.receipts.gathering"),
    "liangding.flows.storing": ("liangding.workflow.storing",),
    "liangding.hookspecs": ("liangding.contract.hookspecs",),
    "liangding.identity.ecredentials": ("liangding.contract.credentials",),
    "liangding.intake.tables": ("liangding.files.tables",),
    "liangding.interfaces": ("liangding.knowledge.interfaces", "liangding.contract.hookspecs"),
    "liangding.journal.chain": (),
    "liangding.journal.owners": ("liangding.journal.presence",),
    "liangding.journal.records": ("liangding.journal.states",),
    "liangding.keeper": ("liangding.jobs.keeper",),
    "liangding.national.self_pay": (),
    "liangding.plugins": ("liangding.knowledge.plugins",),
    "liangding.recording": ("liangding.config.recording",),
    "liangding.region": ("liangding.contract.region",),
    "liangding.secrets": ("liangding.config.secrets",),
    "liangding.resolution.cases": ("liangding.contract.cases",),
    "liangding.resolution.hospital": ("liangding.national.meaning",),
    "liangding.resolution.national": ("liangding.national.meaning",),
    "liangding.resolution.resolver": (),
    "liangding.seen": ("liangding.knowledge.regions",),
    "liangding.spec.leaves": ("liangding.clock",),
    "liangding.support": ("liangding.rollout.support",),
    "liangding.flows.undoing": ("liangding.calls.answers",),
    "liangding.uploads.kinds": ("liangding.national.meaning",),
}
"""Old module → the modules that hold its names now, in the order in which they are looked at. An old name may still be
that of a module or package: then it is what that does not have itself that is looked for elsewhere."""

_DECLARED = (
    "what a transaction does is asked of its declaration: runtime.interfaces[infno].does and .of (liangding.spec)"
)
_REGIONAL = "it is declared by its region's plugin now, taken by its number: runtime.interfaces[infno] (liangding)"
_VERIFIED = (
    "a journal is verified as a whole, whatever its format: Journal.verify() (from liangding.journal import Journal)"
)
_WORDS = "what the platform's words mean is asked of liangding.national.meaning"

_OF_ONE_REGION = (
    "QueryMismatches", "QueryMismatchesRow", "ReconcileFees", "ReconcileFeesAnswer", "UploadWhole",
    "UploadWholeDiagnosis", "UploadWholeFeeRow", "UploadWholeVisit",
)  # fmt: skip

GONE: Mapping[tuple[str, str], str] = {
    **dict.fromkeys((("liangding.national.self_pay", name) for name in _OF_ONE_REGION), _REGIONAL),
    **dict.fromkeys(
        (("liangding.flows.recorded", n) for n in ("CANCELS", "SETTLES", "UPLOADS", "WITHDRAWS")), _DECLARED
    ),
    ("liangding.classify", "PERHAPS_DONE"): f"{_WORDS}: perhaps_done(refusal)",
    ("liangding.classify", "SIGN_IN_EXPIRED"): f"{_WORDS}: sign_in_expired(refusal)",
    **dict.fromkeys(
        (("liangding.flows.statements", n) for n in ("CANCELLATIONS", "SETTLEMENTS", "UPLOADS")), _DECLARED
    ),
    (
        "liangding.flows.insurance",
        "ACCOUNT_INSURANCE",
    ): "which insurances have an account is the region's: Region.accounts (from liangding.contract import Region)",
    (
        "liangding.flows.recorded",
        "standing_settlements",
    ): "from liangding.flows.recorded import settlements_on_platform: its .standing",
    ("liangding.flows.statements", "ALL"): "from liangding.national.meaning import EVERYTHING",
    ("liangding.flows.statements", "REFUNDED"): "from liangding.national.meaning import REFUNDED",
    **dict.fromkeys((("liangding.journal.chain", name) for name in ("DIGESTED", "LINKED", "verify")), _VERIFIED),
    ("liangding.resolution.cases", "NOTHING_FOUND"): f"{_WORDS}: found_nothing(refusal)",
    ("liangding.resolution.resolver", "NOT_FOUND"): f"{_WORDS}: knows_no_message(refusal)",
    ("liangding.resolution.hospital", "ALL"): "from liangding.national.meaning import EVERYTHING",
    ("liangding.resolution.hospital", "batch_cancelled"): "from liangding.resolution.hospital import fees_cancelled",
    ("liangding.resolution.hospital", "rows_cancelled"): "from liangding.resolution.hospital import fees_cancelled",
    ("liangding.resolution.national", "settlement_of_person"): "from liangding.resolution.national import settlement",
    ("liangding.resolution.national", "settlement_of_visit"): "from liangding.resolution.national import settlement",
}
"""Old module and name of what is there no more → what to write instead."""


RENAMED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("liangding.flows.inpatient", "SCOPE"): ("liangding.flows.settling", "SCOPE"),
    ("liangding.flows.slips", "masked"): ("liangding.privacy", "masked_name"),
    ("liangding.receipts.slips", "masked"): ("liangding.privacy", "masked_name"),
    ("liangding.journal.records", "UNSETTLED"): ("liangding.journal.states", "PENDING"),
    ("liangding.flows.questions", "Kind"): ("liangding.contract.questions", "AnswerKind"),
    ("liangding.resolution.national", "NATIONAL"): ("liangding.resolution.ways", "NATIONAL"),
    ("liangding.resolution.cases", "Case"): ("liangding.resolution.cases", "OpenCase"),
    ("liangding.acceptance.keeping", "Kept"): ("liangding.acceptance.keeping", "ScenarioRecord"),
    ("liangding.acceptance.keeping", "State"): ("liangding.acceptance.keeping", "RunRecord"),
    ("liangding.acceptance.printing", "CannotWrite"): ("liangding.acceptance.printing", "FormNotWritten"),
    ("liangding.calls.keying", "Before"): ("liangding.calls.keying", "UnderKey"),
    ("liangding.calls.sending", "Request"): ("liangding.calls.sending", "NumberedEnvelope"),
    ("liangding.catalogue.asking", "Asked"): ("liangding.catalogue.asking", "KnownAnswer"),
    ("liangding.catalogue.finding", "Found"): ("liangding.catalogue.finding", "FoundRow"),
    ("liangding.catalogue.shelf", "Kept"): ("liangding.catalogue.shelf", "KeptAnswer"),
    ("liangding.catalogue.shelf", "Standing"): ("liangding.catalogue.shelf", "ShelfStanding"),
    ("liangding.catalogue.syncing", "Step"): ("liangding.catalogue.syncing", "SyncStep"),
    ("liangding.checks.settlement", "Broken"): ("liangding.checks.settlement", "BrokenIdentity"),
    ("liangding.checks.settlement_list_facts", "Place"): ("liangding.checks.settlement_list_facts", "ListPlace"),
    ("liangding.checks.settlement_list_kinds", "Asked"): ("liangding.checks.settlement_list_kinds", "RuleCase"),
    ("liangding.checks.settlement_list_kinds", "Rule"): ("liangding.checks.settlement_list_kinds", "ListRule"),
    ("liangding.cli.demo.hospital", "Outpatient"): ("liangding.cli.demo.hospital", "OutpatientDemo"),
    ("liangding.cli.slipping", "CannotWrite"): ("liangding.cli.slipping", "SlipNotWritten"),
    ("liangding.files.reading", "Row"): ("liangding.files.reading", "FileRow"),
    ("liangding.flows.auditing", "Finding"): ("liangding.flows.auditing", "AuditFinding"),
    ("liangding.flows.inpatient.undo", "Level"): ("liangding.flows.inpatient.undo", "StayUndoLevel"),
    ("liangding.flows.inpatient.undo", "UndoGiven"): ("liangding.flows.inpatient.undo", "StayUndoGiven"),
    ("liangding.flows.inpatient.undo", "UndoState"): ("liangding.flows.inpatient.undo", "StayUndoState"),
    ("liangding.flows.online.orders", "Order"): ("liangding.flows.online.orders", "PaymentOrder"),
    ("liangding.flows.online.refund", "WithdrawalGiven"): ("liangding.flows.online.refund", "OrderWithdrawalGiven"),
    ("liangding.flows.online.refund", "WithdrawalState"): ("liangding.flows.online.refund", "OrderWithdrawalState"),
    ("liangding.flows.outpatient.undo", "Level"): ("liangding.flows.outpatient.undo", "VisitUndoLevel"),
    ("liangding.flows.outpatient.undo", "UndoGiven"): ("liangding.flows.outpatient.undo", "VisitUndoGiven"),
    ("liangding.flows.outpatient.undo", "UndoState"): ("liangding.flows.outpatient.undo", "VisitUndoState"),
    ("liangding.identity.scenarios", "Scenario"): ("liangding.identity.scenarios", "UseScenario"),
    ("liangding.intake.folder", "Asked"): ("liangding.intake.folder", "FolderRequest"),
    ("liangding.intake.folder", "BadFile"): ("liangding.intake.folder", "BadRequestFile"),
    ("liangding.intake.importing", "Result"): ("liangding.intake.importing", "BillResult"),
    ("liangding.journal.finding", "Finding"): ("liangding.journal.finding", "JournalReading"),
    ("liangding.journal.heads", "Head"): ("liangding.journal.heads", "KeptHead"),
    ("liangding.journal.records", "Call"): ("liangding.journal.records", "CallRecord"),
    ("liangding.journal.settling", "Settled"): ("liangding.journal.settling", "SettledColumns"),
    ("liangding.journal.store", "Head"): ("liangding.journal.store", "ChainHead"),
    ("liangding.journal.subjects", "Subject"): ("liangding.journal.subjects", "LinkedSubject"),
    ("liangding.journal.vault", "Unreadable"): ("liangding.journal.vault", "UnreadableValue"),
    ("liangding.kit.conformance", "Ends"): ("liangding.kit.conformance", "RunEnds"),
    ("liangding.kit.conformance", "Verdict"): ("liangding.kit.conformance", "RuleVerdict"),
    ("liangding.kit.rules", "Rule"): ("liangding.kit.rules", "KitRule"),
    ("liangding.kit.subject", "Record"): ("liangding.kit.subject", "AuthorsRecord"),
    ("liangding.kit.subject", "Subject"): ("liangding.kit.subject", "PluginAtTest"),
    ("liangding.knowledge.comparing", "Difference"): ("liangding.knowledge.comparing", "RegionDifference"),
    ("liangding.knowledge.interfaces", "Recorded"): ("liangding.knowledge.interfaces", "RecordedNumber"),
    ("liangding.knowledge.regions", "Seen"): ("liangding.knowledge.regions", "SeenMessages"),
    ("liangding.notices.receiving", "Received"): ("liangding.notices.receiving", "ReceivedNotice"),
    ("liangding.receipts.money", "Settled"): ("liangding.receipts.money", "SettledMoney"),
    ("liangding.reconciliation.asking", "Platform"): ("liangding.reconciliation.asking", "PlatformPeriod"),
    ("liangding.reconciliation.asking", "Result"): ("liangding.reconciliation.asking", "TheirRow"),
    ("liangding.reconciliation.causes", "Action"): ("liangding.reconciliation.causes", "SafeAction"),
    ("liangding.reconciliation.comparing", "Kind"): ("liangding.reconciliation.comparing", "DifferenceKind"),
    ("liangding.reconciliation.lines", "Line"): ("liangding.reconciliation.lines", "SettlementLine"),
    ("liangding.reconciliation.report", "CannotWrite"): ("liangding.reconciliation.report", "ReportNotWritten"),
    ("liangding.rollout.doctor", "Finding"): ("liangding.rollout.doctor", "HealthFinding"),
    ("liangding.server.frame", "TooLarge"): ("liangding.server.frame", "BodyTooLarge"),
    ("liangding.simulator.arithmetic", "Item"): ("liangding.simulator.arithmetic", "PricedItem"),
    ("liangding.simulator.benefits", "Terms"): ("liangding.simulator.benefits", "BenefitTerms"),
    ("liangding.simulator.chapters.audit", "Broken"): ("liangding.simulator.chapters.audit", "BrokenRule"),
    ("liangding.simulator.chapters.audit", "Rule"): ("liangding.simulator.chapters.audit", "AuditRule"),
    ("liangding.simulator.chapters.orders", "Order"): ("liangding.simulator.chapters.orders", "FiledOrder"),
    ("liangding.simulator.chapters.records", "Held"): ("liangding.simulator.chapters.records", "HeldRecords"),
    ("liangding.simulator.chapters.self_pay", "Held"): ("liangding.simulator.chapters.self_pay", "HeldSelfPay"),
    ("liangding.simulator.faults", "Rule"): ("liangding.simulator.faults", "FaultRule"),
    ("liangding.simulator.people", "Cover"): ("liangding.simulator.people", "Insurance"),
    ("liangding.simulator.platform", "Platform"): ("liangding.simulator.platform", "SimulatedPlatform"),
    ("liangding.simulator.world", "Effect"): ("liangding.simulator.world", "DoneEffect"),
    ("liangding.simulator.world", "Finding"): ("liangding.simulator.world", "AuditEntry"),
    ("liangding.simulator.world", "Registration"): ("liangding.simulator.world", "FiledRegistration"),
    ("liangding.simulator.world", "Settlement"): ("liangding.simulator.world", "LedgerEntry"),
    ("liangding.simulator.world", "Token"): ("liangding.simulator.world", "GivenToken"),
    ("liangding.simulator.world", "Visit"): ("liangding.simulator.world", "LedgerVisit"),
    ("liangding.spec.amending", "Table"): ("liangding.spec.amending", "AmendedTable"),
    ("liangding.torture.faults", "Rule"): ("liangding.torture.faults", "WhatHolds"),
    ("liangding.torture.his", "Stage"): ("liangding.torture.his", "FlowStage"),
    ("liangding.torture.run", "Outcome"): ("liangding.torture.run", "RunOutcome"),
    ("liangding.torture.troubles", "Kind"): ("liangding.torture.troubles", "TroubleKind"),
    ("liangding.torture.troubles", "Sending"): ("liangding.torture.troubles", "TroubleWitness"),
    ("liangding.uploads.records", "Upload"): ("liangding.uploads.records", "QueuedUpload"),
    ("liangding.wire.secured", "Opened"): ("liangding.wire.secured", "OpenedEnvelope"),
    ("liangding.wire.sign_explaining", "Explained"): ("liangding.wire.sign_explaining", "ExplainedSignature"),
    ("liangding.workflow.engine", "Flows"): ("liangding.workflow.engine", "FlowEngine"),
    ("liangding.workflow.rows", "Row"): ("liangding.workflow.rows", "FlowPlan"),
    ("liangding.identity", "Scenario"): ("liangding.identity", "UseScenario"),
    ("liangding.journal", "Call"): ("liangding.journal", "CallRecord"),
    ("liangding.simulator", "Platform"): ("liangding.simulator", "SimulatedPlatform"),
    ("liangding.torture", "Outcome"): ("liangding.torture", "RunOutcome"),
    ("liangding.flows.insurance", "offsite_fields"): ("liangding.flows.insurance", "papers"),
}
"""Old module and name of what is called otherwise now → its module and name."""

_RENAMING = frozenset(module for module, _ in RENAMED)


def find_moved(module: str, name: str) -> Any:
    """What was called ``name`` in ``module``. AttributeError, with what to write instead, where it is no more."""
    if (module, name) in GONE:
        raise AttributeError(f"{module}.{name} is no more: {GONE[module, name]}")
    from importlib import import_module

    if (module, name) in RENAMED:
        place, renamed = RENAMED[module, name]
        _warn(module, name, place, renamed)
        return getattr(import_module(place), renamed)
    for place in MOVED.get(module, ()):
        held = import_module(place)
        if name == "__all__":
            return [each for each in dir(held) if not each.startswith("_")]
        if not name.startswith("__") and hasattr(held, name):
            _warn(module, name, place, name)
            return getattr(held, name)
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


def _warn(module: str, old: str, place: str, name: str) -> None:
    import warnings

    best = next((p for p in PUBLISHED if name in getattr(sys.modules.get(p), "__all__", ())), place)
    text = f"{module}.{old} stands elsewhere now: from {best} import {name}"
    warnings.warn(text, DeprecationWarning, stacklevel=4)


_CHAPTER = "liangding.national."
"""A chapter that is not there was a region's, and stands in its plugin."""


class _OldModule:
    """The loader of a module that is no more; for one that is still there, what gives it the names that left it."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        own = vars(module).get("__getattr__")

        def named(name: str) -> Any:
            if own is not None:
                try:
                    return own(name)
                except AttributeError:
                    pass
            return find_moved(module.__name__, name)

        module.__getattr__ = named  # type: ignore[method-assign]


class MovedFinder:
    """The import system's way to :data:`MOVED`."""

    @staticmethod
    def find_spec(fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        if fullname not in MOVED and fullname not in _RENAMING:
            if fullname.startswith(_CHAPTER) and PathFinder.find_spec(fullname, path, target) is None:
                raise ModuleNotFoundError(f"{fullname} is no more: {_REGIONAL}", name=fullname)
            return None
        old, spec = _OldModule(), PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            package = any(each.startswith(f"{fullname}.") for each in MOVED)
            return ModuleSpec(fullname, old, is_package=package)  # type: ignore[arg-type]
        load = spec.loader.exec_module

        def load_both(module: ModuleType) -> None:
            load(module)
            old.exec_module(module)

        spec.loader.exec_module = load_both  # type: ignore[method-assign]
        return spec


def keep_old_names() -> None:
    """Let old imports work from now on."""
    if MovedFinder not in sys.meta_path:
        sys.meta_path.insert(0, MovedFinder)
