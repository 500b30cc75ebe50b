"""The webhook: a HIS is told by itself that an unknown call has ended, at least once, whatever its listener does."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import pytest

from liangding.cli.app import run as command
from liangding.clock import ShiftedClock
from liangding.config import load_deployment
from liangding.errors import ConfigurationError
from liangding.feed.webhook import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Webhook, untold
from liangding.jobs.keeper import Keeper
from liangding.journal import State
from liangding.journal.vault import new_secret
from liangding.runtime import Runtime
from support import Rig, free_port, rig_for, simulated_rig_for, write_deployment, write_secret
from test_feed import lose
from test_line_tls import Authority, platform
from test_server import serving

SECRET = new_secret()

EXAMPLE = Path(__file__).parent.parent / "examples" / "python" / "listener.py"


@attrs.frozen
class Came:
    """What a listener was sent."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class Listener:
    """A HIS that listens. ``says`` are its next answers: a status, or None for one that does not come until
    ``released``; behind them 204."""

    def __init__(self, port: int = 0) -> None:
        self.came: list[Came] = []
        self.says: list[int | None] = []
        self.released, self.arrived = threading.Event(), threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.came.append(Came(self.path, headers, body))
                said = outer.says.pop(0) if outer.says else 204
                outer.arrived.set()
                if said is None:
                    outer.released.wait()
                    return
                self.send_response(said)
                if said == 302:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/told"

    def __enter__(self) -> Listener:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def setting(folder: Path, url: str, **more: str) -> str:
    write_secret(folder, "webhook", SECRET)
    lines = "".join(f"{name} = {value}\n" for name, value in {"seconds": "1", **more}.items())
    return f'[webhook]\nurl = "{url}"\nsecret = {{ file = "secrets/webhook" }}\n{lines}'


@contextlib.contextmanager
def at_work(folder: Path, url: str, **more: str) -> Iterator[Rig]:
    """A shop that tells ``url``, and has told what there was until now."""
    with simulated_rig_for(folder, more=setting(folder, url, **more)) as rig:
        rig.runtime.sign_in(rig.deployment.operators[0])
        Keeper(rig.runtime).round()
        yield rig


def end_one(rig: Rig, key: str = "B1", total: str = "100.00") -> int:
    """A settlement that was unknown and has ended."""
    lost = lose(rig, key, total)
    rig.let_pass(600)
    assert rig.runtime.journal.call(lost).state is State.ACCEPTED
    return lost


def wait_and_round(rig: Rig, seconds: float = LONGEST_PAUSE_SECONDS) -> None:
    rig.runtime.clock.sleep(seconds)
    Keeper(rig.runtime).round()


def signed(came: Came, digest: Any = hashlib.sha256) -> str:
    """The signature as the other side makes it, from the standard library alone."""
    held = f"{came.id}.{came.headers['webhook-timestamp']}.".encode() + came.body
    return base64.b64encode(hmac.new(base64.b64decode(SECRET), held, digest).digest()).decode()


def test_a_listener_that_is_dead_slow_or_fails_is_told_when_it_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Dead, then slow, then 500, then a redirect, then it takes it: one event, each time the same id and body, ever
    longer pauses; settlements go on as if nothing were."""
    port = free_port()
    with at_work(tmp_path, f"http://127.0.0.1:{port}/told") as rig:
        lost = end_one(rig)
        Keeper(rig.runtime).round()
        assert "connect_failed" in caplog.text
        assert untold(rig.runtime) == 1
        rig.settle(key="beside", total="1.00")
        with Listener(port) as his:
            his.says = [None, 500, 302]
            Keeper(rig.runtime).round()
            assert his.came == [], "not before its time"
            pauses = [FIRST_PAUSE_SECONDS * 2**number for number in range(4)]
            for number, pause in enumerate(pauses):
                wait_and_round(rig, pause - 1)
                assert len(his.came) == number, "not before its time"
                wait_and_round(rig, 2)
                assert len(his.came) == number + 1
            for _ in range(3):
                wait_and_round(rig)
            assert {each.path for each in his.came} == {"/told"}, "a redirect is not followed"
            assert len(his.came) == 4, "taken is taken"
            assert len({(each.id, each.body) for each in his.came}) == 1
            last = his.came[-1]
            assert last.headers["webhook-signature"] == f"v1,{signed(last)}"
            assert len({each.headers["webhook-timestamp"] for each in his.came}) == 4
            told = last.data
            assert (told["type"], told["call_id"], told["state"]) == ("call.ended", lost, "accepted")
            assert told["id"] == last.id
            person = rig.person()
            sent = last.body.decode() + str(last.headers)
            assert [each for each in (person.psn_no, person.certno, person.name, "B1", "100.00") if each in sent] == []
        assert untold(rig.runtime) == 0
        assert rig.runtime.journal.verify() == []


def test_each_event_is_told_though_one_is_not_taken(tmp_path: Path) -> None:
    """The listener fails at the first of three; the others are told at once, the first one later; all kinds asked for,
    signed with SM3."""
    kinds = '["call.unknown", "call.ended"]'
    with Listener() as his, at_work(tmp_path, his.url, events=kinds, digest='"sm3"') as rig:
        his.says = [500]
        first, second = end_one(rig), end_one(rig, "B2", "20.00")
        Keeper(rig.runtime).round()
        wait_and_round(rig)
        told = [(each.data["call_id"], each.data["state"]) for each in his.came]
        unknown, ended = (first, "unknown"), (first, "accepted")
        assert told == [unknown, ended, (second, "unknown"), (second, "accepted"), unknown]
        assert len({each.id for each in his.came}) == 4
        prefix, _, mac = his.came[0].headers["webhook-signature"].partition(",")
        assert (prefix, mac) == ("v1sm3", signed(his.came[0], "sm3"))


def test_one_process_tells_at_a_time_and_one_that_dies_leaves_it_to_another(tmp_path: Path, journal_url: str) -> None:
    """A server is killed while the listener has its request; until its time another process does not send it again,
    and then it does, under the same id."""
    with (
        Listener() as his,
        rig_for(tmp_path, journal=journal_url, more=setting(tmp_path, his.url, seconds="30")) as rig,
    ):
        webhook = rig.deployment.webhook
        assert webhook is not None
        Webhook(rig.runtime, webhook).round()
        his.says = [None]
        with serving(rig.config, port=free_port()) as server:
            lost = lose(rig, "B1")
            rig.runtime.resolver.attempt(lost)
            assert his.arrived.wait(120), "the server tells what another process ended"
            assert Webhook(rig.runtime, webhook).round() == 0, "it is being told"
            os.kill(server.pid, signal.SIGKILL)
            server.wait()
        his.released.set()
        assert Webhook(rig.runtime, webhook).round() == 0, "not before its time"
        clock = ShiftedClock()
        with Runtime(load_deployment(rig.config), clock=clock) as later:
            clock.shift = 2 * FIRST_PAUSE_SECONDS
            assert Webhook(later, webhook).round() == 1
            assert Webhook(later, webhook).round() == 0
        assert len(his.came) == 2
        assert len({each.id for each in his.came}) == 1
        assert his.came[0].data["call_id"] == lost


def test_what_ended_while_no_server_ran_is_told_by_the_next(tmp_path: Path) -> None:
    with Listener() as his, at_work(tmp_path, his.url) as rig:
        lost, runtime = end_one(rig), rig.runtime
        with Runtime(rig.deployment, transport=runtime.transport, clock=runtime.clock) as another:
            Keeper(another).round()
        assert [(each.data["type"], each.data["call_id"]) for each in his.came] == [("call.ended", lost)]


def test_the_example_takes_what_is_ours_fresh_and_new(tmp_path: Path) -> None:
    write_secret(tmp_path, "webhook", SECRET)
    command = [sys.executable, str(EXAMPLE), str(tmp_path / "secrets" / "webhook"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=tmp_path) as example:
        assert example.stdout is not None
        try:
            with at_work(tmp_path, example.stdout.readline().strip()) as rig:
                clock = rig.runtime.clock
                clock.sleep(time.time() - clock.epoch() - 600)
                lost = end_one(rig)
                Keeper(rig.runtime).round()
                assert example.stdout.readline().strip() == f"call.ended 流水 {lost} accepted"
                clock.sleep(3600)
                end_one(rig, "B2", "20.00")
                Keeper(rig.runtime).round()
                assert example.stdout.readline().strip() == "不收：太旧"
                write_secret(tmp_path, "webhook", new_secret())
                wait_and_round(rig)
                assert example.stdout.readline().strip() == "不收：签名不对"
        finally:
            example.terminate()


# -- the line --------------------------------------------------------------------------------------------------------


def test_who_is_not_vouched_for_is_told_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    authority, stranger = Authority(tmp_path / "root"), Authority(tmp_path / "other", "other")
    with platform(*stranger.issue("his")) as (url, shown), at_work(tmp_path, url, ca=f'"{authority.file}"') as rig:
        end_one(rig)
        Keeper(rig.runtime).round()
        assert "bad_certificate" in caplog.text
        assert shown == []
    with platform(*authority.issue("his")) as (url, shown):
        text = rig.config.read_text("utf-8")
        at, _, _ = text.partition("[webhook]")
        rig.config.write_text(at + setting(tmp_path, url, ca=f'"{authority.file}"'), "utf-8")
        deployment = load_deployment(rig.config)
        with Runtime(deployment, transport=rig.runtime.transport, clock=rig.runtime.clock) as runtime:
            runtime.clock.sleep(LONGEST_PAUSE_SECONDS)
            Keeper(runtime).round()
        assert len(shown) == 1


WRONG = {
    "no url": ('url = "his.example/told"', "https://主机/路径"),
    "a name in it": ('url = "https://a:b@his.example/told"', "用户名"),
    "in clear beyond this machine": ('url = "http://192.0.2.1/told"', 'plain = "局域网"'),
    "an unknown event": ('url = "https://his.example/"\nevents = ["call.end"]', "call.ended"),
    "no event": ('url = "https://his.example/"\nevents = []', "删去"),
    "too long": ('url = "https://his.example/"\nseconds = 300', "1 到 30"),
    "another digest": ('url = "https://his.example/"\ndigest = "md5"', "sm3"),
    "a root for none": ('url = "http://127.0.0.1/"\nca = "x.pem"', "ca"),
    "no root": ('url = "https://his.example/"\nca = "none.pem"', "none.pem"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_by_the_check(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_secret(tmp_path, "webhook", SECRET)
    line, says = WRONG[name]
    config = write_deployment(tmp_path, more=f'[webhook]\nsecret = {{ file = "secrets/webhook" }}\n{line}\n')
    assert command(["check", "--config", str(config)]) == 2
    shown = "".join(capsys.readouterr().err.split())
    assert "webhook" in shown
    assert "".join(says.split()) in shown


def test_a_secret_that_is_none_stops_the_check_and_no_till(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with simulated_rig_for(tmp_path, more=setting(tmp_path, "http://127.0.0.1:9/")) as rig:
        write_secret(tmp_path, "webhook", "short")
        assert command(["check", "--config", str(rig.config)]) == 2
        assert "webhook.secret" in capsys.readouterr().err
        with pytest.raises(ConfigurationError):
            Webhook(rig.runtime, rig.deployment.webhook)  # type: ignore[arg-type]
        Keeper(rig.runtime).round()
        rig.settle(key="B1")


def test_a_line_in_clear_in_ones_own_network_is_said(tmp_path: Path) -> None:
    config = write_deployment(tmp_path, more=setting(tmp_path, "http://192.0.2.1/told", plain='"局域网"'))
    assert load_deployment(config).webhook is not None
