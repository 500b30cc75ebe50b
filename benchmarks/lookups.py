"""Look-ups in a journal of 1,000, 100,000 and 1,000,000 calls, on SQLite and on PostgreSQL, both in memory where the
system has a place for that: the quickest of 30 times of each, with ever other values; and the largest verified, in a
process of its own. ``CALLS=100000`` says how many calls the largest has, ``SIZES="1000 100000"`` which sizes at all,
``STORES=postgresql`` which stores."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from liangding.journal import Journal, State, Vault
from liangding.journal.searching import CallSearch
from liangding.journal.vault import new_secret

from . import bulk
from .journal import postgresql
from .rig import DEPLOYMENT, shared_memory
from .verifying import told, verified

CALLS = int(os.environ.get("CALLS", "1000000"))
SIZES = tuple(map(int, os.environ.get("SIZES", "").split())) or (*(n for n in (1_000, 100_000) if n < CALLS), CALLS)
"""Each a multiple of 1,000."""
STORES = tuple(os.environ.get("STORES", "sqlite postgresql").split())
TIMES = 30
AIM = 3.0
"""The largest journal's time, to the smallest one's; of each the quickest of many, as others use the machine, too."""

SPAN = 100
"""So many calls were made in the time that is looked for."""


def run() -> None:
    for store in STORES:
        took: dict[str, list[float]] = {}
        for size in SIZES:
            with _journal(store) as (config, url, secret):
                journal = Journal(url, Vault(secret))
                began = time.perf_counter()
                bulk.fill(journal, size, size)
                print(f"{store}: {size:,} calls written in {time.perf_counter() - began:.0f} s", flush=True)
                for what, look in looks(journal.of(bulk.OURS), size).items():
                    took.setdefault(what, []).append(_timed(look))
                journal.close()
                if size == SIZES[-1]:
                    _verify(store, config, size)
        print(f"{store}, the quickest of {TIMES}, in ms" + "".join(f"{size:>12,}" for size in SIZES))
        for what, quickest in took.items():
            grows = quickest[-1] / quickest[0]
            verdict = "" if what == ALONE else f"   {grows:5.1f} x ({'flat' if grows <= AIM else 'NOT FLAT'})"
            print(f"  {what:<44}" + "".join(f"{each * 1e3:>12.2f}" for each in quickest) + verdict)
    print()


ALONE = "amounts alone"
"""Has no index, and is told as it is."""


def _verify(store: str, config: Path, size: int) -> None:
    print(f"{store}: verifying {size:,} calls, each time in a process of its own; peak of its memory", flush=True)
    told("the whole of it, and a checkpoint", *verified(config, "--full", "--checkpoint"))
    told("going on from there", *verified(config, "--no-full"))


@contextlib.contextmanager
def _journal(store: str) -> Iterator[tuple[Path, str, str]]:
    """A place for a journal: the deployment's file that names it, its URL and its key."""
    with tempfile.TemporaryDirectory(dir=shared_memory()) as name, contextlib.ExitStack() as stack:
        folder, secret = Path(name), new_secret()
        url = f"sqlite:///{name}/journal.db" if store == "sqlite" else stack.enter_context(postgresql(name))
        (folder / "secret").write_text(secret, "ascii")
        (folder / "secret").chmod(0o600)
        config = folder / "bench.toml"
        config.write_text(DEPLOYMENT.format(port=9, journal=url), "utf-8")
        yield config, url, secret


def looks(journal: Journal, size: int) -> dict[str, Callable[[], object]]:
    """Each look-up into a journal that :mod:`.bulk` multiplied to ``size`` calls; each time with another value."""
    values = random.Random(1)

    def number() -> int:
        """A call of ours that settled."""
        return values.choice(bulk.SETTLED) + values.randrange(size // bulk.BASE) * bulk.BASE

    def by(text: str) -> Callable[[], object]:
        return lambda: _one(journal, text.format(number()))

    def within(**wanted: Any) -> Callable[[], object]:
        def look() -> object:
            span = bulk.YEARS * SPAN / size
            since = bulk.FIRST_DAY + values.random() * (bulk.YEARS - span)
            return journal.search(CallSearch(since=since, until=since + span, **wanted), limit=5)

        return look

    def shown(**wanted: Any) -> Callable[[], object]:
        return lambda: journal.search(CallSearch(**wanted), limit=5)

    rare, usual = State.UNKNOWN, State.ACCEPTED
    return {
        "msgid": by("P44190000009{:018d}"),
        "setl_id": by("S{}"),
        "mdtrt_id": by("M{}"),
        "own bill number": by("B{}"),
        "business key": lambda: journal.by_key(bulk.OURS, f"K{number()}"),
        "a number that is none": shown(number="none"),
        "a person": lambda: journal.search(CallSearch(person=f"nobody {number()}")),
        "rare infno": shown(infno=bulk.RARE_INFNO),
        "usual infno": shown(infno="2102"),
        "rare state (unknown)": shown(states=(rare,)),
        "usual state (accepted)": shown(states=(usual,)),
        "rare state of a usual infno": shown(states=(rare,), infno="2101"),
        "rare operator": shown(operator=bulk.RARE_OPERATOR),
        "a time": within(),
        "a time, of one infno": within(infno="2102"),
        "a time, amounts": within(least=Decimal(1), most=Decimal(1000)),
        "a page in the middle": lambda: journal.search(CallSearch(), before=number(), limit=5),
        ALONE: shown(least=Decimal("999.98"), most=Decimal("999.98")),
        "was_repeated": lambda: journal.was_repeated(journal.call(number())),
        "pending calls": journal.pending,
        "a round of the keeper": lambda: (
            journal.stirring(), journal.next_due_each(), journal.due(), journal.next_due(), journal.orphans(),
            journal.flows.left("bench", bulk.FIRST_DAY),
        ),
        "flows by own bill number": lambda: journal.flows.search(number=f"B{number()}"),
        "flows of a status": lambda: journal.flows.search(statuses=["done"], limit=5),
        "rare flow": lambda: journal.flows.search(flow="none", limit=5),
        "settlement by setl_id": lambda: journal.settlements.by_setl_id(f"S{number()}"),
        "who used the journal": lambda: journal.reports(0.0, limit=5),
        "what was decided": lambda: journal.decisions(0.0, limit=5),
    }  # fmt: skip


def _timed(look: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        look()
        took.append(time.perf_counter() - began)
    return min(took)


def _one(journal: Journal, text: str) -> None:
    found = journal.search(CallSearch(number=text))
    assert len(found) == 1, text
