"""What does the legend say where a class is a word (hot spot, underserved) and not a range of numbers?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from geo.vocabulary import MissingReason
from maps import text
from maps.classify import LETTERS, Legend

# the ramp that fits a number of classes: two-way square, around a middle, few to many
SCHEMES = {9: "bivariate", 5: "diverging"}


def legend(
    codes: Sequence[str | None],
    values: Sequence[float | None],
    titles: Sequence[tuple[str, str]],
    *,
    unit: str,
    lang: str,
    missing: Sequence[MissingReason | None],
    residents: Sequence[float | None],
    number: bool,
) -> Legend:
    """The legend of classed areas; `number`: the value is worth saying beside the word."""
    order = [code for code, _ in titles]
    said = [text.translate(title, lang) for _, title in titles]
    at = [order.index(code) if code in order else -1 for code in codes]
    letters = [
        str(digit) if digit >= 0 else LETTERS[reason or MissingReason.NO_DATA]
        for digit, reason in zip(at, missing, strict=True)
    ]
    gone = [reason or MissingReason.NO_DATA for digit, reason in zip(at, missing, strict=True) if digit < 0]
    people = [float(each or 0) for each in residents]
    weights = people if sum(people) > 0 else [1.0] * len(at)
    total = sum(weights) or 1.0
    return Legend(
        classes="".join(letters),
        breaks=tuple(float(each) for each in range(len(order))),
        class_labels=tuple(said),
        class_counts=tuple(at.count(each) for each in range(len(order))),
        class_residents=tuple(
            sum(weight for digit, weight in zip(at, weights, strict=True) if digit == each) / total
            for each in range(len(order))
        ),
        missing=dict(Counter(reason.value for reason in gone)),
        formatted=tuple(
            text.value(None, unit, lang, reason)
            if digit < 0
            else f"{said[digit]} ({text.value(value, unit, lang)})"
            if number
            else said[digit]
            for digit, value, reason in zip(at, values, missing, strict=True)
        ),
        scheme=SCHEMES.get(len(order), "sequential"),
        note=text.translate("Each colour is one value.", lang),
    )
