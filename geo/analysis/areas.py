"""Which territories is a question asked about, how many people count in them, and what has been counted there?

The frame every question works on: arrays running parallel over the boundary versions of one kind that are valid at
the end of the period. Only published views are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geo.analysis.arrays import Bools, Floats, Ints
from geo.analysis.cells import FIRST_YEAR, THOUSANDTHS
from geo.analysis.figure import Value
from geo.analysis.measures import ACCESS_FORMS, Measure
from geo.analysis.result import Answer, Method, Period
from geo.analysis.scores import Rule
from geo.analysis.told import Told
from geo.analysis.vintage import cells_are_carried
from geo.errors import N_, BadInput, Message, NotFound
from geo.store.once import at_hand, once
from geo.vocabulary import FineKind, PopulationBase, TerritoryKind, Theme

STATED_BY_CELLS = {PopulationBase.RESIDENTS: "cell_residents", PopulationBase.RESIDENTS_16: "cell_residents_16"}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: which measure, of which kind of territory, when, and for which theme.

    `rule` holds the limits of the underserved rule, `of` the measure clusters are looked for in, `against` the year a
    change is counted from.
    """

    measure: Measure
    kind: TerritoryKind | FineKind
    year: int
    theme: Theme | None = None
    distance_m: int = 500
    codes: tuple[str, ...] = ()
    channel: str = ""
    rule: Rule = field(default_factory=Rule)
    of: str = ""
    against: int | None = None
    # the H3 resolution of hexagon cells
    cell: int = 8
    # distances along the streets instead of in a straight line
    on_foot: bool = False
    # participants of events of the whole town spread over its areas by residents aged 16+
    town_spread: bool = False

    @property
    def day(self) -> date:
        return date(self.year, 12, 31)

    @property
    def by(self) -> str | None:
        """How distances are measured: "line" or "foot"; None where the measure rests on none."""
        return ("foot" if self.on_foot else "line") if self.measure.walkable else None


@dataclass(frozen=True)
class Areas:
    """Boundary versions of one kind at the end of a year. Names come as stored (Russian) and by language."""

    boundary: Ints
    territory: Ints
    code: tuple[str, ...]
    name: tuple[str, ...]
    names: tuple[dict[str, str], ...]
    area_m2: Floats
    valid_from: tuple[date | None, ...]
    sources: tuple[str, ...]

    @classmethod
    def load(cls, connection: Connection, kind: str, day: date, codes: Sequence[str] = ()) -> Areas:
        """The versions valid on that day, by code."""
        return once(connection, (cls, kind, day, tuple(codes)), lambda: cls._load(connection, kind, day, codes))

    @classmethod
    def _load(cls, connection: Connection, kind: str, day: date, codes: Sequence[str]) -> Areas:
        rows = connection.execute(
            text(
                "SELECT id, territory_id, code, name, names, area_m2, valid_from, source FROM published.boundary"
                " WHERE kind = :kind AND valid @> CAST(:day AS date) AND (:all OR code = ANY (:codes)) ORDER BY code"
            ),
            {"kind": kind, "day": day, "all": not codes, "codes": list(codes)},
        ).all()
        return cls.from_rows(rows)

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[Any]]) -> Areas:
        """Areas from rows of boundary, territory, code, name, names, area, first day and source."""
        columns: list[Any] = list(zip(*rows, strict=True)) if rows else [()] * 8
        return cls(
            np.array(columns[0], dtype=np.int64), np.array(columns[1], dtype=np.int64), columns[2], columns[3],
            columns[4], np.array(columns[5], dtype=float), columns[6], tuple(sorted(set(columns[7]))),
        )  # fmt: skip

    def around(self, connection: Connection, day: date) -> tuple[Areas, Ints]:
        """The areas, of any kind, that wholly hold one of these on a day; pairs of positions (theirs, of these)."""
        statement = text(
            "SELECT b.id, b.territory_id, b.code, b.name, b.names, b.area_m2, b.valid_from, b.source, n.inner_id"
            " FROM published.nesting n JOIN published.boundary b ON b.id = n.outer_id"
            " WHERE n.inner_id = ANY (:ids) AND b.valid @> CAST(:day AS date) ORDER BY b.id, n.inner_id"
        )
        named = {"ids": self.boundary.tolist(), "day": day}
        key = ("around", self.boundary.tobytes(), day)
        rows = once(connection, key, lambda: connection.execute(statement, named).all())
        outer = Areas.from_rows(list({row[0]: row[:8] for row in rows}.values()))
        pairs = [(outer.position[row[0]], self.position[row[8]]) for row in rows]
        return outer, np.array(pairs, dtype=np.int64).reshape(-1, 2)

    def __len__(self) -> int:
        return len(self.boundary)

    @cached_property
    def position(self) -> dict[int, int]:
        return {int(b): i for i, b in enumerate(self.boundary)}

    def summed(
        self, connection: Connection, measure: str, year: int, *, until: bool = False, theme: str | None = None,
        parts: Sequence[str] = (),
    ) -> list[tuple[int, float]]:  # fmt: skip
        """(area, amount) of a tally measure: of the year, or of all years up to it (`until`)."""
        found: dict[int, float] = {}
        for count in tallied(connection, self.boundary, measure, year):
            amount = count.until if until else count.inside
            if amount is not None and theme in (None, count.theme) and (not parts or count.part in parts):
                found[count.area] = found.get(count.area, 0.0) + amount
        return list(found.items())

    def spread(self, pairs: Iterable[tuple[int, float]], missing: float = 0.0) -> Floats:
        """(boundary id, amount) pairs as a column over the areas; what is not named is `missing`."""
        column = np.full(len(self), missing)
        for boundary, amount in pairs:
            column[self.position[boundary]] = amount
        return column


class Count(NamedTuple):
    """What the tally holds of an area, theme and part: in the year (None: nothing), and in all years up to it."""

    area: int
    theme: str
    part: str
    inside: float | None
    until: float


TALLIED = """
SELECT measure, area_id, theme, part, CAST(sum(amount) FILTER (WHERE period = :year) AS float),
       CAST(sum(amount) AS float)
FROM published.tally WHERE area_id = ANY (:ids) AND period <= :year AND (:any_measure OR measure = :measure)
GROUP BY 1, 2, 3, 4
"""


def tallied(connection: Connection, areas: Ints, measure: str, year: int) -> Sequence[Count]:
    """What was counted of a measure in these areas."""
    ids = areas.tobytes()
    ahead = cast("dict[str, list[Count]] | None", at_hand(connection, (TALLIED, ids, year)))
    if ahead is not None:
        return ahead.get(measure, ())
    key = (TALLIED, ids, year, measure)
    return once(connection, key, lambda: read_tally(connection, areas, year, measure).get(measure, []))


def read_ahead(connection: Connection, areas: Ints, year: int) -> None:
    """Read all that was counted in these areas at once: for answers of many measures. Only within `sharing`."""
    once(connection, (TALLIED, areas.tobytes(), year), lambda: read_tally(connection, areas, year))


def read_tally(connection: Connection, areas: Ints, year: int, measure: str = "") -> dict[str, list[Count]]:
    """The counts of one measure, or of all."""
    rows = connection.execute(
        text(TALLIED), {"ids": areas.tolist(), "year": year, "any_measure": not measure, "measure": measure}
    )
    found: dict[str, list[Count]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(Count(*row[1:]))
    return found


def check_year(text_or_year: str | int) -> int:
    """A calendar year from an address or option; BadInput otherwise."""
    text_year = str(text_or_year)
    if (
        not (text_year.isascii() and text_year.isdigit() and len(text_year) == 4)
        or not FIRST_YEAR <= int(text_year) <= 2100
    ):
        raise BadInput(
            N_("“{period}” is not a period."), remedy=N_("Give a calendar year, for example 2024."), period=text_year
        )
    return int(text_year)


def check_distance(distance_m: int) -> int:
    """A distance that is a step of the kept table; BadInput otherwise."""
    if distance_m % 50 or not 50 <= distance_m <= 5000:
        raise BadInput(
            N_("The distance {distance} m cannot be looked up."),
            remedy=N_("Give 50 to 5,000 metres in steps of 50."), distance=distance_m,
        )  # fmt: skip
    return distance_m


# what stands in every year since its first day: a charter of 1994 does not make 1994 a year to look at
STANDING = (
    "area_m2", "cell_residents", "cell_residents_16", "edge_residents", "edge_1km_residents", "off_street_residents",
    "organisations", "tos_area_m2", "tos_residents", "edge_residents_foot", "edge_1km_residents_foot",
    *(f"{measure}{way}" for measure in ("access_supply", *ACCESS_FORMS) for way in ("", "_foot")),
)  # fmt: skip


def periods(connection: Connection) -> list[int]:
    """Years in which something happened or people were counted, oldest first; without any, those things stand in."""
    found = text(
        "SELECT DISTINCT period FROM published.tally WHERE period > 0 AND (measure <> ALL (:standing)) = :happened"
        " UNION SELECT year FROM published.population ORDER BY 1"
    )

    def read() -> Sequence[int]:
        happened, stood = ({"standing": list(STANDING), "happened": each} for each in (True, False))
        return connection.scalars(found, happened).all() or connection.scalars(found, stood).all()

    rows = once(connection, "periods", read)
    this_year = date.today().year  # noqa: DTZ011 - a calendar year of the city, not an instant
    return [year for year in rows if FIRST_YEAR <= year <= this_year]


def kinds(connection: Connection) -> list[TerritoryKind]:
    """Territory kinds that have shapes, in the order of the glossary."""
    stored = once(
        connection, "kinds", lambda: set(connection.scalars(text("SELECT DISTINCT kind FROM published.boundary")))
    )
    return [kind for kind in TerritoryKind if kind in stored]


def no_boundaries(query: Query) -> NotFound:
    """What to say when no territory of the kind had a shape then."""
    return NotFound(
        N_("No boundaries of this kind were valid at the end of {year}."),
        remedy=N_("Choose another kind of territory or another year."), year=query.year,
    )  # fmt: skip


def data_version(connection: Connection) -> int:
    version = text("SELECT version FROM published.data_version")
    return once(connection, "data version", lambda: int(connection.scalar(version) or 0))


@dataclass(frozen=True, slots=True)
class People:
    """People of one base by area: the number, NaN where not known, and whether it is carried over from another year."""

    base: PopulationBase
    number: Floats
    carried: Bools
    sources: tuple[str, ...]


def people(connection: Connection, areas: Areas, base: PopulationBase, year: int) -> People:
    """People at the end of the year: the stated number of the newest year not later, else of the earliest; where none
    is stated, the sum of the population cells. Numbers of another year are marked as carried."""
    rows = [row[1:] for row in stated_people(connection, areas, year) if row[0] == base]
    stated = {row[0]: row for row in rows}
    number = np.array([stated[t][1] if t in stated else np.nan for t in areas.territory.tolist()], dtype=float)
    carried = np.array([bool(stated[t][2]) if t in stated else False for t in areas.territory.tolist()], dtype=bool)
    if base in STATED_BY_CELLS and np.isnan(number).any():
        cells = cell_people(connection, areas, STATED_BY_CELLS[base], year)
        carried |= np.isnan(number) & ~np.isnan(cells) & cells_are_carried(connection, year)
        number = np.where(np.isnan(number), np.rint(cells), number)
    return People(base, number, carried, tuple(sorted({row[3] for row in rows})))


def stated_people(connection: Connection, areas: Areas, year: int) -> list[tuple[Any, ...]]:
    """(base, territory, people, carried, source) of the areas, of the year nearest to the asked one, earlier first."""
    statement = text(
        "SELECT DISTINCT ON (base, territory_id) base, territory_id, people, year <> :year OR estimated, source"
        " FROM published.population WHERE territory_id = ANY (:ids)"
        " ORDER BY base, territory_id, (year > :year), abs(year - :year)"
    )
    named = {"year": year, "ids": areas.territory.tolist()}
    key = ("people", areas.territory.tobytes(), year)
    return once(connection, key, lambda: [tuple(row) for row in connection.execute(statement, named)])


# a place of these kinds always has people: without cells in it they were not loaded there
PEOPLED = (
    TerritoryKind.COUNTRY, TerritoryKind.REGION, TerritoryKind.OBLAST, TerritoryKind.RAYON, TerritoryKind.MUNICIPALITY,
    TerritoryKind.SETTLEMENT,
)  # fmt: skip


def cell_people(connection: Connection, areas: Areas, measure: str, year: int) -> Floats:
    """People of a cell measure by area; whole people where no cell is cut.

    NaN where no cell tells: none was loaded, or none here though people are known to live here. A part of a town with
    cells that has none of them itself is empty.
    """
    found = counted(connection, areas, measure, year, missing=np.nan) / THOUSANDTHS
    empty = np.flatnonzero(found == 0)
    lived_in = peopled(connection, areas.territory[empty].tolist(), year)
    found[[at for at in empty.tolist() if int(areas.territory[at]) in lived_in]] = np.nan
    return found


def peopled(connection: Connection, territories: list[int], year: int) -> set[int]:
    """Those of the territories where people are known to live: stated ones, or by the kind of place."""
    statement = text(
        "SELECT t.id FROM published.territory t LEFT JOIN LATERAL ("
        " SELECT p.people FROM published.population p WHERE p.territory_id = t.id AND p.base = 'residents'"
        " ORDER BY (p.year > :year), abs(p.year - :year) LIMIT 1) s ON true"
        " WHERE t.id = ANY (:ids) AND (s.people > 0 OR (s.people IS NULL AND t.kind = ANY (:peopled)))"
    )
    named = {"ids": territories, "year": year, "peopled": list(PEOPLED)}
    key = ("peopled", tuple(territories), year)
    return once(connection, key, lambda: set(connection.scalars(statement, named))) if territories else set()


def counted(
    connection: Connection, areas: Areas, measure: str, year: int, *, until: bool = False,
    theme: str | None = None, parts: Sequence[str] = (), missing: float = 0.0,
) -> Floats:  # fmt: skip
    """A tally measure by area: of the year, or of all years up to it (`until`; undated rows count as always there)."""
    return areas.spread(areas.summed(connection, measure, year, until=until, theme=theme, parts=parts), missing)


def counted_parts(connection: Connection, areas: Areas, measure: str, year: int, *, until: bool = False,
                  theme: str | None = None) -> dict[str, Floats]:  # fmt: skip
    """The same split by part (priority, channel, funding source …)."""
    counts = [
        count for count in tallied(connection, areas.boundary, measure, year)
        if theme in (None, count.theme) and (until or count.inside is not None)
    ]  # fmt: skip
    return {
        part: counted(connection, areas, measure, year, until=until, theme=theme, parts=[part])
        for part in sorted({count.part for count in counts})
    }


def loaded(connection: Connection, register: str, theme: str | None = None) -> bool:
    """Whether anything of that register (and theme) is there at all: without it a figure is unknown, not zero."""
    there = text(
        "SELECT EXISTS (SELECT FROM published.theme_present WHERE register = :register AND (:any OR theme = :theme))"
    )
    named = {"register": register, "any": theme is None, "theme": theme or ""}
    return once(connection, ("loaded", register, theme), lambda: bool(connection.scalar(there, named)))


def answer(
    connection: Connection, query: Query, areas: Areas, told: Told, *, whole: Value | None = None,
    sources: Iterable[str] = (), notes: Iterable[Message] = (), data_share: float | None = None, lang: str = "ru",
) -> Answer:  # fmt: skip
    """Put the columns of a question together with everything that says where they come from."""
    names = [local_name(name, by_language, lang) for name, by_language in zip(areas.name, areas.names, strict=True)]
    return Answer(
        question=query.measure.question,
        measure=query.measure.code,
        kind=query.kind.value,
        period=Period.year(query.year),
        on=query.day,
        unit=query.measure.unit,
        method=Method(query.measure.method, query.measure.reference),
        rows=told.to_rows(areas.code, areas.boundary.tolist(), names, areas.valid_from),
        data_version=data_version(connection),
        theme=query.theme,
        base=query.measure.base,
        distance_m=query.distance_m if query.measure.distance else None,
        by=query.by,
        whole=whole,
        data_share=data_share,
        sources=tuple(sorted({*areas.sources, *sources})),
        notes=(*told.notes, *notes),
    )


def local_name(name: str, names: dict[str, str], lang: str) -> str:
    """A stored name in a language, in the stored one where there is no translation."""
    return names.get(lang) or name


def known_share(column: NDArray[np.float64], known: Bools) -> float | None:
    """Which share of a column's total lies in the known rows; None when there is no total."""
    total = float(np.nansum(column))
    return float(np.nansum(column[known]) / total) if total > 0 else None
