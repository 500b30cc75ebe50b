"""Synthetic insured persons: one for each case that a deployment has to cope with.

Their identity numbers pass the checksum and belong to nobody: the sequence part is taken from a range that the
simulator makes up, and every name begins with 测试.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import attrs

from ..spec.codes import code_table

NORMAL, PAUSED = "1", "2"
EMPLOYEES, RESIDENTS, VETERANS, BIRTHS = "310", "390", "340", "510"

RETIRED = "12"
"""The first two digits of a retired person's psn_type."""

RESIDENT_CARD = "01"
"""psn_cert_type of the resident identity card."""


MALE, FEMALE = "1", "2"
"""gend."""

MOST = 23_000
"""As many persons as can be made before an identity number comes twice."""

GENDERS = {"pregnant": FEMALE, "man": MALE, "births": FEMALE, "births_only": FEMALE}
BORN = {"pregnant": date(1996, 4, 12), "child": date(2018, 6, 1), "man": date(1980, 3, 9)}
"""Of the persons whose case it belongs to; the others' follow from their number."""


@attrs.define(kw_only=True, eq=False)
class Insurance:
    """One insurance of a person: type, place, state, and the account with its balance in yuan."""

    insutype: str
    place: str
    status: str = NORMAL
    psn_type: str = "11"
    balance: Decimal = Decimal(0)
    civil_servant: bool = False
    aided: bool = False
    """Whether the person has 医疗救助."""


@attrs.define(kw_only=True)
class Person:
    """A synthetic person with all three credentials."""

    case: str
    """What this person is for: ``local``, ``several_cities`` …"""
    psn_no: str
    name: str
    cert_type: str
    certno: str
    gender: str
    born: date
    token: str
    card_no: str
    card_sn: str
    qr_code: str
    """What the person's e-credential shows: 28 digits, 424 first, the province and four zeros last."""
    covers: list[Insurance]
    elsewhere: bool = False
    """Whether this person is in another hospital at the moment."""

    def cover(self, insutype: str, place: str) -> Insurance | None:
        """The insurance of that type at that place."""
        for cover in self.covers:
            if (cover.insutype, cover.place) == (insutype, place):
                return cover
        return None

    def holds(self, cert_type: str, number: str) -> bool:
        """Whether a credential is this person's: 01 e-credential, 02 resident identity card, 03 social security card,
        99 any other document, by its number."""
        resident = self.certno if self.cert_type == RESIDENT_CARD else None
        return number == {"01": self.token, "02": resident, "03": self.card_no, "99": self.certno}.get(
            cert_type.zfill(2)
        )


def whole_years(born: date, on: date) -> int:
    """Age in whole years on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def check_digit(first17: str) -> str:
    """The last character of a resident identity number (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights, strict=True)) % 11]


def resident_number(place: str, born: date, sequence: int) -> str:
    """A resident identity number that passes its checksum."""
    first17 = f"{place}{born:%Y%m%d}{sequence:03d}"
    return first17 + check_digit(first17)


def other_places(area: str) -> tuple[str, str]:
    """A city of the same province and a city of another one, seen from ``area``."""
    cities = [c.code for c in code_table("admdvs") if c.level == "city"]
    near = (
        next(c for c in cities if c[:2] == area[:2] and c[:4] != area[:4])
        if area[:2] + "0000" in code_table("admdvs")
        else area[:2] + "9900"
    )
    far = next(c for c in cities if c[:2] != area[:2])
    return near, far


class People:
    """The synthetic persons of one platform, and more of them on demand."""

    def __init__(self, area: str) -> None:
        self.area = area
        self.near, self.far = other_places(area)
        self._sequence = 0
        self.all: list[Person] = []
        self._by_number: dict[str, Person] = {}
        self._by_shown: dict[str, list[Person]] = {}
        for case, covers in self._cases().items():
            self.add(case, covers)
        for number, (case, covers) in enumerate(self._later_cases().items(), MOST + 1):
            self.add(case, covers, number)

    def _cases(self) -> dict[str, list[Insurance]]:
        local, near, far = self.area, self.near, self.far
        return {
            "local": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("1378.15"))],
            "province": [Insurance(insutype=EMPLOYEES, place=near, balance=Decimal("860.00"))],
            "cross": [Insurance(insutype=EMPLOYEES, place=far, balance=Decimal("512.40"))],
            "several_cities": [
                Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("260.00")),
                Insurance(insutype=EMPLOYEES, place=near, balance=Decimal("95.30")),
            ],
            "retired": [Insurance(insutype=EMPLOYEES, place=local, psn_type="12", balance=Decimal("3204.77"))],
            "suspended": [Insurance(insutype=EMPLOYEES, place=local, status=PAUSED, balance=Decimal("40.00"))],
            "resident": [Insurance(insutype=RESIDENTS, place=local, psn_type="15")],
            "paused_and_normal": [
                Insurance(insutype=EMPLOYEES, place=local, status=PAUSED, balance=Decimal("18.00")),
                Insurance(insutype=RESIDENTS, place=local, psn_type="15"),
            ],
            "civil_servant": [
                Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("2000.00"), civil_servant=True),
            ],
            "hong_kong": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("730.00"))],
            "macao": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("410.00"))],
            "taiwan": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("355.00"))],
            "foreigner": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("610.50"))],
            "retired_civil_servant": [
                Insurance(
                    insutype=EMPLOYEES, place=local, psn_type=RETIRED, balance=Decimal("5120.60"), civil_servant=True
                )
            ],
            "pregnant": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("640.00"))],
            "chronic": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("905.25"))],
            "child": [Insurance(insutype=RESIDENTS, place=local, psn_type="14")],
            "in_hospital": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("150.00"))],
            "resident_province": [Insurance(insutype=RESIDENTS, place=near, psn_type="15")],
            "resident_cross": [Insurance(insutype=RESIDENTS, place=far, psn_type="15")],
            "man": [Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("333.30"))],
        }  # fmt: skip

    def _later_cases(self) -> dict[str, list[Insurance]]:
        """Persons that came later, with numbers of their own: nobody who was there before is somebody else now."""
        local = self.area
        return {
            "veteran": [Insurance(insutype=VETERANS, place=local, psn_type="1300")],
            "veteran_and_employee": [
                Insurance(insutype=VETERANS, place=local, psn_type="1300"),
                Insurance(insutype=EMPLOYEES, place=local, psn_type=RETIRED, balance=Decimal("988.00")),
            ],
            "births": [
                Insurance(insutype=BIRTHS, place=local),
                Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("420.00")),
            ],
            "births_only": [Insurance(insutype=BIRTHS, place=local)],
            "employee_and_resident": [
                Insurance(insutype=EMPLOYEES, place=local, balance=Decimal("275.60")),
                Insurance(insutype=RESIDENTS, place=local, psn_type="15"),
            ],
            "aided": [Insurance(insutype=RESIDENTS, place=local, psn_type="15", aided=True)],
        }  # fmt: skip

    def add(self, case: str, covers: list[Insurance], number: int | None = None) -> Person:
        """One more person; numbers follow from how many there are, so that every run has the same people, or from
        ``number``, which is beyond :data:`MOST`."""
        if number is None:
            self._sequence += 1
        n = number or self._sequence
        born = BORN.get(case) or date(1950 + n * 7 % 55, 1 + n * 5 % 12, 1 + n * 11 % 28)
        cert_type, certno = _papers(case, self.area, born, n)
        person = Person(
            case=case, psn_no=f"{self.area}{n:014d}", name=_name(n), cert_type=cert_type, certno=certno,
            gender=GENDERS.get(case) or ("1" if n % 2 else "2"), born=born, token=f"{self.area}ec{n:030x}",
            card_no=f"{self.area[:2]}C{n:06d}", card_sn=f"{self.area}D1560000{n:018d}", covers=covers,
            qr_code=f"424{n:019d}{self.area[:2]}0000", elsewhere=case == "in_hospital",
        )  # fmt: skip
        self.all.append(person)
        self._by_number[person.psn_no] = person
        for shown in (person.token, person.card_no, person.certno, person.qr_code):
            self._by_shown.setdefault(shown, []).append(person)
        return person

    def more(self, case: str, count: int) -> list[Person]:
        """``count`` more persons insured like the one of that case, each with an account of their own. ValueError where
        there is no such case, or identity numbers would come twice."""
        cases = self._cases() | self._later_cases()
        covers = cases.get(case)
        if covers is None or case in BORN:
            raise ValueError(f"no more persons of case {case}; there are {'、'.join(cases.keys() - BORN.keys())}")
        if not 0 < count <= MOST - self._sequence:
            raise ValueError(f"count has to be 1 to {MOST - self._sequence}")
        return [self.add(case, [attrs.evolve(cover) for cover in covers]) for _ in range(count)]

    def case(self, case: str) -> Person:
        """The first person made for ``case``."""
        return next(person for person in self.all if person.case == case)

    def by_number(self, psn_no: str) -> Person | None:
        return self._by_number.get(psn_no)

    def by_credential(self, cert_type: str, number: str) -> Person | None:
        return next((person for person in self._by_shown.get(number, ()) if person.holds(cert_type, number)), None)

    def by_qr_code(self, code: str) -> Person | None:
        return next((person for person in self._by_shown.get(code, ()) if person.qr_code == code), None)


def _papers(case: str, area: str, born: date, n: int) -> tuple[str, str]:
    special = {
        "hong_kong": ("04", f"H{n:08d}"),
        "macao": ("05", f"M{n:08d}"),
        "taiwan": ("06", f"{n:08d}"),
        "foreigner": ("08", f"E{n:08d}"),
    }
    return special.get(case) or ("01", resident_number(area, born, 900 + n % 100))


def _name(n: int) -> str:
    digits = "零一二三四五六七八九"
    return "测试" + "".join(digits[int(d)] for d in str(n))
