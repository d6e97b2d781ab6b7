"""How does a row become a figure that explains itself? One function for the passport, TOS and rows pages."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from api.comparing import fairness, ranked_answers
from api.deps import Visit
from api.questions import Asked
from geo.analysis import areas, clusters
from geo.analysis.equity import Grouping, Resource
from geo.analysis.made_of import made_of
from geo.analysis.measures import BY_CODE, Measure, measure_of
from geo.analysis.result import Answer, Row, Value
from geo.errors import N_, NotFound
from geo.registers import BY_NAME
from geo.vocabulary import Channel, PopulationBase, TerritoryKind
from maps.explained import MIX, REACH, ChannelRow, Explained, Family, Part, ShareRow, part_title
from maps.rows import Cell, Indicator
from maps.text import localise

RESOURCES = (
    (Resource.PROJECTS, N_("finished projects"), "count"), (Resource.MONEY, N_("project money"), "minor"),
)  # fmt: skip
FAMILIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("coverage", N_("Whom does it reach?"), (
        "tos_population_share", "uncovered_share", "uncovered_residents", "tos_area_share", "within_distance_share",
        "nearest_project_m", "access_score", "access_2sfca", "access_e2sfca", "access_3sfca", "access_m2sfca",
    )),
    ("gaps", N_("Who is left out, and why?"), (
        "needs_answered_share", "needs_open", "needs_open_per_1000", "projects_done_per_1000", "money_per_resident",
        "gap_index", "need_supply_class", "underserved", "hot_spot", "local_moran",
    )),
    ("participation", N_("How many take part?"), (
        "participants_per_1000_16", "smoothed_rate", "funnel_plot", "participants", "participants_per_1000_residents",
        "participants_per_1000_voters", "participants_per_km2", "digital_mix_share",
    )),
    ("change", N_("Did participation grow?"), ("participants_change",)),
    ("accountability", N_("What is overdue or missing?"), (
        "needs_without_project", "projects_without_money", "projects_without_report", "projects_overdue",
        "base_organisations", "representation_deviation_share",
    )),
)  # fmt: skip


def cell_of(value: Value) -> Cell:
    """A figure as pages show it."""
    return Cell(
        value=value.value, missing=value.missing_reason, low=value.interval_low, high=value.interval_high,
        estimated=value.estimated, numerator=value.numerator, denominator=value.denominator,
    )  # fmt: skip


def all_answers(visit: Visit, asked: Asked) -> dict[str, Answer]:
    """Every measure over the kind with places; nothing when it had no boundaries then."""
    try:
        return visit.remember(("ranked", asked, visit.lang), lambda: ranked_answers(visit, asked))
    except NotFound:
        return {}


def families(visit: Visit, asked: Asked, code: str) -> tuple[Family, ...]:
    """Every measure of a territory by question; none when the kind had no boundaries then."""
    answers = all_answers(visit, asked)
    if not any(row.territory == code for answer in answers.values() for row in answer.rows):
        return ()
    return tuple(
        Family(code=family, title=title, rows=tuple(explained_all(visit, asked, answers, code, shown(asked, measures))))
        for family, title, measures in FAMILIES
    )


def shown(asked: Asked, measures: tuple[str, ...]) -> tuple[str, ...]:
    """The measures that say something of the kind: how far TOS cover a TOS does not."""
    of_tos = asked.kind == TerritoryKind.TOS_TERRITORY
    return tuple(code for code in measures if not (of_tos and BY_CODE[code].register == TerritoryKind.TOS_TERRITORY))


def explained_all(
    visit: Visit, asked: Asked, answers: dict[str, Answer], code: str, measures: Iterable[str]
) -> Iterable[Explained]:
    """These measures of one territory, where the territory has them."""
    for measure in measures:
        answer = answers[measure]
        row = next((each for each in answer.rows if each.territory == code), None)
        if row is not None:
            yield explained(visit, asked, BY_CODE[measure], answer, row)


def explained(visit: Visit, asked: Asked, measure: Measure, answer: Answer, row: Row) -> Explained:
    """One figure with everything behind it."""
    value = row.value
    return Explained(
        indicator=indicator(measure, answer, row), place=place_of(row), period=str(asked.period),
        class_title=dict(measure.classes).get(row.class_code or "", ""), made_of=made_of(measure.code, answer.by),
        boundary_from=row.boundary_from, distance_m=answer.distance_m,
        sources=answer.sources, reference=answer.method.reference, reasons=value.reasons, notes=answer.notes,
        another_form=bool(measure.form_of),
        parts=tuple(part_of(name, part) for name, part in value.parts.items() if not name.startswith((MIX, REACH))),
        rows_href=rows_href(visit, asked, measure, row.territory), json_href=json_href(visit, asked, measure, row),
    )  # fmt: skip


def part_of(name: str, part: Value) -> Part:
    currency = name.rpartition("_")[2] if part.unit.value == "minor" and "_" in name else ""
    return Part(title=part_title(name), unit=part.unit.value, cell=cell_of(part), note=currency)


def indicator(measure: Measure, answer: Answer, row: Row) -> Indicator:
    """The figure beside those of all others."""
    known = sorted(each.value.value for each in answer.rows if each.value.value is not None)
    half = len(known) // 2
    median = None if not known else known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
    value = row.value
    return Indicator(
        code=measure.code, title=measure.title, unit=measure.unit.value, value=value.value, median=median,
        lowest=known[0] if known else None, highest=known[-1] if known else None, low=value.interval_low,
        high=value.interval_high, rank=row.rank, rank_low=row.rank_low, rank_high=row.rank_high, of=row.ranked or 0,
        missing=value.missing_reason, numerator=value.numerator, denominator=value.denominator,
        base=measure.base or "", method=measure.method, estimated=value.estimated,
    )  # fmt: skip


def place_of(row: Row) -> str:
    """ "3–9" where the place is not sure, "5" where it is; empty for none."""
    if row.rank is None:
        return ""
    unsure = row.rank_low is not None and row.rank_high is not None and row.rank_low != row.rank_high
    return f"{row.rank_low}–{row.rank_high}" if unsure else str(row.rank)


def query_of(asked: Asked, measure: Measure, territory: str) -> str:
    """The words of an address that ask for one figure of one territory."""
    return urlencode({"territory": territory, **asked.words(measure)})


def rows_href(visit: Visit, asked: Asked, measure: Measure, territory: str) -> str:
    """The page of the rows behind a figure; empty for figures of stated people only."""
    register = (measure_of(asked.of or clusters.DEFAULT) if measure.code in clusters.COLUMNS else measure).register
    if not register:
        return ""
    words = query_of(asked, measure, territory)
    return localise(f"/data/{plural(register)}?measure={measure.code}&{words}", visit.lang)


def plural(register: str) -> str:
    """A register as it stands in addresses; TOS are territories and have a word of their own."""
    return "tos" if register == TerritoryKind.TOS_TERRITORY else BY_NAME[register].plural


def json_href(visit: Visit, asked: Asked, measure: Measure, row: Row) -> str:
    return f"/api/indicators/{measure.code}?{query_of(asked, measure, row.territory)}&lang={visit.lang}"


def channels(visit: Visit, asked: Asked, code: str) -> tuple[ChannelRow, ...]:
    """Mix and reach of each channel, those used here."""
    answers = all_answers(visit, asked)
    rows = answers["digital_mix_share"].rows if answers else ()
    row = next((each for each in rows if each.territory == code), None)
    if row is None:
        return ()
    parts = row.value.parts
    return tuple(
        ChannelRow(
            channel=channel,
            mix=cell_of(parts[f"{MIX}{channel}"]),
            reach=cell_of(parts[f"{REACH}{channel}"]),
            rows_href=channel_href(visit, asked, channel, code),
        )
        for channel in Channel
        if f"{MIX}{channel}" in parts and parts[f"{MIX}{channel}"].value != 0
    )


def shares(visit: Visit, asked: Asked, code: str) -> tuple[ShareRow, ...]:
    """Whether the territory gets its share of projects and of money."""
    found = []
    for resource, title, unit in RESOURCES:
        try:
            whole = fairness(visit, asked, resource, PopulationBase.RESIDENTS, Grouping.PARENT)
        except NotFound:
            return ()
        row = next((each for each in whole.answer.rows if each.territory == code), None)
        if row is not None:
            found.append(ShareRow(
                title=title, unit=unit, cell=cell_of(row.value), reasons=row.value.reasons,
                hoover=whole.inequality.hoover.value,
            ))  # fmt: skip
    return tuple(found)


def channel_href(visit: Visit, asked: Asked, channel: Channel, code: str) -> str:
    """The events whose uses of the channel were counted."""
    through = Asked(asked.kind, asked.period, asked.theme, channel=channel)
    return rows_href(visit, through, BY_CODE["channel_mix_share"], code)


def boundary_of(visit: Visit, query: areas.Query, code: str) -> areas.Areas:
    """The one territory in its boundary of the end of the period; empty when it had none."""
    return areas.Areas.load(visit.connection, query.kind.value, query.day, [code])
