"""Records on their way to the platform: taken in at any time, sent one after the other, each until it is there or
refused.

    uploads = Uploads(runtime)
    uploads.add("4501", report, insured_place=place)     # InvalidMessage: nothing is taken in
    uploads.drain()                                       # what is due; a job does it
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from ..calls.preparing import plain
from ..clock import CHINA, in_china
from ..config.windows import Window, next_day
from ..contract.calls import Answer
from ..errors import (
    CallFailed,
    CallRefused,
    HeldBack,
    InProgress,
    InvalidMessage,
    LiangdingError,
    OutcomeUnknown,
)
from ..files.garbling import LOST, twice_encoded
from ..journal.store import Tx
from ..national.meaning import passes_with_time, refused_rows
from ..privacy import logger
from ..runtime import Runtime
from ..spec import Does, Of, Transaction
from ..spec.nodes import members, node_of
from ..spec.problems import Problem, problem
from ..structuring import nearest
from . import kinds
from .kinds import AfterUnknown
from .pausing import UploadPauses, paused_of
from .records import QueuedUpload, UploadRows, UploadState
from .self_pay import VisitTies, closes, taken_back, visit_named, wanting
from .ties import Owed, Ties, setl_ids, tidied

log = logger("uploads")

LOOK_SECONDS, PERSON_LOOK_SECONDS = 120.0, 3600.0
"""Before the journal is asked again what became of a record that nobody knows of: where the platform tells, where a
person does."""


class NotUploaded(LiangdingError):
    """Records of that transaction are not taken in."""

    code = "not_uploaded"
    http_status = 404


class NotWithdrawn(LiangdingError):
    """A record that is on its way, or there, cannot be taken off the list."""

    code = "not_withdrawn"
    http_status = 409


class Uploads:
    """The uploads of one deployment. Several processes on one journal share them."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.settings = runtime.deployment.uploads
        self.rows = UploadRows(runtime.journal, runtime.deployment.institution.code)
        self.ties = Ties(runtime.journal, runtime.deployment.institution.code)
        self.visits = VisitTies(runtime.journal, runtime.deployment.institution.code)
        text = self.settings.window or runtime.region.upload_window
        self.window = Window(text) if text else None
        windows = {} if self.settings.window else runtime.region.upload_windows
        self._windows = {infno: Window(each) for infno, each in windows.items()}

    # -- taken in --------------------------------------------------------------------------------------------------

    def add(
        self, infno: str, message: Any, *, insured_place: str = "", key: str | None = None, day: date | None = None
    ) -> QueuedUpload:
        """Take a record in. ``key`` is the caller's own number of it, else what the record itself is known by;
        ``day`` the day that it is of (the one that it had, else today). Given again as it is, it is the same record;
        with another content, the record is changed, and sent anew where it was sent.

        InvalidMessage with everything that is wrong with it (nothing is taken in); NotUploaded; UploadConflict.
        """
        transaction = self._kind(infno)
        message = tidied(plain(message))
        insured_place = insured_place or self.ties.place(message)
        problems = [
            *kinds.one_patient(transaction, message), *_garbled(message, ("input",)),
            *self.ties.problems(transaction, message),
        ]  # fmt: skip
        try:
            self.runtime.prepare(infno, message, insured_place=insured_place or None)
        except InvalidMessage as wrong:
            problems += wrong.problems
        if insured_place == "" and "psn_no" in dict(kinds.values_of(message)):
            text = "记录中有人员编号，须给出参保地医保区划（insuplc_admdvs）"
            problems.append(problem(("insuplc_admdvs",), "required", text, label="参保地医保区划"))
        if any(each.level == "error" for each in problems):
            raise InvalidMessage(problems)
        name = key or kinds.derived_key(transaction, message)
        if not name or len(name) > kinds.KEY_CHARACTERS:
            text = f"认不出是哪一条记录：给出业务号（key），{kinds.KEY_CHARACTERS} 个字符以内"
            raise InvalidMessage([problem(("key",), "required", text, label="业务号")])
        day = day or self.rows.day_of(infno, name) or self.runtime.now().date()
        now, due = self.runtime.clock.epoch(), self._due(transaction, day)
        number = self.rows.put(
            infno, name, day, message, insured_place, now=now, due_at=due,
            formerly="" if key else kinds.known_by_any(message), once=not key and transaction.does is Does.WITHDRAWS,
            beside=lambda tx, made, changed: self._keep_beside(tx, made, transaction, message, changed=changed),
        )  # fmt: skip
        return self.rows.get(number)

    def _keep_beside(self, tx: Tx, number: int, transaction: Transaction, message: Any, *, changed: bool) -> None:
        self.ties.keep(tx, number, transaction, message, changed=changed)
        self.visits.keep(tx, number, transaction, message)

    def _kind(self, infno: str) -> Transaction:
        if infno not in self._kinds:
            raise NotUploaded(f"{infno} 不是可以上传的记录{nearest(infno, self._kinds)}", path="infno")
        return self.runtime.interfaces[infno]

    def pauses(self) -> UploadPauses:
        """What is stopped, and stops."""
        return UploadPauses(self.runtime.journal, self.runtime.deployment.institution.code)

    def pause(self, infno: str, *, person: str, reason: str) -> None:
        """Send no record of a kind until somebody lets it go on. NotUploaded, NotPaused."""
        self.pauses().pause(self._kind(infno).infno, self.runtime.clock.epoch(), person=person, reason=reason)

    def kinds(self) -> list[str]:
        """What may be uploaded here."""
        return list(self._kinds)

    @functools.cached_property
    def _kinds(self) -> list[str]:
        return kinds.kinds(self.runtime.interfaces)

    def window_of(self, infno: str) -> Window | None:
        """When records of a transaction may go; None where at any time."""
        return self._windows.get(infno, self.window)

    def wanted(self) -> tuple[str, ...]:
        """The uploads that are wanted of this institution, as its deployment says, else the region; empty where nobody
        has said it."""
        region = self.runtime.region.uploads
        return self.settings.wanted or tuple(region.get(self.runtime.deployment.institution.kind, ()))

    def owed(self, day: date) -> list[Owed]:
        """The settlements of a day of which an upload that is wanted is neither there nor on its way."""
        return self.ties.owed(day, self.runtime.interfaces, self.wanted())

    def _due(self, transaction: Transaction, day: date) -> float:
        """When a record may go: one that is collected by the day not before that day is over, or the window opens."""
        now, window = self.runtime.now(), self.window_of(transaction.infno)
        due = window.opens(now) if window is not None else max(now, next_day(day)) if transaction.daily else now
        return due.replace(tzinfo=CHINA).timestamp()

    # -- sent ------------------------------------------------------------------------------------------------------

    def is_due(self) -> bool:
        """Whether any record's time has come that may go now."""
        return self.rows.is_due(self.runtime.clock.epoch(), shut=self._shut(self.runtime.now()))

    def drain(self, *, most: int = 1_000_000) -> int:
        """Send what is due, one record after the other; how many were looked at. Nothing outside its window."""
        done = 0
        while done < most:
            now = self.runtime.now()
            upload = self.rows.take(self.runtime.clock.epoch(), shut=self._shut(now))
            if upload is None:
                break
            self.send(upload)
            done += 1
        return done

    def send_now(self, numbers: Iterable[int]) -> None:
        """Send these records, in this order, of them what is due."""
        for number in numbers:
            upload = self.rows.take(self.runtime.clock.epoch(), shut=self._shut(self.runtime.now()), only=number)
            if upload is not None:
                self.send(upload)

    def _shut(self, now: datetime) -> list[str]:
        """The transactions whose window is not open, and those that somebody stopped."""
        paused = [each.infno for each in paused_of(self.runtime.journal, self.runtime.deployment.institution.code)]
        if self.window is None and not self._windows:
            return paused
        windows = {infno: self.window_of(infno) for infno in self._kinds}
        return paused + [infno for infno, window in windows.items() if window is not None and not window.holds(now)]

    def send(self, upload: QueuedUpload) -> None:
        """Send a record that this process has taken. Whatever comes of it is in its row; nothing is raised for it."""
        if upload.message is None:
            unsent = UploadState.WAITING if upload.call_id is None else UploadState.ASKING
            self._turn(upload, unsent, said=upload.said, pause=self._pause(upload))
            return
        transaction = self.runtime.interfaces[upload.infno]
        again = self.after_unknown(transaction) is AfterUnknown.AGAIN
        against = list(self.ties.problems(transaction, upload.message)) if upload.call_id is None else []
        if against:
            self._turn(upload, UploadState.REFUSED, said=f"未发送：{against[0].message}")
            return
        waits = wanting(self.rows, self.visits, upload) if closes(transaction, upload.message) else ""
        if waits:
            self._turn(upload, UploadState.WAITING, said=f"这次就诊还没有传全：{waits}", pause=LOOK_SECONDS)
            return
        try:
            answer = self.runtime.call(
                upload.infno, upload.message, key=None if again else f"upload:{upload.id}:{upload.version}",
                insured_place=upload.place or None,
            )  # fmt: skip
        except InvalidMessage as wrong:
            self._turn(upload, UploadState.REFUSED, said=f"未发送：{wrong.message}", field=wrong.path)
        except CallRefused as refused:
            self._refused(upload, transaction, refused)
        except OutcomeUnknown as unknown:
            person = self.after_unknown(transaction) is AfterUnknown.PERSON
            state = UploadState.PERSON if person else UploadState.ASKING
            pause = PERSON_LOOK_SECONDS if person else LOOK_SECONDS
            self._turn(upload, state, said=unknown.message, call_id=unknown.call_id, pause=pause)
        except (CallFailed, HeldBack, InProgress, LiangdingError) as failed:
            self._turn(upload, UploadState.WAITING, said=failed.message, pause=self._pause(upload))
        else:
            self._taken(upload, answer)

    def _taken(self, upload: QueuedUpload, answer: Answer[Any]) -> None:
        """A record was taken, whole or in part."""
        refused = refused_rows(answer.output)
        if not refused:
            self._taken_back(upload)
            self._turn(upload, UploadState.DONE, call_id=answer.call_id)
            return
        self.ties.refused(upload.id, [batch for batch, _ in refused])
        said = "；".join(f"批次 {batch}：{why}" for batch, why in refused)
        self._turn(upload, UploadState.PARTLY, said=said, call_id=answer.call_id)

    def _taken_back(self, upload: QueuedUpload) -> None:
        """What a withdrawal took off the platform goes again when it is given again."""
        transaction = self.runtime.interfaces[upload.infno]
        if transaction.does is not Does.WITHDRAWS:
            return
        if transaction.of is Of.LIST:
            lists = (self.rows.get(n) for setl in setl_ids(upload.message) for n in self.ties.of_settlement(setl))
            gone = [each.id for each in lists if self.runtime.interfaces.means(each.infno) == (Does.UPLOADS, Of.LIST)]
        else:
            held = map(self.rows.get, self.visits.numbers(visit_named(upload.message)))
            gone = list(taken_back(transaction, upload.message, held))
        if gone:
            self.rows.taken_back(gone, self.runtime.clock.epoch())

    def after_unknown(self, transaction: Transaction) -> AfterUnknown:
        return kinds.after_unknown(transaction, can_ask=self.runtime.resolver.can_ask(transaction.infno))

    def _refused(self, upload: QueuedUpload, transaction: Transaction, refused: CallRefused) -> None:
        passing = passes_with_time(refused.message) or any(
            word in refused.message for word in self.runtime.region.passing_words
        )
        age = self.runtime.clock.epoch() - upload.made_at
        if passing and age < self.settings.passing_hours * 3600:
            self._turn(upload, UploadState.WAITING, said=refused.message, pause=self._pause(upload))
            return
        field = field_meant(transaction, refused.message)
        self._turn(upload, UploadState.REFUSED, said=refused.message, call_id=refused.call_id, field=field)

    def _pause(self, upload: QueuedUpload) -> float:
        first, longest = self.settings.pauses or self.runtime.region.upload_pauses
        return float(min(first * 2 ** min(upload.attempts - 1, 16), longest))

    def _turn(self, upload: QueuedUpload, state: UploadState, *, pause: float = 0.0, **told: Any) -> None:
        now = self.runtime.clock.epoch()
        due, window = now + pause, self.window_of(upload.infno)
        if pause and window is not None:
            due = window.opens(in_china(due)).replace(tzinfo=CHINA).timestamp()
        if not self.rows.turn(upload, state, now, due_at=due, **told):
            log.warning("upload %d was taken over", upload.id)

    # -- withdrawn -------------------------------------------------------------------------------------------------

    def withdraw(self, number: int) -> QueuedUpload:
        """Take a record that waits or was refused off the list. NotWithdrawn where it is not so any more."""
        self.rows.get(number)
        if not self.rows.withdraw(number, self.runtime.clock.epoch()):
            raise NotWithdrawn(f"{number} 号记录{self.rows.get(number).state.chinese}，撤不下来")
        return self.rows.get(number)


def field_meant(transaction: Transaction, words: str) -> str:
    """The field that a refusal means, as ``node.field``: the longest label or wire name of the input that it holds;
    empty where it holds none."""
    named = [
        (label, f"{member.wire}.{inner.wire}" if member.node else member.wire)
        for member in members(node_of(transaction.input))
        for inner in (members(member.node) if member.node else (member,))
        for label in (inner.label, inner.wire)
        if label and label in words
    ]
    return max(named, key=lambda each: len(each[0]))[1] if named else ""


def _garbled(value: Any, path: tuple[str | int, ...]) -> list[Problem]:
    """Problems where a text was broken on its way here: lost characters, or one that was read in the wrong charset."""
    if isinstance(value, dict):
        return [each for name, inner in value.items() for each in _garbled(inner, (*path, name))]
    if isinstance(value, list):
        return [each for place, inner in enumerate(value) for each in _garbled(inner, (*path, place))]
    if isinstance(value, str) and (any(mark in value for mark in LOST) or twice_encoded(value)):
        return [problem(path, "garbled", "乱码：文字在转换编码时损坏了")]
    return []
