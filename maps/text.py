"""How is it said in this language? Messages, titles of codes, numbers, dates and units for people.

Catalogues are the *.po files of maps/locale/<lang>/, one per area, merged once per process; English needs none because
the msgids are English sentences. Numbers follow Babel's CLDR data and round half up, as a reader would by hand.
"""

from __future__ import annotations

import datetime
import gettext
import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent, get_decimal_symbol

from geo.errors import N_, Message, fill
from geo.vocabulary import MissingReason, Word

LOCALE = Path(__file__).parent / "locale"
SOURCE_LANG = "en"
DEFAULT_LANG = "ru"

Title = Word | Message | str

# the unit of a measure, as it stands after its title; shares and lengths carry theirs in the number itself
UNIT_TITLES = {
    "share": N_("share, %"),
    "per_1000": N_("per 1,000 people"),
    "people": N_("people"),
    "count": N_("number"),
    "m": N_("metres"),
    "per_km2": N_("per km²"),
    "index": N_("index"),
    "points": N_("percentage points"),
    "minor": N_("money"),
}
DIGITS = {"per_1000": 1, "per_km2": 1, "index": 2, "points": 1}
YEAR, MONTH, QUARTER = re.compile(r"\d{4}"), re.compile(r"(\d{4})-(\d{2})"), re.compile(r"(\d{4})-Q([1-4])")


@cache
def languages() -> tuple[str, ...]:
    """The languages that can be asked for, the default first."""
    folders = sorted(path.name for path in LOCALE.iterdir() if path.is_dir())
    return tuple(dict.fromkeys((DEFAULT_LANG, *folders, SOURCE_LANG)))


def known(lang: str) -> str:
    """The language itself, or the default when there is no catalogue for it."""
    return lang if lang in languages() else DEFAULT_LANG


@cache
def catalogue(lang: str) -> Catalog:
    """All messages of a language, the areas merged."""
    merged = Catalog(locale=lang)
    for path in sorted((LOCALE / lang).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=lang):
                if message.id:
                    merged[message.id] = message
    return merged


@cache
def translations(lang: str) -> gettext.NullTranslations:
    """The compiled catalogue; the source language answers with the msgids themselves."""
    if lang == SOURCE_LANG or lang not in languages():
        return gettext.NullTranslations()
    binary = io.BytesIO()
    write_mo(binary, catalogue(lang))
    binary.seek(0)
    return gettext.GNUTranslations(binary)


def translate(message: Message | str, lang: str) -> str:
    """A sentence in the language, its named places filled; words among the parameters are translated too."""
    if isinstance(message, str):
        return translations(lang).gettext(message) if message else ""
    text = translations(lang).gettext(message.msgid) if message.msgid else ""
    return fill(text, {name: quoted(text, name, said) for name, said in spoken(message.params.items(), lang).items()})


def quoted(template: str, name: str, value: object) -> object:
    """A parameter that the sentence puts in «» without doubled quotes: its own ones go, or become inner ones.

    >>> quoted("«{a}» …", "a", "«Заречье»"), quoted("«{a}» …", "a", 'ТОС «Заречье»'), quoted("{a}", "a", "«Заречье»")
    ('Заречье', 'ТОС „Заречье“', '«Заречье»')
    """
    if not isinstance(value, str) or f"«{{{name}}}»" not in template:
        return value
    whole = WHOLLY_QUOTED.fullmatch(value)
    return whole[1] or whole[2] if whole else value.translate(INNER_QUOTES)


def spoken(params: Iterable[tuple[str, object]], lang: str) -> dict[str, object]:
    """Parameters as they are shown: words and messages said, numbers and dates written out."""
    return {name: parameter(value, lang) for name, value in params}


READABLE = 1e12
WHOLLY_QUOTED = re.compile(r"«([^«»]+)»|\"([^\"]+)\"")
INNER_QUOTES = str.maketrans("«»", "„“")
MINUS = "\N{MINUS SIGN}"


def parameter(value: object, lang: str) -> object:
    """One parameter of a message in the language."""
    if isinstance(value, Word | Message):
        return say(value, lang)
    if isinstance(value, datetime.date):
        return day(value, lang)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000:
        return number(value, lang)
    if isinstance(value, float) and abs(value) < READABLE:  # somebody's 1e22, infinite or NaN is shown as it was typed
        return number(value, lang, digits=6)
    return value


def title(word: Word, lang: str) -> str:
    """The title of a code, looked up with its list as context."""
    return translations(lang).pgettext(word.context(), word.title_msgid)


def say(text: Title, lang: str) -> str:
    """Any title in the language: a code, a message, an msgid, or a stored name as it is."""
    if isinstance(text, Word):
        return title(text, lang)
    return translate(text, lang)


def plural(singular: str, several: str, count: int, lang: str, **params: object) -> str:
    """The form of a sentence that fits the count; `{count}` is filled with the grouped number."""
    text = translations(lang).ngettext(singular, several, count)
    return fill(text, {"count": number(count, lang), **spoken(params.items(), lang)})


@cache
def locale(lang: str) -> Locale:
    """Babel's data for the language; a language CLDR does not know reads like English."""
    return Locale.parse(lang if lang in languages() else SOURCE_LANG)


def number(value: float, lang: str, digits: int = 0) -> str:
    """A grouped decimal number with at most `digits` decimals: «1 473», «12,5».

    >>> number(1473.5, "ru").replace(chr(160), "_")
    '1_474'
    """
    pattern = "#,##0" + ("." + "#" * digits if digits else "")
    with localcontext(Context(rounding=ROUND_HALF_UP)):
        return format_decimal(Decimal(str(value)), format=pattern, locale=locale(lang)).replace("-", MINUS)


def share(value: float, lang: str, digits: int = 1) -> str:
    """A share 0..1 as a percentage: «37,5 %» in Russian, 37.5% in English."""
    if 0 < value < 0.5 * 10 ** -(digits + 2):
        return "< " + share(10 ** -(digits + 2), lang, digits)
    base = locale(lang).percent_formats[None].pattern
    pattern = base.replace("#,##0", "#,##0" + ("." + "#" * digits if digits else ""))
    with localcontext(Context(rounding=ROUND_HALF_UP)):
        return format_percent(Decimal(str(value)), format=pattern, locale=locale(lang)).replace("-", MINUS)


def metres(value: float, lang: str) -> str:
    """A distance: metres to the nearest ten below a kilometre, kilometres with one decimal above.

    >>> metres(125, "en"), metres(47, "en"), metres(1250, "en")
    ('130 m', '47 m', '1.3 km')
    """
    if value < 995:
        return fill(
            translate("{count} m", lang),
            {"count": number(10 * math.floor(value / 10 + 0.5) if value >= 100 else value, lang)},
        )
    return fill(translate("{count} km", lang), {"count": number(value / 1000, lang, 1)})


def money(minor: int, currency: str, lang: str) -> str:
    """Whole currency units from minor ones: «1 200 000 ₽»."""
    with localcontext(Context(rounding=ROUND_HALF_UP)):
        return format_currency(
            Decimal(minor) / 100,
            currency,
            locale=locale(lang),
            decimal_quantization=True,
            currency_digits=False,
            format=_whole_money(lang),
        )


def _whole_money(lang: str) -> str:
    """The language's money pattern without minor units: amounts on a page are read, not booked."""
    pattern: str = locale(lang).currency_formats["standard"].pattern
    return pattern.replace(".00", "").replace("¤#", "¤\N{NO-BREAK SPACE}#")


def day(value: datetime.date, lang: str) -> str:
    """A date written out: «1 июля 2024 г.»."""
    return format_date(value, "long", locale=locale(lang))


def period(code: str, lang: str) -> str:
    """A period code (2025, 2025-Q2, 2025-03, 2025-01-01/2025-06-30) for people; anything else as it is."""
    if match := QUARTER.fullmatch(code):
        return translate(Message(N_("quarter {quarter} of {year}"), {"quarter": match[2], "year": match[1]}), lang)
    if match := MONTH.fullmatch(code):
        return format_date(datetime.date(int(match[1]), int(match[2]), 1), "LLLL y", locale=locale(lang))
    if "/" in code:
        return " – ".join(period(part, lang) for part in code.split("/"))
    try:
        return code if YEAR.fullmatch(code) else day(datetime.date.fromisoformat(code), lang)
    except ValueError:
        return code


def value(amount: float | None, unit: str, lang: str, missing: MissingReason | None = None) -> str:
    """An indicator's value with the unit it is read in; a missing one says why."""
    if amount is None:
        return title(missing or MissingReason.NO_DATA, lang)
    if unit == "share":
        return share(amount, lang)
    if unit == "m":
        return metres(amount, lang)
    if unit == "points":
        return number(amount, lang, DIGITS[unit])
    if unit == "minor":
        return number(amount / 100, lang)
    places = DIGITS.get(unit, 0)
    if unit in ("per_1000", "per_km2") and 0 < amount < 0.5 * 10**-places:  # little is not nothing
        return "< " + number(10**-places, lang, places)
    return number(amount, lang, places)


def values(
    amounts: Sequence[float], unit: str, lang: str, missing: Sequence[MissingReason | None] | None = None
) -> tuple[str, ...]:
    """Many values at once, NaN for a missing one; the same texts as `value`, some fifty times faster."""
    reasons = missing or [None] * len(amounts)
    words = {reason: title(reason or MissingReason.NO_DATA, lang) for reason in {*reasons}}
    plain = _plain_formatter(unit, lang)
    return tuple(
        words[reason] if math.isnan(amount) else plain(amount) or value(amount, unit, lang)
        for amount, reason in zip(amounts, reasons, strict=True)
    )


def _plain_formatter(unit: str, lang: str) -> Callable[[float], str]:
    """A formatter for the common case, a number below a thousand; it answers nothing where Babel has to be asked."""
    places = 1 if unit == "share" else DIGITS.get(unit, 0)
    scale = 100 if unit == "share" else 1
    common = unit in ("share", "per_1000", "per_km2", "people", "count")
    point = get_decimal_symbol(locale(lang))
    sign = share(0.5, lang).removeprefix("50") if unit == "share" else ""

    def plain(amount: float) -> str:
        whole = int(amount * scale * 10**places + 0.5 + 1e-9) if 0 <= amount * scale < 999 else 0
        if not common or (whole == 0 and amount != 0):
            return ""
        left, right = divmod(whole, 10**places)
        return f"{left}{point}{right}{sign}" if right else f"{left}{sign}"

    return plain


def span(start: float, end: float, unit: str, lang: str, places: int) -> str:
    """A class's range: «12–25 %», «1 000–2 000»; one value when both ends are it."""
    if start == end:
        return value(end, unit, lang)
    if unit == "share":
        sign = share(0.5, lang).removeprefix("50")
        return f"{number(start * 100, lang, max(places - 2, 0))}–{number(end * 100, lang, max(places - 2, 0))}{sign}"
    if unit == "minor":
        return f"{number(start / 100, lang)}–{number(end / 100, lang)}"
    left, right = number(start, lang, places), number(end, lang, places)
    if start < 0:
        return fill(translate(N_("{low} to {high}"), lang), {"low": left, "high": right})
    return f"{left}–{right}"


def unit_title(unit: str, lang: str) -> str:
    """What the numbers of a unit are, for a legend or a table head."""
    return translate(UNIT_TITLES.get(unit, unit), lang)


def script_messages(msgids: Iterable[tuple[str, ...]], lang: str) -> dict[str, str | dict[str, str]]:
    """The catalogue of the browser: msgid -> text, or -> one text per CLDR plural category (Intl.PluralRules)."""
    found: dict[str, str | dict[str, str]] = {}
    for singular, *several in msgids:
        found[singular] = plural_forms(singular, several[0], lang) if several else translate(singular, lang)
    return found


def plural_forms(singular: str, several: str, lang: str) -> dict[str, str]:
    """One text per plural category, tied to gettext's own choice by asking it; fractions read like two."""
    choose = translations(lang).ngettext
    forms = {locale(lang).plural_form(count): choose(singular, several, count) for count in range(200)}
    return {"other": choose(singular, several, 2), **forms}


def localise(path: str, lang: str) -> str:
    """The address of a page in a language: the default one has no prefix."""
    return path if lang == DEFAULT_LANG else f"/{lang}{path}"
