"""Say which stories are told differently by now: ``python -m stories``; write them anew: ``--renew``, all of them or
those whose names hold a word that is given."""

from __future__ import annotations

import argparse
import logging
import sys

from . import STORIES, TOLD
from .comparing import differences


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("words", nargs="*", help="parts of names; none: all")
    asked.add_argument("--renew", action="store_true", help="write them down as they are told now")
    given = asked.parse_args()
    logging.disable(logging.CRITICAL)  # what goes wrong in a story is meant
    chosen = [each for each in STORIES.values() if not given.words or any(word in each.name for word in given.words)]
    others = 0
    for each in chosen:
        told = each.told()
        if other := differences(each, told):
            others += 1
            print(f"{each.name}\n{other}" if not given.renew else each.name)
        if given.renew:
            each.kept.parent.mkdir(parents=True, exist_ok=True)
            each.kept.write_text(told, "utf-8")
    if given.renew and not given.words:
        for left in {*TOLD.rglob("*.txt")} - {each.kept for each in STORIES.values()}:
            left.unlink()
    return 1 if others and not given.renew else 0


if __name__ == "__main__":
    sys.exit(main())
