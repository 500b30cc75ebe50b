"""The money core as a machine: one business key, its attempts, the line, doubt, processes taken for dead, the resolver,
2601, the watch, a person.

:func:`moves` says what may happen next in a world; a :class:`Design` says how ours goes about it, or how it went about
it before a fault was mended. Time is left out: whatever may happen at some time may happen at any time, so that what
holds here holds for every length of every wait; that what is late comes while it is still watched is assumed.

The checker is minicheck: a shortest trace for what fails, the machine stays Python, so that the journal's own table and
the journals of real runs can be held against it. (TLC says the same of the same machine and takes two seconds, but its
machine is a text of its own that nothing ties to the code.)
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

from minicheck import Protocol

ATTEMPTS = 2
ASKS, FAULTS = 3, 1
"""How often the till asks, and how often a process falls silent or dies."""

NOT_THERE = ("absent", "reversed")
REPEATABLE = ("refused", *NOT_THERE)


class Design(NamedTuple):
    """How the core goes about it; each entry is a rule that was, or could be, broken."""

    late_answer_needs_its_key: bool = True
    late_answer_yields_to_a_reversal: bool = True
    doubt_is_unknown: bool = True
    watches: bool = True
    key_sees_unknown: bool = True
    decides_only_when_still: bool = True
    finishes_by_the_record: bool = True
    reads_again_before_sending: bool = True
    looks_after_a_refusal: bool = True


class Attempt(NamedTuple):
    """One call under the key. ``state`` is the journal's (empty: not recorded), ``why`` its resolution; ``request`` is
    recorded, on the line, or gone; ``effect`` 1 stands on the platform, 2 was taken back; ``looked``: the one
    look after a refusal was taken."""

    state: str = ""
    why: str = ""
    request: str = ""
    effect: int = 0
    answer: str = ""
    caller: str = ""
    reversal: str = ""
    absences: int = 0
    looked: bool = False


class World(NamedTuple):
    """Everything at one moment. ``told`` is what the till believes: nothing known (empty), ``nothing`` stands, or the
    number of the attempt that settled it; ``changed``: the program or its settings did; ``wrong``: something that must
    never happen did."""

    attempts: tuple[Attempt, ...] = (Attempt(),) * ATTEMPTS
    key: int = -1
    told: str = ""
    asks: int = ASKS
    faults: int = FAULTS
    changed: bool = False
    wrong: str = ""


class Event(NamedTuple):
    """What the journal would write down of a move."""

    attempt: int
    kind: str
    before: str
    after: str


class Move(NamedTuple):
    """Something that may happen: in words, what is then, what the journal says of it; ``outside``: it need never
    happen (the till asks no more, nothing fails, no person comes)."""

    label: str
    world: World
    event: Event | None = None
    outside: bool = False


def moves(world: World, design: Design) -> Iterator[Move]:
    """Everything that may happen next."""
    yield from _till(world, design)
    if not world.changed and world.key >= 0:
        yield Move("the program or its settings change", world._replace(changed=True), outside=True)
    for i, attempt in enumerate(world.attempts):
        if attempt.state:
            yield from _line(world, i, design)
            yield from _reversal(world, i)
            yield from _caller(world, i, design)
            yield from _resolver(world, i, design)


def _with(world: World, i: int, **changes: Any) -> World:
    attempts = list(world.attempts)
    attempts[i] = attempts[i]._replace(**changes)
    return world._replace(attempts=tuple(attempts))


def _moved(label: str, world: World, i: int, kind: str, state: str, *, outside: bool = False, **changes: Any) -> Move:
    """The attempt's state changes, and the journal says so."""
    event = Event(i, kind, world.attempts[i].state, state)
    settled = {"why": "", "absences": 0} if state != "unknown" else {}
    return Move(label, _with(world, i, **settled | {"state": state} | changes), event, outside)


def _alone(world: World, i: int) -> bool:
    """Whether the key still points to the attempt, and nothing else stands or may stand under it."""
    others = (a.state for j, a in enumerate(world.attempts) if j != i)
    return world.key == i and not any(state in ("open", "unknown", "accepted") for state in others)


# -- the till ----------------------------------------------------------------------------------------------------------


def _till(world: World, design: Design) -> Iterator[Move]:
    """The institution's software asks under the one key."""
    if not world.asks:
        return
    asked = world._replace(asks=world.asks - 1)
    i = _pointed(world)
    if i < 0:
        yield _recorded(asked, 0)
        return
    held = world.attempts[i]
    if held.state not in REPEATABLE and world.changed and not design.finishes_by_the_record:
        yield Move("the till asks; the message would be another one: stopped", asked._replace(told="nothing"))
    elif held.state == "accepted":
        yield Move(f"the till asks: settled by attempt {i + 1}", asked._replace(told=str(i)), outside=True)
    elif held.state == "unknown" and not design.key_sees_unknown and world.key + 1 < ATTEMPTS:
        yield _recorded(asked, world.key + 1)
    elif held.state in REPEATABLE:
        looks = held.state != "refused" or design.looks_after_a_refusal
        if looks and held.effect == 1 and _alone(world, i):
            label = f"the till asks; attempt {i + 1} is there by now: the answer"
            yield _moved(label, asked._replace(told=str(i)), i, "appeared", "accepted", outside=True)
        if world.key + 1 < ATTEMPTS and (
            held.state == "refused" or not (looks and held.effect == 1 and _alone(world, i))
        ):
            yield _recorded(
                asked, world.key + 1
            )  # queries lag: what was refused just now may stand and not be seen yet
        if held.state == "refused" and looks:
            label = f"the till asks; nothing proves the refusal of attempt {i + 1}, and the platform does not tell"
            yield _moved(label, asked._replace(told=""), i, "doubted", "unknown", outside=True)


def _pointed(world: World) -> int:
    """The attempt that answers for the key."""
    if world.key < 0:
        return -1
    if world.attempts[world.key].state in REPEATABLE:
        for i in range(world.key - 1, -1, -1):
            if world.attempts[i].state not in REPEATABLE:
                return i
    return world.key


def _recorded(world: World, i: int) -> Move:
    fresh = _with(world._replace(key=i, told=""), i, request="recorded", caller="works")
    return _moved(f"the till asks; attempt {i + 1} is recorded", fresh, i, "recorded", "open", outside=True)


# -- the line ----------------------------------------------------------------------------------------------------------


def _line(world: World, i: int, design: Design) -> Iterator[Move]:
    attempt, name = world.attempts[i], f"attempt {i + 1}"
    if attempt.request == "recorded" and attempt.caller == "works":
        if attempt.state != "open" and design.reads_again_before_sending:
            yield Move(f"{name} was given up meanwhile: not sent", _with(world, i, request="gone", caller="gone"))
        else:
            wrong = "" if attempt.state == "open" else "sent although given up"
            yield Move(f"{name} is sent", _with(world, i, request="line")._replace(wrong=world.wrong or wrong))
    if attempt.request != "line":
        return
    for effect, said in ((1, "yes"), (1, "doubt"), (1, "lie"), (1, ""), (0, "no"), (0, "")):
        if attempt.caller == "gone" and said:
            continue
        done = "settles" if effect else "refuses"
        back = {"yes": "says so", "no": "says so", "": "its answer is lost"}.get(said, f"a {said} comes back")
        yield Move(
            f"the platform {done} {name}, {back}", _with(world, i, request="gone", effect=effect, answer=said)
        )  # fmt: skip
    yield Move(f"the request of {name} is lost", _with(world, i, request="gone"))
    if attempt.caller != "gone" and not attempt.answer:
        yield Move(
            f"a doubt comes back while {name} is still on its way", _with(world, i, answer="doubt"), outside=True
        )  # fmt: skip


def _reversal(world: World, i: int) -> Iterator[Move]:
    """A 2601 on its way arrives or is lost, whatever the journal thinks of it."""
    attempt, name = world.attempts[i], f"attempt {i + 1}"
    if attempt.reversal == "line":
        effect = 2 if attempt.effect == 1 else attempt.effect
        yield Move(f"the 2601 for {name} arrives", _with(world, i, reversal="answered", effect=effect))
        yield Move(f"the 2601 for {name} arrives, its answer is lost", _with(world, i, reversal="over", effect=effect))
        yield Move(f"the 2601 for {name} is lost", _with(world, i, reversal="over"))


# -- the process that made the call ------------------------------------------------------------------------------------


def _caller(world: World, i: int, design: Design) -> Iterator[Move]:
    attempt, name = world.attempts[i], f"attempt {i + 1}"
    if attempt.caller == "silent":
        yield Move(f"the process of {name} wakes", _with(world, i, caller="works"))
    if world.faults and attempt.caller == "works":
        less = world._replace(faults=world.faults - 1)
        yield Move(f"the process of {name} falls silent", _with(less, i, caller="silent"), outside=True)
        gone = "gone" if attempt.request == "recorded" else attempt.request
        dead = _with(less, i, caller="gone", answer="", request=gone)
        yield Move(f"the process of {name} dies", dead, outside=True)
    if attempt.caller != "works" or attempt.request == "recorded":
        return
    over = _with(world, i, caller="gone", answer="")
    if attempt.answer:
        yield _heard(over, i, attempt, design)
    elif attempt.state == "open":
        yield _moved(f"{name} is waited for no longer: unknown", over, i, "ended", "unknown")
    else:
        yield Move(f"{name} is waited for no longer", over)


def _heard(over: World, i: int, attempt: Attempt, design: Design) -> Move:
    """The caller reads what came back, and writes it down."""
    name, said = f"attempt {i + 1}", attempt.answer
    refuses = said in ("no", "lie") or (said == "doubt" and not design.doubt_is_unknown)
    if said == "yes":
        return _heard_yes(over, i, attempt, design)
    if refuses and attempt.state == "open":
        told = over._replace(told="nothing")
        return _moved(f"{name} is told as refused ({said})", told, i, "ended", "refused")
    if refuses and attempt.state == "unknown" and said == "no" and attempt.why == "":
        told = over._replace(told="nothing")
        return _moved(f"{name}'s refusal comes late", told, i, "answered_late", "refused")
    if attempt.state == "open":
        return _moved(f"{name} is unknown ({said})", over, i, "ended", "unknown")
    return Move(f"{name}'s {said} comes late, and is only noted", over)


def _heard_yes(over: World, i: int, attempt: Attempt, design: Design) -> Move:
    name, told = f"attempt {i + 1}", over._replace(told=str(i))
    if attempt.state == "open":
        return _moved(f"{name} is accepted, the till is told", told, i, "ended", "accepted")
    undisturbed = attempt.why == "" and not (attempt.reversal and design.late_answer_yields_to_a_reversal)
    if attempt.state == "unknown" and undisturbed and (_alone(over, i) or not design.late_answer_needs_its_key):
        return _moved(f"{name}'s late answer is accepted, the till is told", told, i, "answered_late", "accepted")
    if attempt.state == "absent" and not design.late_answer_needs_its_key:
        return _moved(f"{name}'s late answer is accepted, the till is told", told, i, "answered_late", "accepted")
    if attempt.state == "absent":
        return _moved(f"{name}'s answer comes late: to be taken back", over, i, "came_late", "unknown", why="late")
    return Move(f"{name}'s answer comes late, and is only noted", over)


# -- recovery, the resolver, the watch, a person -----------------------------------------------------------------------


def _resolver(world: World, i: int, design: Design) -> Iterator[Move]:
    attempt, name = world.attempts[i], f"attempt {i + 1}"
    if attempt.state == "open" and attempt.caller != "works":
        yield _moved(f"the process of {name} is taken for dead: unknown", world, i, "orphaned", "unknown")
    if attempt.state == "unknown" and attempt.why == "":
        yield from _asked(world, i)
    elif attempt.why == "reversing":
        yield from _reversing(world, i, design)
    elif attempt.why == "late":
        yield _moved(f"{name} came late: taken back", world, i, "resolved", "reversed", effect=2 * bool(attempt.effect))
    yield from _watch(world, i, design)


def _watch(world: World, i: int, design: Design) -> Iterator[Move]:
    """What is not there is looked at again and again, what was refused once."""
    attempt, name = world.attempts[i], f"attempt {i + 1}"
    once = attempt.state == "refused" and design.looks_after_a_refusal and not attempt.looked
    if once and attempt.effect != 1:
        yield Move(f"one look after the refusal of {name}: not there", _with(world, i, looked=True))
    if (once or (attempt.state in NOT_THERE and design.watches)) and attempt.effect == 1:
        yield _moved(f"the watch finds {name}: late", world, i, "reopened", "unknown", why="late", absences=0)


def _asked(world: World, i: int) -> Iterator[Move]:
    attempt, name = world.attempts[i], f"attempt {i + 1}"
    if attempt.effect == 1:
        yield _moved(f"{name} is found on the platform: accepted", world, i, "resolved", "accepted")
        if _alone(world, i):
            yield _moved(f"a person accepts {name}", world, i, "decided", "accepted", outside=True)
    elif not attempt.absences:
        yield Move(f"{name} is not there at the first look", _with(world, i, absences=1))
    else:
        yield _moved(f"{name} is not there at the second look: absent", world, i, "resolved", "absent")
        yield _moved(f"a person says that {name} is absent", world, i, "decided", "absent", outside=True)
    if not attempt.reversal:
        label = f"a 2601 for {name} is on its way"
        yield Move(label, _with(world, i, why="reversing", reversal="line"), outside=True)


def _reversing(world: World, i: int, design: Design) -> Iterator[Move]:
    attempt, name = world.attempts[i], f"attempt {i + 1}"
    if attempt.reversal == "line":
        if attempt.effect == 1 and not design.decides_only_when_still:
            label = f"a person accepts {name} while the 2601 is on its way"
            yield _moved(label, world, i, "decided", "accepted", outside=True)
    elif attempt.reversal == "answered" and attempt.effect != 1:
        yield _moved(f"{name} is reversed", world, i, "resolved", "reversed", reversal="over")
    else:
        yield Move(f"the 2601 for {name} can take effect no more", _with(world, i, why="", reversal="over"))


# -- what has to hold --------------------------------------------------------------------------------------------------


def at_rest(world: World, design: Design) -> bool:
    """Whether nothing has to happen any more."""
    return all(move.outside for move in moves(world, design))


def _standing(world: World) -> list[str]:
    return [str(i) for i, attempt in enumerate(world.attempts) if attempt.effect == 1]


def never_wrong(world: World) -> bool:
    """Nothing is sent that was given up, and the journal never holds two settlements of one key."""
    return not world.wrong and sum(a.state == "accepted" for a in world.attempts) < 2


def one_or_none(world: World) -> bool:
    """At most one settlement stands, and it is the one that the journal holds."""
    return _standing(world) == [str(i) for i, a in enumerate(world.attempts) if a.state == "accepted"]


def the_truth_was_told(world: World) -> bool:
    """What the till was told stands; where it was told that nothing does, nothing does."""
    return not world.told or _standing(world) == ([] if world.told == "nothing" else [world.told])


def nothing_is_left(world: World) -> bool:
    """No call is open or unknown."""
    return all(attempt.state not in ("open", "unknown") for attempt in world.attempts)


def protocol(design: Design, name: str = "money") -> Protocol:
    """The machine, as the checker takes it."""

    rests = functools.lru_cache(1)(lambda world: at_rest(world, design))

    def resting(rule: Any) -> Any:
        return lambda d: not rests(d["world"]) or rule(d["world"])

    return Protocol(
        name=name, candidate=False, fields=("world",), initial=(World(),),
        transitions=lambda state: [(move.label, (move.world,)) for move in moves(state[0], design)],
        invariants={
            "never wrong": lambda d: never_wrong(d["world"]),
            "one or none": resting(one_or_none),
            "the truth was told": resting(the_truth_was_told),
            "nothing is left": resting(nothing_is_left),
        },
    )  # fmt: skip
