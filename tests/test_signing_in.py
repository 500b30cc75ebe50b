"""One 9001 at a time for an operator, across threads and processes; nobody is held up by one that died or failed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import signing
from liangding.calls.one_signing import turns
from liangding.simulator.faults import Fault
from support import Rig, rig_for

PROCESSES, THREADS = 3, 8
FAR = 900
"""Seconds that an answer may take: who waits until then has not noticed that the other one is gone."""


def started(rig: Rig, count: int = 1, *, dies: bool = False) -> list[subprocess.Popen[str]]:
    """Processes that are ready to sign the operator in."""
    command = [sys.executable, signing.__file__, str(rig.config), str(THREADS), "dies" if dies else ""]
    made = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
    ]  # fmt: skip
    for each in made:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    return made


def let_go(processes: list[subprocess.Popen[str]]) -> list[str]:
    """Let all of them sign in at once; what each thread was given or was told."""
    for each in processes:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    return [one for each in processes for one in json.loads(each.communicate(timeout=300)[0] or "[]")]


def test_the_first_calls_of_the_day_sign_in_once(tmp_path: Path, journal_url: str) -> None:
    with rig_for(tmp_path, journal=journal_url, read_seconds=FAR) as rig:
        rig.strike(Fault.SLOW, "9001", times=0, seconds=1)
        told = let_go(started(rig, PROCESSES))
        assert len(told) == PROCESSES * THREADS
        assert set(told) == {rig.platform.world.sign_ins["001"][0]}
        assert rig.sent("9001") == 1
        assert rig.runtime.sign_in(rig.deployment.operators[0]) == told[0]
        assert rig.runtime.journal.verify() == []


def test_a_process_that_died_while_signing_in_holds_nobody_up(tmp_path: Path, journal_url: str) -> None:
    with rig_for(tmp_path, journal=journal_url, read_seconds=FAR) as rig:
        assert let_go(started(rig, dies=True)) == []
        assert (rig.sent("9001"), len(waiting(rig))) == (0, 1)
        assert set(let_go(started(rig))) == {rig.platform.world.sign_ins["001"][0]}
        assert (rig.sent("9001"), waiting(rig)) == (1, [])


def test_where_signing_in_fails_everybody_is_told_and_the_next_one_tries(tmp_path: Path) -> None:
    with rig_for(tmp_path, read_seconds=FAR) as rig:
        rig.strike(Fault.EMPTY, "9001", times=0)
        assert let_go(started(rig, 2)) == ["no_answer"] * 2 * THREADS
        assert waiting(rig) == []
        rig.door.faults.clear()
        assert set(let_go(started(rig))) == {rig.platform.world.sign_ins["001"][0]}


def test_a_number_that_no_longer_holds_is_asked_for_anew_once(rig: Rig) -> None:
    rig.settle()
    rig.platform.world.sign_ins["001"] = ("another", rig.platform.world.sign_ins["001"][1])
    people = [rig.person(case) for case in ("local", "retired", "civil_servant", "several_cities")]
    threads = [threading.Thread(target=rig.settle, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (rig.sent("9001"), len(rig.standing())) == (2, 5)


def test_a_number_that_another_thread_read_before_it_was_refused_is_not_used_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.settle()
    operator, kept = rig.deployment.operators[0], rig.runtime.journal.sign_ins
    read, forgotten = threading.Event(), threading.Event()
    real_get, real_keep = kept.get, kept.keep

    def get(*who: str) -> Any:
        number = real_get(*who)
        read.set()
        assert forgotten.wait(FAR)
        return number

    def keep(institution: str, code: str, sign_no: str | None, at: float) -> None:
        if sign_no is not None:
            real_keep(institution, code, sign_no, at)
            return
        other = threading.Thread(target=rig.runtime.sign_in, args=(operator,))
        monkeypatch.setattr(kept, "get", get)
        other.start()
        assert read.wait(FAR)
        monkeypatch.setattr(kept, "get", real_get)
        real_keep(institution, code, None, at)
        forgotten.set()
        other.join()

    monkeypatch.setattr(kept, "keep", keep)
    rig.platform.world.sign_ins["001"] = ("another", rig.platform.world.sign_ins["001"][1])
    rig.settle(rig.person("retired"))
    assert (rig.sent("9001"), len(rig.standing())) == (2, 2)


def waiting(rig: Rig) -> list[str]:
    """Whose turn the journal says it is."""
    return [row["owner"] for row in rig.runtime.journal.store.fetch(turns.select(), {})]
