"""What may be shown of a value, and the filter that keeps personal data and secrets out of logs.

Two nets: by the name of the field, and by the look of the value. A value that either of them catches is shown as
its kind and length only.
"""

from __future__ import annotations

import logging
import re
from typing import Any

PERSONAL_FIELDS = frozenset(
    {
        # who
        "psn_no",
        "psnNo",
        "psn_name",
        "psnName",
        "name",
        "userName",
        "patn_name",
        "patnName",
        "coner_name",
        "agnter_name",
        "certno",
        "certNo",
        "idNo",
        "idcard",
        "agnter_certno",
        "coner_certno",
        "prsc_dr_certno",
        "phar_certno",
        "nwb_name",
        "spus_name",
        "spus_certno",
        "patnCertno",
        "psnCertNo",
        "patn_cert_no",
        "dscg_psn_certno",
        "matn_psn_name",
        # by what
        "mdtrt_cert_no",
        "mdtrtCertNo",
        "card_no",
        "cardno",
        "card_sn",
        "cardSn",
        "ecToken",
        "ectoken",
        "ec_token",
        "ecQrCode",
        "ecIndexNo",
        "businessInfo",
        "authNo",
        "payAuthNo",
        "ecAuthCode",
        "card_token",
        "hcard_basinfo",
        "hcard_chkinfo",
        "password",
        "inputPassword",
        "oldPassword",
        "pwd",
        "pin",
        # where and how to reach
        "tel",
        "mobile",
        "phone",
        "coner_tel",
        "coner_addr",
        "coner_mob",
        "agnter_tel",
        "agnter_addr",
        "live_addr",
        "resd_addr",
        "addr",
        "emp_addr",
        "emp_tel",
        "curr_addr",
        "email",
        "brdy",
        "birthday",
        "acctno",
        "bankacct",
        "bank_acct_no",
        "exp_content",
        "expContent",
    }
)
"""Fields whose values are never shown, whatever they hold."""

SECRET_NAMES = re.compile(r"token|secret|passw|signature|api[_-]?key|paasid|authorization", re.IGNORECASE)

_NUMBERS = re.compile(
    r"(?<!\d)(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9}|\d{16,19}|\d{28})(?!\d)"  # identity, mobile, bank cards, shown codes
    r"|(?<![0-9A-Za-z])[A-Z]{1,2}\d{7,10}(?![0-9A-Za-z])"  # passports, permits of Hong Kong, Macao and Taiwan
    r"|\d{6}ec[0-9A-Za-z]{16,}"  # e-credential tokens
    # the same, written in groups: 4401 0119 5706 1290 12, 138-0013-8000
    r"|(?<!\d)(?:\d{6}[ -]\d{4}[ -]?\d{4}[ -]\d{3}[\dXx]|\d{4}(?:[ -]\d{4}){3}[ -]\d{1,3}[Xx]?"
    r"|1[3-9]\d[ -]\d{4}[ -]\d{4}|\d{4}(?:[ -]\d{4}){3})(?!\d)"
)
_PERSON_NUMBERS = re.compile(r"(?<!\d)[1-7]\d{19}(?!\d)")
"""人员编号 of 20 digits begin with a province; codes of packs of the same length with 8."""

_BEARER = re.compile(r"\b(?:bearer|basic)\s+[\w.~+/=-]{4,}", re.IGNORECASE)

_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻柏窦章苏潘葛奚范彭郎鲁韦昌马苗凤花俞袁柳史唐费廉岑薛雷贺倪汤"
    "滕殷罗毕郝邬乐傅卞齐康伍顾孟黄穆萧尹姚邵汪祁毛狄贝臧伏戴宋茅庞熊纪舒屈项祝董梁杜阮蓝闵季贾路娄江童颜郭梅盛林刁钟徐邱骆"
    "高夏蔡田樊胡凌霍虞万柯卢莫房丁邓洪左石崔龚程邢裴陆荣翁甄曲家封储靳焦巴谷侯班仲宫宁仇栾甘厉戎祖武符刘景詹束龙叶黎"
    "薄白蒲卓蔺屠池乔谭劳冉牛寿边燕冀郏浦尚温庄晏柴瞿阎艾向古易廖耿匡国文广欧聂晁勾敖冷辛阚简饶曾沙游肖涂闫付邝覃佘"
)
_TWICE = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|长孙|宇文|司徒|令狐|阿卜|买买|吐尔|古丽|艾买|阿不"
_NAMED = re.compile(
    r"(?P<who>参保人员?|患者|病人|就诊人员?|持卡人|被保险人|人员|姓名|联系人|代办人|老人|患儿|产妇|居民|职工|亲属|户名|本人)"
    rf"(?P<mark>(?:姓名)?[:：=为是【\[“\"'（( ]{{0,3}})(?P<name>(?:{_TWICE}|[{_SURNAMES}])[\u4e00-\u9fff·•]{{1,3}}?)"
    r"(?=[的已未在不没无于处与和因有】\]”\"'）)，,。；;：:、\s身证电手年性\d]|$)"
)
"""A name that stands in a sentence behind who it is: 参保人张三已停保, 患者【李四】, 姓名：王五."""

SHOWN_CHARACTERS = 40

MASKED_CHARACTERS = 20_000
"""So much of a text is looked at; what is longer is cut first, and says so."""


def shown(field: str, value: object) -> str | None:
    """``value`` as an error may show it: masked where it is personal, cut where it is long, None for nothing."""
    if value is None:
        return None
    if isinstance(value, dict | list):
        return f"{'对象' if isinstance(value, dict) else '列表'}，{len(value)} 项"
    plain = str(value)
    if is_personal(field) or SECRET_NAMES.search(field):
        return f"已隐去，{len(plain)} 位"
    masked = masked_text(_cut(plain, 10 * SHOWN_CHARACTERS), numbered=not field.lower().endswith(_OTHER_NUMBERS))
    return masked if len(plain) <= SHOWN_CHARACTERS else f"{masked[:SHOWN_CHARACTERS]}…（共 {len(plain)} 字）"


_OTHER_NUMBERS = ("setl_id", "mdtrt_id", "codg", "_code", "_sn", "_no", "bchno", "msgid")
"""Fields whose 20 digits are a settlement's, a visit's or a pack's."""

_declared: set[str] = set()
_endings: tuple[str, ...] = tuple(sorted(name.lower() for name in PERSONAL_FIELDS))


def keep_private(field: str) -> None:
    """From now on values of ``field`` are shown nowhere: a declaration says that they are personal."""
    global _endings
    if not is_personal(field):
        _declared.add(field)
        _endings = (*_endings, field.lower())


def is_personal(field: str) -> bool:
    """Whether values of that field are never shown."""
    return field in PERSONAL_FIELDS or field in _declared


_KEY = re.compile(r"""(?<![\w-])([\w-]++)\\{0,3}["']?\s*+[:=]\s*+""", re.ASCII)
_VALUE = re.compile(r"""\\{1,3}"[^"\\]*+\\{1,3}"|"(?:[^"\\]|\\.)*+"|'[^']*+'|[^\s,;}\])]++""")
"""A word with ``:`` or ``=``, and what stands there, as JSON, Python and logs write it, also in JSON within JSON."""

_LONGEST_NAME = 40


def _without_values(text: str) -> str:
    """The text with ``***`` for what private names name. Each character is looked at once, however long words are."""
    kept, at = [], 0
    for key in _KEY.finditer(text):
        if key.start() < at:
            continue
        private = key[1][-_LONGEST_NAME:].lower().endswith(_endings) or SECRET_NAMES.search(key[1])
        if private and (value := _VALUE.match(text, key.end())):
            kept += [text[at : key.end()], "***"]
            at = value.end()
    return "".join(kept) + text[at:]


def _cut(plain: str, most: int) -> str:
    """The beginning of a text, without a last word that may be a part of somebody's number."""
    if len(plain) <= most:
        return plain
    return re.sub(r"[\w+/=-]{1,64}\Z", "", plain[:most], flags=re.ASCII)


def masked_text(plain: str, *, numbered: bool = True) -> str:
    """Free text with everything that looks personal or secret replaced; what is beyond :data:`MASKED_CHARACTERS` is
    cut before anything is looked for. ``numbered`` false: numbers of 20 digits are no person's here."""
    cut = _cut(plain, MASKED_CHARACTERS)
    masked = _NUMBERS.sub("***", _without_values(_BEARER.sub("***", cut)))
    if numbered:
        masked = _PERSON_NUMBERS.sub("***", masked)
    masked = _NAMED.sub(r"\g<who>\g<mark>***", masked)
    return masked if len(plain) <= MASKED_CHARACTERS else f"{masked}…（共 {len(plain)} 字）"


OF_THE_SHOWN = frozenset({"number", "value", "token", "shown", "code"})
"""What the number of a credential stands under in stored states."""

HOLDS_THE_KEY = "psn_no"
"""A person's number on the platform: by it a business key is never another one's, however long ago."""

BORN = frozenset({"born", "brdy", "birthday"})


def without_persons(held: Any, *, within: bool = False) -> Any:
    """JSON values of the same shape without what names, reaches or identifies somebody: such a text is empty then, a
    birth date nothing, so that whoever reads the shape finds it; ``within`` a credential its numbers, too. The person's
    number on the platform stays."""
    if isinstance(held, list):
        return [without_persons(each, within=within) for each in held]
    if not isinstance(held, dict):
        return held
    return {name: _nameless(name, each, within or name == "credential") for name, each in held.items()}


def _nameless(name: str, held: Any, within: bool) -> Any:
    if name in BORN:
        return None
    if name == HOLDS_THE_KEY:
        return held
    if isinstance(held, str) and (is_personal(name) or (within and name in OF_THE_SHOWN)):
        return ""
    return without_persons(held, within=within)


def masked_name(name: str) -> str:
    """A name of which the first character is shown."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def masked_number(number: str) -> str:
    """A person's number, enough of it to compare."""
    return f"{number[:2]}{'*' * max(len(number) - 6, 1)}{number[-4:]}" if len(number) > 6 else "*" * len(number)


class MaskingFilter(logging.Filter):
    """Puts every record's finished message, and the text of its exception, through :func:`masked_text`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked_text(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masked_text(record.exc_text)
        return True


def logger(name: str) -> logging.Logger:
    """The logger of a module of ours: masked, whatever handlers the host program installs."""
    found = logging.getLogger(f"liangding.{name}")
    if not any(isinstance(f, MaskingFilter) for f in found.filters):
        found.addFilter(MaskingFilter())
    return found
