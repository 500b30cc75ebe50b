"""A process with a plugin that does not come back from a settlement until a line comes in: run by test_held_up.

Arguments: deployment file, business key, "flow" or "call"; the bill on standard input, in one line. It says when its
plugin hangs, and in the end what its caller was told.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from liangding.contract.calls import Answer, Call
from liangding.contract.hookspecs import hookimpl
from liangding.errors import LiangdingError
from liangding.flows import Flows
from liangding.kit import run_flow
from liangding.runtime import Runtime

YES = {"insured_place": "441900", "use_account": "1", "confirm": "yes"}


class Hangs:
    """Round settlements: hangs when it hears of one."""

    @hookimpl(wrapper=True)
    def pharmacy_settle(self, call: Call[Any]) -> Generator[None, Answer[Any], Answer[Any]]:
        answer = yield
        print("hangs", flush=True)
        sys.stdin.readline()
        return answer


def main(config: str, key: str, way: str) -> None:
    given = json.loads(sys.stdin.readline())
    with Runtime.from_file(Path(config), plugins={"hangs": Hangs()}) as runtime:
        try:
            if way == "call":
                answer = runtime.call("2102", given, key=key, insured_place="441900")
                print(answer.output.setlinfo.setl_id)
            else:
                flows = Flows(runtime)
                print(run_flow(flows, flows.start("pharmacy_purchase", given, key=key), YES).status)
        except LiangdingError as failed:
            print(failed.code)


if __name__ == "__main__":
    main(*sys.argv[1:4])
