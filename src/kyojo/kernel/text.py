"""Japanese text: kana, widths, eras (和暦)."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from .errors import Invalid

# --- width and kana -----------------------------------------------------------------------------
_SPACES = re.compile(r"\s+")
#: ぁ–ゖ and ゝゞ stand 0x60 before ァ–ヶ and ヽヾ.
_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_TO_HIRAGANA = {katakana: hiragana for hiragana, katakana in _TO_KATAKANA.items()}
_KATAKANA_NAME = re.compile(r"[ァ-ヺーヽヾ・ ]*[ァ-ヺ][ァ-ヺーヽヾ・ ]*")


def normalised(text: str) -> str:
    """``text`` in NFKC (full-width letters and digits become half-width, half-width kana full),
    with every run of white space, also the ideographic one, as one space and none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def to_katakana(text: str) -> str:
    """Hiragana become katakana; everything else stays."""
    return text.translate(_TO_KATAKANA)


def to_hiragana(text: str) -> str:
    """Katakana become hiragana; everything else stays (also ー and ・)."""
    return text.translate(_TO_HIRAGANA)


def kana_name(text: str) -> str | None:
    """A name's reading as stored: katakana, one space between the parts.

    Takes hiragana, katakana and half-width katakana; None when anything else is in it.
    """
    name = to_katakana(normalised(text))
    return name if _KATAKANA_NAME.fullmatch(name) else None


def phone_number(text: str) -> str | None:
    """A Japanese telephone number as its 10 or 11 digits, or None. Takes hyphens, spaces,
    brackets, full-width digits and +81."""
    digits = re.sub(r"[\s()\-‐-―ー−ｰ.]", "", normalised(text))
    if digits.startswith("+81"):
        digits = "0" + digits[3:].removeprefix("0")
    return digits if re.fullmatch(r"0[0-9]{9,10}", digits) else None


# --- eras ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Era:
    """An era (元号): its first day, and the year it counts from (year 1 is ``before`` + 1)."""

    name: str
    letter: str
    first_day: date
    years: int | None  # how many it had; None while it runs

    @property
    def before(self) -> int:
        return self.first_day.year - 1


#: Newest first. Source: 元号を改める政令 of 2019, 1989, 1926 and 1912, 太政官布告 of 1868.
ERAS = (
    Era("令和", "R", date(2019, 5, 1), None),
    Era("平成", "H", date(1989, 1, 8), 31),
    Era("昭和", "S", date(1926, 12, 25), 64),
    Era("大正", "T", date(1912, 7, 30), 15),
    Era("明治", "M", date(1868, 10, 23), 45),
)
_YEAR = re.compile(r"(?P<era>令和|平成|昭和|大正|明治|[RHSTM])?\.?(?P<number>[0-9]{1,4}|元)年?")


class YearUnreadable(Invalid):
    code = "year_unreadable"
    sentence = "年は、{western}か{era}のように入れてください。"


class EraYearUnknown(Invalid):
    code = "era_year_unknown"
    sentence = "{era}は{years}年までです。年を確かめてください。"


class DatePartMissing(Invalid):
    code = "date_part_missing"
    sentence = "{part}を入れてください。"


class MonthWrong(Invalid):
    code = "month_wrong"
    sentence = "月を1から12の数字で入れてください。"


class DayWrong(Invalid):
    code = "day_wrong"
    sentence = "{month}は{days}日までです。日を1から{days}の数字で入れてください。"


def era_of(day: date) -> tuple[Era, int]:
    """The era of ``day`` and the year in it. Days before 明治 raise ``ValueError``."""
    for era in ERAS:
        if day >= era.first_day:
            return era, day.year - era.before
    raise ValueError("no era before Meiji")


def wareki(day: date) -> str:
    """The year of ``day`` in its era: ``令和8年``, ``令和元年``; before 明治 the western one."""
    if day < ERAS[-1].first_day:
        return f"{day.year}年"
    era, year = era_of(day)
    return f"{era.name}{'元' if year == 1 else year}年"


_CHOME = re.compile(r"^.*?[0-9０-９一二三四五六七八九十]+\s*丁目")
_NUMBERS = re.compile(r"[0-9０-９]")


def chome(address: str) -> str:
    """An address as far as its 丁目, or as far as its first number; "" where it has none, since
    nobody knows then where its neighbourhood ends.

    ``沖見台3丁目3番33号`` → ``沖見台3丁目``; ``みどり浜市 港地区 見本町 1-2-3`` → ``みどり浜市
    港地区 見本町``.
    """
    block = _CHOME.match(address)
    if block is not None:
        return block.group()
    number = _NUMBERS.search(address)
    return address[: number.start()].rstrip(" 　字第") if number else ""


def fiscal_year_name(year: int) -> str:
    """``2026年度（令和8年度）`` (named after its first day, 1 April)."""
    return f"{year}年度（{wareki(date(year, 4, 1))}度）"


def year_number(text: str, *, near: int | None = None) -> int:
    """The western year of ``2026``, ``令和8``, ``R8``, ``昭和23年``, ``令和元``; any width.

    Arguments:
        near: a western year. A bare number such as ``8`` is read as a year of the era that runs,
            when that lies within two years of ``near``; without ``near`` it is refused.

    Raises:
        YearUnreadable: not a year. EraYearUnknown: the era never had that year.
    """
    match = _YEAR.fullmatch(normalised(text).replace(" ", "").upper())
    sample = near or 1948
    refusal = YearUnreadable(
        field="year", western=sample, era=wareki(date(sample, 12, 31)).removesuffix("年")
    )
    if match is None:
        raise refusal
    number = 1 if match["number"] == "元" else int(match["number"])
    if match["era"]:
        era = next(era for era in ERAS if match["era"] in (era.name, era.letter))
        if number < 1 or (era.years is None and number > 99):
            raise refusal
        if era.years is not None and number > era.years:
            raise EraYearUnknown(field="year", era=era.name, years=era.years)
        return era.before + number
    if len(match["number"]) == 4 and number >= ERAS[-1].first_day.year:
        return number
    current = ERAS[0].before + number
    if near is not None and match["number"] != "元" and abs(current - near) <= 2:
        return current
    raise refusal


def date_of_parts(year: str, month: str, day: str, *, near: int | None = None) -> date:
    """The date that three boxes say, each as typed. ``near`` as in ``year_number``.

    Raises ``Invalid`` with ``field`` "year", "month" or "day": the first box to put right.
    """
    typed = {"year": normalised(year), "month": normalised(month), "day": normalised(day)}
    for part, name in (("year", "年"), ("month", "月"), ("day", "日")):
        if not typed[part]:
            raise DatePartMissing(field=part, part=name)
    year_value = year_number(typed["year"], near=near)
    month_text = typed["month"].removesuffix("月")
    if not re.fullmatch(r"[0-9]{1,2}", month_text) or not 1 <= int(month_text) <= 12:
        raise MonthWrong(field="month")
    month_value = int(month_text)
    days = monthrange(year_value, month_value)[1]
    day_text = typed["day"].removesuffix("日")
    if not re.fullmatch(r"[0-9]{1,2}", day_text) or not 1 <= int(day_text) <= days:
        # February's length depends on the year, so the year is said there and only there.
        named = f"{year_value}年2月" if month_value == 2 else f"{month_value}月"
        raise DayWrong(field="day", month=named, days=days)
    return date(year_value, month_value, int(day_text))
