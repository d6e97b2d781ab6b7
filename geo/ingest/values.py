"""What is this text worth as a number, date, amount, word, identifier? One parser per kind of value.

The same parsers check a cell of a spreadsheet and a field of a request. Each is a `Kind`: called with a text it gives
the value or raises `Wrong` with a sentence. Nothing is rounded or guessed; what has two readings is refused.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import h3
import pyarrow as pa
import shapely

from geo.errors import N_, Message
from geo.geocode.coordinates import Coordinates, is_short_link, read_coordinates
from geo.ingest import words
from geo.ingest.findings import NOTHING, short
from geo.vocabulary import CountQualifier, Word

YEARS = (1800, 2100)
# counts above this are typing errors: there are not so many people
MOST_PEOPLE = 10_000_000_000
# in kopecks; below 2**53, so that sums over columns stay exact
MOST_MINOR = 9 * 10**15
EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_SERIALS = range(10_000, 80_000)  # 1927 to 2119
BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f']+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# what people write where there is nothing
NOTHING_SAID = frozenset(
    {"", "-", "–", "—", "−", "...", "…", "н/д", "нет", "нет данных", "не указано", "не указан", "неизвестно"}
    | {"не определено", "n/a", "na", "nan", "none", "null"}
)
# in tables of figures a cross says that a number makes no sense there
NO_FIGURE = frozenset({"x", "х"})
SPREADSHEET_ERROR = re.compile(
    r"^#(REF|N/A|VALUE|DIV/0|NAME|NULL|NUM|ЗНАЧ|ССЫЛКА|ИМЯ|Н/Д|ДЕЛ/0|ЧИСЛО|ПУСТО)[!?]?$|^#+$", re.I
)


class Wrong(ValueError):
    """A value that cannot be used; carries the sentence and the remedy."""

    def __init__(self, code: str, message: str, remedy: str = "", **params: object) -> None:
        self.code = code
        self.message = Message(message, params)
        self.remedy = Message(remedy, params) if remedy else NOTHING
        super().__init__(str(self.message))


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of value: `parse` turns non-empty text into the value, `arrow` is the column type of the result.

    `longest` bounds the text before a parser sees it (None: the parser does), so that no text can keep one busy.
    """

    name: str
    parse: Callable[[str], Any]
    arrow: pa.DataType
    keeps_marks: bool = False
    warns: Callable[[Any], Message | None] | None = None
    longest: int | None = 300

    def __call__(self, value: Any) -> Any:
        """The value of a request field: typed values are taken through the same parser as texts."""
        if value is None or (isinstance(value, (list, tuple)) and not value):
            return None
        if isinstance(value, float) and not math.isfinite(value):
            raise Wrong("number_infinite", N_("{value} is no finite number."), value=value)
        if isinstance(value, (list, tuple)):
            value = ";".join(str(item) for item in value)
        text = stripped(written(value))
        return None if self.empty(text) else self.read(text)

    def read(self, text: str) -> Any:
        """The value of a text that is not empty."""
        if self.longest is not None and len(text) > self.longest:
            raise too_long(len(text), self.longest)
        return self.parse(text)

    def empty(self, text: str) -> bool:
        """Whether a text says that there is nothing."""
        said = text.casefold()
        if not text or (said in NO_FIGURE and self.arrow != pa.string()):
            return True
        return not self.keeps_marks and said in NOTHING_SAID


def written(value: Any) -> str:
    """A JSON value as a person would have typed it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def stripped(text: str) -> str:
    """A text without blanks around it, non-breaking ones included."""
    return text.strip().strip("\u00a0\u202f\ufeff")


# --- text ------------------------------------------------------------------------------------------------------------


def text_of(longest: int) -> Callable[[str], str]:
    """A parser of free text up to a length."""

    def parse(value: str) -> str:
        clean = CONTROL.sub("", value)
        if not clean.isascii():
            clean = unicodedata.normalize("NFC", clean)
        if len(clean) > longest:
            raise too_long(len(clean), longest)
        return clean

    return parse


def too_long(length: int, longest: int) -> Wrong:
    """The refusal of a text that is longer than its field."""
    return Wrong(
        "text_too_long",
        N_("The text has {length} characters; {longest} are allowed."),
        N_("Shorten it, or move the rest into the description."),
        length=length,
        longest=longest,
    )


def web_address(value: str) -> str:
    """An http(s) address; one without scheme gets https."""
    address = value if "://" in value else f"https://{value}"
    if (
        not re.match(r"^https?://[^\s/?#@]+\.[^\s]+$", address, re.I)
        or CONTROL.search(address)
        or '"' in address
        or "<" in address
    ):
        raise Wrong(
            "url",
            N_("This is no web address: {value}"),
            N_("It begins with https:// and has no blanks."),
            value=short(value),
        )
    return address


# --- numbers ---------------------------------------------------------------------------------------------------------


def decimal_of(value: str) -> Decimal:
    """An exact number out of Russian or English writing: `1 473,50`, `1,473.50`, `1473.5`, `1.473,50`, `12 %`.

    >>> decimal_of("1 473,5")
    Decimal('1473.5')
    """
    try:
        if value.isascii() and "," not in value and "_" not in value:
            return finite(Decimal(value), value)
    except InvalidOperation:
        pass
    plain = BLANKS.sub("", value).replace("−", "-").replace("–", "-").removesuffix("%")
    if SPREADSHEET_ERROR.match(plain):
        raise Wrong(
            "spreadsheet_error",
            N_("The cell holds the spreadsheet error {value}."),
            N_("Repair the formula and save the file again."),
            value=plain,
        )
    commas, points = plain.count(","), plain.count(".")
    if commas and points:
        decimal_sign = "," if plain.rfind(",") > plain.rfind(".") else "."
        plain = plain.replace("." if decimal_sign == "," else ",", "").replace(",", ".")
    elif commas == 1 and re.fullmatch(r"-?[1-9]\d{0,2},000", plain):
        raise Wrong(
            "number_two_readings",
            N_("{value} can mean thousands or a fraction."),
            N_("Write it without the comma."),
            value=value,
        )
    elif commas > 1 or points > 1:
        plain = grouped(plain)
    else:
        plain = plain.replace(",", ".")
    try:
        if "_" in plain:
            raise InvalidOperation
        return finite(Decimal(plain), value)
    except InvalidOperation:
        raise not_a_number(value) from None


def grouped(plain: str) -> str:
    """`1,234,567` and `1.234.567` without their group signs; anything else stays and fails."""
    return re.sub("[,.]", "", plain) if re.fullmatch(r"-?\d{1,3}([,.])\d{3}(\1\d{3})*", plain) else plain


def finite(number: Decimal, value: str) -> Decimal:
    """The number unless it is NaN or infinite."""
    if not number.is_finite() or number.adjusted() > 30:
        raise Wrong(
            "number_infinite",
            N_("{value} is no finite number."),
            N_("Leave the cell empty when the number is not known."),
            value=short(value),
        )
    return number


def not_a_number(value: str) -> Wrong:
    """The refusal of a text where a number should be."""
    return Wrong(
        "number", N_("{value} is no number."), N_("Write digits only, for example 1473 or 1473,5."), value=short(value)
    )


def whole(least: int = 0, most: int = MOST_PEOPLE) -> Callable[[str], int]:
    """A parser of whole numbers within bounds."""

    def parse(value: str) -> int:
        if value.isdecimal() and value.isascii() and len(value) < 18:
            number = int(value)
        else:
            exact = decimal_of(PEOPLE_WORDS.sub("", value))
            if exact != exact.to_integral_value():
                raise Wrong(
                    "number_not_whole",
                    N_("{value} is not a whole number."),
                    N_("Counts are whole numbers."),
                    value=short(value),
                )
            number = int(exact)
        if not least <= number <= most:
            raise Wrong(
                "number_range",
                N_("{value} is not between {least} and {most}."),
                value=short(value),
                least=least,
                most=most,
            )
        return number

    return parse


def real(value: str) -> float:
    """A finite number."""
    try:
        number = float(value) if value.isascii() and "_" not in value else math.nan
    except ValueError:
        number = math.nan
    return number if math.isfinite(number) else float(decimal_of(value))


def coordinate(value: str) -> float:
    """Latitude or longitude in degrees (also 51°31′48″); metres are let through for the systems that use them."""
    sexagesimal = DEGREES.match(value) if "°" in value or "º" in value else None
    number = from_minutes(sexagesimal) if sexagesimal else real(value.removesuffix("°"))
    if abs(number) > 1e8:
        raise Wrong(
            "coordinate",
            N_("{value} is no coordinate."),
            N_("Write degrees with a point, for example 51.53."),
            value=short(value),
        )
    return number


HEMISPHERE = r"([NSEWСЮВЗ])(?:\.?\s*[шд]\.?)?"
DEGREES = re.compile(
    rf"^(?:{HEMISPHERE})?\s*(\d{{1,3}})\s*[°º]\s*(?:(\d{{1,2}}(?:[.,]\d+)?)\s*['′’]\s*)?"
    rf"(?:(\d{{1,2}}(?:[.,]\d+)?)\s*(?:\"|″|''|”)\s*)?(?:{HEMISPHERE})?$",
    re.I,
)


def from_minutes(match: re.Match[str]) -> float:
    """Degrees out of degrees, minutes and seconds: 51°31′48″ N."""
    degree, minute, second = (float((part or "0").replace(",", ".")) for part in match.group(2, 3, 4))
    sign = -1 if (match.group(1) or match.group(5) or "").upper() in ("S", "W", "Ю", "З") else 1
    return sign * (degree + minute / 60 + second / 3600)


def pair(value: str) -> Coordinates:
    """Both coordinates out of one text: a pair, degrees and minutes, a map link, a point in WKT."""
    found = read_coordinates(value)
    if found is None or not (found.sure or found.whole):
        raise Wrong(
            "coordinates",
            N_("{value} is a short link, which does not hold the place itself.")
            if is_short_link(value)
            else N_("{value} is no pair of coordinates."),
            N_("Write latitude and longitude, for example 51.53, 46.03, or empty the cell."),
            value=short(value),
        )
    return found


CURRENCY_SIGN = re.compile(r"(?:руб(?:\.|лей|ля|ль)?|р\.|₽|сом(?:ов|а)?|€|eur|rub|kgs|\$|usd)$", re.I)
SCALES = (("млрд", 9), ("млн", 6), ("тыс", 3))
SCALE = re.compile(r"\s*(млрд|млн|тыс)\.?\s*$", re.I)


def multiplied(value: str, exponent: int) -> str:
    """A number in larger units as one in plain units, exactly; what states its own units stays.

    >>> multiplied("12,5", 3), multiplied("2 млн руб.", 3)
    ('12500', '2 млн руб.')
    """
    plain = CURRENCY_SIGN.sub("", value.strip()).strip()
    return value if SCALE.search(plain) else format(decimal_of(plain).scaleb(exponent).normalize(), "f")


def minor_units(value: str) -> int:
    """An amount in major units as whole minor units, exactly: `1 234,56 руб.` is 123456; `тыс.` may follow."""
    plain = CURRENCY_SIGN.sub("", value.strip()).strip()
    scale = SCALE.search(plain)
    exponent = dict(SCALES)[scale.group(1).lower()] if scale else 0
    amount = decimal_of(plain[: scale.start()] if scale else plain).scaleb(exponent + 2)
    if amount != amount.to_integral_value():
        raise Wrong(
            "money_fraction",
            N_("{value} has fractions of a kopeck."),
            N_("Round it to kopecks in the source."),
            value=short(value),
        )
    if not 0 <= amount <= MOST_MINOR:
        raise Wrong(
            "money_range", N_("{value} is not an amount of money."), N_("Amounts are not negative."), value=short(value)
        )
    return int(amount)


# --- counts with a qualifier -----------------------------------------------------------------------------------------

QUALIFIED = re.compile(r"^\s*([^\W\d][^\d+]*?)\s*([\d].*)$|^\s*([\d][\d\s\u00a0.,]*)\+\s*$|^\s*([~≈>≥])\s*([\d].*)$")
LONGEST_COUNT = 300
SIGN_QUALIFIERS = {"~": "about", "≈": "about", ">": "at_least", "≥": "at_least"}
PEOPLE_WORDS = re.compile(r"\s*(?:чел(?:\.|овек[а-я]*)?|жител[а-я]*|участник[а-я]*|people|persons|residents)\s*$", re.I)


def qualified(value: str) -> tuple[str, str | None]:
    """A count without its qualifier, and the qualifier: `не менее 140 человек` is (`140`, `at_least`).

    >>> qualified("около 1 200")
    ('1 200', 'about')
    """
    if value.isdecimal() or len(value) > LONGEST_COUNT:
        return value, None
    plain = PEOPLE_WORDS.sub("", value)
    match = QUALIFIED.match(plain)
    if match is None:
        return plain, None
    if match.group(3):
        return match.group(3), CountQualifier.AT_LEAST.value
    if match.group(4):
        return match.group(5), SIGN_QUALIFIERS[match.group(4)]
    code = words.find(CountQualifier, match.group(1))
    return (match.group(2), code) if code else (value, None)


# --- dates -----------------------------------------------------------------------------------------------------------

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "январь января янв january jan",
            "февраль февраля фев february feb",
            "март марта мар march mar",
            "апрель апреля апр april apr",
            "май мая may",
            "июнь июня июн june jun",
            "июль июля июл july jul",
            "август августа авг august aug",
            "сентябрь сентября сен сент september sep",
            "октябрь октября окт october oct",
            "ноябрь ноября ноя november nov",
            "декабрь декабря дек december dec",
        ),
        start=1,
    )
    for name in names.split()
}
ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$")
DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?:\s+\d{1,2}:\d{2}.*)?(?:\s*г\.?)?$")
SLASHED = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,].*)?$")
WORDED = re.compile(r"^«?(\d{1,2})»?\s+([^\W\d]+)\.?\s+(\d{4})(?:\s*г(?:\.|ода)?)?$")
MONTH_ONLY = re.compile(r"^(?:(\d{4})-(\d{1,2})|(\d{1,2})\.(\d{4})|([^\W\d]+)\s+(\d{4})(?:\s*г(?:\.|ода)?)?)$")
YEAR_ONLY = re.compile(r"^(\d{4})(?:\s*(?:г\.?|год[а-я]*))?$")
CORRECT_YEAR = N_("Correct the year in this row; two digits belong to the century around now.")
WRITE_DATES = N_("Write dates as 2024-12-31 or 31.12.2024.")


@lru_cache(maxsize=200_000)
def day(value: str, end: bool = False, month_first: bool = False) -> date:
    """A date out of ISO, `31.12.2024`, `31 декабря 2024 г.`, an Excel serial, a month or a year.

    A month or a year means its first day, its last one with `end`. `3/4/2024` is read only when one reading is
    possible, unless `month_first` says that the column puts the month first.
    """
    numbers = date_numbers(value, end, month_first)
    if numbers is None:
        raise Wrong("date", N_("{value} is no date."), WRITE_DATES, value=short(value))
    try:
        found = date(*numbers)
    except ValueError:
        raise Wrong("date", N_("There is no such day: {value}."), WRITE_DATES, value=short(value)) from None
    if not YEARS[0] <= found.year <= YEARS[1]:
        raise Wrong(
            "date_range",
            N_("The year of {value} is not between {least} and {most}."),
            CORRECT_YEAR,
            value=short(value),
            least=YEARS[0],
            most=YEARS[1],
        )
    return found


def date_numbers(value: str, end: bool, month_first: bool) -> tuple[int, int, int] | None:
    """Year, month and day of a date text, not yet checked against the calendar."""
    if match := ISO.match(value):
        return int(match[1]), int(match[2]), int(match[3])
    if match := DOTTED.match(value):
        return full_year(match[3]), int(match[2]), int(match[1])
    if match := SLASHED.match(value):
        return slashed(match, month_first)
    if match := WORDED.match(value):
        return int(match[3]), MONTHS.get(match[2].casefold(), 0), int(match[1])
    return vague(value, end)


def full_year(digits: str) -> int:
    """A year of two digits belongs to the century around now."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def slashed(match: re.Match[str], month_first: bool) -> tuple[int, int, int]:
    """`31/12/2024` and `12/31/2024`; both parts up to twelve have two readings."""
    first, second, year = (int(part) for part in match.groups())
    if first <= 12 and second <= 12 and first != second and not month_first:
        raise Wrong(
            "date_two_readings", N_("{value} can be read with the day or the month first."), WRITE_DATES, value=match[0]
        )
    return (year, first, second) if month_first or second > 12 else (year, second, first)


def vague(value: str, end: bool) -> tuple[int, int, int] | None:
    """A year, a month, or the serial number of a spreadsheet date."""
    if match := YEAR_ONLY.match(value):
        return (int(match[1]), 12, 31) if end else (int(match[1]), 1, 1)
    if match := MONTH_ONLY.match(value):
        year = int(match[1] or match[4] or match[6])
        month = int(match[2] or match[3] or 0) or MONTHS.get((match[5] or "").casefold(), 0)
        return last_day(year, month) if end else (year, month, 1)
    serial = value.split(".")[0]
    if serial.isdecimal() and len(serial) == 5 and int(serial) in EXCEL_SERIALS:
        found = EXCEL_EPOCH + timedelta(days=int(serial))
        return found.year, found.month, found.day
    return None


def last_day(year: int, month: int) -> tuple[int, int, int]:
    """The last day of a month."""
    if not 1 <= month <= 12:
        return year, month, 1
    following = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return following.year, following.month, following.day


def month_comes_first(values: list[str]) -> bool:
    """Whether slashed dates put the month first: some second part is above twelve, no first part is."""
    parts = [(int(match[1]), int(match[2])) for value in values if (match := SLASHED.match(stripped(value)))]
    return any(second > 12 for _, second in parts) and not any(first > 12 for first, _ in parts)


def year(value: str) -> int:
    """A year, or the year of a date."""
    found = int(value) if value.isdecimal() and len(value) == 4 else day(value).year
    if not YEARS[0] <= found <= YEARS[1]:
        raise Wrong(
            "date_range",
            N_("The year of {value} is not between {least} and {most}."),
            CORRECT_YEAR,
            value=short(value),
            least=YEARS[0],
            most=YEARS[1],
        )
    return found


# --- words and identifiers -------------------------------------------------------------------------------------------


def word(vocabulary: type[Word]) -> Callable[[str], str]:
    """A parser of one word of a closed list, to its code."""

    def parse(value: str) -> str:
        code = words.find(vocabulary, value)
        if code is None:
            near = words.closest(vocabulary, value)
            raise Wrong(
                f"{vocabulary.context()}_unknown",
                N_("{value} is not one of the known words."),
                N_("Did you mean {near}? Known codes: {codes}.") if near else N_("Known codes: {codes}."),
                value=short(value),
                near=near,
                codes=", ".join(vocabulary.codes()),
            )
        return vocabulary(code)

    return parse


def several(parse: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    """A parser of values divided by semicolons; repeated ones count once."""

    def parse_all(value: str) -> list[Any]:
        return list(dict.fromkeys(parse(part.strip()) for part in value.split(";") if part.strip()))

    return parse_all


YES = frozenset({"yes", "y", "true", "1", "да", "д", "истина", "+", "есть", "ооба"})
NO = frozenset({"no", "n", "false", "0", "нет", "н", "ложь", "-", "жок"})


def flag(value: str) -> bool:
    """Yes or no in several languages."""
    said = value.casefold()
    if said in YES:
        return True
    if said in NO:
        return False
    raise Wrong("flag", N_("{value} is neither yes nor no."), N_("Write yes or no (да, нет)."), value=short(value))


def digits(*lengths: int, name: str) -> Callable[[str], str]:
    """A parser of an identifier of digits; one leading zero that a spreadsheet dropped is put back."""

    def parse(value: str) -> str:
        plain = BLANKS.sub("", value).removesuffix(".0")
        if plain.isdecimal() and plain.isascii():
            for candidate in (plain, f"0{plain}"):
                if len(candidate) in lengths:
                    return candidate
        raise Wrong(
            "identifier",
            N_("{value} is no {name}: it has {lengths} digits."),
            value=short(value),
            name=name,
            lengths=" / ".join(str(length) for length in lengths),
        )

    return parse


def check_digits(value: str) -> Message | None:
    """A warning when the control digits of an INN or OGRN do not fit."""
    number = [int(digit) for digit in value]
    fits = True
    if len(value) == 10:
        fits = control(number, (2, 4, 10, 3, 5, 9, 4, 6, 8)) == number[9]
    elif len(value) == 12:
        fits = control(number, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) == number[10]
        fits = fits and control(number, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)) == number[11]
    elif len(value) in (13, 15):
        fits = int(value[:-1]) % (len(value) - 2) % 10 == number[-1]
    return None if fits else Message(N_("The control digits of {value} do not fit."), {"value": value})


def control(number: list[int], weights: tuple[int, ...]) -> int:
    """The control digit of an INN."""
    return sum(digit * weight for digit, weight in zip(number, weights, strict=False)) % 11 % 10


def osm_id(value: str) -> str:
    """`relation/12345`; `r12345` and a bare number (a relation) are taken."""
    match = re.fullmatch(r"(?:(r|w|n|relation|way|node)\s*/?\s*)?-?(\d{1,15})(?:\.0)?", value.strip(), re.I)
    if match is None:
        raise Wrong(
            "identifier", N_("{value} is no OpenStreetMap identifier."), N_("Write relation/12345."), value=short(value)
        )
    kind = {"r": "relation", "w": "way", "n": "node"}[(match[1] or "r")[0].lower()]
    return f"{kind}/{match[2]}"


def wikidata_id(value: str) -> str:
    """`Q649`, also out of an address."""
    match = re.fullmatch(r"(?:https?://(?:www\.)?wikidata\.org/(?:wiki|entity)/)?(Q[1-9]\d{0,11})", value.strip(), re.I)
    if match is None:
        raise Wrong(
            "identifier",
            N_("{value} is no Wikidata identifier."),
            N_("Write Q and digits, for example Q649."),
            value=short(value),
        )
    return match[1].upper()


def cell(value: str) -> str:
    """An H3 cell index as lower-case hexadecimal text."""
    index = value.lower().removeprefix("0x")
    try:
        valid = h3.is_valid_cell(index)
    except (ValueError, TypeError):
        valid = False
    if not valid:
        raise Wrong(
            "h3",
            N_("{value} is no H3 cell."),
            N_("An H3 cell is written in 15 hexadecimal digits."),
            value=short(value),
        )
    return index


CURRENCIES = {
    "руб": "RUB",
    "рубль": "RUB",
    "рублей": "RUB",
    "₽": "RUB",
    "р": "RUB",
    "сом": "KGS",
    "сомов": "KGS",
    "евро": "EUR",
    "€": "EUR",
    "доллар": "USD",
    "долларов": "USD",
    "$": "USD",
}


def currency(value: str) -> str:
    """A currency code of three letters."""
    plain = value.casefold().rstrip(".")
    code = CURRENCIES.get(plain, value.upper())
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Wrong(
            "currency",
            N_("{value} is no currency."),
            N_("Write its code of three letters, for example RUB or KGS."),
            value=short(value),
        )
    return code


def wkt(value: str) -> Any:
    """A shape out of WKT; an `SRID=4326;` in front is passed over."""
    try:
        shape = shapely.from_wkt(re.sub(r"^\s*SRID=4326;", "", value, flags=re.I))
    except (shapely.GEOSException, ValueError, TypeError):
        shape = None
    if shape is None or shape.is_empty:
        raise Wrong(
            "wkt",
            N_("The shape cannot be read: {value}"),
            N_("Write WKT, for example POINT (46.03 51.53)."),
            value=short(value)[:60],
        )
    return shape
