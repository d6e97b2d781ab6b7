"""Into which classes do the values of a map fall, and what does its legend say?

Classes are (lower, upper]. Quantiles for shares and rates; Fisher-Jenks natural breaks for skewed counts; symmetric
around zero for differences. Breaks are rounded to readable numbers, equal ones merged; fewer than five distinct values
are categories, one value is one class. A missing value is never classed. Give `classify` the values of all periods of
a theme when periods are compared, and hand its result to each period's `legend`: otherwise colours lie between years.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import jenkspy
import numpy as np
import numpy.typing as npt

from geo.errors import N_, Message
from geo.vocabulary import MissingReason
from maps import text

Method = Literal["auto", "quantiles", "natural", "zero", "fixed"]
Floats = npt.NDArray[np.float64]
Values = Sequence[float | None] | Floats

# natural breaks cost the square of the number of values; this many, evenly spread over the order, give the same picture
SAMPLE = 2_000
FEW = 5
WHOLE_UNITS = ("people", "count", "minor")
METHODS: dict[str, Method] = {
    "people": "natural",
    "count": "natural",
    "minor": "natural",
    "m": "natural",
    "index": "zero",
    "points": "zero",
}
LETTERS = {
    MissingReason.NO_DATA: "n",
    MissingReason.NO_RESIDENTS: "r",
    MissingReason.NO_OBJECTS: "o",
    MissingReason.SUPPRESSED: "s",
    MissingReason.NOT_ASSESSED: "a",
    MissingReason.SENSITIVE: "h",
}
NOTES: dict[str, str] = {
    "quantiles": N_("Classes hold equally many areas (quantiles)."),
    "natural": N_("Class limits follow gaps between the values (Fisher-Jenks)."),
    "zero": N_("Classes are symmetric around zero."),
    "fixed": N_("Class limits are fixed."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """Upper class limits, the last one the maximum. `categories`: each limit is the only value of its class."""

    lowest: float = math.nan
    breaks: tuple[float, ...] = ()
    categories: bool = False
    method: Method = "quantiles"

    @property
    def single(self) -> bool:
        """Whether all values are equal."""
        return len(self.breaks) == 1 and self.categories

    def digits(self, values: Values) -> npt.NDArray[np.int64]:
        """The class of each value, -1 for a missing one; beyond the last limit means the last class."""
        array = numbers(values)
        found = np.searchsorted(np.asarray(self.breaks), array, side="left")
        found = np.minimum(found, max(len(self.breaks) - 1, 0))
        return np.where(np.isfinite(array) & bool(self.breaks), found, -1).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """The classed values of one map, ready to be sent. `classes` has one character per value: a class or a letter."""

    classes: str
    breaks: tuple[float, ...]
    class_labels: tuple[str, ...]
    class_counts: tuple[int, ...]
    class_residents: tuple[float, ...]
    missing: dict[str, int]
    formatted: tuple[str, ...]
    scheme: str
    note: str


def numbers(values: Values) -> Floats:
    """Values as an array; a missing or infinite one is NaN."""
    array = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    array[~np.isfinite(array)] = math.nan
    return array


def classify(
    values: Values,
    *,
    method: Method = "auto",
    unit: str = "share",
    classes: int = 5,
    breaks: Sequence[float] | None = None,
) -> Classes:
    """Class limits of these values, missing ones left out. `breaks` are upper limits, for method "fixed".

    >>> classify([0.1, 0.2, 0.3, None]).breaks
    (0.1, 0.2, 0.3)
    """
    known = numbers(values)
    known = np.sort(known[np.isfinite(known)])
    chosen = METHODS.get(unit, "quantiles") if method == "auto" else method
    distinct = np.unique(known)
    if breaks is not None:
        return _fixed(known, breaks)
    if distinct.size < FEW:
        return Classes(lowest=_first(known), breaks=tuple(map(float, distinct)), categories=True, method=chosen)
    limits = {"natural": _natural, "zero": _around_zero}.get(chosen, _quantiles)(known, classes)
    readable = _readable(limits, float(known[0]), float(known[-1]), whole=unit in WHOLE_UNITS)
    return Classes(lowest=float(known[0]), breaks=readable, method=chosen)


def _fixed(known: Floats, breaks: Sequence[float]) -> Classes:
    """Given limits; the last one is raised to the maximum so that every value has a class."""
    inner = sorted(set(map(float, breaks)))
    if known.size and inner and known[-1] > inner[-1]:
        inner.append(float(known[-1]))
    lowest = min(_first(known), inner[0]) if known.size and inner else _first(known)
    return Classes(lowest=lowest, breaks=tuple(inner), method="fixed")


def _first(known: Floats) -> float:
    return float(known[0]) if known.size else math.nan


def _quantiles(known: Floats, classes: int) -> Floats:
    """Inner limits that put equally many values into each class."""
    return np.quantile(known, np.arange(1, classes) / classes)


def _natural(known: Floats, classes: int) -> Floats:
    """Inner limits of Fisher-Jenks over an even sample of the order, extremes included."""
    spread = np.linspace(0, known.size - 1, min(known.size, SAMPLE)).round().astype(int)
    sample = known[spread]
    count = min(classes, np.unique(sample).size)
    return np.asarray(jenkspy.jenks_breaks(sample, n_classes=count)[1:-1], dtype=np.float64)


def _around_zero(known: Floats, classes: int) -> Floats:
    """Inner limits mirrored at zero: a neutral middle and two steps to each side (one, with three classes)."""
    size = np.abs(known)
    steps = (0.25, 0.7) if classes >= FEW else (0.35,)
    sides = np.quantile(size[size > 0] if (size > 0).any() else size, steps)
    return np.concatenate([-sides[::-1], sides])


def _readable(limits: Floats, lowest: float, highest: float, *, whole: bool) -> tuple[float, ...]:
    """Limits rounded as coarsely as their distances allow, equal ones merged, the maximum last."""
    inner = sorted({float(limit) for limit in limits if lowest <= limit < highest})
    fence = [lowest, *inner, highest]
    rounded = {
        _rounded(
            limit,
            min(right - left for left, right in ((fence[at], limit), (limit, fence[at + 2])) if right > left),
            whole,
        )
        for at, limit in enumerate(inner)
        if fence[at + 2] > limit
    }
    return (*sorted(limit for limit in rounded if lowest <= limit < highest), highest)


def _rounded(limit: float, room: float, whole: bool) -> float:
    """The limit to the power of ten that is at most a quarter of the room it has."""
    power = math.floor(math.log10(room / 4))
    places = -max(power, 0) if whole else -power
    return float(round(limit, places)) + 0.0


def legend(
    values: Values,
    *,
    unit: str,
    lang: str,
    missing: Sequence[MissingReason | None] | None = None,
    residents: Sequence[float | None] | None = None,
    classes: Classes | None = None,
    method: Method = "auto",
    more_is_better: bool | None = None,
) -> Legend:
    """Everything a map says about its values: class of each area, limits in words, shares of residents, missing ones.

    `residents` are the people of each area, for the share of all that live in a class; without them areas are counted.
    Where more is worse (`more_is_better` false) the warm ramp is used, as for counts.
    """
    array = numbers(values)
    reasons = missing or [None] * array.size
    found = classes or classify(array, method=method, unit=unit)
    digits = found.digits(array)
    letters = [
        str(digit) if digit >= 0 else LETTERS[reason or MissingReason.NO_DATA]
        for digit, reason in zip(digits.tolist(), reasons, strict=True)
    ]
    counts = Counter(
        (reason or MissingReason.NO_DATA).value
        for digit, reason in zip(digits.tolist(), reasons, strict=True)
        if digit < 0
    )
    return Legend(
        classes="".join(letters),
        breaks=found.breaks,
        class_labels=labels(found, unit, lang),
        class_counts=tuple(int((digits == each).sum()) for each in range(len(found.breaks))),
        class_residents=_shares(digits, residents, len(found.breaks)),
        missing=dict(counts),
        formatted=text.values(array.tolist(), unit, lang, reasons),
        scheme=scheme(unit, found, more_is_better),
        note=note(found, unit, lang),
    )


def scheme(unit: str, classes: Classes, more_is_better: bool | None = None) -> str:
    """The ramp that fits: diverging around zero, warm for counts and for what is better low, else sequential."""
    if classes.method == "zero" and not classes.categories and classes.lowest < 0:
        return "diverging"
    return "counts" if unit in WHOLE_UNITS or more_is_better is False else "sequential"


def note(classes: Classes, unit: str, lang: str) -> str:
    """How the classes were made, or that there is only one."""
    if not classes.breaks:
        return text.translate(N_("There is no value to show."), lang)
    if classes.single:
        same = Message(
            N_("All areas have the same value: {value}."), {"value": text.value(classes.breaks[0], unit, lang)}
        )
        return text.translate(same, lang)
    if classes.categories:
        return text.translate(N_("Each colour is one value."), lang)
    return text.translate(NOTES[classes.method], lang)


def _shares(digits: npt.NDArray[np.int64], residents: Sequence[float | None] | None, classes: int) -> tuple[float, ...]:
    """The share of residents (of areas, when nobody was counted) in each class; missing areas stay in the whole."""
    people = np.nan_to_num(numbers(residents)) if residents is not None else np.zeros(digits.size)
    weights = people if people.sum() > 0 else np.ones(digits.size)
    total = weights.sum()
    return tuple(float(weights[digits == each].sum() / total) if total else 0.0 for each in range(classes))


def labels(classes: Classes, unit: str, lang: str) -> tuple[str, ...]:
    """The range of each class in words; whole units start one above the limit before."""
    if classes.categories:
        return tuple(text.value(limit, unit, lang) for limit in classes.breaks)
    places = _places(classes.breaks[:-1], unit)
    factor = 10.0**places
    ends = [*classes.breaks[:-1], math.ceil(round(classes.breaks[-1] * factor, 6)) / factor] if classes.breaks else []
    starts = [math.floor(round(classes.lowest * factor, 6)) / factor, *ends[:-1]]
    step = 1 if unit in WHOLE_UNITS else 0
    return tuple(
        text.span(min(start + (step if at else 0), end), end, unit, lang, places)
        for at, (start, end) in enumerate(zip(starts, ends, strict=False))
    )


def _places(limits: Sequence[float], unit: str) -> int:
    """How many decimals the limits need, at most four (of a share: two more than of its percentage)."""
    least = 2 if unit == "share" else 0
    return next(
        (places for places in range(least, 5) if all(abs(round(each, places) - each) < 1e-9 for each in limits)), 4
    )
