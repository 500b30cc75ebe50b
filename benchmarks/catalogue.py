"""A catalogue onto its shelf, against a bare program that unzips and splits the same file and puts the rows by
executemany into the same tables with the same keys and the same index of names. Each runs in a process of its own.

``python -m benchmarks.catalogue 3000000 40`` is the size of the largest: rows, and columns (40 or 97).
"""

from __future__ import annotations

import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from liangding.catalogue import loading
from liangding.catalogue.shelf import Arrival, columns_of, key_of
from liangding.catalogue.sqlite import SqliteShelf
from liangding.catalogue.words import spaced, spaced_initials
from liangding.files.columns import Layout
from liangding.files.layouts import layout_of

ROWS, LAYOUTS = 60_000, {40: "1322", 97: "1301"}
"""Rows of an ordinary run; the layout that has so many columns."""

LATER = 0.01
"""How much of the catalogue a later version brings."""

AIM, AIM_MB, AIM_LOOK_UP_MS = 0.8, 400, 0.1

BATCH, LOOK_UPS, TURNS = 20_000, 2000, 3

SYLLABLES = "阿莫西林头孢克洛布洛芬维生素复方甘草人参白术茯苓一次性使用无菌注射器支架导管检测试剂盒抗体抗原蛋白酶免疫"


def run(rows: int = ROWS, columns: int = 40) -> None:
    layout = layout_of(LAYOUTS[columns])
    turns = 1 if rows > 10 * ROWS else TURNS
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        whole, later = folder / "whole.zip", folder / "later.zip"
        _write(whole, layout, range(rows), "v0001")
        _write(later, layout, range(rows - int(rows * LATER / 2), rows + int(rows * LATER / 2)), "v0002")
        ours: list[dict[str, float]] = []
        bare: list[dict[str, float]] = []
        for _ in range(turns):
            for kind, kept in (("bare", bare), ("ours", ours)):
                (folder / f"{kind}.db").unlink(missing_ok=True)
                kept.append(_in_a_process(kind, layout.number, whole, folder / f"{kind}.db", rows))
        more = _in_a_process("later", layout.number, later, folder / "ours.db", int(rows * LATER / 2) * 2)
    best, base = min(each["seconds"] for each in ours), min(each["seconds"] for each in bare)
    peak = max(each["megabytes"] for each in (*ours, more))
    look_up = min(each["look_up_ms"] for each in ours)
    print(f"a catalogue of {rows:,} rows × {len(layout.columns)} columns onto its shelf (SQLite), the best of {turns}")
    print(f"  ours {rows / best:,.0f} rows/s, bare sqlite3 {rows / base:,.0f} rows/s")
    print(f"  ratio {base / best:.2f}  (aim at least {AIM}: {'within' if base / best >= AIM else 'BELOW'})")
    print(f"  peak memory {peak:.0f} MB  (aim at most {AIM_MB}: {'within' if peak <= AIM_MB else 'ABOVE'})")
    print(f"  look-up, median {look_up:.3f} ms  (aim at most {AIM_LOOK_UP_MS}: ", end="")
    print("within)" if look_up <= AIM_LOOK_UP_MS else "ABOVE)")
    print(f"  a later version of {int(rows * LATER / 2) * 2:,} rows: {more['seconds']:.1f} s\n")


def _write(path: Path, layout: Layout, numbers: range, version: str) -> None:
    """A file of the real layout and made-up content: names from a vocabulary of some thousands, as catalogues have."""
    chance = random.Random(7)
    names = ["".join(chance.choices(SYLLABLES, k=chance.randrange(4, 14))) for _ in range(20_000)]
    makers = [f"测试{''.join(chance.choices(SYLLABLES, k=4))}有限公司" for _ in range(500)]
    named = {each.key for each in layout.names}
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("f.txt", "w") as out,
    ):
        for number in numbers:
            row = []
            for column in layout.columns:
                if column is layout.key or column is layout.code:
                    row.append(f"C{number:09d}")
                elif column.key in named:
                    row.append(names[chance.randrange(len(names))])
                elif column.key in ("ver", "ver_name"):
                    row.append(version)
                elif column.key == "vali_flag":
                    row.append("1")
                elif column.field.type in ("date", "datetime"):
                    row.append(f"202{number % 7}-01-0{number % 9 + 1} 00:00:00")
                else:
                    row.append(makers[number % 500] if column.no % 3 == 0 else "null" if column.no % 3 else str(number))
            out.write(("\t".join(row) + "\n").encode())


def _in_a_process(kind: str, number: str, source: Path, target: Path, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.catalogue", kind, number, str(source), str(target), str(rows)]
    said: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return said


# -- in the process ----------------------------------------------------------------------------------------------------


def _bare(layout: Layout, source: Path, target: Path) -> None:
    db = sqlite3.connect(target, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = normal")
    db.execute("pragma cache_size = -65536")
    columns = ", ".join(f'"{name}" text' for name in columns_of(layout))
    db.execute(f'create table rows_ (number_ integer primary key, {columns}, unique ("{key_of(layout)}"))')
    db.execute("create virtual table names_ using fts5 (names, initials)")
    insert = f"insert into rows_ values ({', '.join('?' * (len(layout.columns) + 1))})"
    places = [each.no - 1 for each in layout.names]
    with zipfile.ZipFile(source) as archive, archive.open(archive.namelist()[0]) as text:
        batch: list[list[str | None]] = []
        last = 0
        for line in _lines(text):
            batch.append(line)
            if len(batch) == BATCH:
                last = _put(db, insert, batch, places, last)
                batch = []
        _put(db, insert, batch, places, last)
    db.close()


def _lines(text: Any) -> Iterator[list[str | None]]:
    for line in text:
        yield [None if cell == "null" else cell for cell in line.decode().rstrip("\n").split("\t")]


def _put(db: sqlite3.Connection, insert: str, batch: list[list[str | None]], places: list[int], last: int) -> int:
    db.execute("begin")
    db.executemany(insert, ([last + i, *row] for i, row in enumerate(batch, 1)))
    named = ([row[place] for place in places] for row in batch)
    db.executemany(
        "insert into names_ (rowid, names, initials) values (?, ?, ?)",
        ((last + i, spaced(names), spaced_initials(names)) for i, names in enumerate(named, 1)),
    )
    db.execute("commit")
    return last + len(batch)


def _ours(layout: Layout, source: Path, target: Path, rows: int, asked: str) -> None:
    shelf = SqliteShelf(target)
    arrival = Arrival(number=layout.number, asked=asked, filename="f", path=str(source), digest="", expected=rows)
    shelf.begin(layout, arrival)
    column = "ver" if "ver" in layout.places else "ver_name"
    loading.load(shelf, layout, arrival, version_column=column, at=1.0)
    shelf.close()


def _look_up(layout: Layout, target: Path, rows: int) -> float:
    shelf, chance, took = SqliteShelf(target), random.Random(1), []
    for _ in range(LOOK_UPS):
        code = f"C{chance.randrange(rows // 2):09d}"
        began = time.perf_counter()
        found = shelf.row(layout, code)
        took.append(time.perf_counter() - began)
        assert found is not None
    shelf.close()
    return sorted(took)[LOOK_UPS // 2] * 1e3


def _work(kind: str, number: str, source: Path, target: Path, rows: int) -> None:
    layout = layout_of(number)
    spaced_initials(["阿"])  # the table of pinyin, which both need
    began = time.perf_counter()
    if kind == "bare":
        _bare(layout, source, target)
    else:
        _ours(layout, source, target, rows, "v0001" if kind == "later" else "0")
    seconds = time.perf_counter() - began
    look_up = 0.0 if kind == "bare" else _look_up(layout, target, rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak, "look_up_ms": look_up}))


if __name__ == "__main__":
    if len(sys.argv) == 6:
        _work(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
    else:
        run(*map(int, sys.argv[1:]))
