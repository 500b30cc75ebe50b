"""The layouts of the platform's files: every catalogue (1301 to 1327), and reconciliation (3202).

The published table of a catalogue gives the order and the Chinese labels of its columns, neither types nor lengths;
wire names are those that systems in use store them under. So a column is a text of any length, unless its label says
that it is a date or a time (日期, 时间).

Layouts load on demand: ``layout_of("1301")`` imports ``layouts.drugs`` and nothing else.
"""

from __future__ import annotations

import functools
import importlib

from ...errors import LiangdingError
from ..columns import Layout

MODULES = {
    "drugs": {
        "1301": "WESTERN_DRUGS",
        "1302": "HERBAL_SLICES",
        "1303": "HOSPITAL_PREPARATIONS",
        "1320": "FORMULA_GRANULES",
    },
    "services": {"1305": "SERVICE_ITEMS", "1321": "NEW_SERVICE_ITEMS"},
    "consumables": {"1306": "CONSUMABLES", "1306A": "CONSUMABLES_27"},
    "diagnoses": {"1307": "DISEASES", "1308": "PROCEDURES", "1313": "TUMOUR_MORPHOLOGY"},
    "benefits": {"1309": "CHRONIC_DISEASES", "1310": "PAY_BY_DISEASE", "1311": "DAY_SURGERY"},
    "traditional": {"1314": "TCM_DISEASES", "1315": "TCM_SYNDROMES"},
    "reagents": {
        "1322": "REAGENTS",
        "1323": "REAGENT_CERTIFICATE_LINKS",
        "1324": "REAGENT_INDICATORS",
        "1325": "REAGENT_CODES",
        "1326": "REAGENT_CERTIFICATES",
        "1327": "REAGENT_CLASSES",
    },
    "reconciliation": {
        "3202.details": "DETAILS",
        "3202.details.extended": "DETAILS_EXTENDED",
        "3202.results": "RESULTS",
        "3202.results.extended": "RESULTS_EXTENDED",
    },
}
"""Module → number of the layout → its name there."""


CATALOGUE_OWNER = "plc"
"""What most provinces want as ``fixmedins_code`` where a catalogue file is fetched; some want the institution's own."""


class UnknownLayout(LiangdingError):
    """No layout of that number is declared: the transaction answers no file, or nobody has published its columns."""

    code = "unknown_layout"
    http_status = 404


@functools.cache
def layout_of(number: str) -> Layout:
    """The layout of the file that transaction ``number`` answers; of 3202's files by ``3202.details`` (what is
    uploaded) and ``3202.results``. UnknownLayout where there is none."""
    for module, held in MODULES.items():
        if number in held:
            found = getattr(importlib.import_module(f"{__name__}.{module}"), held[number])
            assert isinstance(found, Layout)
            return found
    raise UnknownLayout(f"没有 {number} 的文件列序", remedy=f"有列序的是 {'、'.join(numbers())}")


def catalogues() -> list[str]:
    """The transactions that answer a catalogue file, in order of their numbers, without importing a layout."""
    return [number for number in numbers() if number.startswith("13")]


def numbers() -> list[str]:
    """The numbers of all layouts, in order."""
    return sorted(number for held in MODULES.values() for number in held)
