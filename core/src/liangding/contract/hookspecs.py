"""The contract with plugins: everything that a province or a device may add, and when it is asked.

A plugin is a module (or object) with functions marked :data:`hookimpl`, found by the entry-point group ``liangding``
and enabled by a deployment file. The hooks below are asked once, when a deployment starts, unless they say
otherwise. Beside them every interface is a hook of its own, named chapter and class (``pharmacy_settle`` for 2102):

    @hookimpl(wrapper=True)
    def pharmacy_settle(call: Call) -> Generator[None, Answer, Answer]:
        ...                      # look at call.input, change it, or raise to stop
        answer = yield           # the core checks, records, sends and reads
        ...                      # look at answer.output, call.advise("…") the cashier
        return answer

An interface hook may only wrap: the core is the one that sends. A name that is no hook is an error at start. What is
the same around several interfaces is written once, with their numbers: :func:`around`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pluggy

from ..spec import Amendment
from ..spec.codes import Code
from .region import FixedValues, Region

if TYPE_CHECKING:
    from ..config import Deployment, Spoken
    from ..wire.gateways import Gateway
    from ..wire.replies import GatewayReply, Reply, Unreadable
    from ..wire.transport import Exchange
    from .acceptance import Acceptance
    from .calls import Call, Verdict
    from .cases import Resolution
    from .credentials import Decoded, Decoding
    from .devices import CardChallenge, CardProof, Driver, PasswordRequest
    from .requirements import Requirement
    from .simulation import SimulatedTransaction
    from .steps import Change, Flow

Declared = type | str | Amendment
"""A class made with ``chapter()``; or ``"package.module:Class"``, which is imported when it is first used, the chapter
being named like the module; or what is different in the national transaction (``amends(…)``), made when it is used."""

PROJECT = "liangding"

API = "1.3"
"""The edition of this contract. The second number grows when something is added, the first when something that plugins
rely on is taken away or means another thing. A plugin says ``LIANGDING_API`` what it was written for; one that does not
is taken as written for 1.0."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

F = TypeVar("F", bound=Callable[..., Any])

AROUND = f"{PROJECT}_around"
"""The mark of a function that goes round several interfaces."""


def around(*numbers: str) -> Callable[[F], F]:
    """One wrapper for the interfaces of these transactions, whatever the function's own name:

        @around("2102", "2102A", "2207", "2207A")
        def remind(call: Call) -> Generator[None, Answer, Answer]:
            '个人账户已扣时提醒.'
            ...

    An infno that the deployment does not know, and one whose hook the plugin implements already, is an error at start.
    """

    def mark(function: F) -> F:
        setattr(function, AROUND, numbers)
        return hookimpl(function, wrapper=True)

    return mark


def numbers_around(function: object) -> tuple[str, ...]:
    """The transactions that a function goes round; none for one that is not marked with :func:`around`."""
    return getattr(function, AROUND, ())


class HookSpecs(Protocol):
    """The hooks beside the interfaces."""

    @hookspec(firstresult=True)
    def liangding_region(self, deployment: Deployment) -> Region | None:
        """The region's peculiarities that are data: places, insurances, style, what 2601 may cancel."""

    @hookspec
    def liangding_places(self) -> Mapping[str, str]:
        """The regions that the plugin tells apart, for showing and comparing them: name → the admdvs of an
        institution's place there. The first is the one that the others are cities of, or differ from."""

    @hookspec
    def liangding_transactions(self, deployment: Deployment) -> Mapping[str, Declared]:
        """Extended transactions, and national ones declared anew: infno → a class made with ``chapter()``, or
        ``"package.module:Class"`` of one, which is then imported only when it is used."""

    @hookspec
    def liangding_code_tables(self, deployment: Deployment) -> Mapping[str, Iterable[Code]]:
        """Values that the region adds to code tables: table → values."""

    @hookspec
    def liangding_fixed_values(self, deployment: Deployment) -> FixedValues:
        """Fields that have one value here, whatever the caller says: filled where absent, refused where different.
        What is said for 2102 holds for 2102A as well, unless 2102A says otherwise."""

    @hookspec
    def liangding_spoken(self, deployment: Deployment) -> Mapping[str, Spoken]:
        """Numbers of the region's own that stand for national ones, and in which shape: flows that work with the
        national transaction speak them. A deployment's ``[spoken.NUMBER]`` stands over what is said here."""

    @hookspec
    def liangding_requirements(self, deployment: Deployment) -> Iterable[Requirement]:
        """What the region's documents demand of institutions, whether it works here yet or not: usually
        ``read_requirements(__name__)``. ``liangding requirements`` shows them."""

    @hookspec
    def liangding_acceptance(self, deployment: Deployment) -> Acceptance | None:
        """What the region's acceptance consists of beside the usual scenarios: its own ones, the forms that are handed
        in, those over several institutions (``liangding acceptance``)."""

    @hookspec(firstresult=True)
    def liangding_gateway(
        self, scheme: str, credentials: Mapping[str, str], settings: Mapping[str, Any], deployment: Deployment
    ) -> Gateway | None:
        """The signing scheme of that name, with its credentials; None for a scheme of somebody else's."""

    @hookspec(firstresult=True)
    def liangding_open_answer(self, call: Call[Any], body: bytes) -> bytes | None:
        """Asked for the body of every answer of the platform (status 200), before anything reads it: where the region
        seals answers (``output`` as SM4 text, for example), the answer in clear, as the platform would have sent it.
        None leaves it as it is. What it gives back is what is recorded, so that it should keep the sealed text in it
        where that is the evidence."""

    @hookspec(firstresult=True)
    def liangding_classify(
        self, call: Call[Any], exchange: Exchange, reply: Reply | GatewayReply | Unreadable | None
    ) -> Verdict | None:
        """Asked after every exchange: what this region's answers mean where they differ from the standard. None
        leaves it to the core."""

    @hookspec(firstresult=True)
    def liangding_resolution(self, infno: str, deployment: Deployment) -> Resolution | None:
        """Asked for each unknown outcome: how this region's calls of that transaction are resolved, where it is done in
        another way than those that a declaration may name (``looked_for``, :class:`liangding.spec.LookedFor`)."""

    @hookspec(firstresult=True)
    def liangding_decode_credential(self, asked: Decoding, deployment: Deployment) -> Decoded | None:
        """Asked where the deployment says ``ecredential.by = "driver"``, before its devices are: scan (or take
        ``asked.code``, where the till has scanned) and decode. ``asked.request()`` is the message that the common
        libraries take, :func:`~liangding.contract.credentials.read_decoded` reads what they answer. Raise
        :class:`~liangding.contract.credentials.NotDecoded` where the code is none, or the person shows nothing."""

    @hookspec
    def liangding_device_drivers(self) -> Iterable[Driver]:
        """The kinds of devices that the plugin drives (:class:`liangding.contract.devices.Driver`)."""

    @hookspec(firstresult=True)
    def liangding_enter_password(self, asked: PasswordRequest) -> str | None:
        """Asked where a card's password is to be checked and the caller gave none: the key pad's. Shown to nobody."""

    @hookspec(firstresult=True)
    def liangding_authenticate_card(self, challenge: CardChallenge) -> CardProof | None:
        """Asked where a third-generation card withholds its holder: the way to the centre's encryption machine (加密机)
        where somebody has one."""

    @hookspec
    def liangding_flows(self, deployment: Deployment) -> Iterable[type[Flow[Any]]]:
        """Whole flows of the plugin's own, asked for when flows are first worked with: classes of
        :class:`~liangding.contract.steps.Flow`. A name that another flow has is an error."""

    @hookspec
    def liangding_flow_steps(self, flow: str, deployment: Deployment) -> Iterable[Change]:
        """Asked for each flow by name, when flows are first worked with: what the region changes in its steps. See
        :mod:`liangding.contract.steps`; a step's name that the flow does not have is an error."""

    @hookspec
    def liangding_simulate(self, deployment: Deployment) -> Mapping[str, SimulatedTransaction]:
        """The platform's side of extended transactions, for the simulator: infno → handler."""

    @hookspec
    def liangding_commands(self) -> Iterable[Any]:
        """Commands of the plugin, asked for by ``liangding NAME``, where NAME is what the plugin is installed as:
        cyclopts apps, or functions. They are there as soon as it is installed, whatever a deployment enables."""


def interface_specs(hook_names: Iterable[str]) -> type:
    """A hook specification with one first-result hook for each interface."""
    specs: dict[str, Any] = {}
    for name in hook_names:

        def interface(call: Call[Any]) -> Any:
            """Asked for every call of this interface."""

        interface.__name__ = name
        specs[name] = hookspec(interface, firstresult=True)
    return type("InterfaceSpecs", (), specs)
