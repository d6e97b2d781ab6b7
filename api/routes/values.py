"""What does a map recolour with? One class character per area, and everything its legend says.

The class limits are those of all periods together, so that a colour means the same when the period is switched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, TypeVar

import numpy as np
from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from api.controls import controls
from api.deps import Reading, Visit
from api.questions import Asked, AskedFineOf, Way, known_columns, unknown_territory
from api.tile_layers import current_layers
from geo.analysis import areas
from geo.analysis.hexagons import corner_steps
from geo.analysis.measures import measure_of
from geo.analysis.questions import Columns
from geo.analysis.result import MISSING, Unit
from geo.errors import N_, Message
from geo.vocabulary import FineKind, PopulationBase, TerritoryKind, Theme
from maps import categories, classify, text

router = APIRouter(tags=["questions"])
T = TypeVar("T")
# periods the class limits of hexagon cells are taken from
NEWEST = 4


class ValuesLayer(BaseModel):
    """The tiles that show the areas these values belong to."""

    name: str
    version: str


class MapValues(BaseModel):
    """The values of a measure as parallel lists over the areas.

    `id_steps` are the ids the tiles carry, each as the difference to the one before: areas loaded together have ids in
    a row, which then weigh nothing on the way.
    Hexagon cells have no tiles: `corners` draws them, each corner as the step of longitude and latitude (100,000ths of
    a degree) from the one before, six for each cell; a cell of fewer or more corners has none.
    `classes` has one character per area: 0-4 a class, n no data, r no residents, o no objects, s suppressed, h of a
    sensitive theme, a not assessed. `class_residents` is the share of residents in each class, `class_shares` the same
    as it is said.
    """

    measure: str
    title: str
    unit: str
    unit_title: str
    kind: TerritoryKind | FineKind
    period: str
    theme: Theme | None
    distance_m: int | None
    by: Way | None
    base: PopulationBase | None
    base_title: str
    data_version: int
    layer: ValuesLayer | None
    corners: list[int] = []
    names: list[str] = []
    id_steps: list[int]
    codes: list[str]
    values: list[float | None]
    formatted: list[str]
    classes: str
    breaks: list[float]
    class_labels: list[str]
    class_residents: list[float]
    class_shares: list[str]
    class_counts: list[int]
    missing: dict[str, int]
    scheme: str
    method: str
    sources: list[str]
    note: str
    notes: list[str]


@router.get("/api/values/{measure}", response_model=MapValues, summary="What a map recolours with")
def values(visit: Reading, asked: AskedFineOf, measure: Annotated[str, Path(max_length=60)]) -> Response:
    return visit.json(lambda: coloured(visit, measure, asked), keep=True)


class Option(BaseModel):
    """One entry of a list."""

    code: str
    title: str


class Control(BaseModel):
    """A list (`choice`), a share from 0 to 1 or a whole number; `name` is its name in a query."""

    name: str
    title: str
    kind: str
    default: str
    options: list[Option] = []
    low: float | None = None
    high: float | None = None
    step: float | None = None


class ControlList(BaseModel):
    """The further controls of a measure."""

    measure: str
    controls: list[Control]


@router.get("/api/controls/{measure}", response_model=ControlList, summary="What else can a figure be asked with?")
def further(visit: Reading, measure: Annotated[str, Path(max_length=60)]) -> Response:
    found = measure_of(measure)
    return visit.json(lambda: {"measure": found.code, "controls": controls(visit, found)}, keep=True)


def coloured(visit: Visit, measure: str, asked: Asked) -> dict[str, Any]:
    """The answer of a question as a map takes it: columns, no object for each area."""
    told = known_columns(visit, asked.query(visit, measure))
    if told is None:
        raise areas.no_boundaries(asked.query(visit, measure))
    shown = Shown(visit, told, asked.territories)
    legend = legend_of(shown, limits(visit, told))
    query = told.query
    return {
        "measure": query.measure.code,
        "title": visit.say(query.measure.title),
        "unit": query.measure.unit.value,
        "unit_title": text.unit_title(query.measure.unit.value, visit.lang),
        "kind": query.kind,
        "period": str(query.year),
        "theme": query.theme,
        "distance_m": query.distance_m if query.measure.distance else None,
        "by": query.by,
        "base": query.measure.base,
        "base_title": text.title(query.measure.base, visit.lang) if query.measure.base else "",
        "data_version": visit.data_version,
        "layer": layer_of(visit, query),
        **shape_of(query, shown),
        "codes": shown.of(told.areas.code),
        "values": shown.values,
        "formatted": legend.formatted,
        "classes": legend.classes,
        "breaks": legend.breaks,
        "class_labels": legend.class_labels,
        "class_residents": legend.class_residents,
        "class_shares": [text.share(each, visit.lang, 0) for each in legend.class_residents],
        "class_counts": legend.class_counts,
        "missing": legend.missing,
        "scheme": legend.scheme,
        "method": query.measure.method,
        "sources": told.sources,
        "note": legend.note,
        "notes": [who_counts(visit, query), *(visit.say(note) for note in told.notes)],
    }


def shape_of(query: areas.Query, shown: Shown) -> dict[str, Any]:
    """What tells the areas apart on the map: ids of tiles, or numbers and corners of hexagon cells."""
    if query.kind not in FineKind:
        return {"id_steps": np.diff(shown.of(shown.told.areas.boundary.tolist()), prepend=0).tolist()}
    codes = shown.of(shown.told.areas.code)
    called = zip(shown.told.areas.name, shown.told.areas.names, strict=True)
    names = shown.of([areas.local_name(name, by_language, shown.lang) for name, by_language in called])
    return {"id_steps": [1] * len(codes), "corners": corner_steps(codes), "names": names}


class Shown:
    """The columns of the areas that are asked for (all, when none is named), as lists."""

    def __init__(self, visit: Visit, told: Columns, codes: tuple[str, ...]) -> None:
        self.told, self.lang = told, visit.lang
        self.chosen = chosen(told.areas.code, codes)
        figures = told.told.values
        self.values = self.of([None if gone else value for value, gone in zip(
            figures.value.tolist(), (figures.missing != 0).tolist(), strict=True)])  # fmt: skip
        self.missing = self.of([MISSING[code - 1] if code else None for code in figures.missing.tolist()])
        classes = told.told.classes or [None] * len(figures)
        self.classes = [
            None if value is None else each for each, value in zip(self.of(classes), self.values, strict=True)
        ]
        self.residents = self.of(residents(visit, told))

    def of(self, column: Sequence[T]) -> list[T]:
        """A column over all areas, of the chosen ones."""
        return list(column) if self.chosen is None else [column[at] for at in self.chosen]


def chosen(known: tuple[str, ...], codes: tuple[str, ...]) -> list[int] | None:
    """Where the named territories stand; None for all. Raises NotFound for a code that is not among them."""
    for code in codes:
        if code not in known:
            raise unknown_territory(code)
    return [at for at, code in enumerate(known) if code in codes] if codes else None


def legend_of(shown: Shown, classes: classify.Classes | None) -> classify.Legend:
    """Ranges of numbers, or the words a figure is one of."""
    measure = shown.told.query.measure
    if measure.classes:
        return categories.legend(
            shown.classes, shown.values, measure.classes, unit=measure.unit.value, lang=shown.lang,
            missing=shown.missing, residents=shown.residents, number=measure.unit is not Unit.INDEX,
        )  # fmt: skip
    return classify.legend(
        shown.values, unit=measure.unit.value, lang=shown.lang, missing=shown.missing, residents=shown.residents,
        classes=classes, more_is_better=measure.more_is_better,
    )  # fmt: skip


def who_counts(visit: Visit, query: areas.Query) -> str:
    """One sentence: who stands in the denominator, and as of when."""
    day = text.day(query.day, visit.lang)
    if query.measure.base is None:
        return visit.say(Message(N_("Boundaries and figures as of {day}"), {"day": day}))
    base = text.title(query.measure.base, visit.lang)
    return visit.say(Message(N_("Base: {base}; boundaries and figures as of {day}"), {"base": base, "day": day}))


def limits(visit: Visit, told: Columns) -> classify.Classes | None:
    """Class limits over every period of the measure and theme; none for figures that are words."""
    if told.query.measure.classes:
        return None
    key = ("limits", replace(told.query, year=0))
    unit = told.query.measure.unit.value
    return visit.remember(
        key, lambda: classify.classify(every_period(visit, told.query), unit=unit, method=method_of(told.query))
    )


def method_of(query: areas.Query) -> classify.Method:
    """Gaps between the values for densities of cells, whose few peaks are what they are looked at for."""
    return "natural" if query.kind in FineKind and query.measure.unit is Unit.PER_KM2 else "auto"


def every_period(visit: Visit, query: areas.Query) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The values of all periods (of cells, which are many, the newest), one after another, missing ones as NaN."""
    periods = areas.periods(visit.connection)[-NEWEST if query.kind in FineKind else 0 :]
    years = (known_columns(visit, replace(query, year=year)) for year in periods)
    found = [told.told.values.value for told in years if told is not None]
    return np.concatenate(found) if found else np.array([])


def residents(visit: Visit, told: Columns) -> list[float | None]:
    """Residents of each area at the end of the period, for the share of them that each class holds."""
    query = told.query

    def count() -> list[float | None]:
        if query.kind in FineKind:
            return [None] * len(told.areas)
        people = areas.people(visit.connection, told.areas, PopulationBase.RESIDENTS, query.year).number
        return [None if np.isnan(each) else each for each in people.tolist()]

    whose = told.areas.code if query.kind in FineKind else ()
    return visit.remember(("residents", query.kind, query.year, whose), count)


def layer_of(visit: Visit, query: areas.Query) -> dict[str, str] | None:
    """The tiles that show the boundaries the answer is about; hexagon cells are drawn from their corners."""
    if query.kind in FineKind:
        return {"name": query.kind, "version": f"{visit.data_version}-{query.year}"}
    known = current_layers(visit)
    return {"name": query.kind, "version": known[query.kind].at(query.day)} if query.kind in known else None
