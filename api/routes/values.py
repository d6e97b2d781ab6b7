"""What does a map recolour with? One class character per area, and everything its legend says.

The class limits are those of all periods together, so that a colour means the same when the period is switched.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from api.deps import Reading, Visit
from api.questions import Asked, AskedOf, only, whole_answer
from geo.analysis import areas
from geo.analysis.measures import measure_of
from geo.analysis.result import Answer, Unit
from geo.errors import N_, Message, NotFound
from geo.store.tiles import Layer, layers
from geo.vocabulary import PopulationBase, TerritoryKind, Theme
from maps import categories, classify, text

router = APIRouter(tags=["questions"])


class ValuesLayer(BaseModel):
    """The tiles that show the areas these values belong to."""

    name: str
    version: str


class MapValues(BaseModel):
    """The values of a measure as parallel lists over the areas.

    `classes` has one character per area: 0-4 a class, n no data, r no residents, o no objects, s suppressed, a not
    assessed.
    """

    measure: str
    title: str
    unit: str
    unit_title: str
    kind: TerritoryKind
    period: str
    theme: Theme | None
    distance_m: int | None
    base: PopulationBase | None
    base_title: str
    data_version: int
    layer: ValuesLayer | None
    ids: list[int]
    codes: list[str]
    values: list[float | None]
    formatted: list[str]
    classes: str
    breaks: list[float]
    class_labels: list[str]
    class_residents: list[float]
    class_counts: list[int]
    missing: dict[str, int]
    scheme: str
    method: str
    sources: list[str]
    note: str
    notes: list[str]


@router.get("/api/values/{measure}", response_model=MapValues, summary="What a map recolours with")
def values(visit: Reading, asked: AskedOf, measure: Annotated[str, Path(max_length=60)]) -> Response:
    return visit.json(lambda: coloured(visit, measure, asked), keep=True)


def coloured(visit: Visit, measure: str, asked: Asked) -> dict[str, Any]:
    """The answer of a question as a map takes it."""
    told = whole_answer(visit, measure, asked)
    shown = only(told, asked.territories)
    legend = legend_of(visit, measure, asked, told, shown)
    return {
        "measure": told.measure,
        "title": visit.say(measure_of(measure).title),
        "unit": told.unit.value,
        "unit_title": text.unit_title(told.unit.value, visit.lang),
        "kind": told.kind,
        "period": told.period.label if told.period else "",
        "theme": told.theme,
        "distance_m": told.distance_m,
        "base": told.base,
        "base_title": text.title(told.base, visit.lang) if told.base else "",
        "data_version": told.data_version,
        "layer": layer_of(visit, told),
        "ids": [row.boundary for row in shown.rows],
        "codes": [row.territory for row in shown.rows],
        "values": [row.value.value for row in shown.rows],
        "formatted": legend.formatted,
        "classes": legend.classes,
        "breaks": legend.breaks,
        "class_labels": legend.class_labels,
        "class_residents": legend.class_residents,
        "class_counts": legend.class_counts,
        "missing": legend.missing,
        "scheme": legend.scheme,
        "method": told.method.chapter,
        "sources": told.sources,
        "note": legend.note,
        "notes": [who_counts(visit, told), *(visit.say(note) for note in told.notes)],
    }


def legend_of(visit: Visit, measure: str, asked: Asked, told: Answer, shown: Answer) -> classify.Legend:
    """Ranges of numbers, or the words a figure is one of."""
    words = measure_of(measure).classes
    values = [row.value.value for row in shown.rows]
    missing = [row.value.missing_reason for row in shown.rows]
    if words:
        return categories.legend(
            [row.class_code for row in shown.rows], values, words, unit=told.unit.value, lang=visit.lang,
            missing=missing, residents=residents(visit, shown), number=told.unit is not Unit.INDEX,
        )  # fmt: skip
    return classify.legend(
        values, unit=told.unit.value, lang=visit.lang, missing=missing, residents=residents(visit, shown),
        classes=limits(visit, measure, asked, told), more_is_better=measure_of(measure).more_is_better,
    )  # fmt: skip


def who_counts(visit: Visit, told: Answer) -> str:
    """One sentence: who stands in the denominator, and as of when."""
    day = text.day(told.on, visit.lang) if told.on else ""
    if told.base is None:
        return visit.say(Message(N_("Boundaries and figures as of {day}"), {"day": day}))
    base = text.title(told.base, visit.lang)
    return visit.say(Message(N_("Base: {base}; boundaries and figures as of {day}"), {"base": base, "day": day}))


def limits(visit: Visit, measure: str, asked: Asked, told: Answer) -> classify.Classes:
    """Class limits over every period of the measure and theme."""
    key = ("limits", asked.query(visit, measure).measure.code, told.kind, told.theme, told.distance_m, asked.channel,
           asked.against)  # fmt: skip
    return visit.remember(key, lambda: classify.classify(every_period(visit, measure, asked), unit=told.unit.value))


def every_period(visit: Visit, measure: str, asked: Asked) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The values of all periods, one after another, missing ones left out."""
    found: list[float] = []
    for year in areas.periods(visit.connection):
        try:
            told = whole_answer(
                visit, measure, Asked(asked.kind, str(year), asked.theme, asked.distance_m, (), asked.channel)
            )
        except NotFound:  # no boundary of the kind was valid then
            continue
        found.extend(row.value.value for row in told.rows if row.value.value is not None)
    return np.array(found, dtype=float)


def residents(visit: Visit, told: Answer) -> list[float | None]:
    """Residents of each area at the end of the period, for the share of them that each class holds."""
    year = told.on.year if told.on else areas.periods(visit.connection)[-1]

    def count() -> dict[int, float]:
        of_kind = areas.Areas.load(visit.connection, told.kind, told.on)  # type: ignore[arg-type]
        people = areas.people(visit.connection, of_kind, PopulationBase.RESIDENTS, year).number
        return dict(zip(of_kind.boundary.tolist(), people.tolist(), strict=True))

    known = visit.remember(("residents", told.kind, told.on), count)
    found = [known.get(row.boundary) for row in told.rows]
    return [None if each is None or np.isnan(each) else each for each in found]


def layer_of(visit: Visit, told: Answer) -> dict[str, str] | None:
    """The tiles that show the boundaries the answer is about."""
    known: dict[str, Layer] = visit.remember("layers", lambda: layers(visit.connection))
    if told.kind not in known or told.on is None:
        return None
    return {"name": told.kind, "version": known[told.kind].at(told.on)}
