"""What acceptance is tried with at a rig: the simulator's persons by reference, and a bill."""

from __future__ import annotations

from pathlib import Path

from ..config.trials import Group, Whereabouts
from ..simulator.people import People
from .rig import write_secret

PERSONS: tuple[tuple[str, Group, Whereabouts], ...] = (
    ("local", "职工", "local"),
    ("resident", "居民", "local"),
    ("pregnant", "生育", "local"),
    ("province", "职工", "province"),
    ("resident_province", "居民", "province"),
    ("cross", "职工", "cross"),
    ("resident_cross", "居民", "cross"),
)
"""The simulator's case, and which person of a document it is."""

BILL = """
[acceptance.bill]
med_list_codg = "XC07ABM064A001010100001"
medins_list_codg = "H-1"
name = "苯磺酸氨氯地平片"
price = 12.50
count = 2
trace_codes = ["8123456789012345678A"]
pharmacist = "测试药师"
pharmacist_certificate = "Z1"
made_on = 2026-01-01
diag_code = "I10.x00x002"
diag_name = "高血压"
dise_codg = "M03900"
dise_name = "高血压"
special_dise_codg = "M00500"
special_dise_name = "恶性肿瘤门诊治疗"
doctor_code = "D990100000001"
doctor_name = "测试医师"
dept_code = "A03"
dept_name = "内科"

[acceptance.bill.order]
list_type = "101"
med_chrgitm_type = "09"
chrgitm_lv = "01"
spec = "10mg"
unit = "盒"
doctor_title = "234"
"""


def trial_settings(folder: Path, area: str, *, bill: str = BILL) -> str:
    """Lines of a deployment file (``write_deployment(more=…)``); the persons' numbers go into secrets of ``folder``."""
    people = People(area)
    lines = [bill]
    for case, group, place in PERSONS:
        person = people.case(case)
        held = {"01": person.token, "02": person.certno, "03": person.card_no, "sn": person.card_sn}
        for name, value in held.items():
            write_secret(folder, f"{case}-{name}", value)
        lines.append(f'[[acceptance.persons]]\nname = "{case}"\ngroup = "{group}"\nplace = "{place}"')
        lines.append(f'card_sn = {{ file = "secrets/{case}-sn" }}')
        lines += [f'credentials.{kind} = {{ file = "secrets/{case}-{kind}" }}' for kind in ("01", "02", "03")]
    return "\n".join(lines) + "\n"
