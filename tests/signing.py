"""A process whose threads all sign one operator in at the same time: run by test_signing_in.

Arguments: deployment file, how many threads, whether it dies when the first 9001 is to leave. It says ``ready``, waits
for a line, and says what each thread was given or was told.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from liangding.config import load_deployment
from liangding.errors import LiangdingError
from liangding.runtime import Runtime
from liangding.wire.transport import Exchange, HttpTransport


class DyingTransport(HttpTransport):
    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")


def main(config: str, count: str, dies: str) -> None:
    deployment = load_deployment(Path(config))
    line = DyingTransport(connect_seconds=2, read_seconds=2) if dies else None
    told: list[str] = []
    with Runtime(deployment, transport=line) as runtime:

        def work() -> None:
            try:
                told.append(runtime.sign_in(deployment.operators[0]))
            except LiangdingError as failed:
                told.append(failed.code)

        threads = [threading.Thread(target=work) for _ in range(int(count))]
        print("ready", flush=True)
        sys.stdin.readline()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
