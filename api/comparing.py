"""How does a request become a comparison or an account of equity? Asked once for each version of the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from api.deps import Visit
from api.questions import Asked, whole_answer
from geo.analysis import comparison, equity
from geo.analysis.areas import periods
from geo.analysis.comparison import Comparison
from geo.analysis.equity import Equity, Grouping, Resource
from geo.analysis.measures import MEASURES, Measure
from geo.analysis.questions import ask, look_ahead
from geo.analysis.result import Answer, Row
from geo.errors import NotFound
from geo.vocabulary import PopulationBase, Theme
from maps.text import unit_title

MOST_YEARS = 10
DIRECTIONS = {True: "more_is_better", False: "less_is_better", None: "neutral"}


def compared(visit: Visit, asked: Asked, codes: tuple[str, ...]) -> Comparison:
    """The comparison of these territories; figures over the whole kind are those of every other page."""

    ranked = visit.remember(("ranked", asked, visit.lang), lambda: ranked_answers(visit, asked))
    names = {row.territory: row.name for row in ranked[MEASURES[0].code].rows}
    query = asked.query(visit, MEASURES[0].code)
    peers, features = visit.remember(
        ("peers", query.kind, query.year, visit.lang), lambda: comparison.peers_of(visit.connection, query, names)
    )
    return comparison.compare(codes, lambda measure: ranked[measure.code], peers, features)


def ranked_answers(visit: Visit, asked: Asked) -> dict[str, Answer]:
    """Every measure over the whole kind, with places; kept together, they are always needed together."""
    look_ahead(visit.connection, asked.query(visit, MEASURES[0].code))
    found = {}
    for measure in MEASURES:
        themed = asked if measure.themes else replace(asked, theme="")
        told = ask(visit.connection, themed.query(visit, measure.code), visit.lang)
        found[measure.code] = comparison.with_ranks(measure, told)
    return found


@dataclass(frozen=True, slots=True)
class Detail:
    """One measure of the compared territories: by year (rows in the order of codes, None where a territory was not
    there), by theme, and against chance over the whole kind."""

    measure: Measure
    years: tuple[tuple[str, tuple[Row | None, ...]], ...]
    themes: tuple[tuple[Theme, tuple[Row | None, ...]], ...]


def detail(visit: Visit, asked: Asked, measure: Measure, codes: tuple[str, ...]) -> Detail:
    """The published answers of other years and themes, those of the compared territories taken out of them."""
    plain = asked if measure.themes else replace(asked, theme="")
    years = tuple(str(year) for year in periods(visit.connection) if str(year) <= str(asked.period))[-MOST_YEARS:]
    by_year = ((year, rows_of(visit, measure, replace(plain, period=year), codes)) for year in years)
    by_theme: tuple[tuple[Theme, tuple[Row | None, ...]], ...] = ()
    if measure.themes and not measure.relative:
        by_theme = tuple((theme, rows_of(visit, measure, replace(asked, theme=theme), codes)) for theme in Theme)
    return Detail(measure, tuple(each for each in by_year if told(each[1])), tuple(
        each for each in by_theme if any(row and row.value.value for row in each[1])
    ))  # fmt: skip


def rows_of(visit: Visit, measure: Measure, asked: Asked, codes: tuple[str, ...]) -> tuple[Row | None, ...]:
    """The rows of some territories of the published answer."""
    try:
        found = {row.territory: row for row in whole_answer(visit, measure.code, asked).rows}
    except NotFound:
        return (None,) * len(codes)
    return tuple(found.get(code) for code in codes)


def told(rows: Iterable[Row | None]) -> bool:
    """Whether there is a number among them."""
    return any(row is not None and row.value.value is not None for row in rows)


def detail_json(visit: Visit, found: Detail) -> dict[str, Any]:
    """The shape of a comparison's `detail`."""

    def rows(each: tuple[Row | None, ...]) -> list[dict[str, object] | None]:
        return [row.as_dict(visit.say) if row else None for row in each]

    return {
        "measure": found.measure.code,
        "years": [{"period": year, "rows": rows(each)} for year, each in found.years],
        "themes": [{"theme": theme, "rows": rows(each)} for theme, each in found.themes],
    }


def comparison_json(visit: Visit, found: Comparison, asked: Asked) -> dict[str, Any]:
    """The shape of /api/comparison."""
    first = found.lines[0].answer
    return {
        "question": "comparison",
        "kind": first.kind,
        "period": first.period.label if first.period else None,
        "theme": asked.theme or None,
        "territories": [
            {"territory": row.territory, "name": row.name, "boundary": row.boundary} for row in found.lines[0].rows
        ],
        "measures": [measure_json(visit, line) for line in found.lines],
        "peers": {
            code: [{"territory": peer.territory, "name": peer.name, "distance": peer.distance} for peer in peers]
            for code, peers in found.peers.items()
        },
        "features": [visit.say(feature) for feature in found.features],
        "sources": list(found.sources),
        "data_version": visit.data_version,
    }


def measure_json(visit: Visit, line: comparison.Line) -> dict[str, Any]:
    """One measure of a comparison: the compared rows, and where all others lie."""
    measure, told = line.measure, line.answer
    return {
        "measure": measure.code,
        "title": visit.say(measure.title),
        "unit": measure.unit.value,
        "unit_title": unit_title(measure.unit.value, visit.lang),
        "base": measure.base,
        "form_of": measure.form_of or None,
        "direction": DIRECTIONS[measure.more_is_better],
        "method": told.method.as_dict(),
        "theme": told.theme,
        "distance_m": told.distance_m,
        "by": told.by,
        "rows": [row.as_dict(visit.say) for row in line.rows],
        "median": line.median,
        "values": line.known,
        "notes": [visit.say(note) for note in told.notes],
    }


def fairness(visit: Visit, asked: Asked, resource: Resource, baseline: PopulationBase, grouping: Grouping) -> Equity:
    """The account of equity over all territories of the kind."""
    query = asked.query(visit, "projects_done_per_1000")
    return visit.remember(
        ("equity", query, resource, baseline, grouping, visit.lang),
        lambda: equity.equity(visit.connection, query, resource, baseline, grouping, visit.lang),
    )


def equity_json(visit: Visit, found: Equity) -> dict[str, Any]:
    """The shape of /api/equity: that of a question, with the measures of the whole beside it."""
    whole = found.inequality
    return {
        **found.answer.as_dict(visit.say),
        "resource": found.resource.value,
        "total": found.total,
        **{name: getattr(whole, name).as_dict(visit.say) for name in ("gini", "hoover", "theil", "between", "within")},
        "lorenz": {"people": whole.lorenz.people.tolist(), "resources": whole.lorenz.resources.tolist()},
    }


def territories(visit: Visit, asked: Asked) -> Iterator[tuple[str, str]]:
    """Codes and names of the kind, to choose from."""
    for row in whole_answer(visit, MEASURES[0].code, Asked(asked.kind, asked.period)).rows:
        yield row.territory, row.name
