"""The wrappers of an interface, one around the other, and what none of them can do.

What the core comes to is kept where no wrapper reaches it. Of a call that changes something it is what the caller gets,
whatever a wrapper does before it or after it, and the platform gets one message, however often a wrapper sends. A call
that changes nothing is the wrappers' to shape, to repeat and to stop.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import attrs

from ..contract.calls import Answer, Call
from ..errors import CallFailed, LiangdingError, PluginFailed
from ..knowledge.blaming import place
from ..privacy import logger
from ..spec import Problem, Transaction

T = TypeVar("T")

log = logger("hooks")

OWN = (
    "transaction", "deployment", "region", "operator", "key", "flow", "resolves", "meant", "content", "written",
    "carriage",
)  # fmt: skip
"""What of a call is the runtime's, whatever a wrapper makes of it."""

SAID = ("message", "infno", "msgid", "call_id")
"""What of a failure is the core's; a wrapper may say more of the remedy."""


class Implementation(Protocol):
    """What a plugin registered for a hook, as pluggy tells of it."""

    plugin_name: str
    function: Callable[..., Any]
    argnames: Sequence[str]
    wrapper: bool


Wrapper = Generator[None, Answer[Any], Any]


@attrs.frozen
class _Begun:
    """The wrappers that wait for the core, and what came of asking it: ``by`` answered, or failed."""

    wrappers: list[tuple[Implementation, Wrapper]]
    by: Implementation
    answer: Any = None
    failed: BaseException | None = None


@attrs.define(kw_only=True)
class Received:
    """An accepted answer as it is recorded. ``read`` gives what was read of it first, and then reads it anew, so that
    nobody gets to see what somebody else did to it. ``found``: the call was not known to be accepted at first."""

    call_id: int
    first: Answer[Any] | None
    again: Callable[[], Answer[Any]]
    advice: tuple[str, ...] = ()
    found: bool = False

    def read(self) -> Answer[Any]:
        first, self.first = self.first, None
        return first or self.again()


Sending = Callable[[Call[Any]], Received]


class Core(Protocol):
    """What a wrapper's ``call.send`` is. ``raised`` is what the core raised last."""

    raised: BaseException | None

    def __call__(self, call: Call[Any]) -> Answer[Any]: ...


class Freely:
    """The core's part of a call that changes nothing: done as often as a wrapper likes."""

    def __init__(self, send: Sending) -> None:
        self._send = send
        self.raised: BaseException | None = None

    def __call__(self, call: Call[Any]) -> Answer[Any]:
        try:
            return self._send(call).read()
        except BaseException as failed:
            self.raised = failed
            raise


class Once:
    """The core's part of a call that changes something: done once, with the facts that are the runtime's. Asked again
    it says what it came to. ``received`` is given where the journal has the answer already."""

    def __init__(self, call: Call[Any], send: Sending, received: Received | None = None) -> None:
        self._send = send
        self._own = {name: getattr(call, name) for name in OWN}
        self._mutex = threading.Lock()
        self._said: dict[str, Any] = {}
        self.received = received
        self.raised: BaseException | None = None

    def __call__(self, call: Call[Any]) -> Answer[Any]:
        with self._mutex:
            if not self.over:
                self.keep(call)
                try:
                    self.received = self._send(call)
                except BaseException as failed:
                    self.raised = failed
                    self._said = {name: getattr(failed, name, None) for name in SAID}
        if self.received is not None:
            return self.received.read()
        raise self.error()

    def keep(self, call: Call[Any]) -> None:
        """Put back what of a call is the runtime's."""
        for name, value in self._own.items():
            setattr(call, name, value)

    @property
    def over(self) -> bool:
        """Whether the core has come to something."""
        return self.received is not None or self.raised is not None

    def error(self) -> BaseException:
        """What the core raised, as it was."""
        assert self.raised is not None
        if isinstance(self.raised, CallFailed):
            vars(self.raised).update(self._said)
        return self.raised


class Wrappers:
    """The wrappers of one interface. ``implementations`` are pluggy's, the core's among them, in its order."""

    def __init__(self, transaction: Transaction, implementations: Sequence[Any]) -> None:
        self._transaction = transaction
        self._implementations = implementations

    def __bool__(self) -> bool:
        return len(self._implementations) > 1

    def read(self, call: Call[Any], core: Core) -> Answer[Any]:
        """A call that changes nothing: what the outermost wrapper makes of it. PluginFailed where one fails with
        anything but a LiangdingError, or returns no answer."""
        begun = self._begin(call, core)
        answer, failed = begun.answer, begun.failed
        for each, wrapper in reversed(begun.wrappers):
            answer, failed = _resumed(wrapper, answer, failed)
            if failed is None and not isinstance(answer, Answer):
                failed = TypeError("a wrapper returns the answer")
            if failed is not None and failed is not core.raised:
                failed = self._stop(each, failed, "没有改动任何东西")
        if failed is not None:
            raise failed
        return attrs.evolve(answer, advice=_each_once(answer.advice, sentences(call.advice)))

    def change(self, call: Call[Any], core: Once, telling: Telling) -> Answer[Any]:
        """A call that changes something: what the core came to, with what the wrappers advise, and with advice for
        each that failed although it was accepted. ``telling`` goes round what they do when they hear of that."""
        begun = self._begin(call, core)
        if core.received is not None:
            core.received.first = begun.answer or core.received.first
            told = _Told(core.received, self._transaction.name, sentences(call.advice))
            if begun.failed is not None:
                told.faults.append(begun.by.plugin_name)
            with telling(core.received):
                for each, wrapper in reversed(begun.wrappers):
                    core.keep(call)
                    call.advice = []
                    self._tell(each, wrapper, told)
                    told.advice += sentences(call.advice)
            return told.answer()
        failed = begun.failed
        for each, wrapper in reversed(begun.wrappers):
            failed = self._refused(each, wrapper, core, failed)
        if core.received is not None:
            return _Told(core.received, self._transaction.name, sentences(call.advice)).answer()
        assert failed is not None
        raise core.error() if core.raised is not None else failed

    def _begin(self, call: Call[Any], core: Core) -> _Begun:
        """Every wrapper up to its ``yield``, the outermost first, and then the core. What was raised is a plugin's
        (PluginFailed, where it is no LiangdingError), or the core's."""
        begun: list[tuple[Implementation, Wrapper]] = []
        for each in reversed(self._implementations):
            given = [call for _ in each.argnames]
            try:
                if not each.wrapper:
                    return _Begun(begun, each, answer=each.function(*given))
                wrapper = each.function(*given)
                next(wrapper)
            except BaseException as failed:
                ours = failed is core.raised
                return _Begun(begun, each, failed=failed if ours else self._stop(each, failed, "没有发出"))
            begun.append((each, wrapper))
        raise AssertionError("the core answers every interface")

    def _tell(self, each: Implementation, wrapper: Wrapper, told: _Told) -> None:
        """Let a wrapper hear of an accepted call."""
        returned, raised = _resumed(wrapper, told.received.read(), None)
        fault = raised or told.taken(returned)
        if fault is not None:
            told.faults.append(self._blame(each, fault))

    def _refused(
        self, each: Implementation, wrapper: Wrapper, core: Once, failed: BaseException | None
    ) -> BaseException | None:
        """Let a wrapper hear that a call did not come about. It changes that only where the core was not asked."""
        given = core.error() if core.raised is not None else failed
        _, raised = _resumed(wrapper, None, given)
        if raised is given and raised is not None:
            return failed
        if core.received is not None:
            return failed
        fault = raised or RuntimeError("a wrapper answers what the core did not")
        if core.raised is None and isinstance(fault, LiangdingError):
            return fault
        self._blame(each, fault)
        return failed

    def _stop(self, each: Implementation, failed: BaseException, became: str) -> BaseException:
        """What a failure of a plugin is to the caller where nothing was changed."""
        if isinstance(failed, LiangdingError | KeyboardInterrupt):
            return failed
        self._blame(each, failed)
        where = place(failed, each.function)
        text = f"插件 {each.plugin_name} 的 {self._transaction.hook} 出错（{type(failed).__name__}，{where}），{became}"
        stopped = PluginFailed(text, infno=self._transaction.infno)
        stopped.__cause__ = failed
        return stopped

    def _blame(self, each: Implementation, failed: BaseException) -> str:
        """Log a plugin's failure, without what it says: that may be about persons. The plugin's name."""
        where = place(failed, each.function)
        hook, kind = self._transaction.hook, type(failed).__name__
        log.error("plugin %s: %s failed: %s at %s", each.plugin_name, hook, kind, where)
        return each.plugin_name


@attrs.define
class _Told:
    """What the wrappers of an accepted call came to."""

    received: Received
    name: str
    advice: list[str]
    faults: list[str] = attrs.field(factory=list)
    findings: list[Problem] = attrs.field(factory=list)

    def taken(self, returned: Any) -> Exception | None:
        """Take advice and findings from what a wrapper returned. What is wrong with it: of an accepted call nothing
        else can be changed."""
        if not isinstance(returned, Answer):
            return TypeError("a wrapper returns the answer")
        recorded = self.received.read()
        self.received.first = recorded
        try:
            self.advice += sentences(returned.advice)
            self.findings += [each for each in returned.findings if isinstance(each, Problem)]
            altered = (returned.output, returned.body) != (recorded.output, recorded.body)
        except Exception as strange:
            return strange
        return ValueError("the answer of an accepted call was altered") if altered else None

    def answer(self) -> Answer[Any]:
        """The answer as it is recorded, with what is to be said to the till."""
        answer = self.received.read()
        failures = [f"插件 {name} 出错，{self.name}已成立" for name in self.faults]
        advice = _each_once(answer.advice, self.advice, failures)
        return attrs.evolve(answer, advice=advice, findings=_each_once(answer.findings, self.findings))


Telling = Callable[[Received], contextlib.AbstractContextManager[None]]


def sentences(given: Any) -> list[str]:
    """What of ``given`` a till can show."""
    listed = given if isinstance(given, list | tuple) else ()
    return [each.encode(errors="replace").decode() for each in listed if isinstance(each, str)]


def _each_once(*given: Iterable[T]) -> tuple[T, ...]:
    kept: list[T] = []
    kept.extend(each for each in itertools.chain(*given) if each not in kept)
    return tuple(kept)


def _resumed(wrapper: Wrapper, answer: Any, failed: BaseException | None) -> tuple[Any, BaseException | None]:
    """What a wrapper returned, or raised, given the answer or the failure."""
    try:
        if failed is not None:
            wrapper.throw(failed)
        else:
            wrapper.send(answer)
    except StopIteration as ended:
        return ended.value, None
    except BaseException as raised:
        return None, raised
    with contextlib.suppress(BaseException):
        wrapper.close()
    return None, RuntimeError("a wrapper yields once")
