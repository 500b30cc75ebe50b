"""What masking a long text costs: 1 MB against 100 kB in the same run, of texts that invite looking again and again."""

from __future__ import annotations

from statistics import median
from time import process_time

from liangding import privacy

UNITS = {
    "one word": "a", "dashes": "a-",
    "quotes": 'name:"', "secrets": "token ", "digits": "1", "names": "参保人张", "blanks": " ",
    "escapes": '\\"',
}  # fmt: skip

AIM = 15


def run() -> None:
    """The patterns by themselves (nothing cut), and as they are used (what is too long is cut first)."""
    print("| text | 100 kB | 1 MB | ratio | aim | 1 MB, cut first |")
    print("|---|---|---|---|---|---|")
    usual = privacy.MASKED_CHARACTERS
    for name, unit in UNITS.items():
        cut = _seconds(unit, 1_000_000)
        privacy.MASKED_CHARACTERS = 2_000_000
        small, large = _seconds(unit, 100_000), _seconds(unit, 1_000_000)
        privacy.MASKED_CHARACTERS = usual
        cells = (
            name,
            f"{small * 1000:.1f} ms",
            f"{large * 1000:.0f} ms",
            f"{large / small:.1f}",
            f"{cut * 1000:.1f} ms",
        )
        print("| {0} | {1} | {2} | {3} | {aim} | {4} |".format(*cells, aim=AIM))


def _seconds(unit: str, size: int) -> float:
    text = unit * (size // len(unit)) + "="
    turns = []
    for _ in range(5):
        begun = process_time()
        privacy.masked_text(text)
        turns.append(process_time() - begun)
    return median(turns)
