"""Chinese words in the site's search.

jieba cuts the pages' Chinese into words when the index is made; the theme's search worker cuts what a reader types by
the words of the index. Its loop stops one place early, so that the last word of a query is never one of them: 门诊结算
would be looked up as 门诊 alone. Here the worker's copy in the site gets the place that it lacks.
"""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.exceptions import PluginError

WORKERS = "assets/javascripts/workers/search.*.min.js"

LOOP = re.compile(r"for\(let (\w)=(\w)\+1;\1(<=?)(\w)\.length;\1\+\+\)\4\.slice\(\2,\1\)in ")
"""``for (let j = i + 1; j < query.length; j++) query.slice(i, j) in index``, by whatever names."""


def let_last_words_count(site: Path) -> None:
    """Mend the search worker of the built site. PluginError where the theme has another worker than is known."""
    workers = list(site.glob(WORKERS))
    if len(workers) != 1:
        raise PluginError(f"{len(workers)} search workers in {site / 'assets'}, one expected")
    script = workers[0].read_text(encoding="utf-8")
    loops = list(LOOP.finditer(script))
    if len(loops) != 1:
        raise PluginError("the theme's search worker cuts queries in another way now: see docs_build/searching.py")
    at, end = loops[0].span(3)
    workers[0].write_text(f"{script[:at]}<={script[end:]}", encoding="utf-8")
