"""Which figures can be asked for? The catalogue: code, title, unit, base, and where the method is explained.

A measure belongs to one question, whose module computes it; maps, API, command line and exports list from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.analysis.figure import Unit
from geo.errors import N_, BadInput
from geo.vocabulary import PopulationBase

Form = Literal["2sfca", "e2sfca", "3sfca", "m2sfca"]
COVERAGE, GAPS, PARTICIPATION = "coverage", "gaps", "participation"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a territory. `stock` figures are taken at the end of the period, the others inside it."""

    code: str
    question: str
    title: str
    unit: Unit
    base: PopulationBase | None = None
    themes: bool = True
    distance: bool = False
    stock: bool = True
    more_is_better: bool | None = True
    reference: str = ""
    chapter: str = ""
    # a figure of an area among the others: a whole city has none
    relative: bool = False
    # titles of the classes when the figure is one of a few words rather than a number; the value is its position
    classes: tuple[tuple[str, str], ...] = ()
    # the register whose rows were counted or that the figure rests on; none for figures of stated people
    register: str = ""
    # counted where things are, so that hexagon cells can be asked too; a surface stands in cells only
    cells: bool = False
    surface: bool = False
    # measured by distance: in a straight line, or along loaded streets
    walkable: bool = False
    # the measure of which this is the same by another method: pages show it beside that one
    form_of: str = ""

    @property
    def method(self) -> str:
        return f"/docs/method/{self.chapter or self.question}"


SERVED_CLASSES = (("served", N_("not underserved")), ("underserved", N_("underserved")))
NEED_SUPPLY_CLASSES = (
    ("need_low_supply_low", N_("low need, few projects")), ("need_low_supply_middle", N_("low need, some projects")),
    ("need_low_supply_high", N_("low need, many projects")),
    ("need_middle_supply_low", N_("middling need, few projects")),
    ("need_middle_supply_middle", N_("middling need, some projects")),
    ("need_middle_supply_high", N_("middling need, many projects")),
    ("need_high_supply_low", N_("high need, few projects")),
    ("need_high_supply_middle", N_("high need, some projects")),
    ("need_high_supply_high", N_("high need, many projects")),
)  # fmt: skip
HOT_SPOT_CLASSES = (
    ("cold_spot", N_("cold spot")), ("cold_spot_nominal", N_("cold spot, may be chance")),
    ("not_significant", N_("no cluster")), ("hot_spot_nominal", N_("hot spot, may be chance")),
    ("hot_spot", N_("hot spot")),
)  # fmt: skip
MORAN_CLASSES = (
    ("low_low", N_("low among low")), ("low_high", N_("low among high")), ("not_significant", N_("like chance")),
    ("high_low", N_("high among low")), ("high_high", N_("high among high")),
)  # fmt: skip
FUNNEL_CLASSES = (
    ("below_outer", N_("far below the others")), ("below_inner", N_("below the others")),
    ("inside", N_("as the others")), ("above_inner", N_("above the others")),
    ("above_outer", N_("far above the others")),
)  # fmt: skip
CHANGE_CLASSES = (
    ("decrease", N_("fewer")), ("decrease_nominal", N_("fewer, may be chance")), ("no_change", N_("no clear change")),
    ("increase_nominal", N_("more, may be chance")), ("increase", N_("more")),
)  # fmt: skip

DEVIATION_CLASSES = (
    ("within_10", N_("up to 10 % from the norm")), ("within_20", N_("10 to 20 % from the norm")),
    ("within_30", N_("20 to 30 % from the norm")), ("above_30", N_("more than 30 % from the norm")),
)  # fmt: skip

R, R16, V = PopulationBase.RESIDENTS, PopulationBase.RESIDENTS_16, PopulationBase.VOTERS

MEASURES: tuple[Measure, ...] = (
    Measure("tos_population_share", COVERAGE, N_("population coverage by TOS"), Unit.SHARE, R, themes=False,
            register="tos_territory"),
    Measure("tos_area_share", COVERAGE, N_("area coverage by TOS"), Unit.SHARE, themes=False, register="tos_territory"),
    Measure("within_distance_share", COVERAGE, N_("residents near a finished project"), Unit.SHARE, R, distance=True,
            register="project", walkable=True),
    Measure("nearest_project_m", COVERAGE, N_("mean distance to the nearest finished project"), Unit.METRES, R,
            more_is_better=False, register="project", walkable=True),
    Measure("access_score", COVERAGE, N_("finished projects within walking reach per 1,000 residents"), Unit.PER_1000,
            R, reference="Gaussian floating catchments: Dai 2010", register="project", walkable=True),
    Measure("access_2sfca", COVERAGE, N_("access to projects: equal within 1 km (2SFCA)"), Unit.PER_1000, R,
            themes=False, chapter="catchment", register="project", walkable=True,
            form_of="access_score", reference="Luo & Wang 2003"),
    Measure("access_e2sfca", COVERAGE, N_("access to projects: in steps of 300, 600, 1,000 m (E2SFCA)"), Unit.PER_1000,
            R, themes=False, chapter="catchment", register="project", walkable=True,
            form_of="access_score", reference="Luo & Qi 2009"),
    Measure("access_3sfca", COVERAGE, N_("access to projects: with choice between them (3SFCA)"), Unit.PER_1000, R,
            themes=False, chapter="catchment", register="project", walkable=True,
            form_of="access_score", reference="Wan, Zou & Sternberg 2012"),
    Measure("access_m2sfca", COVERAGE, N_("access to projects: less where they lie badly (M2SFCA)"), Unit.PER_1000, R,
            themes=False, chapter="catchment", register="project", walkable=True,
            form_of="access_score", reference="Delamater 2013"),
    Measure("uncovered_residents", COVERAGE, N_("residents without a TOS"), Unit.PEOPLE, R, themes=False,
            more_is_better=False, register="tos_territory"),
    Measure("needs_answered_share", GAPS, N_("needs answered"), Unit.SHARE, register="need", cells=True),
    Measure("needs_open", GAPS, N_("open needs"), Unit.COUNT, more_is_better=False, register="need",
            cells=True),
    Measure("needs_open_per_1000", GAPS, N_("open needs per 1,000 residents"), Unit.PER_1000, R, more_is_better=False,
            register="need"),
    Measure("projects_done_per_1000", GAPS, N_("finished projects per 1,000 residents"), Unit.PER_1000, R,
            register="project"),
    Measure("uncovered_share", GAPS, N_("share of residents without a TOS"), Unit.SHARE, R, themes=False,
            more_is_better=False, register="tos_territory"),
    Measure("gap_index", GAPS, N_("gap between need and supply"), Unit.INDEX, more_is_better=False, relative=True,
            chapter="gap_index", register="need", reference="Robust scores: Rousseeuw & Croux 1993"),
    Measure("underserved", GAPS, N_("underserved territories"), Unit.INDEX, distance=True, more_is_better=False,
            chapter="gap_index", register="need", classes=SERVED_CLASSES),
    Measure("need_supply_class", GAPS, N_("need against projects"), Unit.INDEX, more_is_better=None, relative=True,
            chapter="gap_index", register="need", classes=NEED_SUPPLY_CLASSES),
    Measure("hot_spot", GAPS, N_("hot and cold spots"), Unit.INDEX, more_is_better=None, relative=True, distance=True,
            chapter="hotspots", classes=HOT_SPOT_CLASSES,
            reference="Gi*: Ord & Getis 1995; FDR: Benjamini & Hochberg 1995"),
    Measure("local_moran", GAPS, N_("areas like their neighbours and unlike them"), Unit.INDEX, more_is_better=None,
            relative=True, distance=True, chapter="hotspots", classes=MORAN_CLASSES, reference="Anselin 1995"),
    Measure("needs_without_project", GAPS, N_("needs that no project takes up"), Unit.COUNT, more_is_better=False,
            register="need"),
    Measure("money_per_resident", GAPS, N_("project money per resident"), Unit.MONEY, R, register="project"),
    Measure("projects_overdue", GAPS, N_("projects past their planned end"), Unit.COUNT, more_is_better=False,
            register="project"),
    Measure("projects_without_money", GAPS, N_("projects without known money"), Unit.COUNT, more_is_better=False,
            register="project"),
    Measure("projects_without_report", GAPS, N_("finished projects with money and without a report"), Unit.COUNT,
            more_is_better=False, register="project"),
    Measure("base_organisations", GAPS, N_("base civic organisations"), Unit.COUNT, themes=False, relative=True,
            register="organisation"),
    Measure("participants_per_1000_16", PARTICIPATION, N_("participants per 1,000 residents aged 16+"), Unit.PER_1000,
            R16, stock=False, reference="Byar interval: Breslow & Day 1987", register="event"),
    Measure("participants_per_1000_voters", PARTICIPATION, N_("participants per 1,000 registered voters"),
            Unit.PER_1000, V, stock=False, reference="Byar interval: Breslow & Day 1987", register="event"),
    Measure("participants_per_1000_residents", PARTICIPATION, N_("participants per 1,000 residents"), Unit.PER_1000, R,
            stock=False, reference="Byar interval: Breslow & Day 1987", register="event"),
    Measure("participants", PARTICIPATION, N_("number of participants"), Unit.PEOPLE, stock=False, register="event"),
    Measure("participants_per_km2", PARTICIPATION, N_("participants per km²"), Unit.PER_KM2, stock=False,
            register="event", cells=True),
    Measure("digital_mix_share", PARTICIPATION, N_("share of digital channels in all uses"), Unit.SHARE, stock=False,
            more_is_better=None, register="event"),
    Measure("smoothed_rate", PARTICIPATION, N_("participants per 1,000 residents aged 16+, smoothed"), Unit.PER_1000,
            R16, stock=False, relative=True, chapter="smoothing", reference="Empirical Bayes: Marshall 1991",
            register="event"),
    Measure("funnel_plot", PARTICIPATION, N_("participation against chance"), Unit.PER_1000, R16, stock=False,
            relative=True, chapter="funnel", classes=FUNNEL_CLASSES, reference="Funnel plot: Spiegelhalter 2005",
            register="event"),
    Measure("participants_change", PARTICIPATION, N_("change of participation from year to year"), Unit.POINTS, R16,
            stock=False, chapter="growth", classes=CHANGE_CLASSES, reference="Kitagawa 1955", register="event"),
    Measure("channel_reach_share", PARTICIPATION, N_("reach of a channel among participants"), Unit.SHARE, stock=False,
            more_is_better=None, register="event"),
    Measure("channel_mix_share", PARTICIPATION, N_("share of a channel in all uses"), Unit.SHARE, stock=False,
            more_is_better=None, register="event"),
    Measure("representation_deviation_share", PARTICIPATION, N_("deviation from the mean norm of representation"),
            Unit.SHARE, V, themes=False, more_is_better=None, relative=True, chapter="representation",
            classes=DEVIATION_CLASSES, reference="67-FZ, article 18"),
)  # fmt: skip
# figures of hexagon cells: no territory is compared by them
ON_CELLS: tuple[Measure, ...] = (
    Measure("needs_open_per_km2", GAPS, N_("open needs per km²"), Unit.PER_KM2, more_is_better=False,
            chapter="hexagons", register="need", cells=True),
    Measure("projects_done_per_km2", GAPS, N_("finished projects per km²"), Unit.PER_KM2, chapter="hexagons",
            register="project", cells=True),
    Measure("participants_surface", PARTICIPATION, N_("density of participation, surface"), Unit.PER_KM2, themes=False,
            distance=True, stock=False, chapter="kernel", register="event", cells=True, surface=True,
            reference="Quartic kernel: Silverman 1986; edges: Diggle 1985"),
    Measure("events_surface", PARTICIPATION, N_("density of events, surface"), Unit.PER_KM2, distance=True, stock=False,
            chapter="kernel", register="event", cells=True, surface=True,
            reference="Quartic kernel: Silverman 1986; edges: Diggle 1985"),
    Measure("events_per_km2", PARTICIPATION, N_("events per km²"), Unit.PER_KM2, stock=False, chapter="hexagons",
            register="event", cells=True),
)  # fmt: skip
# the other forms of floating catchments, over all themes: same figure, another rule of sharing
ACCESS_FORMS: dict[str, Form] = {
    "access_2sfca": "2sfca", "access_e2sfca": "e2sfca", "access_3sfca": "3sfca", "access_m2sfca": "m2sfca",
}  # fmt: skip
# whatever can be asked of a territory; a surface stands in hexagon cells only
OF_TERRITORIES = tuple(measure for measure in (*MEASURES, *ON_CELLS) if not measure.surface)
BY_CODE = {measure.code: measure for measure in (*MEASURES, *ON_CELLS)}


def measure_of(code: str) -> Measure:
    """The measure of that code. BadInput names the nearest ones otherwise."""
    if code in BY_CODE:
        return BY_CODE[code]
    raise BadInput(
        N_("There is no measure {code}."), remedy=N_("Known measures: {known}."), code=code, known=", ".join(BY_CODE)
    )


def measures_of(question: str) -> tuple[Measure, ...]:
    """The measures of a question, its default first."""
    return tuple(measure for measure in BY_CODE.values() if measure.question == question)
