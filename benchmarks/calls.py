"""What a call costs beyond the line: ``runtime.call`` (checks, hooks, durable journal, signature) against a bare
httpx POST of requests of the same size to the same simulated platform."""

from __future__ import annotations

import itertools

import httpx

from liangding.runtime import Runtime
from liangding.wire.gateways import Outgoing

from .measuring import compare, in_turn
from .rig import deployment, purchase, shared_memory

CALLS = 400


def run() -> None:
    for place, name, aim in ((None, "on disk", 1.6), (shared_memory(), "in memory", 1.25)):
        if place is None and name == "in memory":
            print("no folder in memory here: left out\n")
            continue
        _run(place, name, aim)


def _run(place: str | None, name: str, aim: float) -> None:
    with (
        deployment(place) as (config, url),
        Runtime.from_file(config) as runtime,
        httpx.Client(trust_env=False) as client,
    ):
        if True:
            people = client.get(f"{url}/_simulator/people").json()
            person = next(one for one in people if one["case"] == "local")
            message = purchase(person)
            first = runtime.call("2102", message, key="first", insured_place="441900")
            sent = runtime.journal.call(first.call_id).request
            numbers = itertools.count()

            def bare() -> None:
                """The same bytes under a number of its own, signed beforehand as cheaply as can be."""
                body = sent.replace(first.msgid.encode(), f"{first.msgid[:21]}{next(numbers):09d}".encode())
                outgoing = Outgoing(infno="2102", body=body, epoch=runtime.clock.epoch(), nonce="n")
                headers = runtime.known.gateway.headers(outgoing) | {"content-type": "application/json"}
                answer = client.post(f"{url}/hsa/hgs/2102", content=body, headers=headers)
                assert b'"infcode":0' in answer.content, answer.text

            def ours() -> None:
                key = f"bill-{next(numbers)}"
                runtime.call("2102", message, key=key, insured_place="441900", meant=True)

            in_turn(ours, bare, 50)
            took, bare_took = in_turn(ours, bare, CALLS)
    compare(f"one settlement, journal {name}", took, bare_took, ("runtime.call 2102", "bare httpx POST"), aim)
