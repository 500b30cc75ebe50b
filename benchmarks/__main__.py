"""Run every measurement, or those named: ``python -m benchmarks [start] [messages] [calls] [journal] [memory]
[devices] [catalogue]
[processes] [reconciliation] [gm] [verifying] [lookups] [rooms] [masking]``."""

from __future__ import annotations

import importlib
import sys

MEASUREMENTS = (
    "start",
    "messages",
    "calls",
    "journal",
    "processes",
    "memory",
    "devices",
    "catalogue",
    "reconciliation",
    "gm",
    "verifying",
    "lookups",
    "rooms",
    "masking",
)


def main() -> None:
    for name in sys.argv[1:] or MEASUREMENTS:
        importlib.import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main()
