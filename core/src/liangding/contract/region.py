"""What a province or city declares of itself: places, insurances, style, and what may be reversed.

A plain declaration over the national standard: a region that differs in nothing needs none.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from enum import Enum
from typing import Literal

import attrs

from ..checks.circumstances import NATIONAL as NATIONAL_CIRCUMSTANCES
from ..checks.circumstances import Circumstances
from ..config.deployment import Deployment, Kind
from ..config.features import AVariants
from ..config.line import Address
from ..national.refusals import Explained, known
from ..spec.writing import NATIONAL, WireStyle


class Place(Enum):
    """Where a person is insured, seen from the institution."""

    LOCAL = "本地"
    PROVINCE = "省内异地"
    CROSS = "跨省异地"


EVERY_CHAPTER = "*"

FixedValues = Mapping[str, Mapping[str, str | tuple[str, ...]]]
"""Fixed values (字段固定值): infno (or ``*`` for all) → field → value. A field of the envelope counts too. Of several
values the first is filled in, the others may be given."""

TraceCodes = Literal["settlement", "sale", "both"]

Audit = Literal["off", "show", "stop"]

ROW_LIMIT = 100
"""How many rows one call brings where neither region nor deployment says it. No public document limits 2204 or 2301;
this is the limit that is told of 3301, taken as one that no platform refuses (low confidence)."""


@attrs.frozen(kw_only=True)
class SocialCards:
    """As which mdtrt_cert_type a social security card goes: one of the own province (``of_province``, by the place that
    the card itself says), one from ``elsewhere``, and one whose holder is from Hong Kong or Macao. 03 goes with the
    card's number and card_sn, 02 and 04 with the number of the holder's document."""

    of_province: str = "03"
    elsewhere: str = "03"
    hong_kong_macao: str = "03"


@attrs.frozen(kw_only=True)
class LineDefaults:
    """What is public of a region's line, taken where a deployment's file does not say it: the gateway's scheme (empty
    where nobody has published it) with the form of its addresses, and what every envelope says of the receiver and of
    itself. A file that names its gateway has addresses of its own form."""

    gateway: str = ""
    address: Address = "single"
    recer_sys_code: str = "01"
    infver: str = "V1.0"
    signtype: str = ""

    def fill(self, deployment: Deployment) -> Deployment:
        """The deployment with these in its platform, where its file does not say them."""
        platform = deployment.platform
        region = self if not platform.gateway else attrs.evolve(self, address=LineDefaults().address)
        wanting = {name: value for name, value in attrs.asdict(region).items() if not getattr(platform, name)}
        filled = copy.copy(deployment)
        object.__setattr__(filled, "platform", attrs.evolve(platform, **wanting))
        return filled


@attrs.frozen(kw_only=True)
class Refusals:
    """How a region says no to what changes something, beside the standard. ``codes`` are further values of infcode that
    say so. ``known_in`` is the package whose ``refusals.tsv`` has sentences that are known from this region alone, in
    the form of :mod:`liangding.national.refusals`. ``marked``: its refusals bear the platform's marks (inf_refmsgid, or
    refmsg_time with respond_time), and one without them is none. ``doubts`` are further words that say that nobody
    knows what was done, ``done`` further ones that say that it was done before; both are regular expressions."""

    codes: tuple[str, ...] = ()
    known_in: str = ""
    marked: bool = False
    doubts: tuple[str, ...] = ()
    done: tuple[str, ...] = ()

    def sentences(self, region: str) -> tuple[Explained, ...]:
        """What is known of sentences from this region alone."""
        return known(self.known_in, region) if self.known_in else ()


@attrs.frozen(kw_only=True)
class Region:
    """One region's peculiarities that are data.

    ``local`` and ``province`` are prefixes of ``insuplc_admdvs`` for a local and an in-province person. ``areas`` are
    those of the places whose institutions the plugin serves, where they are not ``province``.
    ``insurances`` are the insurance types (insutype) that each kind of institution settles, in the order in which they
    are taken, empty for any. ``accounts`` are those whose personal account may pay, about which the person is asked.
    ``clearing`` gives ``clr_type`` for reconciliation by kind and place. ``reversible`` are the transactions that
    2601 may cancel here (None: as the baseline says). ``circumstances`` are what the arithmetic of settlements has to
    know of the region. ``a_variants`` says for whom the transactions with A are, by chapter (``pharmacy``,
    ``outpatient``, ``inpatient``, ``registrations``) or for all others (``*``); where nothing is said, for
    cross-province persons; ``prefer_a`` says the same as ``{"*": "always"}``. ``audit`` is what is done about the audit
    of fee rows where the deployment does not say it. ``row_limits`` says of transactions how many rows one call may
    bring. ``refusals`` says how it refuses, ``line`` what is public of its line. ``social_cards`` says as what a social
    security card goes. ``known_in_hospital`` are transactions of a stay before which nobody shows anything and 1101 is
    not asked: who is in hospital is known. ``expired_words`` are words of a refusal that says that what was shown (a
    code, a token) holds no longer. ``dedicated_line`` says that institutions are connected by a line of their own, on
    which nobody else is.
    ``targets`` are addresses that the region wants to be reached by ICMP. ``unanswered`` lists what has still
    to be asked of it, ``unmet`` the conditions of going live that this deployment does not meet yet.
    """

    name: str
    local: tuple[str, ...]
    province: tuple[str, ...]
    areas: tuple[str, ...] = ()
    insurances: Mapping[Kind, tuple[str, ...]] = attrs.field(factory=dict)
    accounts: tuple[str, ...] = ("310",)
    clearing: Mapping[Kind, Mapping[Place, str]] = attrs.field(factory=dict)
    style: WireStyle = NATIONAL
    reversible: frozenset[str] | None = None
    prefer_a: bool = False
    a_variants: Mapping[str, AVariants] = attrs.field(factory=dict)
    trace_codes: TraceCodes = "sale"
    circumstances: Circumstances = NATIONAL_CIRCUMSTANCES
    audit: Audit = "off"
    row_limits: Mapping[str, int] = attrs.field(factory=dict)
    refusals: Refusals = Refusals()
    line: LineDefaults = LineDefaults()
    social_cards: SocialCards = SocialCards()
    known_in_hospital: frozenset[str] = frozenset()
    expired_words: tuple[str, ...] = ()
    dedicated_line: bool = False
    targets: tuple[str, ...] = ()
    upload_window: str = ""
    """When daily uploads are taken: ``20:00-06:00``."""
    upload_windows: Mapping[str, str] = attrs.field(factory=dict)
    """The same of single transactions."""
    uploads: Mapping[Kind, tuple[str, ...]] = attrs.field(factory=dict)
    """The uploads that are wanted of each kind of institution; empty where the region has not said it."""
    upload_pauses: tuple[float, float] = (60.0, 4 * 3600.0)
    """Seconds before a record is tried again that was refused in words that pass with time: the first time, and at
    most; each time twice as long."""
    passing_words: tuple[str, ...] = ()
    """Words of a refusal that passes with time."""
    not_opened: Mapping[str, str] = attrs.field(factory=dict)
    """Chapters of the national interfaces that the region has not opened to every institution, and what its document
    says of them: ``mobile_payment``, ``prescription`` … They can be called all the same, for a document grows old: each
    call and ``check`` say so until ``features.opened`` names the chapter."""
    edition: str = ""
    """The edition of the specification that its tables follow (:mod:`liangding.national.editions`); empty where that is
    not known: then what official editions disagree about is told where it is missing, and refuses nothing."""
    unanswered: tuple[str, ...] = ()
    unmet: tuple[str, ...] = ()

    def place(self, insured_at: str) -> Place:
        """Local, in-province or cross-province, by the six digits of the insured place."""
        if insured_at.startswith(self.local):
            return Place.LOCAL
        return Place.PROVINCE if insured_at.startswith(self.province) else Place.CROSS

    def serves(self, area: str) -> bool:
        """Whether an institution in ``area`` (admdvs) is the plugin's to serve."""
        return area.startswith(self.areas or self.province)

    def a_variant(self, chapter: str) -> AVariants:
        """For whom that chapter's transactions are made in their variants with A."""
        others: AVariants = "always" if self.prefer_a else "cross_province"
        return self.a_variants.get(chapter, self.a_variants.get(EVERY_CHAPTER, others))


MUNICIPALITIES = ("11", "12", "31", "50")
"""直辖市: the first two digits are the city."""


def national_region(deployment: Deployment) -> Region:
    """What holds where no plugin says otherwise: the first four digits are the city, the first two the province."""
    area = deployment.institution.area
    local = area[:2] if area.startswith(MUNICIPALITIES) else area[:4]
    return Region(name=area, local=(local,), province=(area[:2],))
